"""Notifications of orders: written when one finishes or is held up, delivered later, never by a worker."""

from rendering.delivery.notifications.receivers import look_for_held
from rendering.delivery.notifications.sending import again, deliver_due

__all__ = ["again", "deliver_due", "look_for_held"]
