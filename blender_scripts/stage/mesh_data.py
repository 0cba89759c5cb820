"""Blender's mesh of arrays, as its glTF importer makes it with the shading of the file's normals."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import bpy
import numpy as np
import numpy.typing as npt

from blender_scripts.stage.gltf_own import OwnMesh

_SAME_DIRECTION = 0.9999999
"""Blender's importer takes a triangle for flat if the normals at its corners are its own by this cosine."""


TINT = "tint"
"""What the colors of points are called."""


def uv_name(number: int) -> str:
    """What the places in textures of this number are called."""
    return f"uv.{number}"


def build(name: str, own: OwnMesh) -> bpy.types.Mesh:
    """A new mesh with an empty material slot for each of `own`."""
    mesh = bpy.data.meshes.new(name)
    triangles = len(own.slot_numbers)
    mesh.vertices.add(len(own.points))
    mesh.vertices.foreach_set("co", own.points.ravel())
    mesh.loops.add(len(own.corners))
    mesh.loops.foreach_set("vertex_index", own.corners)
    mesh.polygons.add(triangles)
    mesh.polygons.foreach_set("loop_start", np.arange(0, 3 * triangles, 3, dtype=np.int32))
    for _ in own.slots:
        mesh.materials.append(None)
    if len(own.slots) > 1:
        mesh.polygons.foreach_set("material_index", own.slot_numbers)
    mesh.polygons.foreach_set("use_smooth", ~_flat(mesh, own))
    for number, uv in enumerate(own.uvs):
        layer = mesh.uv_layers.new(name=uv_name(number), do_init=False)
        layer.data.foreach_set("uv", uv[own.corners].ravel())
    if own.tints is not None:
        tints = mesh.color_attributes.new(TINT, "FLOAT_COLOR", "POINT")
        tints.data.foreach_set("color", own.tints.ravel())
    mesh.validate()
    mesh.update()
    mesh.normals_split_custom_set_from_vertices(own.normals)
    return mesh


def points_of(mesh: bpy.types.Mesh) -> npt.NDArray[np.float32]:
    """The mesh's vertices, (n, 3)."""
    flat = np.empty(len(mesh.vertices) * 3, dtype=np.float32)
    mesh.vertices.foreach_get("co", flat)
    return flat.reshape(-1, 3)


def _flat(mesh: bpy.types.Mesh, own: OwnMesh) -> npt.NDArray[np.bool_]:
    faces = np.empty(len(mesh.polygons) * 3, dtype=np.float32)
    mesh.polygon_normals.foreach_get("vector", faces)
    at_corners = own.normals[own.corners].reshape(-1, 3, 3)
    cosines = np.einsum("tcx,tx->tc", at_corners, faces.reshape(-1, 3))
    same: npt.NDArray[np.bool_] = (cosines > _SAME_DIRECTION).all(axis=1)
    return same
