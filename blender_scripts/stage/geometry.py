"""Brings a GLB into the scene as one subject of unit size, standing on the ground."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
import numpy.typing as npt
from mathutils import Matrix, Vector

Points = npt.NDArray[np.float64]

_DIRECTIONS = 512
_SUPPORT_ABOVE = 2048


class BadGeometry(RuntimeError):
    """The GLB cannot be read or shows nothing."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One material slot of a mesh as the file has it: linear RGBA colour and the material's name."""

    colour: tuple[float, float, float, float]
    material: str


@dataclass(slots=True)
class Subject:
    """What is photographed: a pivot that carries all objects, scaled so that its bounding sphere has radius 1.

    `points` (n, 3) are the extreme points of all instances in pivot space, enough to frame it;
    `scale` is scene units per metre; `slots` and `names` are per mesh datablock.
    """

    pivot: bpy.types.Object
    objects: list[bpy.types.Object]
    meshes: list[bpy.types.Mesh]
    slots: dict[str, list[Slot]]
    names: dict[str, str]
    points: Points
    scale: float

    @property
    def height(self) -> float:
        """Height above the ground in scene units."""
        return float(self.points[:, 2].max())


def load(scene: bpy.types.Scene, glb: Path) -> Subject:
    """Import `glb` into `scene`; raises BadGeometry when it is missing, damaged or empty."""
    if not glb.is_file():
        raise BadGeometry(f"The geometry file {glb.name} is missing. Tessellate the CAD file again.")
    before = set(bpy.data.objects)
    try:
        bpy.ops.import_scene.gltf(filepath=str(glb), import_shading="NORMALS")
    except RuntimeError as error:
        discard([one for one in bpy.data.objects if one not in before])
        raise BadGeometry(
            f"Blender cannot read the geometry file {glb.name}: {str(error).strip().splitlines()[-1]}"
        ) from error
    objects = [one for one in bpy.data.objects if one not in before]
    try:
        return _subject(scene, objects, glb)
    except BaseException:
        discard(objects)
        raise


def discard(objects: list[bpy.types.Object]) -> None:
    """Remove `objects` with the meshes and materials that only they used."""
    bpy.data.batch_remove(objects)
    for kind in (bpy.data.meshes, bpy.data.materials, bpy.data.images, bpy.data.cameras, bpy.data.lights):
        orphans = [one for one in kind if one.users == 0]
        if orphans:
            bpy.data.batch_remove(orphans)


def _subject(scene: bpy.types.Scene, objects: list[bpy.types.Object], glb: Path) -> Subject:
    shown = [one for one in objects if one.type == "MESH" and len(one.data.polygons)]
    if not shown:
        raise BadGeometry(f"The geometry file {glb.name} has no surface to show. Check the CAD file's parts.")
    bpy.context.view_layer.update()
    local = {one.data.name: _support(one.data) for one in shown}
    points = np.concatenate([_moved(local[one.data.name], one.matrix_world) for one in shown])
    low, high = points.min(axis=0), points.max(axis=0)
    radius = float(np.linalg.norm(high - low)) / 2
    if not math.isfinite(radius) or radius <= 0:
        raise BadGeometry(f"The geometry file {glb.name} has no finite size. Tessellate the CAD file again.")

    scale = 1.0 / radius
    centre = (low + high) / 2
    origin = Vector((centre[0], centre[1], low[2]))
    pivot = bpy.data.objects.new("subject", None)
    scene.collection.objects.link(pivot)
    placed = Matrix.Scale(scale, 4) @ Matrix.Translation(-origin)
    for one in objects:
        if one.parent is None:
            one.parent = pivot
            one.matrix_parent_inverse = placed
    names = _names(shown)
    meshes = list({one.data.name: one.data for one in shown}.values())
    slots = [_slots(mesh) for mesh in meshes]
    called = [names[mesh.name] for mesh in meshes]
    # Plain names for Blender's log; the file's own are kept in Subject.names.
    for kind, owners in (("part", objects), ("mesh", meshes)):
        for index, owner in enumerate(owners):
            owner.name = f"{kind}.{index}"
    return Subject(
        pivot=pivot,
        objects=[pivot, *objects],
        meshes=meshes,
        slots={mesh.name: of_mesh for mesh, of_mesh in zip(meshes, slots, strict=True)},
        names={mesh.name: name for mesh, name in zip(meshes, called, strict=True)},
        points=(points - np.array(origin)) * scale,
        scale=scale,
    )


def _support(mesh: bpy.types.Mesh) -> Points:
    """The vertices that matter for framing: all of a small mesh, else the farthest in evenly spread directions."""
    flat = np.empty(len(mesh.vertices) * 3, dtype=np.float32)
    mesh.vertices.foreach_get("co", flat)
    points = flat.reshape(-1, 3).astype(np.float64)
    if len(points) <= _SUPPORT_ABOVE:
        return points
    index = np.arange(_DIRECTIONS) + 0.5
    polar = np.arccos(1 - 2 * index / _DIRECTIONS)
    turn = np.pi * (1 + 5**0.5) * index  # golden angle spiral
    directions = np.stack((np.cos(turn) * np.sin(polar), np.sin(turn) * np.sin(polar), np.cos(polar)), axis=1)
    chosen = {int((points @ direction).argmax()) for direction in directions}
    return points[sorted(chosen)]


def _moved(points: Points, matrix: Matrix) -> Points:
    rotation = np.array(matrix.to_3x3())
    return points @ rotation.T + np.array(matrix.translation)


def _slots(mesh: bpy.types.Mesh) -> list[Slot]:
    return [_slot(material) for material in mesh.materials] or [Slot((0.5, 0.5, 0.5, 1.0), "")]


def _slot(material: bpy.types.Material | None) -> Slot:
    if material is None:
        return Slot((0.5, 0.5, 0.5, 1.0), "")
    if material.node_tree is not None:
        for node in material.node_tree.nodes:
            if node.type == "BSDF_PRINCIPLED":
                red, green, blue, _ = node.inputs["Base Color"].default_value
                return Slot((red, green, blue, node.inputs["Alpha"].default_value), material.name)
    red, green, blue, alpha = material.diffuse_color
    return Slot((red, green, blue, alpha), material.name)


def _names(shown: list[bpy.types.Object]) -> dict[str, str]:
    """Per mesh: its own name and those of the nodes that use it, for the material rules."""
    names: dict[str, list[str]] = {}
    for one in shown:
        known = names.setdefault(one.data.name, [one.data.name])
        if len(known) < 8 and one.name not in known:
            known.append(one.name)
    return {mesh: " | ".join(known) for mesh, known in names.items()}
