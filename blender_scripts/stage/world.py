"""The surroundings of the studio: a dim room for metal to reflect, or a panorama as the only light."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import bpy

from blender_scripts.presets import StudioRoom
from blender_scripts.stage import nodes

_MAP_OF_PANORAMA = 1024
"""Width in px of the map by which Cycles aims at a panorama's bright places; a wider one takes longer to build."""

_HORIZON = (-0.12, 0.02)
"""Heights (sines of the angle) between which the panorama goes over into its gray ground."""


class BadPanorama(RuntimeError):
    """The file of a panorama is missing or cannot be read."""


class World:
    """The surroundings of one scene."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self._world = scene.world = bpy.data.worlds.new("surroundings")
        self._world.use_nodes = True
        self._turn: bpy.types.NodeSocket | None = None
        self._strength: bpy.types.NodeSocket | None = None
        self._image: bpy.types.Image | None = None

    def room(self, room: StudioRoom) -> None:
        """Build the room of a studio room."""
        tree, background, direction = self._clean()
        parts = tree.nodes.new("ShaderNodeSeparateXYZ")
        tree.links.new(direction, parts.inputs["Vector"])
        height = nodes.span(tree, parts.outputs["Z"], (-0.1, 0.9), (room.floor, room.sky), smooth=False)
        # Bright to both sides, dark ahead and behind: upright turned surfaces get dark edges and two highlights.
        sides = nodes.math(tree, "POWER", nodes.math(tree, "ABSOLUTE", parts.outputs["X"]), 3.0)
        strength = nodes.math(tree, "ADD", nodes.math(tree, "MULTIPLY", sides, room.sides), height)
        # The acrylic floor mirrors a sweep as bright as the preset's background, so that only the subject shows in it.
        # Its rays have come through a clear film and go up; those that come through the faded table go down.
        ray = tree.nodes.new("ShaderNodeLightPath")
        upwards = nodes.math(tree, "GREATER_THAN", parts.outputs["Z"], 0.0)
        filmed = nodes.math(tree, "GREATER_THAN", ray.outputs["Transparent Depth"], 0.5)
        from_floor = nodes.math(tree, "MULTIPLY", upwards, filmed)
        from_room = nodes.math(tree, "SUBTRACT", 1.0, from_floor)
        strength = nodes.math(
            tree,
            "ADD",
            nodes.math(tree, "MULTIPLY", strength, nodes.math(tree, "MULTIPLY", from_room, room.level)),
            nodes.math(tree, "MULTIPLY", from_floor, room.sweep),
        )
        tree.links.new(strength, background.inputs["Strength"])
        self._strength = None
        # So soft a light is met often enough by chance: to aim at it as well is more noise, and a map to build.
        self._world.cycles.sampling_method = "NONE"

    def panorama(self, path: Path, *, ground: float | None = None) -> None:
        """Build the surroundings from an equirectangular picture in scene-linear light; raises BadPanorama.

        `ground` is a gray that takes the place of what lies below the horizon, whose colors metal would show.
        """
        tree, background, direction = self._clean()
        try:
            self._image = bpy.data.images.load(str(path))
        except RuntimeError as error:
            raise BadPanorama(f"The panorama {path.name} is missing or cannot be read.") from error
        if not self._image.size[0] or not self._image.has_data:
            raise BadPanorama(f"The panorama {path.name} is damaged: Blender cannot read it.")
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

    def turn(self, azimuth: float, pitch: float = 0.0) -> None:
        """Turn the surroundings by these degrees: about the vertical, and up with the camera."""
        assert self._turn is not None
        self._turn.default_value = (-math.radians(pitch), 0.0, math.radians(azimuth))

    def strength(self, factor: float) -> None:
        """Brighten or dim a panorama."""
        if self._strength is not None:
            self._strength.default_value = factor

    def _clean(self) -> tuple[bpy.types.NodeTree, bpy.types.Node, bpy.types.NodeSocket]:
        """An empty tree with its background node and the direction, turned, that light comes from."""
        tree = self._world.node_tree
        tree.nodes.clear()
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
