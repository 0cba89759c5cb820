"""Brings a GLB into the scene as one subject of unit size, standing on the ground."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

from blender_scripts.finish_rules import PlacedPart, name_of
from blender_scripts.stage import extent, gltf_own, mesh_data
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
    `scale` is scene units per meter; `slots` are per mesh datablock. `places` are the objects that show something, with
    the mesh that the file gives them and what is known of the part; its color is left empty.
    """

    pivot: bpy.types.Object
    objects: list[bpy.types.Object]
    meshes: list[bpy.types.Mesh]
    slots: dict[str, list[Slot]]
    places: list[PlacedMesh]
    points: Points
    scale: float

    @property
    def height(self) -> float:
        """Height above the ground in scene units."""
        return float(self.points[:, 2].max())


def load(scene: bpy.types.Scene, glb: Path) -> Subject:
    """Bring `glb` into `scene`; raises BadGeometry when it is missing, damaged or empty.

    What Renderdesk did not write itself goes through Blender's importer, which takes ten times as long for a product
    of many parts; the log says so.
    """
    if not glb.is_file():
        raise BadGeometry(f"The geometry file {glb.name} is missing. Tessellate the CAD file again.")
    try:
        own = gltf_own.read(glb)
    except gltf_own.NotOurs as reason:
        print(
            f"Blender's importer reads {glb.name}, which is not as Renderdesk writes it: {reason}.",
            flush=True,
        )
        return _imported(scene, glb)
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
    )


def _imported(scene: bpy.types.Scene, glb: Path) -> Subject:
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


def _subject(scene: bpy.types.Scene, objects: list[bpy.types.Object], glb: Path) -> Subject:
    shown = [one for one in objects if one.type == "MESH" and len(one.data.polygons)]
    if not shown:
        raise _nothing_to_show(glb)
    bpy.context.view_layer.update()
    meshes = list({one.data.name: one.data for one in shown}.values())
    where: dict[str, list[Matrix]] = {}
    for one in shown:
        where.setdefault(one.data.name, []).append(one.matrix_world)
    points = extent.spread(
        [
            Placed(extent.support(mesh_data.points_of(mesh)), np.array(where[mesh.name], float))
            for mesh in meshes
        ]
    )
    scale, placed = _fit(points, glb)
    pivot = bpy.data.objects.new("subject", None)
    scene.collection.objects.link(pivot)
    for one in objects:
        if one.parent is None:
            one.parent = pivot
            one.matrix_parent_inverse = placed
    slots = [_slots(mesh) for mesh in meshes]
    places = [
        PlacedMesh(one, one.data, _part(_texts(one), _base(one.name), _base(one.data.name))) for one in shown
    ]
    # Plain names for Blender's log; the file's own are kept in Subject.places.
    for index, owner in enumerate(objects):
        owner.name = _part_name(index)
    for index, mesh in enumerate(meshes):
        mesh.name = f"mesh.{index}"
    return Subject(
        pivot=pivot,
        objects=[pivot, *objects],
        meshes=meshes,
        slots={mesh.name: of_mesh for mesh, of_mesh in zip(meshes, slots, strict=True)},
        places=places,
        points=points * scale + np.array(placed.translation),
        scale=scale,
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


def _part(extras: Mapping[str, str], name: str, product: str) -> PlacedPart:
    """What the file says of a place: our own files have its part key and its product, others two names."""
    key = extras.get("part_key", "")
    return PlacedPart(key, name_of(key, name), extras.get("product", product), extras.get("cad_material", ""))


def _texts(thing: bpy.types.Object) -> dict[str, str]:
    return {name: text for name, text in thing.items() if isinstance(text, str)}


def _base(name: str) -> str:
    """A name without the number that Blender adds where another has it."""
    return re.sub(r"\.\d{3}$", "", name)
