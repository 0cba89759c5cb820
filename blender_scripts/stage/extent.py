"""The points of a product that decide its framing, even if it has more points than fit into memory."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]

_DIRECTIONS = 512
_SUPPORT_ABOVE = 2048
_MANY_POINTS = 250_000
_AT_ONCE = 1_000_000
_ROUND = 0.8


@dataclass(frozen=True, slots=True)
class Placed:
    """The points (m, 3) of a mesh and the places (n, 4, 4, acting on columns) where it is shown."""

    points: Points
    matrices: Points

    def moved(self) -> Points:
        """The points of all places, (n * m, 3)."""
        turned = self.points @ self.matrices[:, :3, :3].transpose(0, 2, 1)
        found: Points = (turned + self.matrices[:, None, :3, 3]).reshape(-1, 3)
        return found


@dataclass(frozen=True, slots=True)
class Footprint:
    """Where a subject stands, seen from above: a rectangle along the axes whose corners are rounded (scene units)."""

    middle: tuple[float, float]
    half: tuple[float, float]
    rounding: float

    @property
    def is_round(self) -> bool:
        """Whether it is a circle, nearly: the subject is turned, or has the sides of a nut."""
        return self.rounding > _ROUND * max(self.half)


def swept(points: Points) -> Footprint:
    """The circle that points (n, 3) sweep around the vertical axis."""
    radius = float(np.hypot(points[:, 0], points[:, 1]).max())
    return Footprint((0.0, 0.0), (radius, radius), radius)


def footprint(points: Points) -> Footprint:
    """The footprint of points (n, 3)."""
    flat = points[:, :2]
    low, high = flat.min(axis=0), flat.max(axis=0)
    half = (high - low) / 2
    # How far it reaches diagonally says how round its corners are: a circle as far as to its sides.
    diagonals = (flat - (low + high) / 2) @ np.array(((1.0, 1.0), (1.0, -1.0))) / math.sqrt(2)
    reach = float(np.abs(diagonals).max())
    rounding = (half.sum() - math.sqrt(2) * reach) / (2 - math.sqrt(2))
    x, y = ((low + high) / 2).tolist()
    return Footprint((x, y), (float(half[0]), float(half[1])), float(np.clip(rounding, 0.0, half.min())))


def support(points: npt.NDArray[np.floating[Any]]) -> Points:
    """The points that matter for framing: all of a small mesh, else the farthest in evenly spread directions."""
    exact = points.astype(np.float64)
    if len(exact) <= _SUPPORT_ABOVE:
        return exact
    return exact[sorted({int((exact @ direction).argmax()) for direction in _directions()})]


def spread(placed: Sequence[Placed]) -> Points:
    """The points of all instances; of very many, the farthest in evenly spread directions and along the axes."""
    count = sum(len(one.points) * len(one.matrices) for one in placed)
    if count <= _MANY_POINTS:
        return np.concatenate([one.moved() for one in placed]) if count else np.empty((0, 3))
    directions = np.concatenate((_directions(), np.eye(3), -np.eye(3)))
    balls = [_balls(one) for one in placed]
    found = np.empty((len(directions), 3))
    for number, direction in enumerate(directions):
        reaches = [centers @ direction for centers, _ in balls]
        # What lies behind a ball's nearest end all over cannot be the farthest.
        sure = max(
            float((reach - radii).max())
            for reach, (_, radii) in zip(reaches, balls, strict=True)
            if len(reach)
        )
        farthest = -np.inf
        for one, reach, (_, radii) in zip(placed, reaches, balls, strict=True):
            for some in _blocks(one, np.flatnonzero(reach + radii >= sure)):
                points = some.moved()
                along = points @ direction
                best = int(along.argmax())
                if along[best] > farthest:
                    farthest, found[number] = along[best], points[best]
    return np.unique(found, axis=0)


def _blocks(one: Placed, chosen: npt.NDArray[np.intp]) -> Iterator[Placed]:
    size = max(1, _AT_ONCE // len(one.points))
    for begin in range(0, len(chosen), size):
        yield Placed(one.points, one.matrices[chosen[begin : begin + size]])


def _balls(one: Placed) -> tuple[Points, Points]:
    """A ball around each instance: its center and radius, a little too large rather than too small."""
    center = (one.points.min(axis=0) + one.points.max(axis=0)) / 2
    radius = float(np.linalg.norm(one.points - center, axis=1).max()) * (1 + 1e-6)
    stretch = np.linalg.norm(one.matrices[:, :3, :3], ord=2, axis=(1, 2))
    return Placed(center[None], one.matrices).moved(), radius * stretch


def _directions() -> Points:
    index = np.arange(_DIRECTIONS) + 0.5
    polar = np.arccos(1 - 2 * index / _DIRECTIONS)
    turn = np.pi * (1 + 5**0.5) * index  # golden angle spiral
    return np.stack((np.cos(turn) * np.sin(polar), np.sin(turn) * np.sin(polar), np.cos(polar)), axis=1)
