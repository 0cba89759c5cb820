"""The surroundings of the studio: a dim room for metal to reflect, or a panorama as the only light."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import bpy

from blender_scripts.presets import STRIPS_OF_SIDES, STRIPS_OF_TURNED, Strip, StudioRoom
from blender_scripts.refusals import RefusedRender
from blender_scripts.stage import nodes

_MAP_OF_PANORAMA = 1024
"""Width in px of the map by which Cycles aims at a panorama's bright places; a wider one takes longer to build."""

_HORIZON = (-0.12, 0.02)
"""Heights (sines of the angle) between which the panorama goes over into its gray ground."""


_STRIP_FADE, _STRIP_FOOT = (-0.22, 0.22), 0.15
"""Heights, from what an upright face mirrors, between which a strip fades, and what is left of it at the lower one."""

_STRIPS_END = (-0.05, 0.25)
"""Heights between which the strips end: further up are the softboxes."""


class BadPanorama(RefusedRender):
    """The file of a panorama is missing or cannot be read."""

    code = "bad_panorama"


class World:
    """The surroundings of one scene."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self._world = scene.world = bpy.data.worlds.new("surroundings")
        self._world.use_nodes = True
        self._turn: bpy.types.NodeSocket | None = None
        self._strength: bpy.types.NodeSocket | None = None
        self._image: bpy.types.Image | None = None
        self._rise: bpy.types.NodeSocket | None = None

    def room(self, room: StudioRoom, *, is_turned: bool) -> None:
        """Build the room of a studio room, for a subject that is turned or has sides."""
        tree, background, direction = self._clean()
        parts = tree.nodes.new("ShaderNodeSeparateXYZ")
        tree.links.new(direction, parts.inputs["Vector"])
        height = nodes.span(tree, parts.outputs["Z"], (-0.1, 0.9), (room.floor, room.sky), smooth=False)
        # Bright to both sides, dark ahead and behind: upright turned surfaces get dark edges and two highlights.
        sides = nodes.math(tree, "POWER", nodes.math(tree, "ABSOLUTE", parts.outputs["X"]), 3.0)
        sides = nodes.math(tree, "MULTIPLY", sides, room.sides)
        # The acrylic floor mirrors a sweep as bright as the preset's background, so that only the subject shows in it.
        # Its rays have come through a clear film and go up; those that come through the faded table go down.
        ray = tree.nodes.new("ShaderNodeLightPath")
        upwards = nodes.math(tree, "GREATER_THAN", parts.outputs["Z"], 0.0)
        filmed = nodes.math(tree, "GREATER_THAN", ray.outputs["Transparent Depth"], 0.5)
        from_floor = nodes.math(tree, "MULTIPLY", upwards, filmed)
        from_room = nodes.math(tree, "MULTIPLY", nodes.math(tree, "SUBTRACT", 1.0, from_floor), room.level)
        sweep = nodes.math(tree, "MULTIPLY", from_floor, room.sweep)

        def light(level: nodes.Socket) -> nodes.Socket:
            lit = nodes.math(tree, "MULTIPLY", nodes.math(tree, "ADD", level, height), from_room)
            return nodes.math(tree, "ADD", lit, sweep)

        tree.links.new(light(sides), background.inputs["Strength"])
        # Upright faces mirror what lies as low as the camera stands high, where no softbox is. Two shaders, as Cycles
        # computes what only one of them needs for its rays alone: the strips are most of the room's work.
        strips = self._strips(
            tree, direction, STRIPS_OF_TURNED if is_turned else STRIPS_OF_SIDES, room.strips
        )
        low = nodes.span(tree, parts.outputs["Z"], _STRIPS_END, (1.0, 0.0), smooth=True)
        more = nodes.math(tree, "SUBTRACT", strips, sides)
        mirrored = tree.nodes.new("ShaderNodeBackground")
        tree.links.new(light(nodes.math(tree, "MULTIPLY_ADD", low, more, sides)), mirrored.inputs["Strength"])
        is_low = nodes.math(tree, "LESS_THAN", parts.outputs["Z"], _STRIPS_END[1])
        shows_strips = nodes.math(tree, "MULTIPLY", ray.outputs["Is Glossy Ray"], is_low)
        both = nodes.mixed(
            tree, shows_strips, background.outputs["Background"], mirrored.outputs["Background"]
        )
        output = next(node for node in tree.nodes if node.type == "OUTPUT_WORLD")
        tree.links.new(both, output.inputs["Surface"])
        self._strength = None
        # So soft a light is met often enough by chance: to aim at it as well is more noise, and a map to build.
        self._world.cycles.sampling_method = "NONE"

    def _strips(
        self, tree: bpy.types.NodeTree, direction: nodes.Socket, strips: Sequence[Strip], scale: float
    ) -> nodes.Socket:
        """The light of `strips`, which fades out downwards so that upright flat faces get a gradient."""
        level = nodes.vector(tree, "NORMALIZE", nodes.vector(tree, "MULTIPLY", direction, (1.0, 1.0, 0.0)))
        light: nodes.Socket | float = 0.0
        for strip in strips:
            turn = math.radians(strip.azimuth)
            towards = tree.nodes.new("ShaderNodeVectorMath")
            towards.operation = "DOT_PRODUCT"
            towards.inputs[1].default_value = (math.sin(turn), -math.cos(turn), 0.0)
            tree.links.new(level, towards.inputs[0])
            span = (math.cos(math.radians(strip.width)), 1.0)
            shed = nodes.span(
                tree, towards.outputs["Value"], span, (0.0, scale * strip.strength), smooth=True
            )
            light = nodes.math(tree, "ADD", shed, light)
        height = tree.nodes.new("ShaderNodeVectorMath")
        height.operation = "DOT_PRODUCT"
        height.inputs[1].default_value = (0.0, 0.0, 1.0)
        tree.links.new(direction, height.inputs[0])
        above = tree.nodes.new("ShaderNodeMath")
        above.operation = "ADD"
        tree.links.new(height.outputs["Value"], above.inputs[0])
        self._rise = above.inputs[1]
        fade = nodes.span(tree, above.outputs["Value"], _STRIP_FADE, (_STRIP_FOOT, 1.0), smooth=True)
        return nodes.math(tree, "MULTIPLY", light, fade)

    def panorama(self, path: Path, *, ground: float | None = None) -> None:
        """Build the surroundings from an equirectangular picture in scene-linear light; raises BadPanorama.

        `ground` is a gray that takes the place of what lies below the horizon, whose colors metal would show.
        """
        tree, background, direction = self._clean()
        try:
            self._image = bpy.data.images.load(str(path))
        except RuntimeError as error:
            raise BadPanorama("missing", file=path.name) from error
        if not self._image.size[0] or not self._image.has_data:
            raise BadPanorama("damaged", file=path.name)
        picture = tree.nodes.new("ShaderNodeTexEnvironment")
        picture.image = self._image
        tree.links.new(direction, picture.inputs["Vector"])
        color = picture.outputs["Color"]
        if ground is not None:
            parts = tree.nodes.new("ShaderNodeSeparateXYZ")
            tree.links.new(direction, parts.inputs["Vector"])
            mix = tree.nodes.new("ShaderNodeMixRGB")
            mix.inputs["Color2"].default_value = (ground, ground, ground, 1.0)
            below = nodes.span(tree, parts.outputs["Z"], _HORIZON, (1.0, 0.0), smooth=True)
            tree.links.new(below, mix.inputs["Fac"])
            tree.links.new(color, mix.inputs["Color1"])
            color = mix.outputs["Color"]
        tree.links.new(color, background.inputs["Color"])
        self._strength = background.inputs["Strength"]
        self._world.cycles.sampling_method = "MANUAL"
        self._world.cycles.sample_map_resolution = min(_MAP_OF_PANORAMA, self._image.size[0])

    def plain(self, color: Sequence[float]) -> None:
        """Light everything evenly with a linear color."""
        _tree, background, _direction = self._clean()
        background.inputs["Color"].default_value = (*color, 1.0)
        background.inputs["Strength"].default_value = 1.0
        self._strength = None
        self._world.cycles.sampling_method = "NONE"

    def turn(self, azimuth: float, pitch: float = 0.0, elevation: float = 0.0) -> None:
        """Turn the surroundings by these degrees: about the vertical, and up with the camera.

        From an `elevation` (degrees) the strips fade out around where upright faces mirror them.
        """
        assert self._turn is not None
        if self._rise is not None:
            self._rise.default_value = math.sin(math.radians(elevation - pitch))
        self._turn.default_value = (-math.radians(pitch), 0.0, math.radians(azimuth))

    def strength(self, factor: float) -> None:
        """Brighten or dim a panorama."""
        if self._strength is not None:
            self._strength.default_value = factor

    def _clean(self) -> tuple[bpy.types.NodeTree, bpy.types.Node, bpy.types.NodeSocket]:
        """An empty tree with its background node and the direction, turned, that light comes from."""
        tree = self._world.node_tree
        tree.nodes.clear()
        self._rise = None
        if self._image is not None:
            bpy.data.images.remove(self._image)
            self._image = None
        where = tree.nodes.new("ShaderNodeTexCoord")
        turn = tree.nodes.new("ShaderNodeVectorRotate")
        turn.rotation_type = "EULER_XYZ"
        turn.invert = True
        background = tree.nodes.new("ShaderNodeBackground")
        output = tree.nodes.new("ShaderNodeOutputWorld")
        tree.links.new(where.outputs["Generated"], turn.inputs["Vector"])
        tree.links.new(background.outputs["Background"], output.inputs["Surface"])
        self._turn = turn.inputs["Rotation"]
        return tree, background, turn.outputs["Vector"]
