"""Which parts are screwed into each other: along its axis a thread holds what a turn sets free. NumPy only.

On the lines of a ring around one axis the two lie above each other in turn, and how high goes around with the angle.
Grooves do so without going around, and hold; many of them, evenly spaced, are how libraries of screws draw a thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from media_assets.cad.explode import columns
from media_assets.cad.explode.columns import Columns, Facing
from media_assets.cad.explode.solids import Assembly, Floats, Numbers

_LINES = 720
_FEWEST = 12
_DEEPEST = 0.45
"""Of the ring's radius: as far as threads of screws for wood reach in."""
_WIDEST_GAP = np.radians(120.0)
_STARTS = 4
_GROOVES = 4
_SURE = 0.45
"""How well heights must agree with a helix, 0 to 1; flanks of a thread spread over half a turn, which leaves 0.64."""


@dataclass(frozen=True)
class Ring:
    """Where two parts are screwed into each other: around a point of the first, in its own coordinates, at least and
    at most so far from it across the direction (mm)."""

    center: Floats
    least: float
    most: float


class Threads:
    """Looks at pairs of parts that hold each other along a direction; copies placed alike are looked at once."""

    def __init__(self, assembly: Assembly) -> None:
        self.assembly = assembly
        self._known: dict[tuple[object, ...], Ring | None] = {}

    def among(self, found: Columns, view: Facing, offsets: Floats | None = None) -> Numbers:
        """Return which lines say nothing of which two parts, (n, 3): these are screwed into each other there.

        ``offsets`` (all parts, 3) are those of the view, in mm.
        """
        _, pairs = _in_turn(found)
        kinds, counts = np.unique(pairs, axis=0, return_counts=True)
        silent = [np.empty((0, 3), np.int64)]
        for one, other in kinds[counts > 1].tolist():
            ring = self._ring(view.frame[2], one, other)
            if ring is None:
                continue
            matrix = self.assembly.parts[one].matrix
            center = matrix[:3, :3] @ ring.center + matrix[:3, 3]
            if offsets is not None:
                center = center + offsets[one]
            away = np.linalg.norm(found.places - view.frame[:2] @ center, axis=1)
            lines = np.flatnonzero((away >= ring.least) & (away <= ring.most))
            silent.append(np.column_stack((lines, np.full((len(lines), 2), (one, other)))))
        return np.concatenate(silent)

    def _ring(self, direction: Floats, one: int, other: int) -> Ring | None:
        first, second = (self.assembly.parts[at] for at in (one, other))
        inverse = np.linalg.inv(first.matrix)
        place = np.concatenate(((inverse @ second.matrix)[:3].ravel(), inverse[:3, :3] @ direction))
        key = (first.shape, second.shape, tuple(np.round(place, 3)))
        if key not in self._known:
            self._known[key] = self._looked_for(direction, one, other)
        return self._known[key]

    def _looked_for(self, direction: Floats, one: int, other: int) -> Ring | None:
        view = columns.facing(self.assembly, direction, (one, other))
        found = columns.columns(view, columns.probes(view, _LINES, seed=2))
        line, _ = _in_turn(found)
        if len(line) < _FEWEST:
            return None
        center, radii, gap = _circle(found.places[line])
        least, most = np.quantile(radii, (0.02, 0.98))
        if least < (1 - _DEEPEST) * most or gap > _WIDEST_GAP or not _goes_around(found, line, center):
            return None
        matrix = self.assembly.parts[one].matrix
        point = np.linalg.inv(matrix) @ np.append(np.append(center, 0.0) @ view.frame, 1.0)
        return Ring(point[:3], 0.98 * float(radii.min()), 1.02 * float(radii.max()))


def _in_turn(found: Columns) -> tuple[Numbers, Numbers]:
    """Return on which lines which pairs of parts (n, 2) follow each other more than there and back, as at a hole."""
    met = np.flatnonzero((found.line[1:] == found.line[:-1]) & (found.part[1:] != found.part[:-1]))
    pairs = np.sort(np.column_stack((found.part[met], found.part[met + 1])), axis=1)
    ways, counts = np.unique(np.column_stack((found.line[met], pairs)), axis=0, return_counts=True)
    ways = ways[counts > 2]
    return ways[:, 0], ways[:, 1:]


def _circle(points: Floats) -> tuple[Floats, Floats, float]:
    """Return the center of the circle nearest to points, how far each is from it, and the widest gap around it."""
    solved = np.linalg.lstsq(
        np.column_stack((2 * points, np.ones(len(points)))), (points**2).sum(axis=1), rcond=None
    )
    center = solved[0][:2]
    away = points - center
    angles = np.sort(np.arctan2(away[:, 1], away[:, 0]))
    gaps = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    return center, np.linalg.norm(away, axis=1), float(gaps.max())


def _goes_around(found: Columns, line: Numbers, center: Floats) -> bool:
    """Return whether the heights of the part with more stretches on these lines lie on a helix around the center."""
    on_them = np.flatnonzero(np.isin(found.line, line))
    is_turn = (np.diff(found.line[on_them]) == 0) & (np.diff(found.part[on_them]) != 0)
    parts, counts = np.unique(found.part[on_them], return_counts=True)
    own = on_them[found.part[on_them] == parts[counts.argmax()]]
    low, same = found.low[own], np.diff(found.line[own]) == 0
    apart = np.diff(low)[same]
    if not len(apart):
        return False
    pitch = np.quantile(apart, 0.5, method="lower")  # of two that differ the mean would be near neither
    if not pitch > 0:
        return False
    pitch = apart[np.abs(apart - pitch) < 0.2 * pitch].mean()
    away = found.places[found.line[own]] - center
    around = np.exp(1j * np.arctan2(away[:, 1], away[:, 0]))
    turn = np.exp(2j * np.pi * low / pitch)
    agreed = {start: abs((turn * around**start).mean()) for start in range(-_STARTS, _STARTS + 1)}
    best = max(agreed, key=lambda start: agreed[start])
    return agreed[best] > _SURE and (best != 0 or is_turn.sum() / len(line) >= 2 * _GROOVES - 1)
