"""Lines of books: each waits until the other lines of its order are done for the same product, then binds them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db.models import Exists, OuterRef, Q

from media_assets import storage
from media_assets.models import MediaAsset
from media_assets.models.batches import batches
from rendering.catalog.recipes import Recipes
from rendering.models import OrderLine
from rendering.models.order import OrderLineQuerySet
from rendering.pictures import kinds
from rendering.pictures.kinds import Source

BOOKS = kinds.named(lambda row: row.source is Source.FILES)


def of_orders(orders: Collection[int]) -> OrderLineQuerySet:
    """Return the books that these orders (ids) wait for."""
    return OrderLine.objects.live().filter(order__in=orders, output_type__kind__in=BOOKS)


def waits() -> Q:
    """Return the condition that a line is a book whose files are still being made."""
    others = OrderLine.objects.live().filter(order=OuterRef("order"), product=OuterRef("product"))
    return Q(Exists(others.exclude(output_type__kind__in=BOOKS)), output_type__kind__in=BOOKS)


def lacking(found: Sequence[tuple[OrderLine, Recipes]], together: Sequence[OrderLine]) -> list[int | None]:
    """Return for each book: None where all its files are there, 0 where some are being made, else how many are missing.

    *together*: all lines that are moved on with them, which need not be stored.
    """
    if not found:
        return []
    wanted = {key for _, recipes in found for key in recipes.contents or ()}
    there = _there(wanted)
    making = {(line.order_id, line.product_id) for line in together if _is_making(line)}
    for some in batches(sorted({line.order_id for line, _ in found if line.pk})):
        others = OrderLine.objects.live().filter(order__in=some).exclude(output_type__kind__in=BOOKS)
        making |= set(others.order_by().values_list("order", "product").distinct())
    results: list[int | None] = []
    for line, recipes in found:
        keys = set(recipes.contents or ())
        if keys and keys <= there:
            results.append(None)
        elif (line.order_id, line.product_id) in making:
            results.append(0)
        else:
            results.append(max(1, len(keys - there)))
    return results


def _is_making(line: OrderLine) -> bool:
    return line.state in OrderLine.LIVE and line.output_type.kind not in BOOKS


def _there(keys: Collection[str]) -> set[str]:
    found: set[str] = set()
    for some in batches(sorted(keys)):
        assets = list(MediaAsset.objects.kept().filter(recipe_key__in=some, kind__in=MediaAsset.PICTURES))
        storage.look_for(asset.file for asset in assets)
        found |= {asset.recipe_key for asset in assets if not storage.is_lost(asset.file)}
    return found
