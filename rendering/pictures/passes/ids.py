"""Part ids: a picture in which each place of a part has a color of its own, one in which each kind of part has, and
the legend of both."""

from __future__ import annotations

import colorsys
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from blender_scripts.finish_rules import name_of
from rendering.pictures.gate import GateError
from rendering.pictures.passes.master import Numbers, Passes

PLACES, KINDS, LEGEND = "ids.png", "kinds.png", "legend.json"
GOLDEN = 0.6180339887498949  # of a turn: hues of neighbors in the list differ
MADE = (1980, 1, 1, 0, 0, 0)  # the same pictures are the same bytes

Bytes = npt.NDArray[np.uint8]


def write(passes: Passes, target: Path, about: Mapping[str, Any]) -> Bytes:
    """Write the ZIP with both pictures and the legend; return the picture of the places as RGBA."""
    rows = of_kinds(passes.keys, about.get("legend", ()))
    places, kinds = painted(passes.ids, len(passes.keys)), painted(_kinds_of(passes, rows), len(rows))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, picture in ((PLACES, places), (KINDS, kinds)):
            stream = io.BytesIO()
            Image.fromarray(picture).save(stream, format="PNG", compress_level=6)
            archive.writestr(_entry(name), stream.getvalue())
        said = {"recipe_key": about["recipe_key"], **legend(passes, rows)}
        archive.writestr(_entry(LEGEND), json.dumps(said, indent=1, ensure_ascii=False))
    return places


def check(passes: Passes, target: Path) -> dict[str, Any]:
    """Return how many parts are seen. Raises GateError unless each pixel has the color of its part in the legend."""
    try:
        with zipfile.ZipFile(target) as archive:
            said = json.loads(archive.read(LEGEND))
            found = np.asarray(Image.open(io.BytesIO(archive.read(PLACES))).convert("RGBA"))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise GateError("damaged", error=f"{error}.") from error
    shown = _whole(found[..., :3])
    shown[found[..., 3] == 0] = 0
    colors = np.array([0, *(int(row["color"][1:], 16) for row in said["places"])], np.int64)
    if shown.shape != passes.ids.shape or (shown != colors[passes.ids]).any():
        raise GateError("damaged", error="The colors are not those of the legend.")
    return {"places": len(said["places"]), "places_seen": sum(row["pixels"] > 0 for row in said["places"])}


def legend(passes: Passes, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return which color is which part, with how many pixels it has; 0: it can't be seen in this view."""
    height, width = passes.ids.shape
    pixels = np.bincount(passes.ids.ravel(), minlength=len(passes.keys) + 1)
    row_of = {key: row for row in rows for key in row["part_keys"]}
    places = [
        {
            "color": color,
            "part_key": key,
            "name": name_of(key, key),
            "number": row_of[key]["number"],
            "pixels": int(pixels[at]),
        }
        for at, (key, color) in enumerate(zip(passes.keys, _named(len(passes.keys)), strict=True), start=1)
    ]
    seen = {place["part_key"]: place["pixels"] for place in places}
    kinds = [
        {
            "color": color,
            **{name: row[name] for name in ("number", "key", "name")},
            "count": len(row["part_keys"]),
            "pixels": sum(seen[key] for key in row["part_keys"]),
        }
        for row, color in zip(rows, _named(len(rows)), strict=True)
    ]
    return {
        "width": width,
        "height": height,
        "background": "transparent",
        "places": places,
        "kinds": kinds,
    }


def of_kinds(keys: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a parts list with those of their part keys that there are; what no row has comes last."""
    left = dict.fromkeys(keys)
    found = []
    for row in rows:
        own = [key for key in row["part_keys"] if key in left]
        for key in own:
            del left[key]
        if own:
            found.append({**row, "part_keys": own})
    unknown = {"number": None, "key": None}
    return [*found, *({**unknown, "name": name_of(key, key), "part_keys": [key]} for key in left)]


def painted(ids: Numbers, count: int) -> Bytes:
    """Return straight RGBA in which each of *count* numbers has its color; 0 is clear."""
    palette = np.zeros((count + 1, 4), np.uint8)
    palette[1:, :3], palette[1:, 3] = colors(count), 255
    found: Bytes = palette[ids]
    return found


def colors(count: int) -> Bytes:
    """Return colors (count, 3) that all differ, from each other and from black."""
    taken = {0}
    made = np.empty((count, 3), np.uint8)
    for at in range(count):
        saturation, value = ((0.75, 0.95), (0.5, 0.75), (0.95, 0.65))[at % 3]
        red, green, blue = colorsys.hsv_to_rgb(at * GOLDEN % 1.0, saturation, value)
        whole = round(red * 255) << 16 | round(green * 255) << 8 | round(blue * 255)
        while whole in taken:
            whole = (whole + 1) & 0xFFFFFF
        taken.add(whole)
        made[at] = whole >> 16, whole >> 8 & 255, whole & 255
    return made


def _kinds_of(passes: Passes, rows: Sequence[Mapping[str, Any]]) -> Numbers:
    """Return which of *rows* the part in each pixel is of, counted from 1."""
    row_of = {key: at for at, row in enumerate(rows, start=1) for key in row["part_keys"]}
    found: Numbers = np.array([0, *(row_of[key] for key in passes.keys)], np.int64)[passes.ids]
    return found


def _named(count: int) -> list[str]:
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in colors(count).tolist()]


def _whole(picture: Bytes) -> Numbers:
    red, green, blue = (picture[..., channel].astype(np.int64) for channel in range(3))
    found: Numbers = red << 16 | green << 8 | blue
    return found


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, MADE)
    info.external_attr = 0o644 << 16
    info.compress_type = zipfile.ZIP_DEFLATED if name == LEGEND else zipfile.ZIP_STORED
    return info
