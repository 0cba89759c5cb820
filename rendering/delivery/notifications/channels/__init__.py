"""The registry of notification channels: one file and one line for each."""

from __future__ import annotations

from rendering.delivery.notifications.channels.base import Channel
from rendering.delivery.notifications.channels.email import EmailChannel
from rendering.delivery.notifications.channels.webhook import WebhookChannel
from rendering.models import Notification

CHANNELS: tuple[Channel, ...] = (
    WebhookChannel(),
    EmailChannel(),
)


def channel_of(notification: Notification) -> Channel:
    """Return the channel that a notification goes through: the one whose receiver it names."""
    return next(channel for channel in CHANNELS if channel.receiver(notification))
