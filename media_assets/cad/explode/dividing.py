"""Divides units of an assembly along the direction that divides them best. NumPy only.

A group of units (parts, or subassemblies that stay together) is divided into what holds each other along a direction,
and these lie in an order. Nothing is kept of a pair of parts, and no graph is built by taking off what is free: see
docs/decisions.md for why.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from media_assets.cad.explode import axes, columns, order
from media_assets.cad.explode.solids import Assembly, Floats, Numbers
from media_assets.cad.explode.threads import Threads

_LINES = 48
_MORE_LINES = 240
_MOST_LINES = 60_000
_DIRECTIONS = 8
_FEW = 8
"""Groups of up to so many units are also tried along all diagonals."""
_NEAR = 0.004
_CLOSE = 0.25
_DIAGONALS = np.array(
    [
        *((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, -1, 0), (1, 0, 1), (1, 0, -1), (0, 1, 1)),
        *((0, 1, -1), (1, 1, 1), (1, 1, -1), (1, -1, 1), (-1, 1, 1)),
    ],
    float,
)


@dataclass(frozen=True)
class Division:
    """The parts as seen along one direction, the group of each unit, numbered from below, and how these lie."""

    view: columns.Facing
    group: Numbers
    above: order.Above

    @property
    def direction(self) -> Floats:
        found: Floats = self.view.frame[2]
        return found

    @property
    def groups(self) -> int:
        return int(self.group.max()) + 1


class Divider:
    """Looks along directions. ``exact`` are the directions of shapes whose faces are known, by number."""

    def __init__(self, assembly: Assembly, exact: dict[int, Floats] | None = None) -> None:
        self.assembly = assembly
        self.threads = Threads(assembly)
        self.low, self.high = boxes(assembly)
        known = exact or {}
        self._axes = [
            known[number] if number in known else axes.of_shape(shape)
            for number, shape in enumerate(assembly.shapes)
        ]
        self._views: dict[tuple[tuple[float, ...], int], tuple[columns.Facing, columns.Columns]] = {}
        self._known: list[tuple[Floats, int, int]] = []

    def learn(self, direction: Floats, lower: int, upper: int) -> bool:
        """Note that of two parts the second lies above the first, which lines missed; return whether that is new."""
        for way, *pair in self._known:
            if pair == [lower, upper] and way @ direction > axes.SAME:
                return False
        self._known.append((direction, lower, upper))
        return True

    def divide(self, parts: Sequence[Numbers], barred: Sequence[Floats]) -> Division | None:
        """Return the division of units (their parts) that separates most of them, None if none separates any."""
        candidates = self.directions(parts, _DIRECTIONS)
        found = self._best(_without(candidates, barred), parts)
        if found is None and len(parts) <= _FEW:
            found = self._best(_without(_DIAGONALS, [*barred, *candidates]), parts)
        return found

    def directions(self, parts: Sequence[Numbers], most: int) -> Floats:
        """Return the directions that most of the units' parts have, the commonest first (n, 3)."""
        return axes.of_parts(self.assembly, np.concatenate(parts), self._axes, most)

    def along(self, direction: Floats, parts: Sequence[Numbers], for_each: int = _MORE_LINES) -> Division:
        """Return the division along a direction, by as many lines for each part."""
        view, found = self._look(direction, np.sort(np.concatenate(parts)), for_each)
        unit = self._unit(parts)
        pairs = order.above(found, unit, self.threads.among(found, view)).more(
            *self._learned(direction, unit)
        )
        group = order.together(len(parts), pairs)
        return Division(view, group, pairs.between(group))

    def inside(self, direction: Floats, parts: Sequence[Numbers]) -> list[tuple[int, int, float]]:
        """Return which units reach into each other, and the share of the smaller one, by lines along a direction."""
        _, found = self._look(direction, np.sort(np.concatenate(parts)), _MORE_LINES)
        return order.inside(found, self._unit(parts))

    def clusters(self, parts: Sequence[Numbers]) -> list[list[int]]:
        """Return units (by number) in clusters whose boxes touch."""
        low = np.array([self.low[some].min(axis=0) for some in parts])
        high = np.array([self.high[some].max(axis=0) for some in parts])
        reach = _NEAR * float(np.linalg.norm(high.max(axis=0) - low.min(axis=0)))
        left = np.ones(len(parts), bool)
        clusters = []
        for start in range(len(parts)):
            if not left[start]:
                continue
            left[start] = False
            cluster, edge = [], [start]
            while edge:
                at = edge.pop()
                cluster.append(at)
                rest = np.flatnonzero(left)
                met = (low[rest] <= high[at] + reach) & (high[rest] >= low[at] - reach)
                touching = rest[met.all(axis=1)]
                edge += touching.tolist()
                left[touching] = False
            clusters.append(sorted(cluster))
        return clusters

    def _learned(self, direction: Floats, unit: Numbers) -> tuple[list[int], list[int]]:
        """Return what is known of units along a direction besides what lines say."""
        lower, upper = [], []
        for way, *pair in self._known:
            along = float(way @ direction)
            one, other = (int(unit[part]) for part in (pair if along > 0 else pair[::-1]))
            if abs(along) > axes.SAME and one >= 0 and other >= 0 and one != other:
                lower.append(one)
                upper.append(other)
        return lower, upper

    def _unit(self, parts: Sequence[Numbers]) -> Numbers:
        unit = np.full(len(self.assembly.parts), -1)
        for number, some in enumerate(parts):
            unit[some] = number
        return unit

    def _best(self, directions: Sequence[Floats], parts: Sequence[Numbers]) -> Division | None:
        """Return the best division by many lines; few lines say which directions are worth them."""
        waiting: list[tuple[int, int, bool]] = []
        for at, direction in enumerate(directions):
            heapq.heappush(waiting, (-self._score(self.along(direction, parts, _LINES), parts), at, False))
        while waiting and waiting[0][0] < 0:
            _, at, is_sure = heapq.heappop(waiting)
            found = self.along(directions[at], parts)
            if is_sure:
                return found
            heapq.heappush(waiting, (-self._score(found, parts), at, True))
        return None

    def _score(self, found: Division, parts: Sequence[Numbers]) -> int:
        """Return how many groups have something close above or below them."""
        if found.groups < 2:
            return 0
        sizes = np.zeros(found.groups)
        for number, some in enumerate(parts):
            extent = np.linalg.norm(self.high[some].max(axis=0) - self.low[some].min(axis=0))
            sizes[found.group[number]] = max(sizes[found.group[number]], extent)
        pairs = found.above
        close = pairs.apart < _CLOSE * np.minimum(sizes[pairs.lower], sizes[pairs.upper])
        return len(np.union1d(pairs.lower[close], pairs.upper[close]))

    def _look(
        self, direction: Floats, parts: Numbers, for_each: int
    ) -> tuple[columns.Facing, columns.Columns]:
        """Return the lines along a direction through some parts; kept if that is all parts."""
        key = (tuple(np.round(direction, 6)), for_each)
        if key in self._views:
            return self._views[key]
        lines = max(2, min(for_each, _MOST_LINES // len(parts)))
        view = columns.facing(self.assembly, direction, parts)
        found = view, columns.columns(view, columns.probes(view, lines, seed=1))
        if len(parts) == len(self.assembly.parts):
            self._views[key] = found
        return found


def boxes(assembly: Assembly) -> tuple[Floats, Floats]:
    """Return the corners of the boxes around all parts, (parts, 3) each, in mm."""
    low, high = (np.zeros((len(assembly.parts), 3)) for _ in range(2))
    for number, part in enumerate(assembly.parts):
        points = assembly.shapes[part.shape].points @ part.matrix[:3, :3].T + part.matrix[:3, 3]
        low[number], high[number] = points.min(axis=0), points.max(axis=0)
    return low, high


def _without(candidates: Floats, barred: Sequence[Floats]) -> list[Floats]:
    units = candidates / np.linalg.norm(candidates, axis=1)[:, None]
    return [one for one in units if all(abs(one @ other) < axes.SAME for other in barred)]
