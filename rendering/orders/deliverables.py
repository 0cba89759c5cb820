"""What was ordered and delivered: the newest line of each deliverable, and whether it is current.

A deliverable is a product, a variant or a part of it in one output type.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models.functions import Coalesce

from blender_scripts.launch import BlenderMissing, BlenderTooOld
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.recipes import Recipe, changed_fields
from rendering.catalog import plan, reasons
from rendering.catalog.asks import Ask
from rendering.catalog.counting import shows_each_part
from rendering.catalog.parts.pieces import pieces_of
from rendering.catalog.recipes import Recipes
from rendering.models import OrderLine, OutputType
from rendering.orders.drafting import Wish


@dataclass(frozen=True)
class Deliverable:
    """One product, a variant or a part, in one output type: its newest asset, and what of its recipe changed since."""

    line: OrderLine
    product: Product
    output_type: OutputType
    asset: MediaAsset
    changed: list[str]
    today: Recipe

    def wish(self, *, force: bool = False) -> Wish:
        """Return what orders it again."""
        return Wish(self.product, self.output_type, force, variant=self.line.variant, part=self.line.part)

    @property
    def why(self) -> list[str]:
        """What has changed since, in words."""
        is_same_cad = self.asset.cad_file_id == self.product.cad_file_id
        return reasons.changes(self.asset.recipe, self.today, is_same_cad=is_same_cad)


def deliverables(
    *,
    products: Sequence[Product] = (),
    output_types: Sequence[OutputType] = (),
    assets: Sequence[int] = (),
    as_if: OutputType | None = None,
    most: int | None = None,
) -> list[Deliverable]:
    """Return what was delivered, limited to these products, output types and asset ids where any are given.

    *as_if*: compared with what that output type, saved or not, would make today. *most*: of the newest lines.
    """
    lines = OrderLine.objects.filter(
        state=OrderLine.State.DONE,
        asset__isnull=False,
        asset__archived_at__isnull=True,
        product__cad_file__isnull=False,
        product__archived_at__isnull=True,
    )
    if products:
        lines = lines.filter(product__in=products)
    if output_types:
        lines = lines.filter(output_type__in=output_types)
    if assets:
        lines = lines.filter(asset__in=assets)
    newest = lines.newest()
    if most is not None:
        newest = newest.order_by("-newest")[:most]  # SQLite and PostgreSQL alike take a limit in a subquery
    chosen = OrderLine.objects.filter(pk__in=newest, output_type__in=OutputType.objects.orderable())
    chosen = (
        chosen.select_related("product__cad_file", "output_type", "variant", "asset")
        .defer("product__cad_file__tree", "product__cad_file__report")
        .order_by("product__number", Coalesce("variant", 0), "output_type__slug", "part")
    )
    lines_now = _still_there(list(chosen))
    asked = [
        Ask(_cad(line), as_if or line.output_type, line.product_id, line.variant, line.part)
        for line in lines_now
    ]
    today = plan.recipes_for_all(asked)
    return [_deliverable(line, one) for line, one in zip(lines_now, today, strict=True)]


def outdated(assets: Sequence[int]) -> dict[int, list[str]]:
    """Return those of these delivered assets (ids) that would differ if they were made today, and in words what would.

    Nothing where no Blender can be asked for its version.
    """
    try:
        found = deliverables(assets=assets) if assets else []
    except (BlenderMissing, BlenderTooOld):
        return {}
    return {item.asset.pk: item.why for item in found if item.changed}


def _still_there(lines: Sequence[OrderLine]) -> list[OrderLine]:
    """Return those of *lines* that can be ordered again: of parts that the product still has, in types that show them.

    While the CAD file is converted nobody knows its parts: then all are there.
    """
    of_parts = {(_cad(line).pk, line.product.pk) for line in lines if line.part}
    keys = {owner: {one.key for one in found} for owner, found in pieces_of(of_parts).items()}
    return [
        line
        for line in lines
        if shows_each_part(line.output_type) == bool(line.part)
        and (not line.part or not (known := keys[_cad(line).pk, line.product.pk]) or line.part in known)
    ]


def _cad(line: OrderLine) -> CadFile:
    assert line.product.cad_file is not None
    return line.product.cad_file


def _deliverable(line: OrderLine, today: Recipes) -> Deliverable:
    assert line.asset is not None
    changed = changed_fields(line.asset.recipe, today.file)
    return Deliverable(line, line.product, line.output_type, line.asset, changed, today.file)
