"""The parts of products as they are ordered one by one: by the keys of their parts lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable
from dataclasses import dataclass

from media_assets.models import CadFile, ProductPart
from media_assets.models.batches import batches
from rendering.catalog.materials import REMEMBERED, TREES
from rendering.catalog.parts.kinds import Kind, kinds_in
from rendering.catalog.parts.listing import numbered

_READ_FROM = ("sha256", "tree_key", "converter", "code_page", "stated_unit", "up", "strays")
_KINDS: dict[tuple[Hashable, ...], list[Kind]] = {}
"""The kinds of files that were converted so, so that the next order reads no trees."""


@dataclass(frozen=True)
class ListedPart:
    """One kind of part, and the row of the product's parts list that it is."""

    part: ProductPart
    kind: Kind

    @property
    def key(self) -> str:
        return self.part.key


Owner = tuple[int, int]
"""The ids of a CAD file and of the product whose parts list counts."""


def pieces_of(owners: Collection[Owner]) -> dict[Owner, list[ListedPart]]:
    """Return the parts of each product by number; none of a file that is not converted. Nothing is written."""
    kinds = kinds_of_files({cad_file for cad_file, _ in owners})
    known: dict[int, list[ProductPart]] = defaultdict(list)
    products = sorted({product for _, product in owners})
    for some in batches(products):
        for part in ProductPart.objects.filter(product__in=some):
            known[part.product_id].append(part)
    return {
        (cad_file, product): [
            ListedPart(part, kind) for part, kind in numbered(product, kinds[cad_file], known[product])
        ]
        for cad_file, product in owners
    }


def kinds_of_files(cad_files: Collection[int]) -> dict[int, list[Kind]]:
    """Return the kinds of parts in these CAD files (ids); none before they were converted."""
    found: dict[int, list[Kind]] = {pk: [] for pk in cad_files}
    unread: dict[int, tuple[Hashable, ...]] = {}
    for some in batches(sorted(cad_files)):
        rows = CadFile.objects.filter(pk__in=some).exclude(tree_key="")
        for pk, state, *signs in rows.values_list("pk", "state", *_READ_FROM):
            # While a file is converted anew, its tree may be that of the last time.
            key = tuple(signs) if state == CadFile.State.READY else ()
            if key in _KINDS:
                found[pk] = _KINDS[key]
            else:
                unread[pk] = key
    for some in batches(sorted(unread), TREES):
        for pk, tree, report in CadFile.objects.filter(pk__in=some).values_list("pk", "tree", "report"):
            found[pk] = kinds_in(tree, report.get("kinds") or ())
            if unread[pk]:
                _remember(unread[pk], found[pk])
    return found


def _remember(key: tuple[Hashable, ...], kinds: list[Kind]) -> None:
    if sum(map(len, _KINDS.values())) + len(kinds) > REMEMBERED:
        _KINDS.clear()
    _KINDS[key] = kinds
