"""Notifications of finished orders: written when an order finishes, delivered later, never by a worker."""

from rendering.delivery.notifications.sending import again, deliver_due

__all__ = ["again", "deliver_due"]
