"""A notification channel, and which orders its receivers have chosen."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from django.db.models import Q
from django.utils.functional import Promise

from rendering.models import Event, Notification, Order


class Channel(ABC):
    """One way in which orders that ended reach people or programs.

    *column* of Notification holds its receivers, and is empty in notifications of other channels; *is_off*: those
    whose receiver gets nothing for now.
    """

    label: ClassVar[str | Promise]
    column: ClassVar[str]
    is_off: ClassVar[Q | None] = None

    @abstractmethod
    def receivers(self, order: Order, event: Event) -> list[Notification]:
        """Return a new notification, with nothing but its receiver, for each who gets this *event* of *order*."""

    @abstractmethod
    def send(self, notification: Notification) -> None:
        """Send it. Raises post.NotTaken or OSError when it is not taken, and is to be tried again."""

    def receiver(self, notification: Notification) -> object:
        """Return what this channel's column holds; nothing when the notification is of another channel."""
        return getattr(notification, self.column)


CHOSEN_BY = {
    Event.FINISHED: "on_finished",
    Event.FAILED: "on_failed",
    Event.CANCELED: "on_canceled",
    Event.HELD: "on_failed",
}
"""The column by which webhooks and people choose each event."""
