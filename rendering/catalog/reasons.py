"""Why a picture is made, in words: what differs from the newest one of this product in this output type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.translation import gettext_noop

from media_assets.models.batches import batches
from media_assets.recipes import Lookup, Recipe, changed_fields
from rendering.models import OrderLine
from rendering.models.order import DeliverableKey
from rendering.models.recipe_change import OTHER_CAD_FILE, RecipeChange, in_words

FIRST = gettext_noop("first picture of this product in this output type")
FORCED = gettext_noop("ordered to be made again")
LOST = gettext_noop("its file is gone from the storage")


@dataclass(frozen=True)
class PictureReason(Lookup):
    """Why a picture is made, as its job keeps it: what changed, in English for programs and as values for people."""

    changes: tuple[RecipeChange, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {**super().to_json(), "changes": [change.to_json() for change in self.changes]}


@dataclass(frozen=True)
class Earlier:
    """The newest picture of a product in an output type: what it was made from."""

    recipe: Recipe
    cad_file: int


def earlier(lines: Sequence[OrderLine]) -> dict[DeliverableKey, Earlier]:
    """Return the newest delivered picture by what was ordered, for those of *lines*: 1 query for 500 products."""
    types = {line.output_type_id for line in lines}
    found: dict[DeliverableKey, Earlier] = {}
    for products in batches(sorted({line.key[0] for line in lines})):
        delivered = OrderLine.objects.filter(
            product__in=products, output_type__in=types, state=OrderLine.State.DONE, asset__isnull=False
        )
        rows = OrderLine.objects.filter(pk__in=delivered.newest()).order_by()
        for *key, recipe, cad_file in rows.values_list(
            *("product", "output_type", Coalesce("variant", 0), "part", "asset__recipe", "asset__cad_file")
        ):
            found[key[0], key[1], key[2], key[3]] = Earlier(recipe, cad_file)
    return found


def reason(line: OrderLine, before: Earlier | None, wanted: Recipe) -> Lookup:
    """Return why the file of *line* is made: what changed since the one *before*, or why else."""
    if before is None:
        return Lookup(False, why=FIRST)
    found = differences(before.recipe, wanted, is_same_cad=before.cad_file == line.cad_file_id)
    if found:
        with translation.override("en"):
            return PictureReason(False, tuple(in_words(found)), changes=tuple(found))
    return Lookup(False, why=FORCED if line.not_before else LOST)


def changes(old: Recipe, new: Recipe, *, is_same_cad: bool = True) -> list[str]:
    """Return which fields of two recipes of a file differ, in the reader's words: "samples 64 → 128", "CAD file"."""
    return in_words(differences(old, new, is_same_cad=is_same_cad))


def differences(old: Recipe, new: Recipe, *, is_same_cad: bool = True) -> list[RecipeChange]:
    """Return in which fields two recipes of a file differ."""
    return [
        RecipeChange(OTHER_CAD_FILE)
        if _is_geometry(name) and not is_same_cad
        else RecipeChange.of(name, old, new)
        for name in changed_fields(old, new)
    ]


def _is_geometry(name: str) -> bool:
    return name.removeprefix("view.") == "geometry"
