"""Cuts triangles by a plane. Arrays only; knows no CAD kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from media_assets.cad.placing import Floats
from media_assets.cad.surfaces import Surface

ON_IT = 1e-6
"""Of the largest coordinate: points nearer to a plane are on it, as a file may have one place twice, not quite the
same."""

FULL_TINT = np.iinfo(np.uint16).max


@dataclass(frozen=True)
class Plane:
    """The points p with ``normal`` @ p == ``distance`` (mm); ``normal`` is a unit vector that points outside."""

    normal: Floats
    distance: float

    def above(self, points: npt.NDArray[Any]) -> Floats:
        """Return how far points (n, 3) lie outside."""
        result: Floats = points.astype(np.float64) @ self.normal - self.distance
        return result

    def within(self, matrix: Floats) -> Plane:
        """Return the same plane in the coordinates that a matrix (4, 4) places."""
        normal = matrix[:3, :3].T @ self.normal
        length = float(np.linalg.norm(normal)) or 1.0
        return Plane(normal / length, (self.distance - float(self.normal @ matrix[:3, 3])) / length)

    def flipped(self) -> Plane:
        return Plane(-self.normal, -self.distance)

    def axes(self, angle: float = 0.0) -> tuple[Floats, Floats]:
        """Return two unit vectors in the plane, turned by an angle (radians): with the normal a right hand."""
        helper = np.eye(3)[int(np.abs(self.normal).argmin())]
        across = np.cross(helper, self.normal)
        across /= np.linalg.norm(across)
        up = np.cross(self.normal, across)
        cosine, sine = np.cos(angle), np.sin(angle)
        return cosine * across + sine * up, cosine * up - sine * across


@dataclass(frozen=True)
class Clipped:
    """What a plane makes of a surface: what lies inside, None for nothing, and where it was cut: segments (k, 2, 3),
    around the cut counter-clockwise as seen from outside."""

    kept: Surface | None
    segments: Floats


def clip(surface: Surface, plane: Plane) -> Clipped:
    """Return the part of a surface inside of a plane.

    A point on the plane counts as outside, and where an edge is cut depends on its own two points alone: so do the cuts
    of neighbors meet, in whatever surface they are.
    """
    above = plane.above(surface.points)
    above[np.abs(above) <= ON_IT * float(np.abs(surface.points).max())] = 0.0
    outside = above >= 0.0
    count = outside[surface.corners].sum(axis=1)
    corners = surface.corners[count == 0].astype(np.int64)
    # The corner that is alone on its side comes first.
    one_in = _turned(surface.corners[count == 2], outside, alone=False)
    one_out = _turned(surface.corners[count == 1], outside, alone=True)
    cuts = np.concatenate(
        [one_in[:, [0, 1]], one_in[:, [0, 2]], one_out[:, [1, 0]], one_out[:, [2, 0]]]
    )  # each from the point inside to the one outside
    if not len(cuts):
        return Clipped(_used(surface, corners), np.zeros((0, 2, 3)))
    inside, beyond = cuts[:, 0], cuts[:, 1]
    share = above[inside] / (above[inside] - above[beyond])
    places = _between(surface.points.astype(np.float64), inside, beyond, share)
    grown = _with_points(surface, inside, beyond, share, places)
    first = len(surface.points)
    a, b = np.arange(len(one_in)) + first, np.arange(len(one_in)) + first + len(one_in)
    start = first + 2 * len(one_in)
    c, d = np.arange(len(one_out)) + start, np.arange(len(one_out)) + start + len(one_out)
    corners = np.concatenate(
        [
            corners,
            np.stack([one_in[:, 0], a, b], axis=1),
            np.stack([c, one_out[:, 1], one_out[:, 2]], axis=1),
            np.stack([c, one_out[:, 2], d], axis=1),
        ]
    )
    ends = np.concatenate([np.stack([a, b], axis=1), np.stack([d, c], axis=1)]) - first
    segments = places[ends[:, ::-1]]
    return Clipped(_used(grown, corners), segments[(segments[:, 0] != segments[:, 1]).any(axis=1)])


def _turned(
    corners: npt.NDArray[np.uint32], outside: npt.NDArray[np.bool_], *, alone: bool
) -> npt.NDArray[np.int64]:
    """Return triangles turned so that the first corner is the one whose side is ``alone`` (outside or not)."""
    first = (outside[corners] == alone).argmax(axis=1)[:, None]
    turned: npt.NDArray[np.int64] = np.take_along_axis(
        corners.astype(np.int64), (first + np.arange(3)) % 3, axis=1
    )
    return turned


def _between(
    values: Floats, inside: npt.NDArray[np.int64], beyond: npt.NDArray[np.int64], share: Floats
) -> Floats:
    result: Floats = values[inside] + (values[beyond] - values[inside]) * share[:, None]
    return result


def _with_points(
    surface: Surface,
    inside: npt.NDArray[np.int64],
    beyond: npt.NDArray[np.int64],
    share: Floats,
    places: Floats,
) -> Surface:
    """Return a surface with more points, between some of its own."""

    def more(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        new = _between(values.astype(np.float64), inside, beyond, share)
        return np.concatenate([values, new.astype(np.float32)])

    normals = more(surface.normals)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    tints = surface.tints
    if tints is not None:
        new = _between(tints.astype(np.float64), inside, beyond, share).round().clip(0, FULL_TINT)
        tints = np.concatenate([tints, new.astype(np.uint16)])
    return Surface(
        np.concatenate([surface.points, places.astype(np.float32)]),
        (normals / np.where(lengths > 0.0, lengths, 1.0)).astype(np.float32),
        surface.corners,
        tuple(more(uv) for uv in surface.uvs),
        tints,
    )


def _used(surface: Surface, corners: npt.NDArray[np.int64]) -> Surface | None:
    """Return these triangles of a surface with the points that they need; None for none."""
    if not len(corners):
        return None
    used, renumbered = np.unique(corners, return_inverse=True)
    return Surface(
        surface.points[used],
        surface.normals[used],
        renumbered.reshape(-1, 3).astype(np.uint32),
        tuple(uv[used] for uv in surface.uvs),
        surface.tints[used] if surface.tints is not None else None,
    )


def area_of(segments: Floats, plane: Plane, beyond: Plane | None = None) -> float:
    """Return the area (mm2) inside of segments on a plane, or of the part of it outside of another plane.

    By Green's theorem, each segment for itself: the integral of max(u, 0) along it, u the height above the other plane.
    """
    if not len(segments):
        return 0.0
    across, up = plane.axes()
    if beyond is not None:
        across = beyond.normal - plane.normal * float(beyond.normal @ plane.normal)
        across /= np.linalg.norm(across)
        up = np.cross(plane.normal, across)
        ends = beyond.above(segments.reshape(-1, 3)).reshape(-1, 2)
    else:
        flat = segments @ across
        ends = flat - flat.min()
    heights = segments @ up
    low, high = ends.min(axis=1), ends.max(axis=1)
    rise = np.where(high > low, high - low, 1.0)
    mean = np.where(low >= 0.0, (low + high) / 2, np.maximum(high, 0.0) ** 2 / (2 * rise))
    return float((mean * (heights[:, 1] - heights[:, 0])).sum())
