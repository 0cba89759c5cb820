"""The ground: a matte table that only catches the shadow, and an acrylic sheet that reflects."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import bpy

from blender_scripts.stage import nodes
from blender_scripts.stage.nodes import Socket

_SIZE = 4.0
_SHADOW_FADE = (0.7, 1.6)
_MIRROR_FADE = (0.8, 1.8)
_RIM = (0.66, 0.95)
"""Where the ground ends in the picture, from its middle (0) to its rims (1) by the 3-norm, which has round corners: a
soft shadow that a rim cuts off looks like a mistake."""


class GroundPlane:
    """Both grounds of one scene; `show` returns whether anything changed."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self._shown: str | None = None
        self._table = _plane(scene, "ground", _table_material(), -0.004)
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


def _table_material() -> bpy.types.Material:
    """Matte ground that fades out around the subject, so that the picture's rim is the pure background."""
    tree, material = nodes.material("ground")
    matte = tree.nodes.new("ShaderNodeBsdfDiffuse")
    matte.inputs["Color"].default_value = (0.62, 0.62, 0.62, 1.0)
    # Metal sees less of it: an evenly lit table would paint every upright surface one flat gray.
    ray = tree.nodes.new("ShaderNodeLightPath")
    seen = nodes.math(tree, "SUBTRACT", 1.0, nodes.math(tree, "MULTIPLY", ray.outputs["Is Glossy Ray"], 0.65))
    nodes.over_nothing(
        tree, matte.outputs["BSDF"], nodes.math(tree, "MULTIPLY", _fade_out(tree, *_SHADOW_FADE), seen)
    )
    return material


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
        nodes.math(tree, "MULTIPLY", fresnel.outputs["Fresnel"], _fade_out(tree, *_MIRROR_FADE)),
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
    """One within `near` of the subject's middle, nought beyond `far` and, as the camera sees it, at the rim."""
    where = tree.nodes.new("ShaderNodeNewGeometry")
    length = tree.nodes.new("ShaderNodeVectorMath")
    length.operation = "LENGTH"
    tree.links.new(where.outputs["Position"], length.inputs[0])
    inside = nodes.span(tree, length.outputs["Value"], (near, far), (1.0, 0.0), smooth=True)
    return nodes.math(tree, "MULTIPLY", inside, _inside_picture(tree))


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
