"""What a section makes of the triangles of one part: what is left of them, and its cut faces. Arrays only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from media_assets.cad.placing import Floats
from media_assets.cad.product_tree import Color
from media_assets.cad.section.caps import OPEN, Hatch, fill
from media_assets.cad.section.clipping import Plane, area_of, clip
from media_assets.cad.surfaces import Mesh, Surface, joined

LINES = Color(0.09, 0.09, 0.1, mark="hatch")
"""The color of the lines on cut faces, whatever finish the part has."""

TOLERANCE = 0.02
"""Of the area of a cut: by this, and by what triangles are off, the kernel's may differ from that of the triangles."""


@dataclass(frozen=True)
class CutPart:
    """What is left of a part in one place: the area of its cut faces (mm2), why it was cut by its triangles ("" where
    the kernel did), and whether it is open, so that cut faces are missing."""

    mesh: Mesh
    area: float
    why_triangles: str = ""
    is_open: bool = False


class CutTriangles:
    """A cut through the triangles of a part: the areas on each plane, and what is left."""

    def __init__(
        self, surfaces: Sequence[tuple[Color | None, Surface]], planes: list[Plane], hatch: Hatch | None
    ) -> None:
        self.surfaces = surfaces
        self.planes = planes
        self.hatch = hatch
        self.cuts = [
            np.concatenate([clip(surface, plane).segments for _, surface in surfaces]) for plane in planes
        ]
        others = planes[::-1] if len(planes) == 2 else [None]
        self.areas = [
            abs(area_of(cut, plane, other))
            for cut, plane, other in zip(self.cuts, planes, others, strict=True)
        ]
        self.length = float(sum(np.linalg.norm(cut[:, 1] - cut[:, 0], axis=1).sum() for cut in self.cuts))

    def agrees(self, exact: Sequence[float], deflection: float) -> bool:
        """Return whether areas (mm2) are those of the triangles, which are off by up to ``deflection`` (mm)."""
        return all(
            abs(one - rough) <= TOLERANCE * max(one, rough) + deflection * self.length
            for one, rough in zip(exact, self.areas, strict=True)
        )

    def piece(self, name: str, why: str) -> CutPart | None:
        kept: list[tuple[Color | None, Surface]] = []
        for color, surface in self.surfaces:
            rest: Surface | None = surface
            for plane in self.planes:
                if rest is not None:
                    inside = clip(rest, plane).kept
                    kept += [(color, inside)] if inside else []
                    rest = clip(rest, plane.flipped()).kept
        if not kept:
            return None
        main = main_color(kept)
        area = open_share = 0.0
        for number, (plane, segments) in enumerate(zip(self.planes, self.cuts, strict=True)):
            try:
                cap = fill(segments, plane, self.hatch)
            except ValueError:
                open_share = 1.0
                continue
            open_share = max(open_share, cap.open_share)
            for color, filled in ((main, cap.between), (LINES, cap.lines)):
                face = filled
                for other in self.planes[:number] + self.planes[number + 1 :]:
                    face = clip(face, other.flipped()).kept if face else None
                if face:
                    kept.append((color, face))
                    area += _area(face)
        return CutPart(Mesh(name, by_color(kept)), area, why, open_share > OPEN)


def hatched(
    surface: Surface, planes: Sequence[Plane], hatch: Hatch, color: Color | None
) -> list[tuple[Color | None, Surface]]:
    """Return flat cut faces again, in stripes."""
    found: list[tuple[Color | None, Surface]] = []
    corners = surface.corners.astype(np.int64)
    centers = surface.points.astype(np.float64)[corners].mean(axis=1)
    which = np.abs([plane.above(centers) for plane in planes]).argmin(axis=0)
    for number, plane in enumerate(planes):
        cap = fill(_outline(surface, corners[which == number]), plane, hatch)
        found += [(one, part) for one, part in ((color, cap.between), (LINES, cap.lines)) if part]
    return found


def _outline(surface: Surface, corners: npt.NDArray[np.int64]) -> Floats:
    """Return the edges of triangles that have a triangle on one side only, as segments (k, 2, 3)."""
    points = surface.points.astype(np.float64)
    _, place = np.unique(surface.points, axis=0, return_inverse=True)
    edges = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    at = place.reshape(-1)[edges]
    forth, back = at[:, 0] * len(points) + at[:, 1], at[:, 1] * len(points) + at[:, 0]
    outer: Floats = points[edges[~np.isin(forth, back)]]
    return outer


def main_color(surfaces: Sequence[tuple[Color | None, Surface]]) -> Color | None:
    """Return the color that covers most of a part, without its texture."""
    areas: dict[Color | None, float] = {}
    for color, surface in surfaces:
        plain = (
            replace(color, described=None) if color and (surface.uvs or surface.tints is not None) else color
        )
        areas[plain] = areas.get(plain, 0.0) + _area(surface)
    return max(areas, key=lambda color: areas[color], default=None)


def imbalance(surfaces: Sequence[tuple[Color | None, Surface]]) -> float:
    """Return how much of a surface is missing until it is closed, seen from where most is (mm2).

    The directed areas of what is closed sum to nothing, however coarse its triangles are.
    """
    return float(np.linalg.norm(sum(_directed(surface).sum(axis=0) for _, surface in surfaces)))


def _directed(surface: Surface) -> Floats:
    """Return the area of each triangle along its normal, shape (m, 3), mm2."""
    sides = surface.points.astype(np.float64)[surface.corners]
    across: Floats = np.cross(sides[:, 1] - sides[:, 0], sides[:, 2] - sides[:, 0]) / 2
    return across


def _area(surface: Surface) -> float:
    return float(np.linalg.norm(_directed(surface), axis=1).sum())


def by_color(surfaces: list[tuple[Color | None, Surface]]) -> list[tuple[Color | None, Surface]]:
    """Return one surface for each color, as a mesh has them."""
    groups: dict[Color | None, list[Surface]] = {}
    for color, surface in surfaces:
        groups.setdefault(color, []).append(surface)
    return [(color, joined(some)) for color, some in groups.items()]
