"""Small functions for shader nodes, used by several trees of the studio."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import bpy

Socket: TypeAlias = bpy.types.NodeSocket


def math(
    tree: bpy.types.NodeTree, operation: str, *values: float | Socket, kind: str = "ShaderNodeMath"
) -> Socket:
    """The result of a math node over numbers and sockets."""
    node = tree.nodes.new(kind)
    node.operation = operation
    for index, value in enumerate(values):
        if isinstance(value, int | float):
            node.inputs[index].default_value = value
        else:
            tree.links.new(value, node.inputs[index])
    return node.outputs["Value"]


def vector(
    tree: bpy.types.NodeTree, operation: str, *values: Sequence[float] | Socket, **numbers: float | Socket
) -> Socket:
    """The result of a math node over vectors, and over numbers by the names of their inputs."""
    node = tree.nodes.new("ShaderNodeVectorMath")
    node.operation = operation
    for target, value in (
        *zip(node.inputs, values, strict=False),
        *((node.inputs[one], by) for one, by in numbers.items()),
    ):
        if isinstance(value, bpy.types.NodeSocket):
            tree.links.new(value, target)
        else:
            target.default_value = value
    return node.outputs["Vector"]


def span(
    tree: bpy.types.NodeTree,
    value: Socket,
    source: tuple[float, float],
    target: tuple[float, float],
    *,
    smooth: bool,
) -> Socket:
    """`value` carried from one range to another and clamped to it; `smooth` eases both ends."""
    node = tree.nodes.new("ShaderNodeMapRange")
    node.interpolation_type = "SMOOTHSTEP" if smooth else "LINEAR"
    node.inputs["From Min"].default_value, node.inputs["From Max"].default_value = source
    node.inputs["To Min"].default_value, node.inputs["To Max"].default_value = target
    tree.links.new(value, node.inputs["Value"])
    return node.outputs["Result"]


def material(name: str) -> tuple[bpy.types.NodeTree, bpy.types.Material]:
    """A new material, and its tree with nothing in it."""
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    made.node_tree.nodes.clear()
    return made.node_tree, made


def emission(tree: bpy.types.NodeTree, color: Sequence[float]) -> Socket:
    """A surface that shines in this linear color, whatever the light."""
    node = tree.nodes.new("ShaderNodeEmission")
    node.inputs["Color"].default_value = (*color, 1.0)
    return node.outputs["Emission"]


def mixed(tree: bpy.types.NodeTree, strength: float | Socket, one: Socket, other: Socket) -> Socket:
    """`other` over `one`, by `strength`."""
    mix = tree.nodes.new("ShaderNodeMixShader")
    if isinstance(strength, int | float):
        mix.inputs["Fac"].default_value = strength
    else:
        tree.links.new(strength, mix.inputs["Fac"])
    tree.links.new(one, mix.inputs[1])
    tree.links.new(other, mix.inputs[2])
    return mix.outputs["Shader"]


def over_nothing(tree: bpy.types.NodeTree, shader: Socket, strength: float | Socket) -> None:
    """Finish a material's tree: `shader` over nothing, by `strength`."""
    clear = tree.nodes.new("ShaderNodeBsdfTransparent")
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(mixed(tree, strength, clear.outputs["BSDF"], shader), output.inputs["Surface"])
