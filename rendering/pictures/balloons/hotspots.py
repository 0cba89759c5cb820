"""Hot-spots for a shop's page: a ZIP with the picture, its parts as shapes (SVG, JSON), and a page that shows them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from PIL import Image

from rendering.pictures.balloons.anchors import NumberedPart, Spot
from rendering.pictures.outline import traced

LIST, SHAPES, PAGE, STYLE, SCRIPT = (
    "hotspots.json",
    "hotspots.svg",
    "index.html",
    "hotspots.css",
    "hotspots.js",
)
PICTURE = "picture"
TOLERANCE_PX = 0.7
MADE = (1980, 1, 1, 0, 0, 0)  # the same picture is the same bytes
_HERE = Path(__file__).parent


def write(
    target: Path,
    picture: Image.Image,
    rows: Sequence[NumberedPart],
    said: Mapping[str, Any],
    words: Mapping[str, str],
    quality: int,
) -> None:
    """Write the ZIP. *said* goes into its list, *words* are what its page says."""
    width, height = picture.size
    suffix = "webp"
    shapes = [list(_shapes(row, width, height, said)) for row in rows]
    listed = {
        **said,
        "picture": f"{PICTURE}.{suffix}",
        "width": width,
        "height": height,
        "parts": [_part(row, found) for row, found in zip(rows, shapes, strict=True)],
    }
    drawn = "".join(
        f'<path class="spot" data-part="{at}" d="{shape["path"]}"><title>{escape(_title(row))}</title></path>'
        for at, (row, found) in enumerate(zip(rows, shapes, strict=True))
        for shape in found
    )
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" fill="transparent">{drawn}</svg>\n'
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(_entry(f"{PICTURE}.{suffix}"), "w") as stream:
            picture.save(stream, format="WEBP", quality=quality, method=4)
        archive.writestr(_entry(LIST), json.dumps(listed, indent=1, ensure_ascii=False))
        archive.writestr(_entry(SHAPES), svg)
        archive.writestr(_entry(PAGE), _page(svg, rows, words, f"{PICTURE}.{suffix}", picture.size))
        for name in (STYLE, SCRIPT):
            archive.writestr(_entry(name), (_HERE / name).read_text(encoding="utf-8"))


def _part(row: NumberedPart, shapes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "number": row.number,
        "key": row.key,
        "name": row.name,
        "count": row.count,
        "is_visible": bool(row.spots),
        "places": list(shapes),
    }


def _shapes(row: NumberedPart, width: int, height: int, said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the outlines of a row's places, from pixels of the passes to those of the picture."""
    across, down = width / said["pass_width"], height / said["pass_height"]
    for spot in row.spots:
        rings = [
            [(x * across, y * down) for x, y in np.asarray(one.exterior.coords)[:-1]]
            for one in _outlines(spot)
        ]
        x, y = spot.middle()
        yield {
            "part_key": spot.part_key,
            "middle": [round((x + 0.5) * across, 2), round((y + 0.5) * down, 2)],
            "path": "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z" for ring in rings),
        }


def _outlines(spot: Spot) -> list[shapely.Polygon]:
    moved = [
        shapely.affinity.translate(one, spot.left, spot.top)
        for one in traced(spot.mask.astype(np.float32), 0.5)
    ]
    return [one for one in shapely.simplify(moved, TOLERANCE_PX) if not one.is_empty]


def _page(
    svg: str, rows: Sequence[NumberedPart], words: Mapping[str, str], picture: str, size: tuple[int, int]
) -> str:
    items = "".join(_item(at, row, words) for at, row in enumerate(rows))
    heads = "".join(f"<th>{escape(words[name])}</th>" for name in ("number", "part", "count"))
    return (
        f'<!doctype html>\n<html lang="{escape(words["language"])}">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(words["title"])}</title><link rel="stylesheet" href="{STYLE}"></head>\n'
        f'<body><main class="hotspots"><div class="stage"><img src="{picture}" alt="{escape(words["title"])}" '
        f'width="{size[0]}" height="{size[1]}">{svg}</div>'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{items}</tbody></table></main>"
        f'<script src="{SCRIPT}"></script></body>\n</html>\n'
    )


def _item(at: int, row: NumberedPart, words: Mapping[str, str]) -> str:
    number = "" if row.number is None else row.number
    looks = "" if row.spots else ' class="away"'
    return (
        f'<tr data-part="{at}"{looks}><td>{number}</td>'
        f"<td>{_named(at, row)}{_note(row, words)}</td><td>{row.count}</td></tr>"
    )


def _named(at: int, row: NumberedPart) -> str:
    name = escape(row.name)
    return f'<button type="button" data-part="{at}">{name}</button>' if row.spots else name


def _note(row: NumberedPart, words: Mapping[str, str]) -> str:
    return "" if row.spots else f' <span class="note">{escape(words["hidden"])}</span>'


def _title(row: NumberedPart) -> str:
    return row.name if row.number is None else f"{row.number} {row.name}"


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, MADE)
    info.external_attr = 0o644 << 16
    info.compress_type = zipfile.ZIP_STORED if name.startswith(PICTURE) else zipfile.ZIP_DEFLATED
    return info
