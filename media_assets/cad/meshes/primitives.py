"""Reads the triangles, normals and base colors of a GLB's meshes. Runs in the child process only."""

from __future__ import annotations

from typing import Any

import numpy as np

from media_assets.cad.contract import Limits
from media_assets.cad.errors import CadError
from media_assets.cad.meshes import draco
from media_assets.cad.meshes.axes import MILLIMETERS, TO_Z_UP
from media_assets.cad.meshes.colors import Colored, shaded, tinted
from media_assets.cad.meshes.gltf import Array, Gltf, as_floats, extensions, is_integer
from media_assets.cad.meshes.gltf_materials import GltfMaterials
from media_assets.cad.meshes.normals import Carried, given_surface, in_reach, smooth_surface, usable
from media_assets.cad.meshes.scene import Corners, Floats, too_many_triangles
from media_assets.cad.product_tree import Color
from media_assets.cad.surfaces import Surface

TRIANGLES, STRIP, FAN = 4, 5, 6
POSITIONS = (5126, 5120, 5121, 5122, 5123)
NORMALS = (5126, 5120, 5122)
INDICES = (5121, 5123, 5125)
UVS = (5126, 5121, 5123, 5120, 5122)

VERTEX_COLORS = (5126, 5121, 5123)
WHITE = 0.999

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
        self.materials = GltfMaterials(gltf)
        self._surfaces: dict[Geometry, list[Colored]] = {}

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
        self.note("motion", "targets" in primitive)
        if draco.NAME in extensions(primitive):
            draco.unpack(self.gltf, primitive)
            mode = TRIANGLES
        if "POSITION" not in attributes:
            return None
        color = self.color(primitive)
        wanted = color.described.uvs if color and color.described else ()
        key = (
            attributes["POSITION"],
            attributes.get("NORMAL"),
            primitive.get("indices"),
            attributes.get("COLOR_0"),
            *(attributes.get(f"TEXCOORD_{number}") for number in wanted),
        )
        if not all(number is None or is_integer(number) for number in key):
            raise CadError("damaged", "mesh")
        return (mode, *key)

    def color(self, primitive: dict[str, Any]) -> Color | None:
        """Return the base color as CAD would write it, and what else the material says; None without a material."""
        return self.materials.color(primitive["material"]) if "material" in primitive else None

    def surfaces(self, geometry: Geometry, base: Color | None) -> list[Colored]:
        """Return the triangles of a geometry by color, of those that are usable; ``base`` is that of its material."""
        if geometry not in self._surfaces:
            self._surfaces[geometry] = self._read_surfaces(*geometry)
        return [
            (shaded(color, base, is_tinted=surface.tints is not None), surface)
            for color, surface in self._surfaces[geometry]
        ]

    def _read_surfaces(
        self,
        mode: int,
        position: int,
        normal: int | None,
        indices: int | None,
        color: int | None,
        *uvs: int | None,
    ) -> list[Colored]:
        gltf = self.gltf
        given = gltf.array(position, "VEC3", POSITIONS)
        count = gltf.count(position if indices is None else indices)
        self.triangles += count // 3 if mode == TRIANGLES else max(0, count - 2)
        if self.triangles > self.limits.max_triangles:
            raise too_many_triangles(self.limits)
        corners = self._corners(indices, len(given), mode)
        if not len(corners):
            return []
        # Many small meshes may share one large array: only what this one uses is converted.
        used, renumbered = np.unique(corners, return_inverse=True)
        with np.errstate(all="ignore"):
            points = as_floats(given[used], normalized=gltf.is_normalized(position)) @ TO_Z_UP.T * MILLIMETERS
        corners = renumbered.reshape(-1, 3)
        sound = usable(points, corners)
        self.dropped += int((~sound).sum())
        corners = corners[sound]
        if not len(corners):
            return []
        facing = None
        if normal is not None:
            normals = gltf.array(normal, "VEC3", NORMALS)
            if len(normals) != len(given):
                raise CadError("damaged", "normals")
            facing = as_floats(normals[used], normalized=gltf.is_normalized(normal)) @ TO_Z_UP.T

        carried = Carried(tuple(self._uv(uv, len(given), used) for uv in uvs))

        def make(rows: Corners) -> Surface | None:
            if facing is None:
                return smooth_surface(points, corners[rows], carried)
            return given_surface(points, facing, corners[rows], carried)

        linear = self._vertex_colors(color, len(given), used) if color is not None else None
        if linear is None:
            surface = make(np.arange(len(corners)))
            return [(None, surface)] if surface else []
        return tinted(corners, linear, carried, make)

    def _uv(self, accessor: int | None, count: int, used: Corners) -> Floats:
        """Return the texture coordinates (n, 2) of the used points; zeros where the file has none."""
        if accessor is None:
            return np.zeros((len(used), 2))
        values = self.gltf.array(accessor, "VEC2", UVS)
        if len(values) != count:
            raise CadError("damaged", "texture_coordinates")
        found = as_floats(values[used], normalized=self.gltf.is_normalized(accessor))
        return in_reach(found)

    def _vertex_colors(self, accessor: int, count: int, used: Corners) -> Floats | None:
        """Return the colors (n, 4; linear light) of the used points; None where all are white, as some write them."""
        kind = self.gltf.entry("accessors", accessor).get("type")
        values = self.gltf.array(accessor, "VEC4" if kind == "VEC4" else "VEC3", VERTEX_COLORS)
        if len(values) != count:
            raise CadError("damaged", "vertex_colors")
        linear = as_floats(values[used], normalized=values.dtype.kind == "u")
        alpha = linear[:, 3:] if linear.shape[1] == 4 else np.ones((len(linear), 1))
        rgb: Floats = np.concatenate([linear[:, :3], alpha], axis=1).clip(0.0, 1.0)
        return None if np.isfinite(rgb).all() and (rgb > WHITE).all() else rgb

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
