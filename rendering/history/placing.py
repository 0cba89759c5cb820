"""Records an order as placed by its user."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext

from rendering.history.entries import record
from rendering.history.people import actor
from rendering.models import HistoryEntry, Order


def on_order_placed(*, order: Order, **_: Any) -> None:
    if actor() is None:
        return
    is_again = order.trigger == Order.Trigger.RERENDER
    verb = HistoryEntry.Verb.RERENDER if is_again else HistoryEntry.Verb.ORDER
    counts = order.lines.aggregate(
        lines=Count("id"), products=Count("product", distinct=True), types=Count("output_type", distinct=True)
    )
    words = gettext("Pictures: {lines}. Products: {products}. Output types: {types}.").format(**counts)
    record(verb, order, count=counts["lines"], words=words)
