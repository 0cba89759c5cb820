"""Notifications: written in the transaction of what they are about, delivered later, never by a worker."""

from rendering.delivery.notifications.pictures import look_for_stale
from rendering.delivery.notifications.receivers import look_for_held, notify, send_test
from rendering.delivery.notifications.sending import again, deliver_due

__all__ = ["again", "deliver_due", "look_for_held", "look_for_stale", "notify", "send_test"]
