"""Models for web pages and augmented reality: the geometry with its finishes as PBR values. No render uses them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rendering.pictures.gate import Concern, GateError
from rendering.pictures.shapes import dressing, glb

CLOSE = 1e-4  # of the diagonal: what the size of the product may be off by


def write(source: Path, target: Path, recipe: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Write the geometry *source* as the model of a recipe. Raises ValueError or OSError."""
    model = glb.read(source)
    dressing.dress(model, recipe["materials"], about["rules"])
    model.stand(recipe.get("orientation", ()))
    glb.ModelWriter(model).write(target)


def check(source: Path, target: Path, recipe: Mapping[str, Any]) -> tuple[dict[str, Any], list[Concern]]:
    """Return what a written model has (triangles, size in mm), and what looks wrong. Raises GateError."""
    before = glb.read(source)
    before.stand(recipe.get("orientation", ()))
    try:
        after = glb.read(target)
    except ValueError as error:
        raise GateError("damaged", error=error) from error
    wanted, found = before.box(), after.box()
    size = wanted[1] - wanted[0]
    off = float(np.abs(found - wanted).max())
    if off > CLOSE * float(np.linalg.norm(size)):
        raise GateError("model_size", off=1000 * off)
    measured = {
        "triangles": after.triangles,
        "triangles_before": before.triangles,
        "size_mm": [round(1000 * float(side), 3) for side in found[1] - found[0]],
    }
    return measured, []
