"""The studio: softboxes around the subject, a dim room to reflect, and the ground."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
from dataclasses import dataclass

import bpy
from mathutils import Vector

from blender_scripts.contract import Look

_GROUND_SIZE = 4.0
_SHADOW_FADE = (0.85, 1.85)
_MIRROR_FADE = (0.8, 1.8)
_LOWEST_WITH_GROUND = -0.5
"""Camera elevation in degrees below which the ground would hide the subject."""


@dataclass(frozen=True, slots=True)
class Softbox:
    """A rectangular light: place relative to the camera's azimuth, size, radiance, falloff to its edges."""

    place: tuple[float, float, float]
    size: tuple[float, float]
    strength: float
    aim: tuple[float, float, float] = (0.0, 0.0, 0.35)
    falloff: float = 0.6


@dataclass(frozen=True, slots=True)
class Preset:
    """Softboxes in a room whose light goes from `floor` below to `sky` overhead, with `sides` left and right."""

    boxes: tuple[Softbox, ...]
    floor: float
    sky: float
    sides: float


PRESETS = {
    "softbox": Preset(
        (
            Softbox((0.0, 0.9, 4.2), (4.4, 3.2), 3.8, falloff=0.7),
            Softbox((-4.0, -1.9, 2.3), (2.4, 3.6), 5.2, falloff=0.7),
            Softbox((4.2, -0.4, 1.9), (1.2, 3.6), 6.0, falloff=0.7),
            Softbox((-0.9, 4.8, 2.9), (4.6, 2.2), 1.7, falloff=0.85),
        ),
        floor=0.10,
        sky=0.45,
        sides=1.1,
    ),
    "high_key": Preset(
        (
            Softbox((0.0, 0.4, 4.4), (6.0, 5.0), 2.4),
            Softbox((-4.6, -2.0, 2.4), (4.0, 4.0), 2.6),
            Softbox((4.6, -1.2, 2.4), (4.0, 4.0), 2.2),
            Softbox((0.0, 5.0, 2.6), (6.0, 3.0), 1.3, falloff=0.8),
        ),
        floor=0.30,
        sky=0.6,
        sides=0.8,
    ),
    "dark": Preset(
        (
            Softbox((0.4, 1.2, 3.8), (3.0, 1.6), 6.5, falloff=0.9),
            Softbox((-4.0, -0.6, 1.8), (0.9, 3.6), 8.0, falloff=0.8),
            Softbox((4.0, 0.2, 1.6), (0.9, 3.6), 7.0, falloff=0.8),
            Softbox((-1.6, 4.6, 3.0), (4.0, 1.6), 1.4, falloff=0.95),
        ),
        floor=0.025,
        sky=0.10,
        sides=0.55,
    ),
}


class Studio:
    """Light and ground of one scene; `apply` changes only what differs from the last look."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self._scene = scene
        self._lit: tuple[str, float] | None = None
        self._grounded: str | None = None
        self._rig = bpy.data.objects.new("rig", None)
        scene.collection.objects.link(self._rig)
        self._boxes: list[bpy.types.Object] = []
        self._ground = _plane("ground", _GROUND_SIZE)
        scene.collection.objects.link(self._ground)
        self._mirror = _plane("mirror", _GROUND_SIZE)
        self._mirror.location.z = -0.002
        self._mirror.data.materials.append(_mirror_material())
        scene.collection.objects.link(self._mirror)
        self._ground.data.materials.append(_ground_material())
        self._ground.is_shadow_catcher = True
        self._ground.location.z = -0.004
        scene.world = bpy.data.worlds.new("room")

    def apply(self, look: Look) -> bool:
        """Light the subject as `look` says, from the camera's azimuth; True when lights or ground changed."""
        azimuth, elevation = look.direction
        before = (self._lit and self._lit[0], self._grounded)
        if self._lit is None or self._lit[0] != look.lighting:
            self._light(PRESETS[look.lighting])
        if self._lit != (look.lighting, azimuth):
            self._rig.rotation_euler.z = math.radians(azimuth)
            self._room_turn.default_value = -math.radians(azimuth)
            self._lit = (look.lighting, azimuth)
        ground = look.ground if elevation > _LOWEST_WITH_GROUND else "none"
        if self._grounded != ground:
            self._ground.hide_render = ground == "none"
            self._mirror.hide_render = ground != "reflective"
            self._grounded = ground
        return before != (look.lighting, ground)

    def _light(self, preset: Preset) -> None:
        bpy.data.batch_remove([one.data for one in self._boxes])
        self._boxes = []
        for index, box in enumerate(preset.boxes):
            light = bpy.data.lights.new(f"softbox.{index}", "AREA")
            light.shape = "RECTANGLE"
            light.size, light.size_y = box.size
            # Cycles spreads the power over the area; pi turns it into the radiance that a reflection shows.
            light.energy = box.strength * box.size[0] * box.size[1] * math.pi
            light.use_nodes = True
            _fade(light.node_tree, box.falloff)
            holder = bpy.data.objects.new(light.name, light)
            holder.location = box.place
            aim = Vector(box.aim) - Vector(box.place)
            holder.rotation_euler = aim.to_track_quat("-Z", "Y").to_euler()
            holder.parent = self._rig
            self._scene.collection.objects.link(holder)
            self._boxes.append(holder)
        self._room_turn = _room(self._scene.world, preset)


def _fade(tree: bpy.types.NodeTree, falloff: float) -> None:
    """Dim a softbox towards its edges, so that metal shows a gradient instead of a hard white card."""
    emission = next(node for node in tree.nodes if node.type == "EMISSION")
    where = tree.nodes.new("ShaderNodeNewGeometry")
    parts = tree.nodes.new("ShaderNodeSeparateXYZ")
    tree.links.new(where.outputs["Parametric"], parts.inputs["Vector"])
    sides = []
    for axis in ("X", "Y"):
        # 4 u (1 - u): one in the middle, nought at both edges
        inverse = _math(tree, "SUBTRACT", 1.0, parts.outputs[axis])
        sides.append(_math(tree, "MULTIPLY", _math(tree, "MULTIPLY", parts.outputs[axis], inverse), 4.0))
    bright = _math(tree, "POWER", _math(tree, "MULTIPLY", sides[0], sides[1]), 0.7)
    strength = _math(tree, "ADD", _math(tree, "MULTIPLY", bright, falloff), 1.0 - falloff)
    tree.links.new(strength, emission.inputs["Strength"])


def _math(
    tree: bpy.types.NodeTree, operation: str, *values: float | bpy.types.NodeSocket
) -> bpy.types.NodeSocket:
    node = tree.nodes.new("ShaderNodeMath")
    node.operation = operation
    for index, value in enumerate(values):
        if isinstance(value, int | float):
            node.inputs[index].default_value = value
        else:
            tree.links.new(value, node.inputs[index])
    return node.outputs["Value"]


def _room(world: bpy.types.World, preset: Preset) -> bpy.types.NodeSocket:
    """Build the room that metal reflects; returns the angle (radians) that turns it with the camera."""
    world.use_nodes = True
    tree = world.node_tree
    tree.nodes.clear()
    where = tree.nodes.new("ShaderNodeTexCoord")
    turn = tree.nodes.new("ShaderNodeVectorRotate")
    turn.rotation_type = "Z_AXIS"
    parts = tree.nodes.new("ShaderNodeSeparateXYZ")
    spread = tree.nodes.new("ShaderNodeMapRange")
    spread.inputs["From Min"].default_value = -0.1
    spread.inputs["From Max"].default_value = 0.9
    spread.inputs["To Min"].default_value = preset.floor
    spread.inputs["To Max"].default_value = preset.sky
    background = tree.nodes.new("ShaderNodeBackground")
    output = tree.nodes.new("ShaderNodeOutputWorld")
    tree.links.new(where.outputs["Generated"], turn.inputs["Vector"])
    tree.links.new(turn.outputs["Vector"], parts.inputs["Vector"])
    tree.links.new(parts.outputs["Z"], spread.inputs["Value"])
    # Bright to both sides, dark ahead and behind: upright turned surfaces get dark edges and two highlights.
    sides = _math(tree, "POWER", _math(tree, "ABSOLUTE", parts.outputs["X"]), 3.0)
    strength = _math(tree, "ADD", _math(tree, "MULTIPLY", sides, preset.sides), spread.outputs["Result"])
    tree.links.new(strength, background.inputs["Strength"])
    tree.links.new(background.outputs["Background"], output.inputs["Surface"])
    world.cycles.sampling_method = "MANUAL"
    world.cycles.sample_map_resolution = 64
    return turn.inputs["Angle"]


def _plane(name: str, size: float) -> bpy.types.Object:
    half = size / 2
    mesh = bpy.data.meshes.new(name)
    corners = [(-half, -half, 0.0), (half, -half, 0.0), (half, half, 0.0), (-half, half, 0.0)]
    mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
    return bpy.data.objects.new(name, mesh)


def _ground_material() -> bpy.types.Material:
    """Matte ground that fades out around the subject, so that the picture's rim is the pure background."""
    material = bpy.data.materials.new("ground")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    matte = tree.nodes.new("ShaderNodeBsdfDiffuse")
    matte.inputs["Color"].default_value = (0.62, 0.62, 0.62, 1.0)
    # Metal sees less of it: an evenly lit table would paint every upright surface one flat grey.
    ray = tree.nodes.new("ShaderNodeLightPath")
    seen = _math(tree, "SUBTRACT", 1.0, _math(tree, "MULTIPLY", ray.outputs["Is Glossy Ray"], 0.65))
    _faded(tree, matte, _math(tree, "MULTIPLY", _fade_out(tree, *_SHADOW_FADE), seen))
    return material


def _mirror_material() -> bpy.types.Material:
    """A thin film that reflects a little, more at grazing angles, and fades out around the subject."""
    material = bpy.data.materials.new("mirror")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    glossy = tree.nodes.new("ShaderNodeBsdfGlossy")
    glossy.inputs["Roughness"].default_value = 0.08
    glossy.inputs["Color"].default_value = (0.9, 0.9, 0.9, 1.0)
    fresnel = tree.nodes.new("ShaderNodeLayerWeight")
    fresnel.inputs["Blend"].default_value = 0.25
    strength = _math(tree, "MULTIPLY", fresnel.outputs["Fresnel"], _fade_out(tree, *_MIRROR_FADE))
    _faded(tree, glossy, strength)
    return material


def _fade_out(tree: bpy.types.NodeTree, near: float, far: float) -> bpy.types.NodeSocket:
    """One within `near` of the subject's middle, nought beyond `far`."""
    where = tree.nodes.new("ShaderNodeNewGeometry")
    length = tree.nodes.new("ShaderNodeVectorMath")
    length.operation = "LENGTH"
    fade = tree.nodes.new("ShaderNodeMapRange")
    fade.interpolation_type = "SMOOTHSTEP"
    fade.inputs["From Min"].default_value = near
    fade.inputs["From Max"].default_value = far
    fade.inputs["To Min"].default_value = 1.0
    fade.inputs["To Max"].default_value = 0.0
    tree.links.new(where.outputs["Position"], length.inputs[0])
    tree.links.new(length.outputs["Value"], fade.inputs["Value"])
    return fade.outputs["Result"]


def _faded(tree: bpy.types.NodeTree, surface: bpy.types.Node, strength: bpy.types.NodeSocket) -> None:
    """Finish the tree: `surface` over nothing, by `strength`."""
    clear = tree.nodes.new("ShaderNodeBsdfTransparent")
    mix = tree.nodes.new("ShaderNodeMixShader")
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(strength, mix.inputs["Fac"])
    tree.links.new(clear.outputs["BSDF"], mix.inputs[1])
    tree.links.new(surface.outputs["BSDF"], mix.inputs[2])
    tree.links.new(mix.outputs["Shader"], output.inputs["Surface"])
