"""Whether a delivered file is the newest of its product and output type, and made from the current CAD file.

The lines of orders are the source of truth. Their result is also kept with each asset, because a list of a million
files could not query them: updated when lines deliver and products get a CAD file, and corrected when viewed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy

from media_assets.models import MediaAsset, Product
from media_assets.models.batches import batches
from rendering.models import OrderLine
from rendering.models.order import OrderLineQuerySet


class Freshness(TextChoices):
    """The status of a file, by the lines of orders that delivered it; a file that no line delivered has none.

    STALE is not kept: it applies to current files that would differ if they were made today.
    """

    CURRENT = "current", gettext_lazy("Current")
    STALE = "stale", gettext_lazy("Stale")
    EARLIER = "earlier", gettext_lazy("Earlier CAD file")
    REPLACED = "replaced", gettext_lazy("Replaced")


KEPT = (Freshness.CURRENT, Freshness.EARLIER, Freshness.REPLACED)
IN_USE = (Freshness.CURRENT, Freshness.EARLIER)


def of_assets(assets: Sequence[int]) -> dict[int, Freshness]:
    """Return the status of each of these assets (ids): one query; files never delivered are left out."""
    if not assets:
        return {}
    rows = MediaAsset.objects.filter(pk__in=assets).order_by()
    judged = rows.annotate(
        is_delivered=Exists(_of(_delivered())),
        is_newest=Exists(_of(_newest())),
        # A part goes on through revisions: its recipe says whether its picture would be another one today.
        is_current=Exists(_of(_newest().filter(Q(product__cad_file=F("cad_file")) | ~Q(part="")))),
    )
    return {
        pk: Freshness.CURRENT if is_current else Freshness.EARLIER if is_newest else Freshness.REPLACED
        for pk, is_delivered, is_newest, is_current in judged.values_list(
            "pk", "is_delivered", "is_newest", "is_current"
        )
        if is_delivered
    }


def refresh(assets: Iterable[int]) -> None:
    """Update the status kept with these assets (ids): as many queries for 500 as for one."""
    for some in batches(sorted(set(assets))):
        found = of_assets(some)
        for state in ("", *KEPT):
            changed = [pk for pk in some if found.get(pk, "") == state]
            if changed:
                # What is replaced was in use until now.
                until = {"last_used": timezone.now()} if state == Freshness.REPLACED else {}
                MediaAsset.objects.filter(pk__in=changed).exclude(delivery_state=state).update(
                    delivery_state=state, **until
                )


def on_delivered(lines: Sequence[OrderLine]) -> None:
    """Bring up to date what these stored lines delivered, and what was in use in its place before.

    What was archived is back: somebody has ordered it.
    """
    done = [line for line in lines if line.state == OrderLine.State.DONE and line.asset_id]
    found = [line.asset for line in done if OrderLine.asset.is_cached(line) and line.asset]
    if back := [asset.pk for asset in found if asset.is_archived]:
        MediaAsset.objects.filter(pk__in=back).update(archived_at=None)
    types = {line.output_type_id for line in done}
    assets = {line.asset_id for line in done if line.asset_id}
    for products in batches(sorted({line.product_id for line in done if line.product_id})):
        before = _in_use().filter(product__in=products, output_type__in=types)
        assets |= set(before.values_list("asset", flat=True).distinct())
    refresh(assets)


def on_product_revised(*, product: Product, **_: Any) -> None:
    """Bring up to date the files of a product that has got a CAD file."""
    refresh(_in_use().filter(product=product).values_list("asset", flat=True).distinct())


def _delivered() -> OrderLineQuerySet:
    rows = OrderLine.objects.filter(state=OrderLine.State.DONE, asset__isnull=False)
    return rows.filter(product__isnull=False, output_type__isnull=False).order_by()


def _in_use() -> OrderLineQuerySet:
    return _delivered().filter(asset__delivery_state__in=IN_USE)


def _newest() -> OrderLineQuerySet:
    """The lines after which nothing else was delivered for their product, variant, part and output type."""
    later = _delivered().of_same().filter(variant_slug="", pk__gt=OuterRef("pk"))
    return _delivered().filter(~Exists(later.exclude(asset=OuterRef("asset"))), variant_slug="")


def _of(lines: QuerySet[OrderLine]) -> QuerySet[OrderLine]:
    return lines.filter(asset=OuterRef("pk"))
