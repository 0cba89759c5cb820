"""Triangles as arrays: surfaces of one color, and the meshes that they make. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media_assets.cad.product_tree import Color


@dataclass
class Surface:
    """Triangles of one color of one part: float32 points and normals of shape (n, 3) in mm and CAD axes, and
    uint32 corner numbers of shape (m, 3), counter-clockwise seen from outside.

    ``uvs`` lead to textures, float32 (n, 2) each, from the top left as in glTF; ``tints`` (n, 4) are colors of the
    points in linear light and their opacity, 16 bits each; None where the surface has one color.
    """

    points: npt.NDArray[np.float32]
    normals: npt.NDArray[np.float32]
    corners: npt.NDArray[np.uint32]
    uvs: tuple[npt.NDArray[np.float32], ...] = ()
    tints: npt.NDArray[np.uint16] | None = None


@dataclass
class Meshed:
    """What meshing one part gave."""

    deflection_mm: float
    triangles: int
    unmeshed_faces: int


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
    tints = [surface.tints for surface in surfaces if surface.tints is not None]
    return Surface(
        np.concatenate([surface.points for surface in surfaces]),
        np.concatenate([surface.normals for surface in surfaces]),
        np.concatenate(
            [surface.corners + np.uint32(start) for surface, start in zip(surfaces, starts, strict=True)]
        ),
        tuple(np.concatenate(uvs) for uvs in zip(*(surface.uvs for surface in surfaces), strict=True)),
        np.concatenate(tints) if len(tints) == len(surfaces) else None,
    )
