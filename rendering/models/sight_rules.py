"""What confined people see of orders, jobs, links, comments and the activity."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from media_assets.models import MediaAsset
from media_assets.models.sight import RULES, Sight, regardless
from media_assets.models.sight_rules import assets, of_product, of_product_or_file
from rendering.models.history import HistoryEntry
from rendering.models.job import Attempt, Job
from rendering.models.label import Label
from rendering.models.material_rule import MaterialRule
from rendering.models.order import Order, OrderLine
from rendering.models.order_step import OrderStep
from rendering.models.output_type import OutputType
from rendering.models.picture_comment import PictureComment
from rendering.models.review import Review
from rendering.models.share_link import ShareLink
from rendering.models.variant import Variant


def orders(sight: Sight) -> Q:
    """Orders of seen products alone: one that has others as well would tell of them by its numbers."""
    has, seen = Q(), Q()
    for model in (OrderLine, OrderStep):
        rows = regardless(model).filter(order=OuterRef("pk")).order_by()
        seen &= ~Q(Exists(rows.exclude(of_product(sight))))
        has |= Q(Exists(rows))
    return seen & (has | Q(ordered_by=sight.user))


def _of_seen(model: Any, rule: Any, sight: Sight) -> QuerySet[Any]:
    rows: QuerySet[Any] = regardless(model).filter(rule(sight)).order_by()
    return rows


def output_types(sight: Sight) -> Q:
    """Not those with which a rejected picture of others was rendered again."""
    return Q(instead_of=None) | Q(instead_of__in=_of_seen(MediaAsset, assets, sight))


def of_asset(sight: Sight) -> Q:
    return Q(asset__in=_of_seen(MediaAsset, assets, sight))


RULES |= {
    Order: orders,
    OrderLine: of_product,
    OrderStep: of_product,
    Job: of_product_or_file,
    Attempt: lambda sight: Q(job__in=_of_seen(Job, of_product_or_file, sight)),
    OutputType: output_types,
    ShareLink: lambda sight: of_asset(sight) | Q(order__in=_of_seen(Order, orders, sight)),
    Variant: of_product,
    Label: of_product,
    Review: of_asset,
    PictureComment: of_asset,
    MaterialRule: lambda sight: of_product(sight) | Q(product=None),
    HistoryEntry: lambda sight: Q(user=sight.user),
}
