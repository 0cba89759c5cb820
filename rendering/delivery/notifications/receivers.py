"""Who is notified of a finished order: writes rows and wakes the control cluster, without network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpu.queues import wake
from rendering.delivery.notifications.channels import CHANNELS
from rendering.delivery.notifications.words import body
from rendering.models import Event, Notification, Order, OrderLine


def on_order_ended(*, order: Order, counts: Mapping[str, int], **_: Any) -> None:
    """Write down, in the transaction that ends *order*, who is notified of it."""
    event = event_of(counts)
    rows = [row for channel in CHANNELS for row in channel.receivers(order, event)]
    if not rows:
        return
    content = body(order, event, counts)
    for row in rows:
        row.order, row.event, row.body = order, event, content
        row.occurred = order.finished  # type: ignore[assignment]  # it has ended
    Notification.objects.bulk_create(rows)
    wake.call("rendering.tasks.tell")


def event_of(counts: Mapping[str, int]) -> Event:
    """Return how an order with so many lines in each state ended: one failed line makes a failed order."""
    if counts.get(OrderLine.State.FAILED):
        return Event.FAILED
    return Event.CANCELED if counts.get(OrderLine.State.CANCELED) else Event.FINISHED
