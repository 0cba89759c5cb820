"""The overall shape of a part's mesh: turned around an axis, long, thin."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np
import numpy.typing as npt

from blender_scripts.stage import mesh_data

Floats = npt.NDArray[np.float32]

_ROUND = 1.05
"""A part is round whose outermost point is at most so many times its half width from the middle; a square has 1.41."""


@dataclass(frozen=True, slots=True)
class Shape:
    """`axis` is the letter of the axis around which a part looks turned ("" for none), `along` that of its longest
    side. `middle` is that of its extents, `radius` the outer one around the axis (0.0 for none). `thickness` is how
    thick its walls are: twice the volume over the surface. Units of the mesh.
    """

    axis: str
    along: str
    thickness: float
    middle: tuple[float, float, float]
    radius: float


def shape_of(mesh: bpy.types.Mesh) -> Shape:
    """Look at a mesh of triangles."""
    points = mesh_data.points_of(mesh)
    low, high = points.min(axis=0), points.max(axis=0)
    extent = high - low
    axis = _turning_axis(points, extent)
    across = "XYZ".replace(axis, "")[0]
    x, y, z = ((low + high) / 2).tolist()
    return Shape(
        axis=axis,
        along="XYZ"[int(extent.argmax())],
        thickness=_thickness(mesh, points),
        middle=(x, y, z),
        radius=float(extent["XYZ".index(across)]) / 2 if axis else 0.0,
    )


def _turning_axis(points: Floats, extent: Floats) -> str:
    """Two equal extents and a different third, and no corners: those of a square plate are far out."""
    largest = float(extent.max()) or 1.0
    for axis, name in enumerate("XYZ"):
        across = [index for index in range(3) if index != axis]
        one, other = (float(extent[index]) for index in across)
        if abs(one - other) < 0.01 * largest and abs(one - float(extent[axis])) > 0.05 * largest:
            flat = points[:, across]
            middle = (flat.max(axis=0) + flat.min(axis=0)) / 2
            if float(np.linalg.norm(flat - middle, axis=1).max()) < _ROUND * one / 2:
                return name
    return ""


def _thickness(mesh: bpy.types.Mesh, points: Floats) -> float:
    """Of a plate it is the plate's, of a cube a third of its side; 0 for a surface that encloses nothing."""
    mesh.calc_loop_triangles()
    corners = np.empty(len(mesh.loop_triangles) * 3, dtype=np.int32)
    mesh.loop_triangles.foreach_get("vertices", corners)
    first, second, third = (points - points.mean(axis=0))[corners.reshape(-1, 3)].transpose(1, 0, 2)
    crossed = np.cross(second - first, third - first)
    surface = float(np.linalg.norm(crossed, axis=1).sum()) / 2
    volume = abs(float(np.einsum("tx,tx->", first, crossed, dtype=np.float64))) / 6
    return 2 * volume / surface if surface else 0.0
