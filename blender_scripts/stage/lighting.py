"""The studio: lights the subject for a look, and changes only what differs from the last one."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
from pathlib import Path

import bpy
from mathutils import Vector

from blender_scripts.contract import Look
from blender_scripts.presets import PRESETS, PanoramaLight, StudioRoom
from blender_scripts.stage import nodes, own_studio
from blender_scripts.stage.extent import Footprint
from blender_scripts.stage.ground import GroundPlane
from blender_scripts.stage.own_studio import Furniture
from blender_scripts.stage.world import World
from blender_scripts.studios import CameraLimits, OwnStudio

_AHEAD = 90.0
"""Degrees from the middle of an equirectangular picture, which Cycles puts at +X, to where azimuth 0 looks."""

_LOWEST_WITH_GROUND = -0.5
"""Camera elevation in degrees below which the ground would hide the subject."""

_LEVEL_VIEW = 30.0
_FOLLOW = 0.5
"""A camera that rises above a level view takes the lights with it by this share of the angle: a flat face seen from
above would mirror the overhead softbox otherwise, and be white."""


class Lighting:
    """Light and ground of one scene."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self._scene = scene
        self._lit: tuple[str, str, str, bool] | None = None
        self._turned: tuple[float, float, float, float] | None = None
        self._rig = bpy.data.objects.new("rig", None)
        scene.collection.objects.link(self._rig)
        self._boxes: list[bpy.types.Object] = []
        self._own = OwnStudio()
        self._furniture: Furniture | None = None
        self._world = World(scene)
        self._ground = GroundPlane(scene)

    @property
    def limits(self) -> CameraLimits:
        """What the camera sees of a studio of one's own, or of ours."""
        return self._own.camera

    def apply(self, look: Look, footprint: Footprint, panorama: str = "", studio: str = "") -> bool:
        """Light what stands there as `look` says, from the camera's azimuth; True when lights or ground changed.

        `panorama` and `studio` are the files of the look's own. Raises BadPanorama and BadStudio.
        """
        azimuth, elevation = look.direction
        wanted = (look.lighting, look.hdri, look.studio, footprint.is_round)
        changed = self._lit != wanted
        if changed:
            self._lit = self._turned = None
            self._clear()
            light = PRESETS[look.lighting].light
            if isinstance(light, StudioRoom):
                self._world.room(light, is_turned=footprint.is_round)
                self._place_boxes(light)
            elif isinstance(light, PanoramaLight):
                self._world.panorama(
                    bundled(light.file) if light.file else Path(panorama), ground=light.ground
                )
            else:
                self._own = own_studio.read(look.studio, studio)
                self._world.plain(self._own.world)
                self._furniture = Furniture(self._scene, self._rig, self._own)
            self._lit = wanted
        self._turn(look, azimuth, elevation)
        return self._lay(look.ground, elevation > _LOWEST_WITH_GROUND) or changed

    def _lay(self, ground: str, is_above: bool) -> bool:
        """Show the ground where the camera is above it: that of a studio of one's own, else ours."""
        own = self._furniture is not None and self._furniture.show_ground(is_above)
        return self._ground.show(ground if is_above and not self._own.ground else "none") or own

    def surround(self, footprint: Footprint) -> None:
        """Let the shadow fade away from where the subject stands."""
        self._ground.surround(footprint)

    def _turn(self, look: Look, azimuth: float, elevation: float) -> None:
        light = PRESETS[look.lighting].light
        self._ground.brighten(look.hdri_strength if isinstance(light, PanoramaLight) else 1.0)
        if isinstance(light, PanoramaLight):
            wanted = (
                azimuth + look.hdri_rotation + light.turn + _AHEAD,
                0.0,
                look.hdri_strength * light.level,
                0.0,
            )
        else:
            wanted = (azimuth, follow(elevation) if isinstance(light, StudioRoom) else 0.0, 1.0, elevation)
        if self._turned == wanted:
            return
        turn, pitch, strength, elevation = self._turned = wanted
        self._rig.rotation_euler = (-math.radians(pitch), 0.0, math.radians(turn))
        self._world.turn(turn, pitch, elevation)
        self._world.strength(strength)

    def _clear(self) -> None:
        bpy.data.batch_remove([one.data for one in self._boxes])
        self._boxes = []
        self._own = OwnStudio()
        if self._furniture is not None:
            self._furniture.remove()
            self._furniture = None

    def _place_boxes(self, room: StudioRoom) -> None:
        for index, box in enumerate(room.boxes):
            light = bpy.data.lights.new(f"softbox.{index}", "AREA")
            light.shape = "RECTANGLE"
            light.size, light.size_y = box.size
            # Cycles spreads the power over the area; pi turns it into the radiance that a reflection shows.
            light.energy = box.strength * room.level * box.size[0] * box.size[1] * math.pi
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


def bundled(name: str) -> Path:
    """The file of a panorama that comes with Blender."""
    return Path(bpy.utils.system_resource("DATAFILES", path="studiolights/world")) / name


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
