"""Brings a GLB into the scene as one subject of unit size, standing on the ground."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

from blender_scripts.finish_rules import PlacedPart, name_of
from blender_scripts.stage import extent, gltf_own, mesh_data
from blender_scripts.stage.described import Images
from blender_scripts.stage.extent import Placed, Points
from blender_scripts.stage.gltf_own import OwnScene, Slot


class BadGeometry(RuntimeError):
    """The GLB cannot be read or shows nothing."""


@dataclass(frozen=True, slots=True)
class PlacedMesh:
    """One object, the mesh that the file gives it, and the part it is, whatever its colors."""

    thing: bpy.types.Object
    mesh: bpy.types.Mesh
    part: PlacedPart


@dataclass(slots=True)
class Subject:
    """What is photographed: a pivot that carries all objects, scaled so that its bounding sphere has radius 1.

    `points` (n, 3) are the extreme points of all instances in pivot space, enough to frame it;
    `scale` is scene units per meter; `slots` are per mesh datablock, `images` those of the file. `places` are the
    objects that show something, with the mesh that the file gives them and what is known of the part; its color is left
    empty.
    """

    pivot: bpy.types.Object
    objects: list[bpy.types.Object]
    meshes: list[bpy.types.Mesh]
    slots: dict[str, list[Slot]]
    places: list[PlacedMesh]
    points: Points
    scale: float
    images: Images

    @property
    def height(self) -> float:
        """Height above the ground in scene units."""
        return float(self.points[:, 2].max())


def load(scene: bpy.types.Scene, glb: Path, orientation: Sequence[float] = ()) -> Subject:
    """Bring `glb` into `scene`, turned by a rotation (9 numbers); raises BadGeometry: missing, damaged or empty.

    What Renderdesk did not write itself is refused: Blender's importer understands all of glTF, and a stranger's file
    may be made for it.
    """
    if not glb.is_file():
        raise BadGeometry(f"The geometry file {glb.name} is missing. Tessellate the CAD file again.")
    try:
        own = gltf_own.read(glb)
    except gltf_own.NotOurs as reason:
        raise BadGeometry(
            f"The geometry file {glb.name} is not as Renderdesk writes it ({reason}). Tessellate the CAD file again."
        ) from reason
    if orientation:
        turn = np.eye(4)
        turn[:3, :3] = np.reshape(orientation, (3, 3))
        own = replace(own, matrices=turn @ own.matrices)
    return _assembled(scene, own, glb)


def discard(objects: list[bpy.types.Object]) -> None:
    """Remove `objects` with the meshes and materials that only they used."""
    bpy.data.batch_remove(objects)
    for kind in (bpy.data.meshes, bpy.data.materials, bpy.data.images, bpy.data.cameras, bpy.data.lights):
        orphans = [one for one in kind if one.users == 0]
        if orphans:
            bpy.data.batch_remove(orphans)


def _assembled(scene: bpy.types.Scene, own: OwnScene, glb: Path) -> Subject:
    """The subject from a file of our own: an object for each place, all below the pivot."""
    places = np.array([node.mesh for node in own.nodes], int)
    used = sorted({node.mesh for node in own.nodes})
    points = extent.spread(
        [Placed(extent.support(own.meshes[one].points), own.matrices[places == one]) for one in used]
    )
    scale, placed = _fit(points, glb)
    made: dict[int, bpy.types.Mesh] = {}
    pivot = bpy.data.objects.new("subject", None)
    objects = [pivot]
    try:
        for index, one in enumerate(used):
            made[one] = mesh_data.build(f"mesh.{index}", own.meshes[one])
        scene.collection.objects.link(pivot)
        for index, node in enumerate(own.nodes):
            objects.append(bpy.data.objects.new(_part_name(index), made[node.mesh]))
        for thing in objects[1:]:
            scene.collection.objects.link(thing)
        matrices = (np.array(placed) @ own.matrices).tolist()
        for thing, node, matrix in zip(objects[1:], own.nodes, matrices, strict=True):
            thing.parent = pivot
            thing.matrix_parent_inverse = Matrix(matrix)
            for key, text in node.extras.items():
                thing[key] = text
    except BaseException:
        discard(objects)
        raise
    return Subject(
        pivot=pivot,
        objects=objects,
        meshes=list(made.values()),
        slots={made[one].name: list(own.meshes[one].slots) for one in used},
        places=[
            PlacedMesh(thing, made[node.mesh], _part(node.extras, node.name, own.meshes[node.mesh].name))
            for thing, node in zip(objects[1:], own.nodes, strict=True)
        ],
        points=points * scale + np.array(placed.translation),
        scale=scale,
        images=Images(own.images),
    )


def _part_name(index: int) -> str:
    """Names that sort as they are given: Blender keeps its lists sorted, and moves each new name to its place."""
    return f"part.{index:06d}"


def _nothing_to_show(glb: Path) -> BadGeometry:
    return BadGeometry(f"The geometry file {glb.name} has no surface to show. Check the CAD file's parts.")


def _fit(points: Points, glb: Path) -> tuple[float, Matrix]:
    """The scale that gives the points' sphere a radius of 1, and the matrix that also puts them on the ground."""
    if not len(points):
        raise _nothing_to_show(glb)
    low, high = points.min(axis=0), points.max(axis=0)
    radius = float(np.linalg.norm(high - low)) / 2
    if not math.isfinite(radius) or radius <= 0:
        raise BadGeometry(f"The geometry file {glb.name} has no finite size. Tessellate the CAD file again.")
    center = (low + high) / 2
    scale = 1.0 / radius
    return scale, Matrix.Scale(scale, 4) @ Matrix.Translation((-center[0], -center[1], -low[2]))


def _part(extras: Mapping[str, str], name: str, product: str) -> PlacedPart:
    """What the file says of a place: our own files have its part key and its product, others two names."""
    key = extras.get("part_key", "")
    return PlacedPart(key, name_of(key, name), extras.get("product", product), extras.get("cad_material", ""))
