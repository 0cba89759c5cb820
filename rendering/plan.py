"""From an order's line to the next thing to do: reuse, derive, render or tessellate first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.conf import settings
from django.db.models import QuerySet

from blender_scripts import launch
from media_assets import conversions
from media_assets.models import CadFile, MediaAsset
from media_assets.recipes import Lookup, Recipe, changed_fields, recipe_key
from rendering.models import OutputType
from rendering.recipes import Recipes, recipes

FIRST = "first conversion of this CAD file"


@cache
def blender() -> launch.Blender:
    """Return the Blender of this installation. Raises launch.BlenderMissing or launch.BlenderTooOld."""
    return launch.find_blender(settings.BLENDER_EXECUTABLE or None)


def recipes_for(cad_file: CadFile, output_type: OutputType) -> Recipes:
    """Return what *output_type* of this CAD file is a function of, today."""
    return recipes(
        conversions.geometry_recipe(cad_file, output_type.tessellation), output_type, blender().version
    )


@dataclass(frozen=True)
class Found:
    """What exists already for a line: the file itself, a master to derive it from, the geometry to render."""

    file: MediaAsset | None
    master: MediaAsset | None
    geometry: MediaAsset | None


def fresh(assets: QuerySet[MediaAsset], not_before: datetime | None) -> QuerySet[MediaAsset]:
    """Only assets whose bytes are there; of a forced line only those made since."""
    return assets.filter(produced__gte=not_before) if not_before else assets


def find(wanted: Recipes, kind: str, width: int, height: int, not_before: datetime | None = None) -> Found:
    """Look up what can be reused. A master serves every size up to its own (px)."""
    masters = MediaAsset.objects.filter(
        kind=MediaAsset.Kind.RENDER_MASTER, view_key=wanted.view_key, width__gte=width, height__gte=height
    )
    return Found(
        file=_existing(fresh(MediaAsset.objects.made_from(kind, wanted.file_key), not_before)),
        master=_existing(fresh(masters, not_before).order_by("width")),
        geometry=_existing(MediaAsset.objects.made_from(MediaAsset.Kind.GLTF_GEOMETRY, wanted.geometry_key)),
    )


def _existing(assets: QuerySet[MediaAsset]) -> MediaAsset | None:
    """The first asset whose file is really there: a lost file is made again, not handed out."""
    return next((asset for asset in assets[:5] if asset.path.exists()), None)


def look_for_geometry(cad_file: CadFile, recipe: Recipe) -> tuple[MediaAsset | None, Lookup]:
    """Return what a conversion would make, if all of it is there, and what looking for it gave."""
    geometries = cad_file.assets.filter(kind=MediaAsset.Kind.GLTF_GEOMETRY)
    last = geometries.first()
    if last is None:
        return None, Lookup(False, why=FIRST)
    key = recipe_key(recipe)
    geometry = geometries.filter(recipe_key=key).first()
    if geometry is None:
        return None, Lookup(False, tuple(changed_fields(last.recipe, recipe)))
    if not geometry.path.exists():
        return None, Lookup(False, why="its file is gone from the storage")
    if not _existing(cad_file.assets.filter(kind=MediaAsset.Kind.USD_MASTER, recipe_key=key)):
        return None, Lookup(False, why="its USD master is gone from the storage")
    if "report" in geometry.receipt and not conversions.has_report(geometry):
        return None, Lookup(False, why="its report is gone from the storage")
    if "report" not in geometry.receipt and last != geometry:
        return None, Lookup(False, why="it is there, but the report on the CAD file is of another conversion")
    return geometry, Lookup(True)


def master_sizes(lines: list[tuple[OutputType, Recipes]]) -> dict[str, tuple[int, int]]:
    """Return for each view of one order the largest size (px) that its lines want: rendered once, derived many."""
    sizes: dict[str, tuple[int, int]] = {}
    for output_type, wanted in lines:
        known = sizes.get(wanted.view_key, (0, 0))
        sizes[wanted.view_key] = max(known, (output_type.width, output_type.height))
    return sizes
