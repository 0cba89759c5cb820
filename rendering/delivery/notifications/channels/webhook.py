"""Webhooks: one signed POST of JSON to another program."""

from __future__ import annotations

import json

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rendering.delivery.notifications.channels.base import CHOSEN_BY, Channel
from rendering.delivery.notifications.post import post
from rendering.models import Event, Notification, Order, Webhook


class WebhookChannel(Channel):
    """Every active webhook that has chosen the event, whoever placed the order."""

    label = _("Webhook")
    column = "webhook_id"
    is_off = Q(webhook__is_active=False)

    def receivers(self, order: Order, event: Event) -> list[Notification]:
        hooks = Webhook.objects.filter(is_active=True, **{CHOSEN_BY[event]: True})
        return [Notification(webhook=hook) for hook in hooks]

    def send(self, notification: Notification) -> None:
        hook = notification.webhook
        assert hook is not None
        payload = {"id": str(notification.key), **notification.body}
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Renderdesk",
            "X-Renderdesk-Event": notification.event,
            "X-Renderdesk-Delivery": str(notification.key),
        }
        post(
            hook.url,
            json.dumps(payload, ensure_ascii=False).encode(),
            headers,
            secret=hook.secret,
            private_allowed=settings.WEBHOOK_PRIVATE_ADDRESSES,
            ports=settings.WEBHOOK_PORTS,
        )
