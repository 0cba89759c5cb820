"""Which delivered pictures of products are no longer current, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from media_assets.cad_changes import changes
from media_assets.models import CadFile, Product
from rendering.deliverables import Deliverable, deliverables


@dataclass
class Standing:
    """The newest delivered picture of each output type of one product."""

    delivered: list[Deliverable] = field(default_factory=list)

    @property
    def stale(self) -> list[Deliverable]:
        return [item for item in self.delivered if item.changed]

    @property
    def of_earlier_file(self) -> list[Deliverable]:
        """Stale because the product has got another CAD file since."""
        return [item for item in self.stale if item.asset.cad_file_id != item.product.cad_file_id]


def standings(products: Sequence[Product]) -> dict[int, Standing]:
    """Return the standing of each of *products* by its id: one query for all of them."""
    found = {product.pk: Standing() for product in products}
    for item in deliverables(products=products) if products else ():
        found[item.product.pk].delivered.append(item)
    return found


def revision(product: Product, standing: Standing) -> dict[str, Any]:
    """Return what the product's page says about its stale pictures: from which file, what changed since."""
    earlier = standing.of_earlier_file
    old = CadFile.objects.get(pk=max(item.asset.cad_file_id for item in earlier)) if earlier else None
    return {
        "product": product,
        "stale": len(standing.stale),
        "all": len(standing.delivered),
        "earlier": old,
        "changes": changes(old, product.cad_file) if old and product.cad_file else [],
    }
