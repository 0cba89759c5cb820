"""The conversion of a CAD file: its recipe, its reading options, its result."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from media_assets import storage
from media_assets.cad import settings as cad_settings
from media_assets.cad.contract import ConversionResult, Reading
from media_assets.cad.drawing.wanted import Drawing
from media_assets.cad.explode.wanted import Explosion
from media_assets.cad.problem import Failure
from media_assets.cad.section.wanted import Section
from media_assets.formats import cad
from media_assets.ingest.problems import clear_failure, set_failure
from media_assets.ingest.publish import publish
from media_assets.ingest.text import visible
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.models.failing import ERROR_FIELDS
from media_assets.recipes import Recipe
from media_assets.recipes.receipt import Receipt
from media_assets.signals import reading_stated

STATE_FIELDS = ("state", *ERROR_FIELDS)

READING_FIELDS = ["code_page", "stated_unit", "up", "strays", "converter"]


DERIVED = ("section", "explosion", "drawing")
"""Fields that only the recipe of something has that is made of a CAD file beside its geometry."""


def geometry_recipe(
    cad_file: CadFile,
    preset: str,
    section: Section | None = None,
    explosion: Explosion | None = None,
    drawing: Drawing | None = None,
) -> Recipe:
    """Return what the geometry of *cad_file* is a function of: bytes, the operator's words, tessellation, tools.

    With a *section*, that of what it leaves; with an *explosion*, that of the product taken apart; with a *drawing*,
    that of its lines.
    """
    return {
        "cad": cad_file.sha256,
        "tessellation": cad_settings.PRESETS[preset].to_json(),
        "tools": cad_settings.tool_versions(cad_file.converter),
        **_said(cad_file),
        **({"section": section.to_json()} if section else {}),
        **({"explosion": explosion.to_json()} if explosion else {}),
        **({"drawing": drawing.to_json()} if drawing else {}),
    }


def whole(recipe: Recipe) -> Recipe:
    """Return the recipe of the geometry that this is derived from."""
    return {name: value for name, value in recipe.items() if name not in DERIVED}


def is_derived(recipe: Recipe) -> bool:
    """Return whether this is the recipe of something made beside the geometry, which tells nothing about the file."""
    return any(name in recipe for name in DERIVED)


def section_of(recipe: Recipe) -> Section | None:
    """Return how the product of this geometry recipe is cut."""
    return Section.from_json(recipe["section"]) if "section" in recipe else None


def explosion_of(recipe: Recipe) -> Explosion | None:
    """Return how the product of this geometry recipe is taken apart."""
    return Explosion.from_json(recipe["explosion"]) if "explosion" in recipe else None


def drawing_of(recipe: Recipe) -> Drawing | None:
    """Return how the product of this geometry recipe is drawn."""
    return Drawing.from_json(recipe["drawing"]) if "drawing" in recipe else None


def kind_of(recipe: Recipe) -> str:
    """Return the kind of asset that a conversion by this recipe makes."""
    return MediaAsset.Kind.DERIVED_GEOMETRY if is_derived(recipe) else MediaAsset.Kind.GLTF_GEOMETRY


def _said(cad_file: CadFile) -> Recipe:
    """What the operator said, only where something was: what was never asked changes no recipe."""
    said = {name: value for name, value in reading_now(cad_file).to_json().items() if value}
    return {"reading": said} if said else {}


def reading_now(cad_file: CadFile) -> Reading:
    """Return what the operator said about this file, as far as it matters for its format."""
    said = Reading(cad_file.code_page, cad_file.stated_unit, cad_file.up, cad_file.strays)
    return as_far_as_it_matters(cad_file.format, said)


def as_far_as_it_matters(format_name: str, reading: Reading) -> Reading:
    """Return what of *reading* matters for a format: some have names in UTF-8 alone, most say their unit themselves."""
    row = cad.of(format_name)
    return replace(
        reading,
        code_page=reading.code_page if row.has_code_page else "",
        unit="" if row.states_unit else reading.unit,
    )


def reading_of(recipe: Recipe) -> Reading:
    """Return how the file of this geometry recipe is to be read."""
    return Reading.from_json(recipe.get("reading", {}))


def is_outdated(cad_file: CadFile) -> bool:
    """Return whether an older version of the reader made the geometry of this file.

    An upgrade leaves it so, as a new geometry makes every picture stale.
    """
    return cad_file.converter != cad.CONVERTER_VERSION


def set_reading(
    cad_file: CadFile, reading: Reading, user: User | None = None, *, newest: bool = False
) -> bool:
    """Note what the operator says about the file and convert it anew; return whether that changes its geometry.

    With *newest* it is read again also where nothing changes but the version of the reader. What these tools have read
    in this way before is described again at once, and converted no second time. Pictures made before become stale.
    Raises ValidationError for a code page or a unit that is not known.
    """
    before = reading_now(cad_file)
    cad_file.code_page, cad_file.stated_unit = reading.code_page, reading.unit
    cad_file.up, cad_file.strays = reading.up, reading.strays
    changes = reading_now(cad_file) != before or (newest and is_outdated(cad_file))
    if changes:
        cad_file.converter = cad.CONVERTER_VERSION
    cad_file.clean_fields(exclude={field.name for field in CadFile._meta.fields} - set(READING_FIELDS))
    with transaction.atomic():
        cad_file.save(update_fields=READING_FIELDS)
        if not changes:
            return False
        if not _recall_reading(cad_file):
            mark_waiting(cad_file)
        reading_stated.send(CadFile, cad_file=cad_file, user=user)
    return True


def looked_at(cad_file: CadFile, user: User | None = None) -> bool:
    """Let a file that waited for it be rendered as it was read; return whether it waited."""
    with transaction.atomic():
        waited = CadFile.objects.filter(pk=cad_file.pk, waits_for_look=True).update(waits_for_look=False)
        cad_file.waits_for_look = False
        if waited:
            reading_stated.send(CadFile, cad_file=cad_file, user=user)
    return bool(waited)


def mark_waiting(cad_file: CadFile) -> None:
    """The file waits to be converted (again)."""
    _set_state(cad_file, CadFile.State.UPLOADED)


def mark_tessellating(cad_file: CadFile) -> None:
    _set_state(cad_file, CadFile.State.TESSELLATING)


def mark_failed(cad_file: CadFile, failure: Failure, text: str) -> None:
    """The file could not be converted; *text* says in English why and what to do."""
    cad_file.state = CadFile.State.FAILED
    set_failure(cad_file, failure, text)
    cad_file.save(update_fields=STATE_FIELDS)


def mark_not_converted(cad_file: CadFile, failure: Failure, text: str) -> None:
    """A conversion failed: so has the file, unless another conversion of this reading gave geometry."""
    if has_geometry(cad_file):
        mark_not_tessellating(cad_file)
    else:
        mark_failed(cad_file, failure, text)


def has_geometry(cad_file: CadFile) -> bool:
    """Return whether a conversion of the file, read as it is to be read now, gave geometry."""
    geometries = cad_file.assets.filter(kind=MediaAsset.Kind.GLTF_GEOMETRY)
    return any(
        reading_of(recipe) == reading_now(cad_file) for recipe in geometries.values_list("recipe", flat=True)
    )


def mark_not_tessellating(cad_file: CadFile) -> None:
    """The conversion was canceled, or is held: the file is as good as its geometry is."""
    _set_state(cad_file, CadFile.State.READY if has_geometry(cad_file) else CadFile.State.UPLOADED)


def _set_state(cad_file: CadFile, state: str) -> None:
    cad_file.state = state
    clear_failure(cad_file)
    cad_file.save(update_fields=STATE_FIELDS)


def accept(
    cad_file: CadFile,
    recipe: Recipe,
    result: ConversionResult,
    receipt: Receipt,
    product: Product | None,
) -> MediaAsset:
    """Publish what the converter made of *cad_file* and return its geometry asset; call it in the job's transaction."""
    kept = storage.store_bytes(json.dumps(result.report, ensure_ascii=False).encode(), "report", ".json")
    common: dict[str, Any] = {"recipe": recipe, "cad_file": cad_file, "product": product}
    geometry = publish(
        result.glb,
        kind=kind_of(recipe),
        format_name="json" if "drawing" in recipe else "glb",
        receipt=replace(
            receipt,
            report=kept.name,
            section=result.report.get("section"),
            drawing=result.report.get("drawing"),
        ),
        **common,
    )
    if result.usd:
        publish(result.usd, kind=MediaAsset.Kind.USD_MASTER, format_name="usdc", receipt=receipt, **common)
    if not is_derived(recipe):
        _describe(cad_file, recipe, result.report)
    return geometry


def has_report(geometry: MediaAsset) -> bool:
    """Return whether the report of the conversion that made *geometry* is still there."""
    name = geometry.how_made.report
    return bool(name) and not storage.is_lost(str(name))


def recall(cad_file: CadFile, geometry: MediaAsset) -> None:
    """The file is what the conversion that made *geometry*, which must have its report, said about it."""
    with storage.open_stored(str(geometry.how_made.report)) as stream:
        _describe(cad_file, geometry.recipe, json.load(stream))


def _recall_reading(cad_file: CadFile) -> bool:
    """Describe the file as these tools read it before in the way it is to be read now; return whether they did."""
    wanted = geometry_recipe(cad_file, "standard")
    for geometry in cad_file.assets.filter(kind=MediaAsset.Kind.GLTF_GEOMETRY):
        is_same = {**geometry.recipe, "tessellation": wanted["tessellation"]} == wanted
        if is_same and not storage.is_lost(geometry.file) and has_report(geometry):
            recall(cad_file, geometry)
            return True
    return False


def source_system(told: Mapping[str, Any]) -> str:
    """Return which CAD system wrote a file, as its header names it: the originating one, or else the last."""
    return visible(str(told.get("originating_system") or told.get("preprocessor") or ""))[:200]


def _describe(cad_file: CadFile, recipe: Recipe, report: Mapping[str, Any]) -> None:
    """Write what a conversion said about the file, unless the operator said something else meanwhile."""
    cad_file.refresh_from_db(fields=READING_FIELDS)
    if reading_of(recipe) != reading_now(cad_file):
        return  # another conversion is on its way
    cad_file.report = {name: value for name, value in report.items() if name != "tree"}
    cad_file.tree = report.get("tree", {})
    cad_file.schema = visible(str(report.get("schema", cad_file.schema)))[:100]
    cad_file.unit = visible(str(report.get("unit", cad_file.unit)))[:20]
    cad_file.source_system = source_system(report)
    cad_file.orientations = report.get("orientations", {})
    cad_file.size_mm = report.get("size_mm")
    cad_file.parts, cad_file.instances = report.get("parts"), report.get("instances")
    cad_file.triangles = report.get("triangles")
    cad_file.state = CadFile.State.READY
    clear_failure(cad_file)
    cad_file.save()
