"""A notification channel."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from django.db.models import Q
from django.utils.functional import Promise

from rendering.delivery.notifications.reach import Reply
from rendering.models import Event, Notification, Order


class Channel(ABC):
    """One way in which news reach people or programs.

    *column* of Notification holds its receivers, and is empty in notifications of other channels; *is_off*: those
    whose receiver gets nothing for now.
    """

    label: ClassVar[str | Promise]
    column: ClassVar[str]
    is_off: ClassVar[Q | None] = None

    @abstractmethod
    def receivers(self, order: Order | None, event: Event) -> list[Notification]:
        """Return a new notification, with nothing but its receiver, for each who gets this *event* (of *order*)."""

    @abstractmethod
    def send(self, notification: Notification) -> Reply | None:
        """Send it; return what was answered. Raises NotTaken or OSError where it is to be tried again."""

    def receiver(self, notification: Notification) -> object:
        """Return what this channel's column holds; nothing when the notification is of another channel."""
        return getattr(notification, self.column)
