"""Brings a GLB into the scene as one subject of unit size, standing on the ground."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import bpy
import numpy as np

from blender_scripts.finish_rules import PlacedPart, name_of
from blender_scripts.refusals import RefusedRender
from blender_scripts.stage import extent, gltf_own, mesh_data
from blender_scripts.stage.described import Images
from blender_scripts.stage.extent import Points
from blender_scripts.stage.gltf_own import OwnScene, Slot


class BadGeometry(RefusedRender):
    """The GLB cannot be read or shows nothing."""

    code = "bad_geometry"


@dataclass(frozen=True, slots=True)
class PlacedMesh:
    """One object, the mesh that the file gives it, and the part it is, whatever its colors."""

    thing: bpy.types.Object
    mesh: bpy.types.Mesh
    part: PlacedPart


@dataclass(slots=True)
class Subject:
    """What is photographed: a pivot that carries all objects. `arrangement.arrange` places them; before that nothing
    is in its place.

    `points` (n, 3) are the extreme points of what frames the picture, in pivot space, scaled so that its bounding
    sphere has radius 1; `scale` is scene units per meter, `frame` (4, 4) leads from the product's axes (m) there;
    `slots` are per mesh datablock, `images` those of the file. `places` are the objects that show something, with the
    mesh that the file gives them and what is known of the part; its color is left empty. `matrices` (n, 4, 4) are their
    places in the file, `outlines` the points of their meshes that can frame them. `shown` are the places that the
    picture is about, `others` those that are shown with them.
    """

    pivot: bpy.types.Object
    objects: list[bpy.types.Object]
    meshes: list[bpy.types.Mesh]
    slots: dict[str, list[Slot]]
    places: list[PlacedMesh]
    matrices: Points
    outlines: dict[str, Points]
    images: Images
    points: Points = field(default_factory=lambda: np.empty((0, 3)))
    scale: float = 1.0
    frame: Points = field(default_factory=lambda: np.eye(4))
    shown: list[PlacedMesh] = field(default_factory=list)
    others: list[PlacedMesh] = field(default_factory=list)

    @property
    def height(self) -> float:
        """Height above the ground in scene units."""
        return float(self.points[:, 2].max())


def load(scene: bpy.types.Scene, glb: Path) -> Subject:
    """Bring `glb` into `scene`; raises BadGeometry: missing, damaged or empty.

    What Renderdesk did not write itself is refused: Blender's importer understands all of glTF, and a stranger's file
    may be made for it.
    """
    if not glb.is_file():
        raise BadGeometry("missing", file=glb.name)
    try:
        own = gltf_own.read(glb)
    except gltf_own.NotOurs as reason:
        raise BadGeometry("not_ours", file=glb.name, reason=str(reason)) from reason
    if not own.nodes:
        raise BadGeometry("empty", file=glb.name)
    return _assembled(scene, own)


def discard(objects: list[bpy.types.Object]) -> None:
    """Remove `objects` with the meshes and materials that only they used."""
    bpy.data.batch_remove(objects)
    for kind in (bpy.data.meshes, bpy.data.materials, bpy.data.images, bpy.data.cameras, bpy.data.lights):
        orphans = [one for one in kind if one.users == 0]
        if orphans:
            bpy.data.batch_remove(orphans)


def _assembled(scene: bpy.types.Scene, own: OwnScene) -> Subject:
    """The subject from a file of our own: an object for each place, all below the pivot."""
    used = sorted({node.mesh for node in own.nodes})
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
        for thing, node in zip(objects[1:], own.nodes, strict=True):
            thing.parent = pivot
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
        matrices=own.matrices,
        outlines={made[one].name: extent.support(own.meshes[one].points) for one in used},
        images=Images(own.images),
    )


def _part_name(index: int) -> str:
    """Names that sort as they are given: Blender keeps its lists sorted, and moves each new name to its place."""
    return f"part.{index:06d}"


def _part(extras: Mapping[str, str], name: str, product: str) -> PlacedPart:
    """What the file says of a place: our own files have its part key and its product, others two names."""
    key = extras.get("part_key", "")
    return PlacedPart(key, name_of(key, name), extras.get("product", product), extras.get("cad_material", ""))
