"""The parts list of a product: the kinds of its CAD file with what people said of them, with finishes and masses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from media_assets.models import CadFile, Product, ProductPart, ProductRevision
from rendering.catalog import materials
from rendering.catalog.parts.kinds import Kind, kinds_in
from rendering.catalog.parts.matching import PLACES, match
from rendering.models import Finish

MOST_ROWS = 2000
"""Of a list; a file with more distinct parts is no assembly that anybody orders spare parts by."""


@dataclass(frozen=True)
class PartRow:
    """One row of a parts list. `part` need not be saved; `mass_g` is of one piece, None where it can't be known."""

    part: ProductPart
    kind: Kind
    finishes: tuple[Finish, ...]

    @property
    def title(self) -> str:
        """What it is called: by people, or in CAD."""
        return self.part.text or self.kind.name

    @property
    def density(self) -> float | None:
        """kg/m3: that of its finishes, where they agree."""
        known = {finish.density for finish in self.finishes if finish.density}
        return known.pop() if len(known) == 1 else None

    @property
    def mass_g(self) -> float | None:
        if self.kind.volume_mm3 is None or self.density is None:
            return None
        return self.kind.volume_mm3 * self.density * 1e-6

    @property
    def total_g(self) -> float | None:
        return None if self.mass_g is None else self.mass_g * self.kind.count


@dataclass(frozen=True)
class PartsList:
    """The rows by number, up to MOST_ROWS; `distinct` counts all kinds. `gone` was in earlier revisions."""

    rows: list[PartRow]
    distinct: int
    gone: list[ProductPart]

    @property
    def is_measured(self) -> bool:
        """Whether the file was converted by a reader that measures parts."""
        return all(row.kind.shape for row in self.rows)

    @property
    def mass_g(self) -> float | None:
        """Of the whole; None where that of any part is not known."""
        masses = [row.total_g for row in self.rows]
        if not masses or self.distinct > len(masses) or None in masses:
            return None
        return sum(mass for mass in masses if mass is not None)

    def row(self, key: str) -> PartRow | None:
        return next((row for row in self.rows if row.part.key == key), None)


def parts_list(
    product: Product, cad_file: CadFile | None = None, book: materials.Book | None = None
) -> PartsList:
    """Return the parts list of a product, by its current CAD file unless another is given; nothing is written."""
    cad_file = cad_file or product.cad_file
    return parts_lists([(product, kinds_of(cad_file) if cad_file else [])], book)[0]


def parts_lists(
    wanted: Sequence[tuple[Product, Sequence[Kind]]], book: materials.Book | None = None
) -> list[PartsList]:
    """Return the parts list of each product with these kinds of parts: as many queries for many as for one."""
    if not wanted:
        return []
    known: dict[int, list[ProductPart]] = defaultdict(list)
    for part in ProductPart.objects.filter(product__in={product.pk for product, _ in wanted}):
        known[part.product_id].append(part)
    book, finishes = book or materials.load(), finishes_by_slug()
    return [_listed(product, kinds, known[product.pk], book, finishes) for product, kinds in wanted]


def finishes_by_slug() -> dict[str, Finish]:
    """Return all finishes: one query."""
    return {finish.slug: finish for finish in Finish.objects.all()}


def kinds_of(cad_file: CadFile) -> list[Kind]:
    """Return the distinct parts of a CAD file; none before it was converted."""
    return kinds_in(cad_file.tree, cad_file.report.get("kinds") or ())


def keep(product: Product, cad_file: CadFile | None = None) -> PartsList:
    """Store the numbers and keys of a product's parts list as it stands, and return it."""
    with transaction.atomic():
        Product.objects.select_for_update().filter(pk=product.pk).first()
        listed = parts_list(product, cad_file)
        parts = [row.part for row in listed.rows]
        ProductPart.objects.bulk_create([part for part in parts if part.pk is None])
        ProductPart.objects.bulk_update(
            [part for part in parts if part.pk], ["name", "shape", "places"], batch_size=200
        )
    return listed


def earlier_file(product: Product) -> CadFile | None:
    """Return the CAD file of the revision before the current one."""
    revisions = ProductRevision.objects.filter(product=product).exclude(cad_file=product.cad_file)
    newest = revisions.order_by("-since").select_related("cad_file").first()
    return newest.cad_file if newest else None


def on_product_revised(*, product: Product, **_: Any) -> None:
    """Keep the numbers and keys that the parts had until now, so that the new revision goes on with them."""
    before = earlier_file(product)
    if before and before.tree:
        keep(product, before)


def numbered(
    product_id: int, kinds: Sequence[Kind], known: Sequence[ProductPart]
) -> list[tuple[ProductPart, Kind]]:
    """Return each of *kinds* with the part of the product that it is; one that is new is not saved."""
    shown = kinds[:MOST_ROWS]
    taken = {part.key for part in known}
    number = max((part.number for part in known), default=0)
    rows = []
    for kind, part in zip(shown, match(known, shown), strict=True):
        if part is None:
            number += 1
            part = ProductPart(product_id=product_id, key=_new_key(kind.name, taken), number=number)
        part.name, part.shape, part.places = kind.name[:255], kind.shape, list(kind.keys[:PLACES])
        rows.append((part, kind))
    return sorted(rows, key=lambda row: row[0].number)


def _listed(
    product: Product,
    kinds: Sequence[Kind],
    known: Sequence[ProductPart],
    book: materials.Book,
    finishes: Mapping[str, Finish],
) -> PartsList:
    chooser = book.chooser(product.pk)
    rows = []
    for part, kind in numbered(product.pk, kinds, known):
        slugs = dict.fromkeys(chooser.rules[chooser.choose(look)].finish.slug for look in kind.looks)
        rows.append(PartRow(part, kind, tuple(finishes[slug] for slug in slugs if slug in finishes)))
    found = {row.part.pk for row in rows if row.part.pk}
    return PartsList(rows, len(kinds), [part for part in known if part.pk not in found])


def _new_key(name: str, taken: set[str]) -> str:
    """Return the key of a new part, which no other one of the product has, and note it in *taken*."""
    base = slugify(name, allow_unicode=True)[:80] or "part"
    key, again = base, 1
    while key in taken:
        again += 1
        key = f"{base}-{again}"
    taken.add(key)
    return key
