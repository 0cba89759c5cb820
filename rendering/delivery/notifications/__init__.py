"""Notifications of orders that ended: written with their end, delivered later, never by a worker."""

from rendering.delivery.notifications.sending import again, deliver_due

__all__ = ["again", "deliver_due"]
