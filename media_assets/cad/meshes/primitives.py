"""Reads the triangles, normals and base colors of a GLB's meshes. Runs in the child process only."""

from __future__ import annotations

from typing import Any

import numpy as np

from media_assets.cad.contract import Finding, Limits
from media_assets.cad.errors import CadError
from media_assets.cad.meshes.axes import MILLIMETERS, TO_Z_UP
from media_assets.cad.meshes.colors import SIMPLIFIED, Colored, by_color, to_linear, to_srgb
from media_assets.cad.meshes.gltf import Array, Gltf, as_floats, extensions, is_integer, numbers
from media_assets.cad.meshes.normals import given_surface, smooth_surface, usable
from media_assets.cad.meshes.scene import Corners, Floats, too_many_triangles
from media_assets.cad.meshes.textures import texture_color
from media_assets.cad.product_tree import Color
from media_assets.cad.surfaces import Surface

COLOR_DIGITS = 5
TRIANGLES, STRIP, FAN = 4, 5, 6
POSITIONS = (5126, 5120, 5121, 5122, 5123)
NORMALS = (5126, 5120, 5122)
INDICES = (5121, 5123, 5125)

VERTEX_COLORS = (5126, 5121, 5123)
WHITE = 0.999

MOST_CLEAR = 0.9
"""How much of a part's opacity a transmission of 1 takes: glass is still there."""

SHOWN_EXTENSIONS = ("KHR_materials_pbrSpecularGlossiness", "KHR_materials_transmission")
DROPPED = (
    *("metallicFactor", "roughnessFactor", "specularFactor", "glossinessFactor", "emissiveFactor"),
    *(
        "metallicRoughnessTexture",
        "specularGlossinessTexture",
        "normalTexture",
        "occlusionTexture",
        "emissiveTexture",
    ),
)
MOST_PROPERTIES = 20

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
        self.simplified = False
        self.properties: set[str] = set()
        self._surfaces: dict[Geometry, list[Colored]] = {}
        self._colors: dict[Any, Color] = {}

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
        if "POSITION" not in attributes:
            return None
        key = (
            attributes["POSITION"],
            attributes.get("NORMAL"),
            primitive.get("indices"),
            attributes.get("COLOR_0"),
        )
        if not all(number is None or is_integer(number) for number in key):
            raise CadError("damaged", "mesh")
        return (*key, mode)

    def color(self, primitive: dict[str, Any]) -> Color | None:
        """Return the base color as CAD would write it; None without a material."""
        if "material" not in primitive:
            return None
        number = primitive["material"]
        if number not in self._colors:
            self._colors[number] = self._read_color(self.gltf.entry("materials", number))
        return self._colors[number]

    def _read_color(self, material: dict[str, Any]) -> Color:
        basis = _described(material, "pbrMetallicRoughness")
        known = extensions(material)
        names = ("baseColorTexture", "baseColorFactor")
        glossy = _described(known, "KHR_materials_pbrSpecularGlossiness")
        if glossy:
            basis, names = glossy, ("diffuseTexture", "diffuseFactor")
        factor = np.clip(numbers(basis, names[1], (1.0, 1.0, 1.0, 1.0)), 0.0, 1.0)
        if names[0] in basis:
            self.left_out.add("textures")
            average = texture_color(self.gltf, basis[names[0]])
            if average is not None:
                factor[:3] *= to_linear(average)
        alpha = float(factor[3]) if material.get("alphaMode") == "BLEND" else 1.0
        through = _described(known, "KHR_materials_transmission")
        share = numbers(
            {"transmissionFactor": [through.get("transmissionFactor", 0.0)]}, "transmissionFactor", (0.0,)
        )
        # Parts that are seen through become of glass by their opacity, as in CAD.
        alpha = min(alpha, 1.0 - MOST_CLEAR * min(1.0, max(0.0, share[0])))
        if "cad_color" not in _described(material, "extras"):  # else it is a geometry of ours
            self.properties.update(name for name in known if name not in SHOWN_EXTENSIONS)
            self.properties.update(name for name in DROPPED if material.get(name) or basis.get(name))
        shown = to_srgb(factor[:3])
        return Color(*(round(float(channel), COLOR_DIGITS) for channel in (*shown, alpha)))

    def findings(self) -> list[Finding]:
        """Return what to say about the colors and materials that were read."""
        found = [SIMPLIFIED] if self.simplified else []
        if self.properties:
            names = ", ".join(sorted(self.properties)[:MOST_PROPERTIES])
            found.append(
                Finding(
                    "properties_left_out",
                    "The file describes its surfaces in more ways than color and opacity; finishes are chosen by part "
                    "name, material and color instead. Assign a finish where the picture looks different.",
                    names,
                )
            )
        return found

    def surfaces(self, geometry: Geometry, base: Color | None) -> list[Colored]:
        """Return the triangles of a geometry by color, of those that are usable; ``base`` is that of its material."""
        if geometry not in self._surfaces:
            self._surfaces[geometry] = self._read_surfaces(*geometry)
        return [(_times(color, base), surface) for color, surface in self._surfaces[geometry]]

    def _read_surfaces(
        self, position: int, normal: int | None, indices: int | None, color: int | None, mode: int
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

        def make(some: Corners) -> Surface | None:
            return smooth_surface(points, some) if facing is None else given_surface(points, facing, some)

        rgb = self._vertex_colors(color, len(given), used) if color is not None else None
        if rgb is None:
            surface = make(corners)
            return [(None, surface)] if surface else []
        found, simplified = by_color(corners, rgb[corners].mean(axis=1), make)
        self.simplified = self.simplified or simplified
        return found

    def _vertex_colors(self, accessor: int, count: int, used: Corners) -> Floats | None:
        """Return the colors (n, 4; sRGB) of the used points; None where all are white, as some programs write them."""
        kind = self.gltf.entry("accessors", accessor).get("type")
        values = self.gltf.array(accessor, "VEC4" if kind == "VEC4" else "VEC3", VERTEX_COLORS)
        if len(values) != count:
            raise CadError("damaged", "vertex_colors")
        linear = as_floats(values[used], normalized=values.dtype.kind == "u")
        alpha = linear[:, 3:] if linear.shape[1] == 4 else np.ones((len(linear), 1))
        rgb: Floats = np.concatenate([to_srgb(linear[:, :3]), np.clip(alpha, 0.0, 1.0)], axis=1)
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


def _described(entry: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an object within an object. Raises CadError damaged where it is none."""
    found = entry.get(name, {})
    if not isinstance(found, dict) and name != "extras":
        raise CadError("damaged", "material")
    return found if isinstance(found, dict) else {}


def _times(own: Color | None, base: Color | None) -> Color | None:
    """Return the color of points times that of their material, as light."""
    if own is None or base is None:
        return own or base
    light = np.array(own.linear) * base.linear
    shown = (*to_srgb(light[:3]), light[3])
    return Color(*(round(float(channel), COLOR_DIGITS) for channel in shown))
