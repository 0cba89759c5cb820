"""The work at a glance: my and all running orders, what needs a decision, what became stale with a new revision."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Case, Max, Q, When
from django.utils import timezone

from media_assets.models import CadFile, MediaAsset, Product
from rendering.catalog.freshness import Freshness
from rendering.desk.orders.counts import with_counts
from rendering.models import Order
from rendering.models.errors import problem_of
from rendering.models.review import awaiting

ORDERS = 8
DECISIONS = 8
STALE = 8
TO_APPROVE = 1_000
# What only a person can say: an error of these codes is a question.
QUESTIONS = ("unit_unknown",)


def running_orders(user: AbstractBaseUser | AnonymousUser) -> dict[str, Any]:
    """Return the orders that have not finished: mine first, then by due date; and how many there are."""
    open_orders = Order.objects.filter(finished=None)
    mine = Q(ordered_by=user.pk)
    shown = with_counts(open_orders).select_related("ordered_by", "workflow_version")
    shown = shown.order_by(
        Case(When(mine, then=0), default=1), Case(When(due=None, then=1), default=0), "due", "-pk"
    )
    today = timezone.localdate()
    rows = [
        {"order": one, "is_mine": one.ordered_by_id == user.pk, "is_late": bool(one.due and one.due < today)}
        for one in shown[:ORDERS]
    ]
    return {"orders": rows, "orders_count": open_orders.count()}


def decisions() -> dict[str, Any]:
    """Return the CAD files that wait for a person: to look at how they were read, or to say what they do not."""
    asked = Q(waits_for_look=True) & ~Q(state=CadFile.State.FAILED)
    asked |= Q(state=CadFile.State.FAILED, error_code__in=QUESTIONS)
    files = CadFile.objects.unarchived().filter(asked).defer("tree", "report", "part_names")
    rows = [
        {"file": one, "problem": problem_of(one) if one.error_code else None} for one in files[:DECISIONS]
    ]
    return {"decisions": rows, "decisions_count": files.count()}


def to_approve() -> int:
    """Return how many pictures wait for approval, counted up to a limit."""
    return awaiting()[:TO_APPROVE].count()  # type: ignore[no-any-return]


def stale() -> dict[str, Any]:
    """Return the products whose delivered pictures show an earlier revision, the latest revised first."""
    pictures = MediaAsset.objects.filter(
        delivery_state=Freshness.EARLIER, archived_at=None, product__archived_at=None
    )
    counted = pictures.order_by().values("product").annotate(last=Max("produced"))
    products = Product.objects.filter(pk__in=counted.values("product"))
    return {
        "stale": list(products.order_by("-revised", "number")[:STALE]),
        "stale_count": products.count(),
    }
