"""Normals for triangles whose own ones are gone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rendering.pictures.shapes.model import Floats, Triangles

CREASE = np.cos(np.radians(35.0))
"""Triangles that meet in a smaller angle are shaded as one smooth surface. The coarsest tessellation turns by 29°."""

Numbers = npt.NDArray[np.int64]


def shaded(points: Floats, corners: Numbers, chosen: npt.NDArray[np.bool_]) -> Triangles:
    """Return the chosen triangles with normals: smooth over those that meet in a small angle, weighted by area."""
    sides = points[corners].astype(np.float64)
    areas = np.cross(sides[:, 1] - sides[:, 0], sides[:, 2] - sides[:, 0])
    units = _unit(areas)
    where = corners.reshape(-1)
    order = np.argsort(where, kind="stable")
    of_point = where[order]
    mine, others = pairs(
        np.searchsorted(of_point, of_point, "left"), np.searchsorted(of_point, of_point, "right")
    )
    corner, mine, others = order[mine], order[mine] // 3, order[others] // 3
    alike = (units[mine] * units[others]).sum(axis=1) >= CREASE
    sums = [np.bincount(corner[alike], areas[others[alike], axis], len(where)) for axis in range(3)]
    shown = np.repeat(chosen, 3)
    both = np.concatenate([points[where], _unit(np.stack(sums, axis=1))], axis=1)[shown].astype(np.float32)
    unique, numbers = np.unique(both, axis=0, return_inverse=True)
    return Triangles(
        np.ascontiguousarray(unique[:, :3]),
        {"NORMAL": np.ascontiguousarray(unique[:, 3:])},
        numbers.reshape(-1, 3).astype(np.uint32),
    )


def pairs(starts: Numbers, ends: Numbers) -> tuple[Numbers, Numbers]:
    """Return the number of each row with every number from its start to its end."""
    lengths = ends - starts
    rows = np.repeat(np.arange(len(starts)), lengths)
    steps = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return rows, np.repeat(starts, lengths) + steps


def _unit(vectors: Floats) -> Floats:
    """Return vectors of length 1; up for those that have none."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    up = np.tile([0.0, 1.0, 0.0], (len(vectors), 1))
    found: Floats = np.divide(vectors, lengths, out=up, where=lengths > 0)
    return found
