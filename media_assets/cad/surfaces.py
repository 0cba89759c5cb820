"""Triangles as arrays: surfaces of one color, and the meshes that they make. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media_assets.cad.product_tree import Color


@dataclass
class Surface:
    """Triangles of one color of one part: float32 points and normals of shape (n, 3) in mm and CAD axes, and
    uint32 corner numbers of shape (m, 3), counter-clockwise seen from outside."""

    points: npt.NDArray[np.float32]
    normals: npt.NDArray[np.float32]
    corners: npt.NDArray[np.uint32]


@dataclass
class Mesh:
    """The look of a part as triangles: its surfaces by color."""

    name: str
    surfaces: list[tuple[Color | None, Surface]]

    @property
    def triangles(self) -> int:
        return sum(len(surface.corners) for _, surface in self.surfaces)


def joined(surfaces: list[Surface]) -> Surface:
    """Return several surfaces as one."""
    if len(surfaces) == 1:
        return surfaces[0]
    starts = np.cumsum([0, *(len(surface.points) for surface in surfaces[:-1])])
    return Surface(
        np.concatenate([surface.points for surface in surfaces]),
        np.concatenate([surface.normals for surface in surfaces]),
        np.concatenate(
            [surface.corners + np.uint32(start) for surface, start in zip(surfaces, starts, strict=True)]
        ),
    )
