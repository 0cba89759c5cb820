"""Who is notified of what: writes rows in the transaction that it is about, and wakes the control cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from gpu.queues import wake
from rendering.delivery.notifications.channels import CHANNELS
from rendering.delivery.notifications.words import body
from rendering.models import Event, Job, Notification, Order, OrderLine, Webhook

HELD_FOR = timedelta(minutes=5)  # a storage that is away for a moment is no news
ONCE_IN = timedelta(days=1)
HELD_LIMIT = 200  # orders in one look
AT_ONCE = 100  # pictures, or CAD files, of one message


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


def chosen() -> set[str]:
    """Return the events that an active webhook has chosen."""
    return {name for hook in Webhook.objects.filter(is_active=True) for name in hook.events}


def notify(event: Event, said: Mapping[str, Any]) -> int:
    """Write one message about *event*, which is of no order, for each of its receivers; return how many."""
    now = timezone.now()
    rows = [row for channel in CHANNELS for row in channel.receivers(None, event)]
    for row in rows:
        row.event, row.occurred = event, now
        row.body = {"event": event.value, "occurred": now.isoformat(), **said}
    return _created(rows)


def notify_of_items(event: Event, key: str, items: Sequence[Mapping[str, Any]]) -> int:
    """Write messages about *event* that list these items under *key*; return how many messages are new.

    A message holds up to AT_ONCE items. Those that come while an earlier message of the same webhook and event has
    not been sent yet join it, so 20,000 pictures are 200 messages, at once or while a receiver is away.
    """
    now, rows = timezone.now(), []
    for hook in Webhook.objects.filter(is_active=True) if items else []:
        if event not in hook.events:
            continue
        rest = list(items)
        with transaction.atomic():
            unsent = Notification.objects.filter(
                webhook=hook, event=event, order=None, state=Notification.State.WAITING, attempts=0
            )
            last = unsent.select_for_update(of=("self",), skip_locked=True).order_by("-id").first()
            if last and (room := AT_ONCE - len(last.body[key])) > 0:
                last.body[key] += rest[:room]
                last.save(update_fields=["body"])
                rest = rest[room:]
        for start in range(0, len(rest), AT_ONCE):
            said = {"event": event.value, "occurred": now.isoformat(), key: rest[start : start + AT_ONCE]}
            rows.append(Notification(webhook=hook, event=event, occurred=now, body=said))
    return _created(rows)


def _created(rows: Sequence[Notification]) -> int:
    if rows:
        with transaction.atomic():
            Notification.objects.bulk_create(rows, batch_size=AT_ONCE)
            wake.call("rendering.tasks.tell")
    return len(rows)


def send_test(hook: Webhook) -> Notification:
    """Have a test message sent to *hook*, soon and whatever it has chosen; return it."""
    now = timezone.now()
    said = {"event": Event.TEST.value, "occurred": now.isoformat(), "webhook": hook.name}
    row = Notification(webhook=hook, event=Event.TEST, occurred=now, body=said)
    _created([row])
    return row
