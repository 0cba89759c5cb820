"""Which delivered pictures of products are no longer current, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce

from media_assets.ingest.changes import changes
from media_assets.models import CadFile, Product
from rendering.desk.materials import unfit
from rendering.models import Job, OrderLine
from rendering.models.order import DeliverableKey
from rendering.orders.deliverables import Deliverable, deliverables


@dataclass(frozen=True)
class OnItsWay:
    """A live order's line for the product's present CAD file."""

    order: int
    deliverable: DeliverableKey
    is_running: bool


@dataclass
class ProductFreshness:
    """The newest delivered pictures of one product, its variants and parts, and what is on its way."""

    delivered: list[Deliverable] = field(default_factory=list)
    coming: list[OnItsWay] = field(default_factory=list)

    @property
    def stale(self) -> list[Deliverable]:
        return [item for item in self.delivered if item.changed]

    @property
    def of_earlier_file(self) -> list[Deliverable]:
        """Stale because the product has got another CAD file since."""
        return [item for item in self.stale if item.asset.cad_file_id != item.product.cad_file_id]

    @property
    def being_replaced(self) -> dict[DeliverableKey, OnItsWay]:
        """What is on its way for a stale picture; of several the one that runs, or the newest."""
        stale = {item.line.key for item in self.stale}
        coming = sorted(self.coming, key=lambda one: (one.is_running, one.order))
        return {one.deliverable: one for one in coming if one.deliverable in stale}


def freshness_of(products: Sequence[Product]) -> dict[int, ProductFreshness]:
    """Return the freshness of each of *products* by its id: two queries for all of them."""
    found = {product.pk: ProductFreshness() for product in products}
    for item in deliverables(products=products) if products else ():
        found[item.product.pk].delivered.append(item)
    is_running = Exists(Job.objects.running().filter(lines=OuterRef("pk")))
    live = OrderLine.objects.live().filter(product__in=products, cad_file=F("product__cad_file"))
    rows = live.values_list("product", "output_type", Coalesce("variant", 0), "part", "order", is_running)
    for product, output_type, variant, part, order, runs in rows if products else ():
        found[product].coming.append(OnItsWay(order, (product, output_type, variant, part), runs))
    return found


def revision(product: Product, freshness: ProductFreshness) -> dict[str, Any]:
    """Return what the product's page says about its stale pictures: from which file, what changed since."""
    earlier = freshness.of_earlier_file
    coming = freshness.being_replaced.values()
    old = CadFile.objects.get(pk=max(item.asset.cad_file_id for item in earlier)) if earlier else None
    # As a whole: a product that was read while its file was being converted knows another half of it.
    new = CadFile.objects.get(pk=product.cad_file_id) if old and product.cad_file_id else None
    return {
        "product": product,
        "stale": len(freshness.stale),
        "coming": len(coming),
        "running": sum(one.is_running for one in coming),
        "order": max((one.order for one in coming), default=None),
        "all": len(freshness.delivered),
        "earlier": old,
        "changes": changes(old, new) if old and new else [],
        "unfit": unfit.words(product) if freshness.stale else [],
    }


def freshness_found(product: Any) -> ProductFreshness:
    """The freshness that the list or the page has found; none on the add page."""
    return getattr(product, "freshness", None) or ProductFreshness()
