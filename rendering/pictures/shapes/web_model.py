"""Models for web pages and augmented reality: the geometry with its finishes as PBR values. No render uses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from blender_scripts.labels import LabelSpec
from rendering.pictures.gate import Concern, GateError
from rendering.pictures.shapes import decals, dressing, glb, silhouette, usdz
from rendering.pictures.shapes.model import Model
from rendering.pictures.shapes.simplifying import Simplifier

MOST_BYTES = 5_000_000
"""Where the output type says nothing."""

FEWER = 0.6  # of the triangles, where the file is too large
TRIES = 5
CLOSE = 1e-3  # of the diagonal: what the size of the product may be off by, besides what the surface moved
BROKEN, NOTICEABLE = 0.1, 0.01  # of the area of an outline


def write(source: Path, target: Path, recipe: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Write the geometry *source* as the model of a recipe. Raises ValueError or OSError."""
    model = glb.read(source)
    model.hide(recipe.get("hidden", ()))
    files = about.get("textures", {})
    labels = decals.find(model, labels_of(recipe), files)
    dressing.dress(model, recipe["materials"], about["rules"])
    model.stand(recipe.get("orientation", ()))
    simplifier, triangles = Simplifier(model), recipe["max_triangles"]
    for _number in range(TRIES):
        simplifier.fit(triangles)
        shown = decals.lay(model, labels, files)
        _save(shown, target, recipe)
        is_small = target.stat().st_size <= _most_bytes(recipe)
        above = shown.triangles - recipe["max_triangles"] if labels else 0
        if is_small and above <= 0:
            break
        triangles = min(triangles, model.triangles)
        triangles = triangles - above if is_small else int(FEWER * triangles)

    shown.said = {"recipe_key": about["recipe_key"], "moved_mm": round(1000 * simplifier.moved(), 4)}
    shown.said |= recipe.get("credit", {})
    _save(shown, target, recipe)


def labels_of(recipe: Mapping[str, Any]) -> list[LabelSpec]:
    """Return the labels on the parts of a model."""
    return [LabelSpec.from_json(one) for one in recipe.get("finishes", {}).get("labels", ())]


def _save(model: Model, target: Path, recipe: Mapping[str, Any]) -> None:
    if recipe["format"] == "usdz":
        usdz.write(model, target)
    else:
        glb.ModelWriter(model, packs=recipe["compress"]).write(target)


def check(source: Path, target: Path, recipe: Mapping[str, Any]) -> tuple[dict[str, Any], list[Concern]]:
    """Return what a written model has, as it is read back, and what looks wrong. Raises GateError."""
    before = glb.read(source)
    before.hide(recipe.get("hidden", ()))
    before.stand(recipe.get("orientation", ()))
    try:
        after = usdz.read(target) if recipe["format"] == "usdz" else glb.read(target)
    except ValueError as error:
        raise GateError("damaged", error=error) from error
    outline = silhouette.difference(before, after)
    moved = float(after.said["moved_mm"])
    size = _compare(before, after, moved)
    if outline > BROKEN:
        raise GateError("model_outline", share=outline)
    measured = {
        "triangles": after.triangles,
        "triangles_before": before.triangles,
        "size_mm": size,
        "moved_mm": moved,
        "outline": round(outline, 5),
    }
    return measured, list(_concerns(measured, target, recipe))


def _compare(before: Model, after: Model, moved: float) -> list[float]:
    """Return the size of a model (mm): across, up and deep. Raises GateError where it is not that of the product."""
    wanted, found = before.box(), after.box()
    off = 1000 * float(np.abs(found - wanted).max())
    if off > moved + 1000 * CLOSE * float(np.linalg.norm(wanted[1] - wanted[0])):
        raise GateError("model_size", off=off)
    return [round(1000 * float(side), 3) for side in found[1] - found[0]]


def _concerns(measured: Mapping[str, Any], target: Path, recipe: Mapping[str, Any]) -> Iterator[Concern]:
    if measured["triangles"] > recipe["max_triangles"]:
        words = _(
            "The model has {count} triangles instead of at most {ordered}: open surfaces can't be simplified."
        )
        yield Concern("triangles", words.format(count=measured["triangles"], ordered=recipe["max_triangles"]))
    if (size := target.stat().st_size) > _most_bytes(recipe):
        words = _(
            "The file has {count:.1f} MB instead of at most {ordered:.1f} MB. Choose a coarser tessellation."
        )
        yield Concern("bytes", words.format(count=size / 1e6, ordered=_most_bytes(recipe) / 1e6))
    if measured["outline"] > NOTICEABLE:
        # xgettext:no-python-format
        words = _("The outline differs from the CAD's by {percent:.1f} % of its area. Allow more triangles.")
        yield Concern("outline", words.format(percent=100 * measured["outline"]))


def _most_bytes(recipe: Mapping[str, Any]) -> int:
    return int(recipe.get("max_bytes") or MOST_BYTES)
