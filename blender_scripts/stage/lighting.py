"""The studio: lights the subject as a look says, and changes only what differs from the last one."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
from pathlib import Path

import bpy
from mathutils import Vector

from blender_scripts.contract import Look
from blender_scripts.stage import nodes
from blender_scripts.stage.ground import GroundPlane
from blender_scripts.stage.presets import PRESETS, Preset
from blender_scripts.stage.world import World

DAYLIGHT = "city.exr"
"""The panorama of `daylight`, one of those that come with Blender (by Greg Zaal, Poly Haven; CC0)."""

_DAYLIGHT_LEVEL = 0.5
"""A matte surface that faces the sky shows its own color then, about: the city's sky sheds 2.2 on it."""

_DAYLIGHT_GROUND = 0.9
"""Its ground has yellow lines, which would look like brass in steel."""

_DAYLIGHT_TURN = 180.0
"""Degrees that bring its sun to the left, behind the camera."""
_AHEAD = 90.0
"""Degrees from the middle of an equirectangular picture, which Cycles puts at +X, to where azimuth 0 looks."""

_LOWEST_WITH_GROUND = -0.5
"""Camera elevation in degrees below which the ground would hide the subject."""

_LEVEL_VIEW = 30.0
_FOLLOW = 0.5
"""A camera that rises above a level view takes the lights with it by this share of the angle: a flat face seen from
above would mirror the overhead softbox otherwise, and be white."""


class Studio:
    """Light and ground of one scene."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self._scene = scene
        self._lit: tuple[str, str] | None = None
        self._turned: tuple[float, float, float] | None = None
        self._rig = bpy.data.objects.new("rig", None)
        scene.collection.objects.link(self._rig)
        self._boxes: list[bpy.types.Object] = []
        self._world = World(scene)
        self._ground = GroundPlane(scene)

    def apply(self, look: Look, panorama: str = "") -> bool:
        """Light the subject as `look` says, from the camera's azimuth; True when lights or ground changed.

        `panorama` is the file of the look's own. Raises BadPanorama.
        """
        azimuth, elevation = look.direction
        changed = self._lit != (look.lighting, look.hdri)
        if changed:
            self._lit = self._turned = None
            self._remove_boxes()
            if preset := PRESETS.get(look.lighting):
                self._world.room(preset)
                self._place_boxes(preset)
            else:
                self._world.panorama(
                    Path(panorama) if look.hdri else daylight(),
                    ground=None if look.hdri else _DAYLIGHT_GROUND,
                )
            self._lit = (look.lighting, look.hdri)
        self._turn(look, azimuth, elevation)
        return self._ground.show(look.ground if elevation > _LOWEST_WITH_GROUND else "none") or changed

    def _turn(self, look: Look, azimuth: float, elevation: float) -> None:
        if look.lighting in PRESETS:
            wanted = (azimuth, follow(elevation), 1.0)
        else:
            level, turn = (1.0, 0.0) if look.hdri else (_DAYLIGHT_LEVEL, _DAYLIGHT_TURN)
            wanted = (azimuth + look.hdri_rotation + turn + _AHEAD, 0.0, look.hdri_strength * level)
        if self._turned == wanted:
            return
        turn, pitch, strength = self._turned = wanted
        self._rig.rotation_euler = (-math.radians(pitch), 0.0, math.radians(turn))
        self._world.turn(turn, pitch)
        self._world.strength(strength)

    def _remove_boxes(self) -> None:
        bpy.data.batch_remove([one.data for one in self._boxes])
        self._boxes = []

    def _place_boxes(self, preset: Preset) -> None:
        for index, box in enumerate(preset.boxes):
            light = bpy.data.lights.new(f"softbox.{index}", "AREA")
            light.shape = "RECTANGLE"
            light.size, light.size_y = box.size
            # Cycles spreads the power over the area; pi turns it into the radiance that a reflection shows.
            light.energy = box.strength * preset.level * box.size[0] * box.size[1] * math.pi
            light.use_nodes = True
            _fade(light.node_tree, box.falloff)
            holder = bpy.data.objects.new(light.name, light)
            holder.location = box.place
            holder.visible_glossy = holder.visible_transmission = box.mirrored
            aim = Vector(box.aim) - Vector(box.place)
            holder.rotation_euler = aim.to_track_quat("-Z", "Y").to_euler()
            holder.parent = self._rig
            self._scene.collection.objects.link(holder)
            self._boxes.append(holder)


def daylight() -> Path:
    """The file of Blender's own panorama."""
    return Path(bpy.utils.resource_path("LOCAL")) / "datafiles" / "studiolights" / "world" / DAYLIGHT


def follow(elevation: float) -> float:
    """Degrees by which the lights rise with a camera at this elevation; below the ground they go all the way."""
    if elevation < 0.0:
        return elevation
    return max(0.0, elevation - _LEVEL_VIEW) * _FOLLOW


def _fade(tree: bpy.types.NodeTree, falloff: float) -> None:
    """Dim a softbox towards its edges, so that metal shows a gradient instead of a hard white card."""
    emission = next(node for node in tree.nodes if node.type == "EMISSION")
    where = tree.nodes.new("ShaderNodeNewGeometry")
    parts = tree.nodes.new("ShaderNodeSeparateXYZ")
    tree.links.new(where.outputs["Parametric"], parts.inputs["Vector"])
    sides = []
    for axis in ("X", "Y"):
        # 4 u (1 - u): one in the middle, nought at both edges
        inverse = nodes.math(tree, "SUBTRACT", 1.0, parts.outputs[axis])
        sides.append(
            nodes.math(tree, "MULTIPLY", nodes.math(tree, "MULTIPLY", parts.outputs[axis], inverse), 4.0)
        )
    bright = nodes.math(tree, "POWER", nodes.math(tree, "MULTIPLY", sides[0], sides[1]), 0.7)
    strength = nodes.math(tree, "ADD", nodes.math(tree, "MULTIPLY", bright, falloff), 1.0 - falloff)
    tree.links.new(strength, emission.inputs["Strength"])
