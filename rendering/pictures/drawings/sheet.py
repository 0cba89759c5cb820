"""Lays the views of a drawing out on a sheet: in scale, with dimensions and a scale bar. Pure; millimeters of paper."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from media_assets.cad.drawing.arcs import Arc

Point = tuple[float, float]
Line = Sequence[Point] | Arc

WIDTH, HEIGHT = 420.0, 297.0
"""A3, landscape."""

MARGIN, FOOT, GAP = 12.0, 16.0, 26.0
"""The border, the strip of the scale bar, and the room between two views, in which their dimensions stand."""

SCALES = tuple(
    sorted((high * 10.0**power for power in range(-6, 6) for high in (1.0, 2.0, 5.0)), reverse=True)
)
"""ISO 5455: 1, 2 and 5, and their multiples and parts of ten."""

LETTERS, SMALL_LETTERS = 3.5, 2.5
ARROW = 2.5

BAR = 60.0
"""The scale bar is at most as long."""


@dataclass
class DrawingSheet:
    """Lines by layer and texts (place, height, words) on paper; y runs upward."""

    title: str
    scale: float = 1.0
    lines: dict[str, list[Line]] = field(default_factory=dict)
    texts: list[tuple[Point, float, str]] = field(default_factory=list)

    def draw(self, layer: str, *lines: Line) -> None:
        self.lines.setdefault(layer, []).extend(lines)

    def write(self, x: float, y: float, words: str, height: float = LETTERS) -> None:
        self.texts.append(((x, y), height, words))


def laid_out(drawn: Mapping[str, Any], title: str, *, hidden: bool) -> DrawingSheet:
    """Return the sheet of what a drawing has (`media_assets.cad.drawing`): front, top above it, right beside it, and
    isometric in the corner, which is as large as its corner allows."""
    views = {name: _lines(view) for name, view in drawn["views"].items()}
    width, depth, height = drawn["size_mm"]
    across, up = WIDTH - 2 * MARGIN - 2 * GAP, HEIGHT - 2 * MARGIN - FOOT - 2 * GAP
    largest = min(across / max(width + depth, 1e-9), up / max(height + depth, 1e-9))
    scale = next((one for one in SCALES if one <= largest), SCALES[-1])
    sheet = DrawingSheet(title, scale)
    left, low = MARGIN + GAP, MARGIN + FOOT + GAP / 2
    right, high = left + width * scale + GAP, low + height * scale + GAP
    places = {"front": (left, low), "top": (left, high), "right": (right, low)}
    for name, place in places.items():
        _place(sheet, views[name], place, scale, hidden=hidden)
    room = (WIDTH - MARGIN - right, HEIGHT - MARGIN - high)
    box = _box(views["iso"])
    iso = min(scale, *(side / max(size, 1e-9) for side, size in zip(room, _size(box), strict=True)))
    _place(sheet, views["iso"], (right, high), iso, hidden=False)
    _dimension(sheet, (left, low - 9), (left + width * scale, low - 9), width)
    _dimension(sheet, (left - 9, low), (left - 9, low + height * scale), height)
    _dimension(sheet, (left - 9, high), (left - 9, high + depth * scale), depth)
    _foot(sheet)
    return sheet


def scale_words(scale: float) -> str:
    """Return a scale as drawings have it."""
    return f"{scale:g} : 1" if scale >= 1 else f"1 : {1 / scale:g}"


View = Mapping[str, Sequence[Line]]


def _lines(view: Mapping[str, Any]) -> View:
    return {
        layer: [Arc.from_json(line) if isinstance(line, Mapping) else line for line in lines]
        for layer, lines in view.items()
    }


def _place(sheet: DrawingSheet, view: View, place: Point, scale: float, *, hidden: bool) -> None:
    """Draw a view with its lower left corner at a place."""
    (x, y), _ = _box(view)
    for layer, lines in view.items():
        if layer != "hidden" or hidden:
            sheet.draw(
                layer, *(_moved(one, place[0] - x * scale, place[1] - y * scale, scale) for one in lines)
            )


def _moved(line: Line, x: float, y: float, scale: float) -> Line:
    if isinstance(line, Arc):
        return line.moved(x, y, scale)
    return [(x + a * scale, y + b * scale) for a, b in line]


def _box(view: View) -> tuple[Point, Point]:
    points: Iterable[Point] = chain.from_iterable(
        line.box() if isinstance(line, Arc) else line
        for layer in ("visible", "smooth", "hidden")
        for line in view[layer]
    )
    xs, ys = zip(*points, strict=True) if (points := list(points)) else ((0.0,), (0.0,))
    return (min(xs), min(ys)), (max(xs), max(ys))


def _size(box: tuple[Point, Point]) -> Point:
    (x, y), (right, high) = box
    return right - x, high - y


def _dimension(sheet: DrawingSheet, start: Point, end: Point, length: float) -> None:
    """Draw a dimension line with arrows, and its length in mm beside it."""
    sheet.draw("dimensions", [start, end])
    (ax, ay), (bx, by) = start, end
    size = math.hypot(bx - ax, by - ay) or 1.0
    dx, dy = (bx - ax) / size * ARROW, (by - ay) / size * ARROW
    for (x, y), sign in ((start, 1), (end, -1)):
        for side in (0.25, -0.25):
            sheet.draw("dimensions", [(x, y), (x + sign * (dx - side * dy), y + sign * (dy + side * dx))])
        sheet.draw("dimensions", [(x - dy, y + dx), (x + dy, y - dx)])
    words = f"{length:.2f}".rstrip("0").rstrip(".")
    room = 0.6 * LETTERS * len(words)
    if ay == by:
        sheet.write((ax + bx - room) / 2, ay + 1.2, words)
    else:
        sheet.write(ax - 1.5 - room, (ay + by) / 2, words)


def _foot(sheet: DrawingSheet) -> None:
    """Write title and scale under the views, with a scale bar in mm."""
    frame = [
        (MARGIN / 2, MARGIN / 2),
        (WIDTH - MARGIN / 2, MARGIN / 2),
        (WIDTH - MARGIN / 2, HEIGHT - MARGIN / 2),
        (MARGIN / 2, HEIGHT - MARGIN / 2),
    ]
    sheet.draw("frame", [*frame, frame[0]])
    length = next(one for one in SCALES if one * sheet.scale <= BAR)
    x, y = WIDTH - MARGIN - length * sheet.scale - 8, MARGIN + 3
    for share in (0.0, 0.5, 1.0):
        at = x + share * length * sheet.scale
        sheet.draw("frame", [(at, y - 1.2), (at, y + 1.2)])
        sheet.write(at - 1.5, y + 2.2, f"{share * length:g}", SMALL_LETTERS)
    sheet.draw("frame", [(x, y), (x + length * sheet.scale, y)])
    sheet.write(MARGIN, y, f"{sheet.title}    {scale_words(sheet.scale)}    mm    A3")
