"""How far two surfaces are apart, of which one keeps points of the other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rendering.pictures.shapes.model import Array, Floats
from rendering.pictures.shapes.shading import pairs

STEP = 1 << 15  # points that are measured at a time
NEARER = 1e-9  # m

Numbers = npt.NDArray[np.int64]


def farthest(points: Array, corners: Numbers, kept: Array, triangles: Numbers) -> float:
    """Return how far any of *points* is at most from the triangles of the surface that has some of them left (m).

    Each begins at the point that is left nearest to it along the old surface, and walks from triangle to triangle as
    long as that leads nearer.
    """
    begin = _nearest(points, corners, kept)
    order = np.argsort(triangles.reshape(-1), kind="stable")
    around = triangles.reshape(-1)[order]
    begins, ends = (np.searchsorted(around, np.arange(len(kept)), side) for side in ("left", "right"))
    found = 0.0
    old, new = points.astype(np.float64), kept.astype(np.float64)
    for first in range(0, len(old), STEP):
        some, at = old[first : first + STEP], begin[first : first + STEP, None]
        near = np.linalg.norm(some - new[at[:, 0]], axis=1)
        walking = np.arange(len(some))
        while len(walking):
            rows, places = pairs(begins[at].reshape(-1), ends[at].reshape(-1))
            rows, tried = walking[rows // at.shape[1]], order[places] // 3
            far = distances(some[rows], new[triangles[tried]])
            ranked = np.lexsort((far, rows))
            walking, best = np.unique(rows[ranked], return_index=True)
            best = ranked[best]
            is_nearer = far[best] < near[walking] - NEARER
            walking, best = walking[is_nearer], best[is_nearer]
            near[walking] = far[best]
            at = triangles[tried[best]]
        found = max(found, float(near.max(initial=0.0)))
    return found


def _nearest(points: Array, corners: Numbers, kept: Array) -> Numbers:
    """Return for each point the number of the one that is left nearest to it, counted in sides of triangles."""
    both, numbers = np.unique(np.concatenate([kept, points]) + 0.0, axis=0, return_inverse=True)
    left = np.full(len(both), -1)
    left[numbers.reshape(-1)[: len(kept)]] = np.arange(len(kept))
    found: Numbers = left[numbers.reshape(-1)[len(kept) :]]
    sides = np.concatenate(
        [corners[:, (one, other)] for one in range(3) for other in range(3) if one != other]
    )
    while len(sides):
        spreads = (found[sides[:, 0]] >= 0) & (found[sides[:, 1]] < 0)
        if not spreads.any():
            break
        found[sides[spreads, 1]] = found[sides[spreads, 0]]
        sides = sides[found[sides[:, 1]] < 0]
    return np.maximum(found, 0)


def distances(points: Floats, triangles: Floats) -> Floats:
    """Return the distance of each point (n, 3) from its triangle (n, 3, 3)."""
    first = triangles[:, 0]
    one, other, off = triangles[:, 1] - first, triangles[:, 2] - first, points - first
    a, b, c = _dot(one, one), _dot(one, other), _dot(other, other)
    d, e = _dot(one, off), _dot(other, off)
    area = a * c - b * b
    with np.errstate(divide="ignore", invalid="ignore"):
        v, w = (c * d - b * e) / area, (a * e - b * d) / area
    is_inside = (area > 0) & (v >= 0) & (w >= 0) & (v + w <= 1)
    height: Floats = (
        off - np.where(is_inside, v, 0.0)[:, None] * one - np.where(is_inside, w, 0.0)[:, None] * other
    )
    sides = [_to_side(points, triangles[:, at], triangles[:, (at + 1) % 3]) for at in range(3)]
    found: Floats = np.where(is_inside, np.sqrt(_dot(height, height)), np.minimum.reduce(sides))
    return found


def _to_side(points: Floats, begin: Floats, end: Floats) -> Floats:
    along, off = end - begin, points - begin
    length = _dot(along, along)
    share = np.clip(
        np.divide(_dot(along, off), length, out=np.zeros_like(length), where=length > 0), 0.0, 1.0
    )
    found: Floats = np.linalg.norm(off - share[:, None] * along, axis=1)
    return found


def _dot(one: Floats, other: Floats) -> Floats:
    found: Floats = np.einsum("ij,ij->i", one, other)
    return found
