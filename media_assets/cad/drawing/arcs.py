"""Arcs of circles and ellipses in a drawing: where they are, as JSON, and as points. Standard library only."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

Point = tuple[float, float]

FULL = math.tau
_LITTLE = 1e-6


@dataclass(frozen=True)
class Arc:
    """The points center + cos(t) major + sin(t) minor for t from ``start`` to ``end`` (radians, at most a full turn).

    ``major`` and ``minor`` lead from the center to the ellipse along its axes; ``minor`` lies to the left of ``major``,
    so arcs run counter-clockwise where y points up.
    """

    center: Point
    major: Point
    minor: Point
    start: float
    end: float

    @classmethod
    def about(cls, center: Point, major: Point, minor: Point, start: float, end: float) -> Self:
        """Return an arc of any two axes at right angles, in the form in which like ones have the same numbers.

        The longer axis is the major one and points to the right; a circle's is (radius, 0).
        """
        if _cross(major, minor) < 0:
            minor, start, end = (-minor[0], -minor[1]), -end, -start
        wide, high = math.hypot(*major), math.hypot(*minor)
        turned = 0.0
        if abs(wide - high) <= _LITTLE * max(wide, high):
            turned = math.atan2(major[1], major[0])
            major, minor = (wide, 0.0), (0.0, wide)
        else:
            if wide < high:
                major, minor, turned = minor, (-major[0], -major[1]), -math.pi / 2
            if major[0] < -_LITTLE * max(wide, high) or (
                abs(major[0]) <= _LITTLE * max(wide, high) and major[1] < 0
            ):
                major, minor, turned = (-major[0], -major[1]), (-minor[0], -minor[1]), turned + math.pi
        turns = math.floor((start + turned) / FULL + _LITTLE) * FULL
        return cls(center, major, minor, start + turned - turns, end + turned - turns)

    @classmethod
    def between(cls, first: Point, last: Point, wide: float, high: float, turned: float) -> Self:
        """Return the arc of at most half a turn, counter-clockwise, of an ellipse that is turned by an angle (radians).

        Its center follows from its ends (SVG 2, B.2.4); radii that are too small for them are taken as large enough.
        """
        cos, sin = math.cos(turned), math.sin(turned)
        major, minor = (wide * cos, wide * sin), (-high * sin, high * cos)
        (ax, ay), (bx, by) = (
            ((x * cos + y * sin) / wide, (y * cos - x * sin) / high) for x, y in (first, last)
        )
        across, up = (bx - ax) / 2, (by - ay) / 2
        half = math.hypot(across, up)
        away = math.sqrt(max(0.0, 1 - half**2)) / max(half, _LITTLE)
        x, y = (ax + bx) / 2 - away * up, (ay + by) / 2 + away * across
        center = (x * major[0] + y * minor[0], x * major[1] + y * minor[1])
        start, end = math.atan2(ay - y, ax - x), math.atan2(by - y, bx - x)
        return cls(center, major, minor, start, end + FULL if end < start else end)

    @property
    def is_circular(self) -> bool:
        wide, high = math.hypot(*self.major), math.hypot(*self.minor)
        return abs(wide - high) <= _LITTLE * max(wide, high)

    @property
    def is_full(self) -> bool:
        return self.end - self.start >= FULL - _LITTLE

    def at(self, turn: float) -> Point:
        """Return the point at an angle."""
        cos, sin = math.cos(turn), math.sin(turn)
        return (
            self.center[0] + cos * self.major[0] + sin * self.minor[0],
            self.center[1] + cos * self.major[1] + sin * self.minor[1],
        )

    def points(self, deviation: float) -> list[Point]:
        """Return the arc as a line that is nowhere farther from it than *deviation*."""
        radius = math.hypot(*self.major)
        step = 2 * math.acos(max(0.0, 1 - deviation / radius)) if radius > deviation else math.pi / 2
        count = max(1, math.ceil((self.end - self.start) / step))
        return [self.at(self.start + (self.end - self.start) * number / count) for number in range(count + 1)]

    def curves(self) -> list[tuple[Point, Point, Point, Point]]:
        """Return the arc as cubic Bézier curves, each of at most a quarter turn (error below 0.03 % of the radius)."""
        count = max(1, math.ceil((self.end - self.start) / (math.pi / 2) - _LITTLE))
        span = (self.end - self.start) / count
        arm = 4 / 3 * math.tan(span / 4)
        found = []
        for number in range(count):
            first, last = self.start + number * span, self.start + (number + 1) * span
            (ax, ay), (bx, by) = self.at(first), self.at(last)
            (ux, uy), (vx, vy) = self._along(first), self._along(last)
            found.append(((ax, ay), (ax + arm * ux, ay + arm * uy), (bx - arm * vx, by - arm * vy), (bx, by)))
        return found

    def box(self) -> tuple[Point, Point]:
        """Return the lower left and the upper right corner around the arc."""
        turns = [self.start, self.end]
        for axis in (0, 1):
            extreme = math.atan2(self.minor[axis], self.major[axis])
            first = math.ceil((self.start - extreme) / math.pi)
            turns += [extreme + number * math.pi for number in range(first, first + 3)]
        xs, ys = zip(*(self.at(turn) for turn in turns if self.start <= turn <= self.end), strict=True)
        return (min(xs), min(ys)), (max(xs), max(ys))

    def moved(self, x: float, y: float, scale: float) -> Self:
        """Return the arc made larger, then moved."""
        return type(self)(
            (x + self.center[0] * scale, y + self.center[1] * scale),
            (self.major[0] * scale, self.major[1] * scale),
            (self.minor[0] * scale, self.minor[1] * scale),
            self.start,
            self.end,
        )

    def to_json(self, digits: int) -> dict[str, Any]:
        """Return the form that files of lines carry, lengths with so many digits."""
        return {
            **{
                name: [round(number, digits) for number in getattr(self, name)]
                for name in ("center", "major", "minor")
            },
            "start": round(self.start, 9),
            "end": round(self.end, 9),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the arc of ``to_json``; ValueError, TypeError or KeyError for what is none."""
        places = []
        for name in ("center", "major", "minor"):
            x, y = data[name]
            places.append((float(x), float(y)))
        found = cls(places[0], places[1], places[2], float(data["start"]), float(data["end"]))
        if not 0 <= found.end - found.start <= FULL + _LITTLE or abs(found.start) > 2 * FULL:
            raise ValueError("arc")
        return found

    def _along(self, turn: float) -> Point:
        cos, sin = math.cos(turn), math.sin(turn)
        return cos * self.minor[0] - sin * self.major[0], cos * self.minor[1] - sin * self.major[1]


def joined(arcs: Iterable[Arc], near: float) -> list[Arc]:
    """Return arcs with those of one ellipse that touch or overlap as one; what is nearer than *near* is the same."""
    alike: dict[tuple[int, ...], list[Arc]] = defaultdict(list)
    for arc in arcs:
        numbers = (*arc.center, *arc.major, math.hypot(*arc.minor))
        alike[tuple(round(number / near) for number in numbers)].append(arc)
    return [one for some in alike.values() for one in _merged(some, near)]


def _merged(arcs: list[Arc], near: float) -> list[Arc]:
    """Return the arcs of one ellipse, each stretch once."""
    first = arcs[0]
    gap = near / max(math.hypot(*first.major), near)
    spans: list[list[float]] = []
    for start, end in sorted((arc.start, arc.end) for arc in arcs):
        if spans and start <= spans[-1][1] + gap:
            spans[-1][1] = max(spans[-1][1], end)
        else:
            spans.append([start, end])
    while len(spans) > 1 and spans[-1][1] - FULL >= spans[0][0] - gap:  # around the beginning
        _low, high = spans.pop(0)
        spans[-1][1] = max(spans[-1][1], high + FULL)
    return [
        Arc(first.center, first.major, first.minor, start, min(end, start + FULL)) for start, end in spans
    ]


def _cross(one: Point, other: Point) -> float:
    return one[0] * other[1] - one[1] * other[0]
