"""Writes and checks pictures with balloons, and hot-spots: a picture and the passes of its view in, a file out."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from PIL import ExifTags, Image

from rendering.pictures import encode
from rendering.pictures.balloons import drawn, hotspots
from rendering.pictures.balloons.anchors import NumberedPart, Target, rows_in
from rendering.pictures.balloons.layout import Layout, crossings, laid_out
from rendering.pictures.gate import Concern, GateError
from rendering.pictures.passes.ids import of_kinds
from rendering.pictures.passes.master import Passes, read

POSTER_PX = 256
IMAGES = ("png", "jpg", "webp")


def write(source: Path, target: Path, recipe: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Write the file of a recipe of the passes *source* and about["picture"]. Raises OSError or ValueError."""
    passes = read(source, target.parent)
    rows = rows_in(passes, of_kinds(passes.keys, about.get("legend", ())))
    rows.sort(key=lambda row: (row.number is None, row.number or 0))
    picture, size = Path(about["picture"]), (recipe["width"], recipe["height"])
    numbered = [row for row in rows if row.spots and row.number is not None]
    height, width = passes.ids.shape
    targets = [[row.target()] for row in numbered]

    def anchor(target: Target) -> tuple[float, float]:
        x, y = target[1]
        return (x + 0.5) / width, (y + 0.5) / height

    def others(at: int) -> list[tuple[float, float]]:
        targets[at] += numbered[at].others()
        return [anchor(one) for one in targets[at][1:]]

    layout = laid_out(
        [anchor(target) for (target,) in targets], [row.pixels for row in numbered], *size, others
    )
    picked = [
        targets[at][0 if pick is None else pick + 1]
        for at, pick in zip(layout.chosen, layout.picks, strict=True)
    ]
    said = {"recipe_key": about["recipe_key"], **_said(passes, rows, numbered, layout, picked)}
    if recipe["format"] == "hotspots":
        shown = _picture(picture, recipe, size)
        hotspots.write(target, shown, rows, said, about["words"], recipe["quality"])
    else:
        shown = _drawn(target, picture, recipe, layout, drawn.balloons(layout, numbered), said)
    shown.thumbnail((POSTER_PX, POSTER_PX), Image.Resampling.LANCZOS)
    shown.save(about["poster"], format="WEBP", quality=90, method=4)


def check(source: Path, target: Path, recipe: Mapping[str, Any]) -> tuple[dict[str, Any], list[Concern]]:
    """Return how many parts a written file numbers. Raises GateError unless each leader ends on its part.

    And unless no two of them cross.
    """
    passes = read(source, target.parent)
    try:
        said = _READERS[recipe["format"]](target, recipe)
        found = said["balloons"]
        for one in found:
            x, y = one["pixel"]
            if passes.keys[passes.ids[y, x] - 1] != one["part_key"] or not passes.ids[y, x]:
                raise GateError("damaged", error=f"The leader of {one['number']} does not end on its part.")
        ends, centers = (
            np.array([one[name] for one in found], float).reshape(-1, 2) for name in ("end", "at")
        )
    except (OSError, SyntaxError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise GateError("damaged", error=f"{error}.") from error
    if crossings(ends, centers):
        raise GateError("damaged", error="Leaders cross.")
    return {"balloons": len(found), "not_visible": said["not_visible"], "no_room": said["no_room"]}, []


def _said(
    passes: Passes,
    rows: Sequence[NumberedPart],
    numbered: Sequence[NumberedPart],
    layout: Layout,
    picked: Sequence[Target],
) -> dict[str, Any]:
    """Return what each file says of its balloons, so that it can be checked."""
    height, width = passes.ids.shape
    return {
        "pass_width": width,
        "pass_height": height,
        "not_visible": sum(not row.spots for row in rows),
        "no_room": len(numbered) - len(layout.chosen),
        "balloons": [
            {
                "number": numbered[at].number,
                "part_key": key,
                "pixel": list(pixel),
                "end": [round(float(value), 2) for value in end],
                "at": [round(float(value), 2) for value in center],
            }
            for at, (key, pixel), end, center in zip(
                layout.chosen, picked, layout.ends, layout.centers, strict=True
            )
        ],
    }


def _drawn(
    target: Path,
    picture: Path,
    recipe: Mapping[str, Any],
    layout: Layout,
    numbers: Sequence[drawn.Balloon],
    said: Mapping[str, Any],
) -> Image.Image:
    """Write the picture with its balloons, and return it in pixels."""
    size = (recipe["width"], recipe["height"])
    inside = _picture(picture, recipe, (round(layout.box[2]), round(layout.box[3])))
    sheet = drawn.burned(inside, layout, numbers, size, recipe["background"])
    if recipe["format"] == "svg":
        target.write_bytes(drawn.svg(inside, layout, numbers, size, said))
        return sheet
    whole = sheet.convert("RGB") if recipe["background"] else sheet
    whole.save(target, **encode.options(recipe), **encode.embedded(recipe, said))
    return sheet


def _picture(master: Path, recipe: Mapping[str, Any], size: tuple[int, int]) -> Image.Image:
    """Return the picture of a recipe at this size in px."""
    return Image.fromarray(encode.picture(master, {**recipe, "width": size[0], "height": size[1]}, 8))


def _of_image(target: Path, recipe: Mapping[str, Any]) -> dict[str, Any]:
    with Image.open(target) as image:
        image.load()
        if image.size != (recipe["width"], recipe["height"]):
            raise ValueError(f"It has {image.width} x {image.height} px")
        comment = image.getexif().get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment]
    text = comment if isinstance(comment, bytes) else comment.encode()
    found: dict[str, Any] = json.loads(text.removeprefix(b"ASCII\0\0\0"))
    return found


def _of_svg(target: Path, _recipe: Mapping[str, Any]) -> dict[str, Any]:
    root = ElementTree.fromstring(target.read_bytes())  # noqa: S314 - written by us a moment ago
    found: dict[str, Any] = json.loads(root.findtext("{http://www.w3.org/2000/svg}metadata") or "")
    return found


def _of_hotspots(target: Path, recipe: Mapping[str, Any]) -> dict[str, Any]:
    with zipfile.ZipFile(target) as archive:
        found: dict[str, Any] = json.loads(archive.read(hotspots.LIST))
        with archive.open(found["picture"]) as stream, Image.open(stream) as image:
            image.load()
            if image.size != (recipe["width"], recipe["height"]):
                raise ValueError(f"It has {image.width} x {image.height} px")
        ElementTree.fromstring(archive.read(hotspots.SHAPES))  # noqa: S314 - written by us a moment ago
    return found


_READERS = {**dict.fromkeys(IMAGES, _of_image), "svg": _of_svg, "hotspots": _of_hotspots}
