"""When an order has ended, and who is to be told: rows of the database and a bell, no network."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from gpu import queues
from rendering.models import Event, Job, NewsChoice, Notification, Order, OrderLine, OrderStep, Webhook
from rendering.notify.words import body

CHOSEN_BY = {
    Event.FINISHED: "on_finished",
    Event.FAILED: "on_failed",
    Event.CANCELED: "on_canceled",
}
OVERLOOKED_LIMIT = 200  # orders in one look


def note_endings(orders: Collection[int]) -> int:
    """Mark those of these orders that have no live line left as ended, and write down who is told; return how many.

    Call it in the transaction that ended lines. Two transactions that end the last two lines in the same instant do not
    see each other; `overlooked` does, within a minute.
    """
    return sum(_note(order) for order in _ended(Order.objects.filter(pk__in=orders)))


def overlooked() -> int:
    """Note the orders whose end nobody saw; return how many."""
    has_lines = OrderLine.objects.filter(order=OuterRef("pk"))
    has_steps = OrderStep.objects.filter(order=OuterRef("pk"))
    found = _ended(Order.objects.filter(Exists(has_lines) | Exists(has_steps)))
    return sum(_note(order) for order in found[:OVERLOOKED_LIMIT])


def reopen(orders: Iterable[int]) -> None:
    """Let these orders be told of again when they end: something of them waits once more."""
    Order.objects.filter(pk__in=set(orders)).exclude(finished=None).update(finished=None)


def _ended(orders: QuerySet[Order]) -> QuerySet[Order]:
    live = OrderLine.objects.live().filter(order=OuterRef("pk"))
    steps = OrderStep.objects.open().filter(order=OuterRef("pk"))
    orders = orders.filter(finished=None).exclude(Exists(live)).exclude(Exists(steps))
    return orders.order_by("pk").select_related("ordered_by")


def _note(order: Order) -> bool:
    """Mark *order* as ended and write what is told of it. Return False where somebody else just did."""
    with transaction.atomic():
        now = timezone.now()
        if not Order.objects.filter(pk=order.pk, finished=None).update(finished=now):
            return False
        order.finished = now
        states = order.lines.order_by().values_list("state").annotate(count=Count("id"))
        counts: dict[str, int] = dict(states)
        if failed := order.steps.filter(line=None, job__state=Job.State.FAILED).count():
            counts[OrderLine.State.FAILED] = counts.get(OrderLine.State.FAILED, 0) + failed
        event = event_of(counts)
        chosen = {CHOSEN_BY[event]: True}
        hooks = list(Webhook.objects.filter(is_active=True, **chosen))
        email = _email(order, event)
        if not (hooks or email):
            return True
        told = body(order, event, counts)
        rows = [Notification(webhook=hook) for hook in hooks] + [Notification(email=one) for one in email]
        for row in rows:
            row.order, row.event, row.occurred, row.body = order, event, now, told
        Notification.objects.bulk_create(rows)
        queues.call("rendering.tasks.tell")
    return True


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
