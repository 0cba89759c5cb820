"""Orders with the counts of their lines, for lists: as many queries for 1,000 orders as for 10."""

from __future__ import annotations

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from rendering.models import Order, OrderLine


def with_counts(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Annotate how many lines each order has, and how many in each group of states."""
    counts = OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order")

    def count(condition: Q) -> Subquery:
        return Subquery(counts.annotate(n=Count("id", filter=condition)).values("n"))

    return orders.annotate(
        line_count=count(Q()),
        done_count=count(Q(state=OrderLine.State.DONE)),
        failed_count=count(Q(state=OrderLine.State.FAILED)),
        canceled_count=count(Q(state=OrderLine.State.CANCELED)),
        live_count=count(Q(state__in=OrderLine.LIVE)),
    )
