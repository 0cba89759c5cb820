"""Who is to be told of an order that ended: rows of the database and a wake-up, no network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpu.queues import wake
from rendering.delivery.notifications.words import body
from rendering.models import Event, NewsChoice, Notification, Order, OrderLine, Webhook

CHOSEN_BY = {
    Event.FINISHED: "on_finished",
    Event.FAILED: "on_failed",
    Event.CANCELED: "on_canceled",
}


def on_order_ended(*, order: Order, counts: Mapping[str, int], **_: Any) -> None:
    """Write down, in the transaction that ends *order*, who is told of it."""
    event = event_of(counts)
    chosen = {CHOSEN_BY[event]: True}
    hooks = list(Webhook.objects.filter(is_active=True, **chosen))
    email = _email(order, event)
    if not (hooks or email):
        return
    told = body(order, event, counts)
    rows = [Notification(webhook=hook) for hook in hooks] + [Notification(email=one) for one in email]
    for row in rows:
        row.order, row.event, row.body = order, event, told
        row.occurred = order.finished  # type: ignore[assignment]  # it has ended
    Notification.objects.bulk_create(rows)
    wake.call("rendering.tasks.tell")


def event_of(counts: Mapping[str, int]) -> Event:
    """Return how an order with so many lines in each state ended: one failed line makes a failed order."""
    if counts.get(OrderLine.State.FAILED):
        return Event.FAILED
    return Event.CANCELED if counts.get(OrderLine.State.CANCELED) else Event.FINISHED


def _email(order: Order, event: Event) -> list[str]:
    """Return the address of whoever placed *order*, if there is one and it is to be told: none, or one."""
    user = order.ordered_by
    if user is None or not user.email or not user.is_active:
        return []
    if order.tells:
        return [user.email]
    if event == Event.CANCELED:
        return []
    return [user.email] * NewsChoice.objects.filter(user=user, **{CHOSEN_BY[event]: True}).exists()
