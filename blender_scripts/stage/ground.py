"""The ground: a matte table that only catches the shadow, and an acrylic sheet that reflects."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import bpy

from blender_scripts.stage import nodes
from blender_scripts.stage.extent import Footprint
from blender_scripts.stage.nodes import Socket

_SIZE = 4.0
_TABLE_FADE = (0.7, 1.6)
_MIRROR_FADE = (0.8, 1.8)
_MIRRORED = 0.12
"""How much of the table gloss mirrors; the strips around it are what gives upright faces their gradient."""

_PLAIN = 0.54
"""Radiance of the table without a shadow, by the studio's softboxes (0.54), in high key (0.54) and dark (0.43)."""

_SHADOW_LENGTH = 0.35
"""Distance from the footprint at which a quarter of the shadow is left: dark where the subject stands, and without an
edge further out."""

_LEAST = 0.1
"""So weak a shadow is none: 0.76 from the footprint on, the table costs no light."""

_RIM = (0.80, 0.98)
"""Where the ground ends in the picture, from its middle (0) to its rims (1) by the 3-norm, which has round corners: a
soft shadow that a rim cuts off looks like a mistake."""


class GroundPlane:
    """Both grounds of one scene; `show` returns whether anything changed."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self._shown: str | None = None
        material, self._footprint, self._plain = _table_material()
        self._around: Footprint | None = None
        self._factor = 1.0
        self._table = _plane(scene, "ground", material, -0.004)
        self._table.is_shadow_catcher = True
        self._sheet = _plane(scene, "sheet", _sheet_material(), -0.002)
        self._film = _plane(scene, "film", _film_material(), -0.001)
        for plane in (self._sheet, self._film):
            # In the picture only: what metal and the table would get from it is speckles, and hardly any light.
            plane.visible_diffuse = plane.visible_glossy = plane.visible_transmission = (
                plane.visible_shadow
            ) = False

    def show(self, ground: str) -> bool:
        """Show "shadow", "reflective" or "none"; True when that is another one than before."""
        if self._shown == ground:
            return False
        self._table.hide_render = ground == "none"
        self._sheet.hide_render = self._film.hide_render = ground != "reflective"
        self._shown = ground
        return True

    def surround(self, footprint: Footprint) -> None:
        """Let the shadow fade away from where the subject stands."""
        if self._around != footprint:
            self._around = footprint
            middle, core, rounding = self._footprint
            middle.default_value = (*footprint.middle, 0.0)
            core.default_value = (*(half - footprint.rounding for half in footprint.half), 0.0)
            rounding.default_value = footprint.rounding

    def brighten(self, factor: float) -> None:
        """Take the table for so much brighter than in a studio."""
        if self._factor != factor:
            self._factor = factor
            self._plain.default_value = _PLAIN * factor


def _plane(
    scene: bpy.types.Scene, name: str, material: bpy.types.Material, height: float
) -> bpy.types.Object:
    half = _SIZE / 2
    mesh = bpy.data.meshes.new(name)
    corners = [(-half, -half, 0.0), (half, -half, 0.0), (half, half, 0.0), (-half, half, 0.0)]
    mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
    mesh.materials.append(material)
    plane = bpy.data.objects.new(name, mesh)
    plane.location.z = height
    scene.collection.objects.link(plane)
    return plane


def _table_material() -> tuple[bpy.types.Material, tuple[Socket, Socket, Socket], Socket]:
    """Matte ground whose shadow fades away from the subject, so that the picture's rim is the pure background.

    Also returns the sockets of the footprint (its middle, half its size without the rounding, and the rounding) and
    that of the radiance where there is no shadow.
    """
    tree, material = nodes.material("ground")
    material.cycles.emission_sampling = "NONE"  # it shines for the camera alone: to aim at it lights nothing
    matte = tree.nodes.new("ShaderNodeBsdfDiffuse")
    matte.inputs["Color"].default_value = (0.62, 0.62, 0.62, 1.0)
    ray = tree.nodes.new("ShaderNodeLightPath")
    # Metal sees less of it: an evenly lit table would paint every upright surface one flat gray.
    seen = nodes.math(
        tree, "SUBTRACT", 1.0, nodes.math(tree, "MULTIPLY", ray.outputs["Is Glossy Ray"], 1.0 - _MIRRORED)
    )
    lit = nodes.mixed(
        tree,
        nodes.math(tree, "MULTIPLY", _fade_out(tree, *_TABLE_FADE), seen),
        tree.nodes.new("ShaderNodeBsdfTransparent").outputs["BSDF"],
        matte.outputs["BSDF"],
    )
    distance, footprint = _distance(tree)
    farther = nodes.math(tree, "MULTIPLY_ADD", distance, 1.0 / _SHADOW_LENGTH, 1.0)
    faded = nodes.span(
        tree, nodes.math(tree, "POWER", farther, -2.0), (_LEAST, 1.0), (0.0, 1.0), smooth=False
    )
    shadow = nodes.math(tree, "MULTIPLY", faded, _inside_picture(tree))
    # As bright as the table without a shadow, so that the shadow is weakened by what is mixed in. To see through it
    # instead ends the shadow far nearer, and is noise.
    plain = tree.nodes.new("ShaderNodeEmission")
    plain.inputs["Strength"].default_value = _PLAIN
    seen_directly = nodes.mixed(tree, shadow, plain.outputs["Emission"], matte.outputs["BSDF"])
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(
        nodes.mixed(tree, ray.outputs["Is Camera Ray"], lit, seen_directly), output.inputs["Surface"]
    )
    return material, footprint, plain.inputs["Strength"]


def _distance(tree: bpy.types.NodeTree) -> tuple[Socket, tuple[Socket, Socket, Socket]]:
    """The distance from a rectangle with rounded corners, nought inside, and the sockets that say where it lies."""
    where = tree.nodes.new("ShaderNodeNewGeometry")
    off, outside = (tree.nodes.new("ShaderNodeVectorMath") for _ in range(2))
    off.operation, outside.operation = "SUBTRACT", "SUBTRACT"
    tree.links.new(where.outputs["Position"], off.inputs[0])
    flat = nodes.vector(tree, "MULTIPLY", off.outputs["Vector"], (1.0, 1.0, 0.0))
    tree.links.new(nodes.vector(tree, "ABSOLUTE", flat), outside.inputs[0])
    beyond = tree.nodes.new("ShaderNodeVectorMath")
    beyond.operation = "LENGTH"
    tree.links.new(
        nodes.vector(tree, "MAXIMUM", outside.outputs["Vector"], (0.0, 0.0, 0.0)), beyond.inputs[0]
    )
    rounded = tree.nodes.new("ShaderNodeMath")
    rounded.operation = "SUBTRACT"
    tree.links.new(beyond.outputs["Value"], rounded.inputs[0])
    distance = nodes.math(tree, "MAXIMUM", rounded.outputs["Value"], 0.0)
    return distance, (off.inputs[1], outside.inputs[1], rounded.inputs[1])


def _sheet_material() -> bpy.types.Material:
    """A thin film that reflects a little, more at grazing angles, and fades out around the subject."""
    tree, material = nodes.material("mirror")
    glossy = tree.nodes.new("ShaderNodeBsdfGlossy")
    glossy.inputs["Roughness"].default_value = 0.08
    glossy.inputs["Color"].default_value = (0.9, 0.9, 0.9, 1.0)
    fresnel = tree.nodes.new("ShaderNodeLayerWeight")
    fresnel.inputs["Blend"].default_value = 0.25
    nodes.over_nothing(
        tree,
        glossy.outputs["BSDF"],
        nodes.math(
            tree,
            "MULTIPLY",
            fresnel.outputs["Fresnel"],
            nodes.math(tree, "MULTIPLY", _fade_out(tree, *_MIRROR_FADE), _inside_picture(tree)),
        ),
    )
    return material


def _film_material() -> bpy.types.Material:
    """Clear, and counted by Cycles: so the surroundings recognize a ray that the sheet sent (`World.room`)."""
    tree, material = nodes.material("film")
    clear = tree.nodes.new("ShaderNodeBsdfTransparent")
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(clear.outputs["BSDF"], output.inputs["Surface"])
    return material


def _fade_out(tree: bpy.types.NodeTree, near: float, far: float) -> Socket:
    """One within `near` of the subject's middle, nought beyond `far`."""
    where = tree.nodes.new("ShaderNodeNewGeometry")
    length = tree.nodes.new("ShaderNodeVectorMath")
    length.operation = "LENGTH"
    tree.links.new(where.outputs["Position"], length.inputs[0])
    return nodes.span(tree, length.outputs["Value"], (near, far), (1.0, 0.0), smooth=True)


def _inside_picture(tree: bpy.types.NodeTree) -> Socket:
    """Nought at the picture's rim, one further in; one for all other rays, whose light the rim must not change."""
    place = tree.nodes.new("ShaderNodeTexCoord")
    parts = tree.nodes.new("ShaderNodeSeparateXYZ")
    tree.links.new(place.outputs["Window"], parts.inputs["Vector"])
    ray = tree.nodes.new("ShaderNodeLightPath")
    cubes = []
    for axis in ("X", "Y"):
        off = nodes.math(tree, "ABSOLUTE", nodes.math(tree, "SUBTRACT", parts.outputs[axis], 0.5))
        cubes.append(nodes.math(tree, "POWER", nodes.math(tree, "MULTIPLY", off, 2.0), 3.0))
    off = nodes.math(tree, "POWER", nodes.math(tree, "ADD", *cubes), 1 / 3)
    seen = nodes.span(tree, off, _RIM, (1.0, 0.0), smooth=True)
    other = nodes.math(tree, "SUBTRACT", 1.0, ray.outputs["Is Camera Ray"])
    return nodes.math(tree, "MAXIMUM", seen, other)
