"""A subject as Blender's own importer makes it of a GLB, to compare ours with. It runs inside Blender."""

from __future__ import annotations

import re
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

from blender_scripts.stage import extent, mesh_data
from blender_scripts.stage.described import Images
from blender_scripts.stage.geometry import (
    BadGeometry,
    PlacedMesh,
    Subject,
    _part,
    _part_name,
    discard,
)
from blender_scripts.stage.gltf_own import Slot


def imported(scene: bpy.types.Scene, glb: Path) -> Subject:
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
        raise BadGeometry(f"{glb.name} has no surface to show")
    bpy.context.view_layer.update()
    meshes = list({one.data.name: one.data for one in shown}.values())
    matrices = np.array([one.matrix_world for one in shown], float)
    pivot = bpy.data.objects.new("subject", None)
    scene.collection.objects.link(pivot)
    for one in shown:
        one.parent = pivot
        one.matrix_basis = Matrix.Identity(4)
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
        matrices=matrices,
        outlines={mesh.name: extent.support(mesh_data.points_of(mesh)) for mesh in meshes},
        images=Images(()),
    )


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


def _texts(thing: bpy.types.Object) -> dict[str, str]:
    return {name: text for name, text in thing.items() if isinstance(text, str)}


def _base(name: str) -> str:
    """A name without the number that Blender adds where another has it."""
    return re.sub(r"\.\d{3}$", "", name)
