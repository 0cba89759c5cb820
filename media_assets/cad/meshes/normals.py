"""Makes surfaces of raw triangles: corners at one place become one point, and smooth edges get smooth normals.

Pure NumPy, in time about proportional to the triangles.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from media_assets.cad.meshes.scene import LARGEST_MM, Corners, Floats
from media_assets.cad.surfaces import Surface

CREASE = math.radians(30.0)
"""Edges that bend more than this stay sharp: less than a chamfer does, more than the steps of a coarse cylinder do."""

MOST_UV = 1e6
LEAST_AREA = 1e-15
"""mm²; below, a triangle has no direction."""

AT_ONCE = 1 << 16
"""Triangles whose vectors are held at once, so that a large mesh needs little more than its result."""


@dataclass
class Carried:
    """What points have besides their place: texture coordinates (n, 2) each, and a color (n, 4; linear light)."""

    uvs: tuple[Floats, ...] = ()
    tints: Floats | None = None

    def __bool__(self) -> bool:
        return bool(self.uvs) or self.tints is not None

    def of(self, points: Corners) -> Carried:
        """Return what some of the points have, by their numbers."""
        return Carried(
            tuple(uv[points] for uv in self.uvs), None if self.tints is None else self.tints[points]
        )

    def rows(self) -> npt.NDArray[np.float32]:
        """Return all that each point has as one row of numbers."""
        tints = () if self.tints is None else (self.tints,)
        return np.concatenate([*self.uvs, *tints], axis=1, dtype=np.float32)

    def laid_on(self, surface: Surface, given: Corners) -> Surface:
        """Return a surface whose points were these given ones with all that they have."""
        surface.uvs = tuple(np.ascontiguousarray(uv[given], np.float32) for uv in self.uvs)
        if self.tints is not None:
            surface.tints = (self.tints[given] * 65535).round().astype(np.uint16)
        return surface


BARE = Carried()


def in_reach(uv: Floats) -> Floats:
    """Return places in textures (n, 2) that are numbers of a sensible size."""
    held: Floats = np.nan_to_num(uv, nan=0.0, posinf=0.0, neginf=0.0).clip(-MOST_UV, MOST_UV)
    return held


def usable(points: Floats, corners: Corners) -> npt.NDArray[np.bool_]:
    """Return for each triangle whether its corners are numbers of a sensible size."""
    sound: npt.NDArray[np.bool_] = (np.abs(points) < LARGEST_MM).all(axis=1)[corners].all(axis=1)
    return sound


def smooth_surface(points: Floats, corners: Corners, carried: Carried = BARE) -> Surface | None:
    """Return the surface of these triangles with normals of our own; None when none of them has an area.

    ``points`` (n, 3) in mm, ``corners`` (m, 3) numbers of points, counter-clockwise seen from outside.
    """
    places, which = weld(points)
    triangles, normals, weights, has_area = _faces(places, which[corners])
    if not len(triangles):
        return None
    groups = _smooth_groups(triangles, normals)
    leaders, number = np.unique(groups, return_inverse=True)
    summed: Floats = np.stack(
        [
            np.bincount(number, np.repeat(normals[:, axis], 3) * weights.reshape(-1), len(leaders))
            for axis in range(3)
        ],
        axis=1,
    )
    welded, directions = places[triangles.reshape(-1)[leaders]], _units(summed).astype(np.float32)
    if not carried:
        return Surface(welded, directions, number.reshape(-1, 3).astype(np.uint32))
    # A point with two places in a texture, as on a seam, or with two colors, is two points.
    rows = carried.rows()[corners[has_area].reshape(-1)]
    _, first, kind = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    distinct, pair = np.unique(
        number.reshape(-1) * np.int64(len(first)) + kind.reshape(-1), return_inverse=True
    )
    point, kind = np.divmod(distinct, len(first))
    surface = Surface(welded[point], directions[point], pair.reshape(-1, 3).astype(np.uint32))
    return carried.laid_on(surface, corners[has_area].reshape(-1)[first[kind]])


def given_surface(
    points: Floats, normals: Floats, corners: Corners, carried: Carried = BARE
) -> Surface | None:
    """Return the surface with the normals that the file has; where one is no direction, that of its triangles."""
    used, renumbered = np.unique(corners, return_inverse=True)
    places, triangles = points[used].astype(np.float32), renumbered.reshape(-1, 3)
    with np.errstate(all="ignore"):
        facing = normals[used].astype(np.float64)
        lengths = np.linalg.norm(facing, axis=1)
        bad = ~(np.isfinite(lengths) & (lengths > 1e-6))
        facing[~bad] /= lengths[~bad, None]
    triangles, faces, weights, _ = _faces(places, triangles)
    if not len(triangles):
        return None
    if bad.any():
        instead = np.zeros_like(facing)
        for corner in range(3):
            np.add.at(instead, triangles[:, corner], faces * weights[:, corner, None])
        facing[bad] = _units(instead[bad])
    kept, renumbered = np.unique(triangles, return_inverse=True)
    surface = Surface(
        np.ascontiguousarray(places[kept]),
        np.ascontiguousarray(facing[kept], np.float32),
        renumbered.reshape(-1, 3).astype(np.uint32),
    )
    return carried.laid_on(surface, used[kept]) if carried else surface


def weld(points: Floats) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Return the distinct points, as float32, and for each given point the number of its own among them."""
    exact = np.ascontiguousarray(points, np.float32) + np.float32(0.0)  # -0.0 and 0.0 are one place
    x, y, z = exact.view(np.uint32).T
    # One number sorts faster than three; that two places of one hash do not become one is looked after below.
    keys = x.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    keys ^= y.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
    keys ^= keys >> np.uint64(29)
    keys ^= z.astype(np.uint64) * np.uint64(0x165667B19E3779F9)
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    if not np.array_equal(exact[first][which], exact):
        distinct, which = np.unique(exact, axis=0, return_inverse=True)
        return distinct, which.reshape(-1)
    return exact[first], which


def _faces(
    places: npt.NDArray[np.float32], triangles: Corners
) -> tuple[Corners, Floats, Floats, npt.NDArray[np.bool_]]:
    """Return the triangles that have an area, their unit normals, how much each corner counts (angle times area), and
    which of the given ones they are."""
    parts = [
        _faces_at_once(places, triangles[start : start + AT_ONCE])
        for start in range(0, len(triangles), AT_ONCE)
    ]
    if not parts:
        return triangles, np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0, bool)
    kept, normals, weights, has_area = zip(*parts, strict=True)
    return np.concatenate(kept), np.concatenate(normals), np.concatenate(weights), np.concatenate(has_area)


def _faces_at_once(
    places: npt.NDArray[np.float32], triangles: Corners
) -> tuple[Corners, Floats, Floats, npt.NDArray[np.bool_]]:
    corners = places[triangles].astype(np.float64)
    edges = np.roll(corners, -1, axis=1) - corners
    doubled = np.cross(edges[:, 0], edges[:, 1])
    area = np.linalg.norm(doubled, axis=1)
    has_area = area > LEAST_AREA
    triangles, edges, doubled, area = triangles[has_area], edges[has_area], doubled[has_area], area[has_area]
    directions = edges / np.linalg.norm(edges, axis=2, keepdims=True)
    turned = np.einsum("ijk,ijk->ij", directions, np.roll(directions, 1, axis=1))
    angles = math.pi - np.arccos(np.clip(turned, -1.0, 1.0))
    return triangles, doubled / area[:, None], angles * area[:, None], has_area


def _smooth_groups(triangles: Corners, normals: Floats) -> npt.NDArray[np.int64]:
    """Return for each corner of each triangle the least corner that it shares its normal with.

    Corners at one point share a normal when one gets from one to the other over edges that are not sharp.
    """
    starts = triangles.reshape(-1)
    ends = np.roll(triangles, -1, axis=1).reshape(-1)
    corner = np.arange(len(starts)).reshape(-1, 3)
    end_corner = np.roll(corner, -1, axis=1).reshape(-1)
    edge = np.minimum(starts, ends) * np.int64(starts.max() + 1) + np.maximum(starts, ends)
    order = np.argsort(edge, kind="stable")
    is_same = edge[order][1:] == edge[order][:-1]
    one, other = order[:-1][is_same], order[1:][is_same]
    bend = np.einsum("ij,ij->i", normals[one // 3], normals[other // 3])
    is_smooth = bend > math.cos(CREASE) - 1e-6
    one, other = one[is_smooth], other[is_smooth]
    # Neighbors run along their edge in opposite directions, unless one of them is turned over.
    is_turned = starts[one] == starts[other]
    first = np.concatenate([one, end_corner[one]])
    second = np.concatenate(
        [
            np.where(is_turned, other, end_corner[other]),
            np.where(is_turned, end_corner[other], other),
        ]
    )
    return _components(len(starts), first, second)


def _components(count: int, first: Corners, second: Corners) -> npt.NDArray[np.int64]:
    """Return for each number the least one that it is linked with, in a few rounds over all links."""
    leader = np.arange(count)
    while len(first):
        high = np.maximum(leader[first], leader[second])
        low = np.minimum(leader[first], leader[second])
        is_open = high != low
        if not is_open.any():
            break
        first, second = first[is_open], second[is_open]
        np.minimum.at(leader, high[is_open], low[is_open])
        while True:
            followed = leader[leader]
            if np.array_equal(followed, leader):
                break
            leader = followed
    return leader


def _units(vectors: Floats) -> npt.NDArray[Any]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(lengths > LEAST_AREA, vectors / np.maximum(lengths, LEAST_AREA), (0.0, 0.0, 1.0))
