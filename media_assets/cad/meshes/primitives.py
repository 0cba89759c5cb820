"""Reads the triangles, normals and base colors of a GLB's meshes. Runs in the child process only."""

from __future__ import annotations

from typing import Any

import numpy as np

from media_assets.cad.contract import Limits
from media_assets.cad.errors import CadError
from media_assets.cad.meshes.axes import MILLIMETERS, TO_Z_UP
from media_assets.cad.meshes.gltf import Array, Gltf, as_floats, is_integer, numbers
from media_assets.cad.meshes.normals import given_surface, smooth_surface, usable
from media_assets.cad.meshes.scene import Corners, too_many_triangles
from media_assets.cad.product_tree import Color
from media_assets.cad.triangles import Surface

COLOR_DIGITS = 5
TRIANGLES, STRIP, FAN = 4, 5, 6
POSITIONS = (5126, 5120, 5121, 5122, 5123)
NORMALS = (5126, 5120, 5122)
INDICES = (5121, 5123, 5125)

Geometry = tuple[Any, ...]


class Primitives:
    """The primitives of one GLB; each geometry is read once, however many meshes name it.

    ``left_out`` are codes of what will not be shown, ``dropped`` counts unusable triangles, ``triangles`` all that
    were read.
    """

    def __init__(self, gltf: Gltf, limits: Limits) -> None:
        self.gltf = gltf
        self.limits = limits
        self.left_out: set[str] = set()
        self.dropped = 0
        self.triangles = 0
        self._surfaces: dict[Geometry, Surface | None] = {}

    def note(self, code: str, is_there: bool) -> None:
        """Remember something that will not be shown."""
        if is_there:
            self.left_out.add(code)

    def geometry(self, primitive: dict[str, Any]) -> Geometry | None:
        """Return what the triangles of a primitive are made from, None when it has none."""
        mode = primitive.get("mode", TRIANGLES)
        attributes = primitive.get("attributes")
        if not isinstance(attributes, dict) or mode not in range(7):
            raise CadError("damaged", "mesh")
        if mode < TRIANGLES:
            self.left_out.add("lines")
            return None
        self.note("vertex_colors", "COLOR_0" in attributes)
        self.note("motion", "targets" in primitive)
        if "POSITION" not in attributes:
            return None
        key = (attributes["POSITION"], attributes.get("NORMAL"), primitive.get("indices"))
        if not all(number is None or is_integer(number) for number in key):
            raise CadError("damaged", "mesh")
        return (*key, mode)

    def color(self, primitive: dict[str, Any]) -> Color | None:
        """Return the base color as CAD would write it; None without a material."""
        if "material" not in primitive:
            return None
        material = self.gltf.entry("materials", primitive["material"])
        basis = material.get("pbrMetallicRoughness", {})
        if not isinstance(basis, dict):
            raise CadError("damaged", "material")
        self.note("textures", "baseColorTexture" in basis)
        factor = np.clip(numbers(basis, "baseColorFactor", (1.0, 1.0, 1.0, 1.0)), 0.0, 1.0)
        shown = np.where(factor <= 0.0031308, factor * 12.92, 1.055 * factor ** (1 / 2.4) - 0.055)
        alpha = float(factor[3]) if material.get("alphaMode") == "BLEND" else 1.0
        return Color(*(round(float(channel), COLOR_DIGITS) for channel in (*shown[:3], alpha)))

    def surface(self, geometry: Geometry) -> Surface | None:
        """Return the triangles of a geometry, None when none of them is usable."""
        if geometry not in self._surfaces:
            self._surfaces[geometry] = self._read_surface(*geometry)
        return self._surfaces[geometry]

    def _read_surface(
        self, position: int, normal: int | None, indices: int | None, mode: int
    ) -> Surface | None:
        gltf = self.gltf
        given = gltf.array(position, "VEC3", POSITIONS)
        count = gltf.count(position if indices is None else indices)
        self.triangles += count // 3 if mode == TRIANGLES else max(0, count - 2)
        if self.triangles > self.limits.max_triangles:
            raise too_many_triangles(self.limits)
        corners = self._corners(indices, len(given), mode)
        if not len(corners):
            return None
        # Many small meshes may share one large array: only what this one uses is converted.
        used, renumbered = np.unique(corners, return_inverse=True)
        with np.errstate(all="ignore"):
            points = as_floats(given[used], normalized=gltf.is_normalized(position)) @ TO_Z_UP.T * MILLIMETERS
        corners = renumbered.reshape(-1, 3)
        sound = usable(points, corners)
        self.dropped += int((~sound).sum())
        corners = corners[sound]
        if not len(corners):
            return None
        if normal is None:
            return smooth_surface(points, corners)
        normals = gltf.array(normal, "VEC3", NORMALS)
        if len(normals) != len(given):
            raise CadError("damaged", "normals")
        facing = as_floats(normals[used], normalized=gltf.is_normalized(normal)) @ TO_Z_UP.T
        return given_surface(points, facing, corners)

    def _corners(self, indices: int | None, points: int, mode: int) -> Corners:
        """Return the corners of all triangles, strips and fans taken apart."""
        row: Array
        if indices is None:
            row = np.arange(points)
        else:
            row = self.gltf.array(indices, "SCALAR", INDICES).reshape(-1).astype(np.int64)
            if len(row) and int(row.max()) >= points:
                raise CadError("damaged", "triangle_corner")
        if mode == TRIANGLES:
            if len(row) % 3:
                raise CadError("damaged", "triangle_cut")
            return row.reshape(-1, 3)
        if len(row) < 3:
            return np.zeros((0, 3), np.int64)
        if mode == FAN:
            return np.stack([np.full(len(row) - 2, row[0]), row[1:-1], row[2:]], axis=1)
        strip: Corners = np.stack([row[:-2], row[1:-1], row[2:]], axis=1)
        strip[1::2] = strip[1::2][:, [0, 2, 1]]
        return strip
