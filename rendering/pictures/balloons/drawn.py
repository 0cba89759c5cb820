"""Draws balloons over a picture: as SVG, or into its pixels."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from rendering.pictures.balloons.anchors import NumberedPart
from rendering.pictures.balloons.layout import Layout

INK, PAPER = "#1d2530", "#ffffff"
STROKE = 0.09  # of a leader and a balloon's rim, in radii
CASING = 3.0  # of a leader, in its widths: on dark parts it is seen by this
DOT = 0.16  # radius of the dot at a leader's end, in radii
FINE = 4  # pixels of a drawing for each of the picture's, which is its antialiasing
DIGITS = {1: 1.25, 2: 1.15, 3: 0.9, 4: 0.7}
"""Height of a number by its digits, in radii."""


@dataclass(frozen=True)
class Balloon:
    """One number: its text and name, the end of its leader and its middle (px)."""

    number: str
    name: str
    end: tuple[float, float]
    center: tuple[float, float]


def balloons(layout: Layout, rows: Sequence[NumberedPart]) -> list[Balloon]:
    """Return the balloons of the rows that have one."""
    return [
        Balloon(str(rows[at].number), rows[at].name, (float(end[0]), float(end[1])), (float(x), float(y)))
        for at, end, (x, y) in zip(layout.chosen, layout.ends, layout.centers, strict=True)
    ]


def svg(
    picture: Image.Image,
    layout: Layout,
    drawn: Sequence[Balloon],
    size: tuple[int, int],
    said: Mapping[str, Any],
) -> bytes:
    """Return an SVG with the picture in it and the balloons as shapes over it; *said* are its metadata."""
    left, top, width, height = layout.box
    stroke, radius = STROKE * layout.radius, layout.radius
    lines = [
        f'<line x1="{one.end[0]:.2f}" y1="{one.end[1]:.2f}" x2="{x:.2f}" y2="{y:.2f}"/>'
        for one in drawn
        for x, y in [_rim(one, radius)]
    ]
    dots = [f'<circle cx="{one.end[0]:.2f}" cy="{one.end[1]:.2f}" r="{DOT * radius:.2f}"/>' for one in drawn]
    numbers = [
        f'<g><title>{escape(one.name)}</title><circle cx="{one.center[0]:.2f}" cy="{one.center[1]:.2f}" '
        f'r="{radius:.2f}"/><text x="{one.center[0]:.2f}" y="{one.center[1]:.2f}" '
        f'font-size="{_height(one.number, radius):.2f}">{escape(one.number)}</text></g>'
        for one in drawn
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" '
            f'viewBox="0 0 {size[0]} {size[1]}">',
            f"<metadata>{escape(json.dumps(said, sort_keys=True))}</metadata>",
            f'<image id="picture" x="{left:.2f}" y="{top:.2f}" width="{width:.2f}" height="{height:.2f}" '
            f'href="{data_of(picture)}"/>',
            f'<g id="casings" stroke="{PAPER}" stroke-width="{CASING * stroke:.2f}">{"".join(lines)}</g>',
            f'<g id="leaders" stroke="{INK}" stroke-width="{stroke:.2f}">{"".join(lines)}</g>',
            f'<g id="ends" fill="{INK}" stroke="{PAPER}" stroke-width="{stroke:.2f}">{"".join(dots)}</g>',
            f'<g id="balloons" fill="{PAPER}" stroke="{INK}" stroke-width="{stroke:.2f}" text-anchor="middle" '
            'font-family="Helvetica, Arial, sans-serif">',
            f"<style>text{{fill:{INK};stroke:none;dominant-baseline:central}}</style>",
            *numbers,
            "</g>",
            "</svg>\n",
        ]
    ).encode()


def burned(
    picture: Image.Image,
    layout: Layout,
    drawn: Sequence[Balloon],
    size: tuple[int, int],
    background: Sequence[str],
) -> Image.Image:
    """Return the picture with the balloons in its pixels; transparent where it is and nothing is drawn."""
    sheet = Image.new("RGBA", size, background[0] if len(background) == 1 else (0, 0, 0, 0))
    sheet.paste(picture.convert("RGBA"), (round(layout.box[0]), round(layout.box[1])))
    fine = Image.new("RGBA", (size[0] * FINE, size[1] * FINE), (0, 0, 0, 0))
    pen, radius = ImageDraw.Draw(fine), layout.radius * FINE
    stroke = max(1, round(STROKE * radius))
    for ink, width in ((PAPER, round(CASING * stroke)), (INK, stroke)):
        for one in drawn:
            pen.line([_fine(one.end), _fine(_rim(one, layout.radius))], fill=ink, width=width)
    for one in drawn:
        _disc(pen, _fine(one.end), DOT * radius + stroke, fill=PAPER)
        _disc(pen, _fine(one.end), DOT * radius, fill=INK)
    for one in drawn:
        _disc(pen, _fine(one.center), radius, fill=PAPER, outline=INK, width=stroke)
        font = ImageFont.load_default(size=_height(one.number, radius))
        pen.text(_fine(one.center), one.number, fill=INK, font=font, anchor="mm")
    drawing = fine.convert("RGBa").resize(size, Image.Resampling.BOX).convert("RGBA")
    return Image.alpha_composite(sheet, drawing)


def data_of(picture: Image.Image) -> str:
    """Return a picture as a data address: JPEG, or PNG where it has transparency."""
    stream = io.BytesIO()
    if picture.mode == "RGBA":
        picture.save(stream, format="PNG", compress_level=6)
    else:
        picture.save(stream, format="JPEG", quality=92, subsampling="4:4:4", optimize=True)
    kind = "png" if picture.mode == "RGBA" else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(stream.getvalue()).decode()}"


def _rim(one: Balloon, radius: float) -> tuple[float, float]:
    """Where a leader meets the rim of its balloon."""
    end, center = np.array(one.end), np.array(one.center)
    away = end - center
    x, y = center + away * min(1.0, radius / max(float(np.linalg.norm(away)), 1e-9))
    return float(x), float(y)


def _height(number: str, radius: float) -> float:
    return DIGITS.get(len(number), DIGITS[4]) * radius


def _fine(point: tuple[float, float]) -> tuple[float, float]:
    return point[0] * FINE, point[1] * FINE


def _disc(pen: ImageDraw.ImageDraw, middle: tuple[float, float], radius: float, **looks: Any) -> None:
    (x, y) = middle
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), **looks)
