"""Webhooks: one signed POST of JSON to another program."""

from __future__ import annotations

import json
import time

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rendering.delivery.notifications.channels.base import Channel
from rendering.delivery.notifications.files import with_addresses
from rendering.delivery.notifications.post import post
from rendering.delivery.notifications.reach import Reply
from rendering.delivery.notifications.signing import signatures
from rendering.models import Event, Notification, Order, Webhook


class WebhookChannel(Channel):
    """Every active webhook that has chosen the event, whoever placed the order."""

    label = _("Webhook")
    column = "webhook_id"
    is_off = Q(webhook__is_active=False) & ~Q(event=Event.TEST)

    def receivers(self, order: Order | None, event: Event) -> list[Notification]:
        hooks = Webhook.objects.filter(is_active=True)
        return [Notification(webhook=hook) for hook in hooks if event in hook.events]

    def send(self, notification: Notification) -> Reply:
        """Send it. Addresses of files are made now, so that they are good for as long after a late attempt."""
        hook = notification.webhook
        assert hook is not None
        key = str(notification.key)
        said = {"id": key, **with_addresses(notification.body, hook)}
        payload = json.dumps(said, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Renderdesk",
            "X-Renderdesk-Event": notification.event,
            "X-Renderdesk-Delivery": key,
        }
        return post(
            hook.url,
            payload,
            {**headers, **signatures(hook.secrets, key, int(time.time()), payload)},
            private_allowed=settings.WEBHOOK_PRIVATE_ADDRESSES,
            ports=settings.WEBHOOK_PORTS,
        )
