"""From an order's line to its next step: reuse, derive, render, or tessellate first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from blender_scripts import launch
from gpu.models import SystemSettings
from gpu.probing import life
from media_assets import storage
from media_assets.cad.drawing.wanted import Drawing
from media_assets.ingest import conversions, explosions, orientation
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.models.batches import batches
from media_assets.recipes import Lookup, Recipe, changed_fields, recipe_key
from rendering.catalog import asks, books, labels, materials
from rendering.catalog.asks import Ask
from rendering.catalog.explosions import explosion_of
from rendering.catalog.hiding import hidden_parts
from rendering.catalog.parts.legend import legends
from rendering.catalog.parts.picturing import pictured
from rendering.catalog.parts.pieces import Owner
from rendering.catalog.recipes import Recipes, Renderer, embeds, has_legend, passes_of, recipes
from rendering.catalog.sections import section_of
from rendering.models import OutputType
from rendering.pictures.formats import OUTPUT_FORMATS
from rendering.pictures.kinds import Source

FIRST = gettext_noop("first conversion of this CAD file")
NOT_LINEAR = gettext_noop("the render that was kept is as displayed, and an EXR needs its scene-linear light")
NOT_DISPLAYED = gettext_noop("the render that was kept is scene-linear light")
TOO_SMALL = gettext_noop("the render that was kept is smaller")
_PRUNED = gettext_noop("its file was deleted to free space")
_GONE = gettext_noop("its file is gone from the storage")
LINEAR = OUTPUT_FORMATS["exr"].mime_type
GEOMETRIES = (MediaAsset.Kind.GLTF_GEOMETRY, MediaAsset.Kind.DERIVED_GEOMETRY)


@cache
def blender() -> launch.Blender:
    """Return the Blender of this installation. Raises launch.BlenderMissing or launch.BlenderTooOld."""
    return launch.find_blender(settings.BLENDER_EXECUTABLE or None)


def blender_version() -> str:
    """Return the version that renders: on a host without Blender, such as a web server, that of the last probe.

    Raises launch.BlenderMissing or launch.BlenderTooOld.
    """
    try:
        return blender().version
    except launch.BlenderMissing:
        if found := life.last_blender_version():
            return found
        raise


def renderer() -> Renderer:
    """Return what renders here. Raises launch.BlenderMissing or launch.BlenderTooOld."""
    return Renderer(blender_version())


def recipes_for(cad_file: CadFile, output_type: OutputType, product: int | None = None) -> Recipes:
    """Return what *output_type* of this CAD file is a function of, today."""
    return recipes_for_all([Ask(cad_file, output_type, product)])[0]


def recipes_for_all(asked: Sequence[Ask], by: Renderer | None = None) -> list[Recipes]:
    """Return the same for many: a few queries, and more only for CAD files whose parts nobody has looked at.

    *by* is another renderer than that of here.
    """
    bound = books.contents([ask for ask in asked if books.is_book(ask.output_type)])
    plain = [ask for ask in asked if not books.is_book(ask.output_type)]
    found = iter(_recipes_for_all([*plain, *(one.ask for some in bound for one in some.bound)], by))
    own = iter([next(found) for _ in plain])
    inside = iter([(some, [next(found) for _ in some.bound]) for some in bound])
    credit = SystemSettings.credit() if bound else {}
    return [
        books.recipes(ask, *next(inside), credit) if books.is_book(ask.output_type) else next(own)
        for ask in asked
    ]


def _recipes_for_all(asked: Sequence[Ask], by: Renderer | None) -> list[Recipes]:
    parts = asks.picturings(asked)
    abouts = pictured(parts)
    if by is None and any(ask.output_type.kind_row.is_rendered for ask in asked):
        by = renderer()
    by = by or Renderer("")
    book = materials.load() if any(map(asks.is_ruled, asked)) else materials.Book([])
    chosen = asks.choices(asked, parts, abouts, book)
    orientations = orientation.rotations([(ask.cad_file, ask.product) for ask in asked])
    if book.has_labels:
        chosen = labels.labelled(asked, chosen, orientations, abouts)
    credit = SystemSettings.credit() if asked else {}
    hidden = hidden_parts([(ask.cad_file, ask.variant) for ask in asked])
    embedded = product_data({ask.product for ask in asked if ask.product and embeds(ask.output_type)})
    legend = legends({_owner(ask) for ask in asked if has_legend(ask.output_type)})
    views = explosions.saved({ask.product for ask in asked if ask.product and ask.output_type.exploded})
    found = [
        recipes(
            conversions.geometry_recipe(
                ask.cad_file,
                ask.output_type.tessellation,
                section_of(ask.output_type, turned),
                explosion_of(ask.output_type, views.get(ask.product)),
                Drawing(turned, not_shown, exact=ask.output_type.exact_lines)
                if ask.output_type.kind_row.source == Source.LINES
                else None,
            ),
            ask.output_type,
            by.blender,
            choice,
            turned,
            asks.named(embedded.get(ask.product, {}), ask),
            credit,
            about,
            not_shown,
            legend[_owner(ask)] if has_legend(ask.output_type) else (),
            scene=by.scene,
        )
        for ask, choice, turned, about, not_shown in zip(
            asked, chosen, orientations, abouts, hidden, strict=True
        )
    ]
    numbered = [at for at, ask in enumerate(asked) if ask.output_type.kind_row.source == Source.BALLOONS]
    passes = [replace(asked[at], output_type=passes_of(asked[at].output_type)) for at in numbered]
    for at, one in zip(numbered, recipes_for_all(passes, by) if passes else (), strict=True):
        found[at] = replace(found[at], passes=one)
    return found


def _owner(ask: Ask) -> Owner:
    return ask.cad_file.pk, ask.product or 0


def product_data(products: Collection[int]) -> dict[int | None, Recipe]:
    """Return by id what is embedded of these products: number, name and identifiers."""
    found: dict[int | None, Recipe] = {}
    for some in batches(sorted(products)):
        for product in Product.objects.filter(pk__in=some).prefetch_related("identifiers"):
            named = {one.scheme: one.value for one in product.identifiers.all()}
            found[product.pk] = {"number": product.number, "name": product.name, "identifiers": named}
    return found


@dataclass(frozen=True)
class Found:
    """What exists already for a line: the file itself, a master to derive it from, the geometry to render."""

    file: MediaAsset | None
    master: MediaAsset | None
    geometry: MediaAsset | None
    passed_over: str = ""  # why a master of this view that exists is of no use
    passes: MediaAsset | None = None  # of the same view, where the file needs them


@dataclass(frozen=True)
class Sought:
    """One file to look for: its recipes, its kind and size (px); forced ones count only if made since *not_before*."""

    recipes: Recipes
    kind: str
    width: int
    height: int
    not_before: datetime | None = None


def find(wanted: Recipes, kind: str, width: int, height: int, not_before: datetime | None = None) -> Found:
    """Look up what can be reused. A master serves every size up to its own (px)."""
    return find_all([Sought(wanted, kind, width, height, not_before)])[0]


def find_all(sought: Sequence[Sought]) -> list[Found]:
    """Look up what can be reused for each of many files: as many queries for 500 as for one.

    Masters are looked for where the file is not there, geometry where neither is.
    """
    files = _by(
        MediaAsset.objects.kept().filter(kind__in={one.kind for one in sought}),
        "recipe_key",
        sought,
        "file_key",
    )
    found = [_first(files[one.recipes.file_key], one, kind=one.kind) for one in sought]
    rest = [one for one, file in zip(sought, found, strict=True) if not file]
    masters = _by(
        MediaAsset.objects.kept().filter(kind=MediaAsset.Kind.RENDER_MASTER).order_by("width"),
        "view_key",
        rest,
        "view_key",
    )
    passes = _by(
        MediaAsset.objects.kept().filter(kind=MediaAsset.Kind.RENDER_MASTER),
        "view_key",
        [one for one in rest if one.recipes.passes],
        "passes_key",
    )
    geometries = _by(
        MediaAsset.objects.kept().filter(kind__in=GEOMETRIES),
        "recipe_key",
        rest,
        "geometry_key",
    )
    return [
        Found(file, None, None)
        if file
        else Found(
            None,
            _first([master for master in masters[one.recipes.view_key] if _serves(master, one)], one),
            next(filter(_is_there, geometries[one.recipes.geometry_key]), None),
            _passed_over(masters[one.recipes.view_key], one),
            _first(passes[one.recipes.passes_key], one) if one.recipes.passes else None,
        )
        for one, file in zip(sought, found, strict=True)
    ]


def use(found: Sequence[Found]) -> set[int]:
    """Note that what was found is used now; return the ids of those that were pruned since: look again then.

    Call it in the transaction that makes the jobs and lines which need it.
    """
    used = {
        asset.pk: asset
        for one in found
        for asset in (one.file, one.master, one.geometry, one.passes)
        if asset is not None
    }
    return MediaAsset.objects.use([used[pk] for pk in sorted(used)])


def _serves(master: MediaAsset, sought: Sought) -> bool:
    """Whether a master of the right view is large enough, and light for an EXR, the picture as displayed for others."""
    is_linear = master.mime_type == LINEAR
    is_large = (master.width or 0) >= sought.width and (master.height or 0) >= sought.height
    return is_large and is_linear == sought.recipes.is_linear


def _passed_over(masters: Sequence[MediaAsset], sought: Sought) -> str:
    """Say why none of these masters of the right view serves; "" when one does, or there is none."""
    if not masters or any(_serves(master, sought) for master in masters):
        return ""
    if all((master.mime_type == LINEAR) != sought.recipes.is_linear for master in masters):
        return NOT_LINEAR if sought.recipes.is_linear else NOT_DISPLAYED
    return TOO_SMALL


def _by(
    assets: QuerySet[MediaAsset], field: str, sought: Sequence[Sought], key: str
) -> dict[str, list[MediaAsset]]:
    """Return *assets* by their *field*, as far as it is the *key* of what is sought; without their long texts."""
    rows: dict[str, list[MediaAsset]] = defaultdict(list)
    for keys in batches(sorted({getattr(one.recipes, key) for one in sought})):
        for asset in assets.filter(**{f"{field}__in": keys}).defer("recipe", "receipt"):
            rows[getattr(asset, field)].append(asset)
    storage.look_for(asset.file for some in rows.values() for asset in some if asset.pruned is None)
    return rows


def _first(assets: Sequence[MediaAsset], sought: Sought, **fields: str) -> MediaAsset | None:
    """The first asset that is not too old and whose file is really there: a lost file is made again."""
    since = sought.not_before
    return next(
        (
            asset
            for asset in assets
            if all(getattr(asset, name) == value for name, value in fields.items())
            and (since is None or asset.produced >= since)
            and _is_there(asset)
        ),
        None,
    )


def _is_there(asset: MediaAsset) -> bool:
    return asset.pruned is None and not storage.is_lost(asset.file)


def look_for_geometry(cad_file: CadFile, recipe: Recipe) -> tuple[MediaAsset | None, Lookup]:
    """Return what a conversion would make, if all of it is there, and what looking for it gave."""
    return look_for_geometries([(cad_file, recipe)])[0]


def look_for_geometries(wanted: Sequence[tuple[CadFile, Recipe]]) -> list[tuple[MediaAsset | None, Lookup]]:
    """Return the same for many conversions: two queries for 500 CAD files."""
    geometries: dict[int, list[MediaAsset]] = defaultdict(list)
    masters: dict[tuple[int, str], list[MediaAsset]] = defaultdict(list)
    for ids in batches(sorted({cad_file.pk for cad_file, _ in wanted})):
        assets = MediaAsset.objects.filter(cad_file__in=ids)
        for asset in assets.filter(kind__in=GEOMETRIES):
            geometries[asset.cad_file_id].append(asset)
        for asset in assets.filter(kind=MediaAsset.Kind.USD_MASTER).defer("recipe", "receipt"):
            masters[asset.cad_file_id, asset.recipe_key].append(asset)
    return [
        _judge(geometries[cad_file.pk], masters[cad_file.pk, recipe_key(recipe)], recipe)
        for cad_file, recipe in wanted
    ]


def _judge(
    geometries: Sequence[MediaAsset], usd_masters: Sequence[MediaAsset], recipe: Recipe
) -> tuple[MediaAsset | None, Lookup]:
    """Say of all geometries of a CAD file, the newest first, whether the one of *recipe* is there and whole."""
    if not geometries:
        return None, Lookup(False, why=FIRST)
    key = recipe_key(recipe)
    last = next((one for one in geometries if one.kind == conversions.kind_of(recipe)), geometries[0])
    geometry = next((one for one in geometries if one.recipe_key == key), None)
    if geometry is None:
        return None, Lookup(False, tuple(changed_fields(last.recipe, recipe)))
    if not _is_there(geometry):
        return None, Lookup(False, why=_PRUNED if geometry.pruned else _GONE)
    if conversions.is_derived(recipe):
        return geometry, Lookup(True)
    if not any(map(_is_there, usd_masters)):
        return None, Lookup(False, why=gettext_noop("its USD master is gone from the storage"))
    has_report = geometry.how_made.report is not None
    if has_report and not conversions.has_report(geometry):
        return None, Lookup(False, why=gettext_noop("its report is gone from the storage"))
    if not has_report and last != geometry:
        return None, Lookup(
            False, why=gettext_noop("it is there, but the report on the CAD file is of another conversion")
        )
    return geometry, Lookup(True)


def master_sizes(lines: list[tuple[OutputType, Recipes]]) -> dict[str, tuple[int, int]]:
    """Return for each view of one order the largest size (px) that its lines want: rendered once, derived many."""
    sizes: dict[str, tuple[int, int]] = {}
    for output_type, wanted in lines:
        known = sizes.get(wanted.view_key, (0, 0))
        sizes[wanted.view_key] = max(known, (output_type.width, output_type.height))
    return sizes
