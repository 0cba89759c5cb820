"""Notices that an order has finished: marks it once and sends a signal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet, Value
from django.utils import timezone

from rendering.models import Job, Order, OrderLine, OrderStep
from rendering.signals import order_ended

OVERLOOKED_LIMIT = 200  # orders in one look


def note_endings(orders: Collection[int]) -> int:
    """Mark those of these orders that have no live line left as ended; return how many.

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
    """Let these orders finish again, with notifications: something of them waits once more."""
    Order.objects.filter(pk__in=set(orders)).exclude(finished=None).update(finished=None)


def _ended(orders: QuerySet[Order]) -> QuerySet[Order]:
    live = OrderLine.objects.live().filter(order=OuterRef("pk"))
    steps = OrderStep.objects.open().filter(order=OuterRef("pk"))
    orders = orders.filter(finished=None).exclude(Exists(live)).exclude(Exists(steps))
    return orders.order_by("pk").select_related("ordered_by")


def _note(order: Order) -> bool:
    """Mark *order* as finished and send the signal. Return False if somebody else just did."""
    with transaction.atomic():
        now = timezone.now()
        if not Order.objects.filter(pk=order.pk, finished=None).update(finished=now):
            return False
        order.finished = now
        lines = order.lines.order_by().values_list("state").annotate(count=Count("id"))
        steps = order.steps.filter(line=None, job__state=Job.State.FAILED).order_by()
        failed = steps.values_list(Value(OrderLine.State.FAILED)).annotate(count=Count("id"))
        counts: dict[str, int] = Counter()
        for state, count in lines.union(failed, all=True):
            counts[state] += count
        order_ended.send(Order, order=order, counts=counts)
    return True
