"""Builds a studio of one's own from its description: its lights and its ground."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import json
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

from blender_scripts.jsonform import ContractError
from blender_scripts.refusals import RefusedRender
from blender_scripts.stage import nodes
from blender_scripts.studios import RAYS, GroundObject, OwnStudio, Paint, StudioLight


class BadStudio(RefusedRender):
    """The file of a studio is missing, is another one, or does not describe one."""

    code = "bad_studio"


def read(sha256: str, path: str) -> OwnStudio:
    """The studio in a file of ours with this SHA-256. Raises BadStudio."""
    name = Path(path).name
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise BadStudio("missing", file=name) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BadStudio("changed", file=name)
    try:
        return OwnStudio.from_json(json.loads(content))
    except (ContractError, ValueError) as error:
        raise BadStudio("version", file=name, reason=str(error)) from error


class Furniture:
    """The lights and the ground of one studio in a scene, below its rig."""

    def __init__(self, scene: bpy.types.Scene, rig: bpy.types.Object, studio: OwnStudio) -> None:
        self._scene, self._rig = scene, rig
        self._data: list[bpy.types.ID] = []
        self._ground: list[bpy.types.Object] = []
        for light in studio.lights:
            self._place(_light(light), light.unseen)
        for thing in studio.ground:
            mesh = _mesh(thing)
            self._data += [slot for slot in mesh.materials if slot]
            placed = self._place(bpy.data.objects.new("furniture", mesh), thing.unseen)
            placed.is_shadow_catcher = thing.catches_shadow
            self._ground.append(placed)

    def show_ground(self, shown: bool) -> bool:
        """Show the ground or hide it; True when that changed anything."""
        changed = any(one.hide_render == shown for one in self._ground)
        for one in self._ground:
            one.hide_render = not shown
        return changed

    def remove(self) -> None:
        """Leave nothing of it in the scene."""
        bpy.data.batch_remove(self._data)
        self._data, self._ground = [], []

    def _place(self, thing: bpy.types.Object, unseen: tuple[str, ...]) -> bpy.types.Object:
        for ray in RAYS:
            setattr(thing, f"visible_{ray}", ray not in unseen)
        thing.parent = self._rig
        self._scene.collection.objects.link(thing)
        self._data += [thing, thing.data]
        return thing


def _light(light: StudioLight) -> bpy.types.Object:
    lamp = bpy.data.lights.new("furniture", light.kind)
    lamp.color = light.color
    lamp.energy = light.energy
    lamp.use_shadow = light.casts_shadow
    if light.kind == "AREA":
        lamp.shape = light.shape
        lamp.size = light.size[0]
        if light.shape in ("RECTANGLE", "ELLIPSE"):
            lamp.size_y = light.size[1]
        lamp.spread = light.angle
    elif light.kind == "SUN":
        lamp.angle = light.angle
    else:
        lamp.shadow_soft_size = light.radius
    if light.kind == "SPOT":
        lamp.spot_size, lamp.spot_blend = light.angle, light.blend
    thing = bpy.data.objects.new("furniture", lamp)
    turn = Matrix([light.turn[at : at + 3] for at in (0, 3, 6)]).to_4x4()
    thing.matrix_basis = Matrix.Translation(light.place) @ turn
    return thing


def _mesh(thing: GroundObject) -> bpy.types.Mesh:
    mesh = bpy.data.meshes.new("furniture")
    triangles = np.reshape(thing.triangles, (-1, 3))
    mesh.from_pydata(np.reshape(thing.points, (-1, 3)).tolist(), [], triangles.tolist())
    for paint in thing.paints:
        mesh.materials.append(_material(paint))
    if thing.painted:
        mesh.polygons.foreach_set("material_index", np.array(thing.painted, np.int32))
    if thing.normals and len(mesh.loops) == len(thing.triangles):
        mesh.polygons.foreach_set("use_smooth", np.ones(len(mesh.polygons), bool))
        mesh.update()
        mesh.normals_split_custom_set(np.reshape(thing.normals, (-1, 3)).tolist())
    mesh.update()
    return mesh


def _material(paint: Paint) -> bpy.types.Material:
    tree, material = nodes.material("furniture")
    surface = tree.nodes.new("ShaderNodeBsdfPrincipled")
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(surface.outputs["BSDF"], output.inputs["Surface"])
    inputs = surface.inputs
    inputs["Base Color"].default_value = (*paint.color, 1.0)
    inputs["Roughness"].default_value = paint.roughness
    inputs["Metallic"].default_value = paint.metallic
    inputs["Specular IOR Level"].default_value = paint.specular
    inputs["Coat Weight"].default_value = paint.coat
    inputs["Alpha"].default_value = paint.alpha
    brightest = max(paint.glow)
    if brightest:
        inputs["Emission Color"].default_value = (*(one / brightest for one in paint.glow), 1.0)
    inputs["Emission Strength"].default_value = brightest
    return material
