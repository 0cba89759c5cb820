"""Line drawings: the sheet of what the CAD reader drew, as SVG, PDF or DXF, a small picture, and what is measured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rendering.pictures.drawings.sheet import laid_out
from rendering.pictures.drawings.small import small
from rendering.pictures.drawings.vector import PENS, WRITERS
from rendering.pictures.gate import Concern, GateError

ENDS = {"svg": b"</svg>\n", "pdf": b"%%EOF\n", "dxf": b"0\nEOF\n"}


def write(source: Path, target: Path, recipe: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Write the sheet of the lines *source* as the recipe has it, and its poster. Raises ValueError or OSError."""
    drawn = json.loads(source.read_bytes())
    sheet = laid_out(drawn, drawn["title"], hidden=recipe["hidden_lines"])
    said = {"Creator": "Renderdesk", "Recipe": about["recipe_key"], **_credit(recipe)}
    target.write_bytes(WRITERS[recipe["format"]](sheet, said))
    small(sheet).save(about["poster"], format="WEBP", quality=90, method=4)


def check(source: Path, target: Path, recipe: Mapping[str, Any]) -> tuple[dict[str, Any], list[Concern]]:
    """Return what a written drawing has, and what looks wrong. Raises GateError."""
    drawn = json.loads(source.read_bytes())
    sheet = laid_out(drawn, drawn["title"], hidden=recipe["hidden_lines"])
    content = target.read_bytes()
    if not content.endswith(ENDS[recipe["format"]]):
        raise GateError("damaged", error=recipe["format"])
    if not sheet.lines.get("visible"):
        raise GateError("damaged", error="no lines")
    lines = {layer: len(sheet.lines.get(layer, ())) for layer in PENS}
    found = {name: drawn[name] for name in ("by", "why", "mended", "by_view") if name in drawn}
    return {"size_mm": drawn["size_mm"], "scale": sheet.scale, "lines": lines, "drawn": found}, []


def _credit(recipe: Mapping[str, Any]) -> dict[str, str]:
    return {"Author": recipe["credit"]["creator"]} if recipe.get("credit", {}).get("creator") else {}
