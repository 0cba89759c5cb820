"""Writes and checks the files that are made of passes, each format by its functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from rendering.pictures.gate import Concern
from rendering.pictures.passes import ids, mattes, planes
from rendering.pictures.passes.master import Passes, read

POSTER_PX = 256

_WRITERS: Mapping[str, Callable[[Passes, Path, Mapping[str, Any], Mapping[str, str]], Any]] = {
    "ids": lambda passes, target, about, _credit: ids.write(passes, target, about),
    "mattes": mattes.write,
    "depth": planes.write_depth,
    "normals": planes.write_normals,
    "depthpng": planes.write_depth_png,
    "normalspng": planes.write_normals_png,
}
_CHECKS: Mapping[str, Callable[[Passes, Path], dict[str, Any]]] = {
    "ids": ids.check,
    "mattes": mattes.check,
    "depth": planes.check_depth,
    "normals": planes.check_normals,
    "depthpng": planes.check_depth_png,
    "normalspng": planes.check_normals_png,
}


def write(source: Path, target: Path, recipe: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Write the master of passes *source* as the file of a recipe, and its poster. Raises OSError or ValueError."""
    shown = _WRITERS[recipe["format"]](read(source, target.parent), target, about, recipe.get("credit", {}))
    if shown.dtype != np.uint8:
        shown = np.rint(shown.clip(0, 1) * 255).astype(np.uint8)
    poster = Image.fromarray(shown)
    poster.thumbnail((POSTER_PX, POSTER_PX), Image.Resampling.NEAREST)
    poster.save(about["poster"], format="WEBP", lossless=True, method=4)


def check(source: Path, target: Path, recipe: Mapping[str, Any]) -> tuple[dict[str, Any], list[Concern]]:
    """Return what a written file has. Raises GateError unless it says what was rendered."""
    return _CHECKS[recipe["format"]](read(source, target.parent), target), []
