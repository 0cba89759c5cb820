"""Builds the Cycles material of each finish."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Sequence

import bpy

from blender_scripts.finish_rules import FinishSpec
from blender_scripts.stage import nodes, textures
from blender_scripts.stage.textures import Turned

EDGE_RADIUS = 0.007
"""Of rounded edges, in radii of the subject: three pixels of a picture of 1024 px."""

_WALL_SHARE = 0.15
_LEAST_RADIUS = EDGE_RADIUS / 8
_LINES = 0.2
_CLEAR_SHADOW = 0.85
_DARK = 0.06
_DARK_GLOSS = 0.7
"""Gloss that a black surface gets besides its own, as a photographer lights it the more: its edges are all it shows."""


def edge_radius(thickness: float) -> float:
    """How far the edges of a part with walls of this thickness (scene units) are rounded, in a few steps.

    A larger part of a wall would shade a sheet as if it were a pillow. 0.0 where it would be less than half a pixel.
    """
    radius = EDGE_RADIUS
    while radius > _WALL_SHARE * thickness:
        radius /= 2
        if radius < _LEAST_RADIUS:
            return 0.0
    return radius


def darkness(color: Sequence[float]) -> float:
    """How near a linear color is to black: nought from `_DARK` up, one for black."""
    return max(0.0, 1.0 - max(color[:3]) / _DARK)


def build(
    finish: FinishSpec,
    color: Sequence[float],
    *,
    axis: str,
    along: str,
    scale: float,
    radius: float,
    covered: tuple[bpy.types.Image, Turned | None] | None = None,
) -> bpy.types.Material:
    """A new material of `finish` in `color` (linear RGBA).

    `axis` is the turning axis of the part in its own coordinates ("" for none), `along` its longest side, `scale`
    scene units per unit of the mesh (so that grain has one size on all parts); `radius` (scene units) rounds hard
    edges in shading. `covered` is the picture of the finish's texture, and how a part is
    turned that it goes around.
    """
    material = bpy.data.materials.new(f"finish.{finish.slug}")
    material.use_nodes = True
    tree = material.node_tree
    surface = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    inputs = surface.inputs
    blended = finish.blended(color)
    inputs["Base Color"].default_value = (*blended, 1.0)
    inputs["Metallic"].default_value = finish.metallic
    inputs["Roughness"].default_value = finish.roughness
    inputs["Specular IOR Level"].default_value = finish.specular * (1.0 + _DARK_GLOSS * darkness(blended))
    inputs["IOR"].default_value = finish.ior
    inputs["Coat Weight"].default_value = finish.coat
    inputs["Coat Roughness"].default_value = finish.coat_roughness
    inputs["Transmission Weight"].default_value = finish.transmission
    inputs["Alpha"].default_value = 1.0 if finish.transmission else max(color[3], 0.02)
    if finish.brushed:
        _brush(tree, surface, finish, axis, along, scale)
    elif finish.grain:
        _grain(tree, surface, finish, scale)
    if finish.anisotropy and axis:
        inputs["Anisotropic"].default_value = finish.anisotropy
        tangent = tree.nodes.new("ShaderNodeTangent")
        tangent.direction_type = "RADIAL"
        tangent.axis = axis
        tree.links.new(tangent.outputs["Tangent"], inputs["Tangent"])
    elif finish.anisotropy and along:
        inputs["Anisotropic"].default_value = finish.anisotropy
        _link_direction(tree, along, inputs["Tangent"])
    if radius:
        round_edges(tree, surface, radius)
    if finish.texture and covered:
        shown = textures.color_of(tree, finish.texture, *covered)
        tree.links.new(nodes.vector(tree, "MULTIPLY", shown, blended), inputs["Base Color"])
        if finish.texture.relief:
            textures.raise_by(tree, surface, shown, finish.texture.relief / 1000 * scale)
    if finish.transmission:
        let_light_through(tree, surface, finish.transmission, blended)
    return material


def round_edges(tree: bpy.types.NodeTree, surface: bpy.types.Node, radius: float) -> None:
    """Let hard edges catch light as if they were rounded."""
    bevel = tree.nodes.new("ShaderNodeBevel")
    bevel.samples = 2  # 4 look the same and cost twice as much
    bevel.inputs["Radius"].default_value = radius
    tree.links.new(bevel.outputs["Normal"], surface.inputs["Normal"])


def let_light_through(
    tree: bpy.types.NodeTree, surface: bpy.types.Node, share: float, color: Sequence[float]
) -> None:
    """Let shadows of clear parts be light: without caustics, which cost too much, glass would shade like iron."""
    ray = tree.nodes.new("ShaderNodeLightPath")
    amount = tree.nodes.new("ShaderNodeMath")
    amount.operation = "MULTIPLY"
    amount.inputs[1].default_value = _CLEAR_SHADOW * share
    tree.links.new(ray.outputs["Is Shadow Ray"], amount.inputs[0])
    through = tree.nodes.new("ShaderNodeBsdfTransparent")
    through.inputs["Color"].default_value = (*color, 1.0)
    mixed = tree.nodes.new("ShaderNodeMixShader")
    tree.links.new(amount.outputs["Value"], mixed.inputs["Fac"])
    tree.links.new(surface.outputs["BSDF"], mixed.inputs[1])
    tree.links.new(through.outputs["BSDF"], mixed.inputs[2])
    end = next(node for node in tree.nodes if node.type == "OUTPUT_MATERIAL")
    tree.links.new(mixed.outputs["Shader"], end.inputs["Surface"])


def _grain(tree: bpy.types.NodeTree, surface: bpy.types.Node, finish: FinishSpec, scale: float) -> None:
    """Let the roughness wander a little, as handled and machined surfaces do."""
    where = tree.nodes.new("ShaderNodeTexCoord")
    _vary_roughness(tree, surface, finish, where.outputs["Object"], 5.0 * scale, finish.grain)


def _brush(
    tree: bpy.types.NodeTree, surface: bpy.types.Node, finish: FinishSpec, axis: str, along: str, scale: float
) -> None:
    """Draw fine lines along the part, or around the axis of a turned one, by their roughness."""
    where = tree.nodes.new("ShaderNodeTexCoord").outputs["Object"]
    if axis:
        where = _radius_and_height(tree, where, axis)
    stretch = tree.nodes.new("ShaderNodeVectorMath")
    stretch.operation = "MULTIPLY"
    stretch.inputs[1].default_value = (
        (1.0, 1.0, 1.0) if axis else [0.02 if one == along else 1.0 for one in "XYZ"]
    )
    tree.links.new(where, stretch.inputs[0])
    _vary_roughness(tree, surface, finish, stretch.outputs["Vector"], 90.0 * scale, _LINES * finish.brushed)


def _vary_roughness(
    tree: bpy.types.NodeTree,
    surface: bpy.types.Node,
    finish: FinishSpec,
    where: bpy.types.NodeSocket,
    frequency: float,
    by: float,
) -> None:
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = frequency
    noise.inputs["Detail"].default_value = 2.0
    spread = tree.nodes.new("ShaderNodeMapRange")
    spread.inputs["From Min"].default_value = 0.3
    spread.inputs["From Max"].default_value = 0.7
    spread.inputs["To Min"].default_value = max(0.02, finish.roughness - by)
    spread.inputs["To Max"].default_value = min(1.0, finish.roughness + by)
    tree.links.new(where, noise.inputs["Vector"])
    tree.links.new(noise.outputs["Fac"], spread.inputs["Value"])
    tree.links.new(spread.outputs["Result"], surface.inputs["Roughness"])


def _radius_and_height(
    tree: bpy.types.NodeTree, where: bpy.types.NodeSocket, axis: str
) -> bpy.types.NodeSocket:
    """The place in a lathe: distance from `axis` and height along it."""
    apart = tree.nodes.new("ShaderNodeSeparateXYZ")
    tree.links.new(where, apart.inputs["Vector"])
    flat = tree.nodes.new("ShaderNodeCombineXYZ")
    for name in "XYZ".replace(axis, ""):
        tree.links.new(apart.outputs[name], flat.inputs[name])
    distance = tree.nodes.new("ShaderNodeVectorMath")
    distance.operation = "LENGTH"
    tree.links.new(flat.outputs["Vector"], distance.inputs[0])
    together = tree.nodes.new("ShaderNodeCombineXYZ")
    tree.links.new(distance.outputs["Value"], together.inputs["X"])
    tree.links.new(apart.outputs[axis], together.inputs["Y"])
    return together.outputs["Vector"]


def _link_direction(tree: bpy.types.NodeTree, along: str, target: bpy.types.NodeSocket) -> None:
    """Lead the direction of one of the part's own axes into `target`."""
    direction = tree.nodes.new("ShaderNodeVectorTransform")
    direction.vector_type, direction.convert_from, direction.convert_to = "VECTOR", "OBJECT", "WORLD"
    direction.inputs["Vector"].default_value = [float(one == along) for one in "XYZ"]
    tree.links.new(direction.outputs["Vector"], target)
