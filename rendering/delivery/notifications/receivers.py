"""Who is notified of an order that finished or is held up: writes rows, wakes the control cluster, without network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from gpu.queues import wake
from rendering.delivery.notifications.channels import CHANNELS
from rendering.delivery.notifications.words import body
from rendering.models import Event, Job, Notification, Order, OrderLine

HELD_FOR = timedelta(minutes=5)  # a storage that is away for a moment is no news
ONCE_IN = timedelta(days=1)
HELD_LIMIT = 200  # orders in one look


def on_order_ended(*, order: Order, counts: Mapping[str, int], **_: Any) -> None:
    """Write down, in the transaction that ends *order*, who is notified of it."""
    _write(order, event_of(counts), order.finished, counts)


def look_for_held() -> int:
    """Write down who is notified of orders that have been held up for a while, once a day; return how many orders."""
    now = timezone.now()
    late = Job.objects.held().filter(held_since__lte=now - HELD_FOR)
    told = Notification.objects.filter(order=OuterRef("pk"), event=Event.HELD, created__gt=now - ONCE_IN)
    lines = OrderLine.objects.live().filter(jobs__in=late)
    found = Order.objects.filter(~Exists(told), pk__in=lines.order_by().values("order"))
    orders = list(found.select_related("ordered_by")[:HELD_LIMIT])
    for order in orders:
        job = late.filter(lines__order=order).order_by("held_since", "pk").first()
        if job:
            states = order.lines.order_by().values_list("state").annotate(count=Count("id"))
            _write(order, Event.HELD, job.held_since, dict(states), job)
    return len(orders)


def _write(
    order: Order, event: Event, occurred: datetime | None, counts: Mapping[str, int], held: Job | None = None
) -> None:
    rows = [row for channel in CHANNELS for row in channel.receivers(order, event)]
    if not rows:
        return
    content = body(order, event, counts, held)
    for row in rows:
        row.order, row.event, row.body = order, event, content
        row.occurred = occurred  # type: ignore[assignment]  # it has ended, or is held
    with transaction.atomic():
        Notification.objects.bulk_create(rows, ignore_conflicts=held is not None)
        wake.call("rendering.tasks.tell")


def event_of(counts: Mapping[str, int]) -> Event:
    """Return how an order with so many lines in each state ended: one failed line makes a failed order."""
    if counts.get(OrderLine.State.FAILED):
        return Event.FAILED
    return Event.CANCELED if counts.get(OrderLine.State.CANCELED) else Event.FINISHED
