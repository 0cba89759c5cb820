"""Repairs defects of meshing that a renderer would show: triangles without area or folded over, and normals at
points where a surface has none, such as the tip of a cone. Arrays only; knows no CAD kernel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Corners = npt.NDArray[np.uint32]

FLAT = 1e-6
"""A triangle lower than this part of its longest edge has no area in single precision."""

SLIVER = 0.02
"""A folded triangle lower than this part of its longest edge lies over its neighbors, which fill its place."""

SINGULAR_ANGLE = 0.3
"""Radians. A normal farther from its triangle than this, while the other two corners' fit, belongs to no surface."""


NEAR = 1e-5
"""Of the largest coordinate: single precision keeps a tip at the same place within this."""


def mend(
    points: npt.NDArray[Any], normals: npt.NDArray[Any], corners: npt.NDArray[Any], tips: Floats
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], Corners] | None:
    """Return points (n, 3), unit normals (n, 3) and corners (m, 3) that a renderer can use; None if nothing is left.

    ``tips`` (k, 3) are the points where a surface may have no normal.
    """
    points = points.astype(np.float64)
    corners = corners.astype(np.uint32)
    corners = corners[np.isfinite(points).all(axis=1)[corners].all(axis=1)]
    facing, heights = _facing(points[corners])
    solid = heights > FLAT
    corners, facing, heights = corners[solid], facing[solid], heights[solid]
    if not len(corners):
        return None
    normals = _unit(normals.astype(np.float64))
    fit = np.einsum("mj,mkj->mk", facing, normals[corners])
    # A zero normal (there was none) fits nothing; being zero distinguishes it from a folded triangle.
    folded = (fit.max(axis=1) < 0.0) & (heights < SLIVER)
    if folded.any() and not folded.all():
        corners, facing, fit = corners[~folded], facing[~folded], fit[~folded]
    points, normals, corners = _split(points, normals, corners, facing, fit, tips)
    used, renumbered = np.unique(corners, return_inverse=True)
    return (
        np.ascontiguousarray(points[used], np.float32),
        np.ascontiguousarray(normals[used], np.float32),
        renumbered.reshape(-1, 3).astype(np.uint32),
    )


def _facing(triangles: Floats) -> tuple[Floats, Floats]:
    """Return the unit normals of triangles (m, 3, 3) and their heights as a part of their longest edges."""
    edges = triangles - np.roll(triangles, 1, axis=1)
    longest = np.linalg.norm(edges, axis=2).max(axis=1, initial=0.0)
    across = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    doubled = np.linalg.norm(across, axis=1)
    some = np.maximum(doubled, np.finfo(np.float64).tiny)
    heights = doubled / np.maximum(longest, np.finfo(np.float64).tiny ** 0.25) ** 2
    return across / some[:, None], heights


def _unit(normals: Floats) -> Floats:
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    usable = np.isfinite(lengths) & (lengths > 1e-6)
    unit: Floats = np.where(usable, normals, 0.0) / np.where(usable, lengths, 1.0)
    return unit


def _is_near(points: Floats, tips: Floats) -> npt.NDArray[np.bool_]:
    if not len(points) or not len(tips):
        return np.zeros(len(points), bool)
    near = NEAR * max(float(np.abs(tips).max()), 1.0)
    return np.array([np.abs(tips - point).max(axis=1).min() <= near for point in points], np.bool_)


def _split(
    points: Floats, normals: Floats, corners: Corners, facing: Floats, fit: Floats, tips: Floats
) -> tuple[Floats, Floats, Corners]:
    """Give the corners whose normal says nothing about their triangle a point of their own, with a normal that does.

    At the tip of a cone it is the mean of the triangle's other two; of a triangle that looks the other way than all
    of its normals, and where there is no normal at all, the triangle's own.
    """
    angles = np.arccos(np.clip(fit, -1.0, 1.0))
    others = np.maximum(np.roll(angles, 1, axis=1), np.roll(angles, 2, axis=1))
    singular = np.zeros(len(points), bool)
    suspects = np.unique(corners[angles > SINGULAR_ANGLE + 2.0 * others])
    singular[suspects] = _is_near(points[suspects], tips)
    turned = np.repeat((fit.max(axis=1) < 0.0)[:, None], 3, axis=1)
    without = ~normals.any(axis=1)
    wrong = singular[corners] | turned | without[corners]
    if not wrong.any():
        return points, normals, corners
    triangle, corner = np.nonzero(wrong)
    sides = corners[triangle]
    first = normals[sides[np.arange(len(sides)), (corner + 1) % 3]]
    second = normals[sides[np.arange(len(sides)), (corner + 2) % 3]]
    mean = _unit(first + second)
    unclear = np.einsum("mj,mj->m", mean, facing[triangle]) < np.cos(SINGULAR_ANGLE)
    mean[unclear] = facing[triangle][unclear]
    corners = corners.copy()
    added = len(points) + np.arange(len(triangle), dtype=np.uint32)
    split_points = points[corners[triangle, corner]]
    corners[triangle, corner] = added
    return np.concatenate([points, split_points]), np.concatenate([normals, mean]), corners
