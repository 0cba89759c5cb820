"""Prints and engraves labels on faces of parts: projected flat, in their true size, on what faces their way."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree

from blender_scripts.labels import FACING, INK_ROUGHNESS, LOOKS, LabelSpec
from blender_scripts.refusals import RefusedRender
from blender_scripts.stage import mesh_data, nodes, textures
from blender_scripts.stage.extent import Points
from blender_scripts.stage.geometry import Subject
from blender_scripts.stage.nodes import Socket

_MM = 1000.0
_ENGRAVED = (0.55, 0.2)  # what is left of the color at the bottom, and how much rougher that is


class BadLabel(RefusedRender):
    """A label does not meet its part."""

    code = "bad_label"


@dataclass(frozen=True, slots=True)
class LaidLabel:
    """A label on one mesh: rows that lead from a place (units of the mesh, and 1) to widths to the right of the middle,
    heights above it, and meters above the face; `reach` in meters, `depth` in mm.
    """

    sha256: str
    across: tuple[float, ...]
    above: tuple[float, ...]
    out: tuple[float, ...]
    reach: float
    depth: float


def by_place(
    subject: Subject, labels: Sequence[LabelSpec], files: Mapping[str, str]
) -> dict[str, tuple[LaidLabel, ...]]:
    """The labels of each object that has some, by its name. Raises BadLabel and BadTexture."""
    found: dict[str, tuple[LaidLabel, ...]] = {}
    shown = {place.thing.name for place in subject.shown}
    for place, matrix in zip(subject.places, subject.matrices, strict=True):
        own = [one for one in labels if one.part == place.part.key]
        if own and place.thing.name in shown:
            found[place.thing.name] = tuple(_placed(one, place.mesh, matrix, files) for one in own)
    return found


def lay(
    material: bpy.types.Material, placed: Sequence[LaidLabel], files: Mapping[str, str], scale: float
) -> None:
    """Lay labels on a material of their mesh; `scale` is scene units per unit of the mesh."""
    tree = material.node_tree
    surface = next((one for one in tree.nodes if one.type == "BSDF_PRINCIPLED"), None)
    if surface is None:
        return
    for one in placed:
        picture, weight = _picture(tree, one, textures.image_of(one.sha256, files[one.sha256], clear=True))
        if one.depth:
            _engrave(tree, surface, picture, weight, one.depth / _MM * scale)
        else:
            _print(tree, surface, picture, weight)


def _placed(label: LabelSpec, mesh: bpy.types.Mesh, matrix: Points, files: Mapping[str, str]) -> LaidLabel:
    """Lay the label on what lies outermost below it."""
    image = textures.image_of(label.sha256, files[label.sha256], clear=True)
    normal, up = np.array(label.normal), np.array(label.up)
    right, across, above = (np.array(one) for one in label.axes())
    points = mesh_data.points_of(mesh) @ matrix[:3, :3].T + matrix[:3, 3]
    middle = (points.min(axis=0) + points.max(axis=0)) / 2 + (right * label.x + up * label.y) / _MM
    width = label.mm / _MM
    height = width * image.size[1] / image.size[0]
    face = _face(mesh, matrix, (middle, normal), (across * width, above * height), points)
    if face is None:
        raise BadLabel("beside", mm=f"{label.mm:g}", part=label.part)

    def row(direction: Any, at: float, by: float) -> tuple[float, ...]:
        led = direction @ matrix[:3, :]
        return tuple(np.append(led[:3], led[3] - at).astype(float) / by)

    return LaidLabel(
        label.sha256,
        row(across, float(across @ middle), width),
        row(above, float(above @ middle), height),
        row(normal, face, 1.0),
        label.reach / _MM,
        label.depth,
    )


def _face(
    mesh: bpy.types.Mesh, matrix: Points, place: tuple[Any, Any], sides: tuple[Any, Any], points: Any
) -> float | None:
    """How far out along the normal the part reaches below the label; None where there is nothing of it."""
    middle, normal = place
    mesh.calc_loop_triangles()
    corners = np.empty(3 * len(mesh.loop_triangles), np.int32)
    mesh.loop_triangles.foreach_get("vertices", corners)
    tree = BVHTree.FromPolygons(points.tolist(), corners.reshape(-1, 3).tolist())
    heights = points @ normal
    start = float(heights.max()) - float(middle @ normal) + float(np.ptp(heights)) * 0.01 + 1e-6
    found = []
    for u in LOOKS:
        for v in LOOKS:
            origin = middle + sides[0] * u + sides[1] * v + normal * start
            hit = tree.ray_cast(Vector(origin), Vector(-normal))[0]
            if hit is not None:
                found.append(float(np.array(hit) @ normal))
    return max(found, default=None)


def _picture(tree: bpy.types.NodeTree, placed: LaidLabel, image: bpy.types.Image) -> tuple[Socket, Socket]:
    """The color of the label at each place, and how much of it is there: none outside, on other faces and far below."""
    where = tree.nodes.new("ShaderNodeTexCoord")
    u, v, out = (
        _led(tree, where.outputs["Object"], row) for row in (placed.across, placed.above, placed.out)
    )
    together = tree.nodes.new("ShaderNodeCombineXYZ")
    tree.links.new(nodes.math(tree, "ADD", u, 0.5), together.inputs["X"])
    tree.links.new(nodes.math(tree, "ADD", v, 0.5), together.inputs["Y"])
    picture = tree.nodes.new("ShaderNodeTexImage")
    picture.image, picture.extension = image, "CLIP"
    tree.links.new(together.outputs["Vector"], picture.inputs["Vector"])
    length = math.sqrt(sum(one * one for one in placed.out[:3]))
    facing = _led(tree, where.outputs["Normal"], (*(one / length for one in placed.out[:3]), 0.0))
    weight = nodes.math(
        tree, "MULTIPLY", picture.outputs["Alpha"], nodes.math(tree, "GREATER_THAN", facing, FACING)
    )
    is_near = nodes.math(tree, "COMPARE", out, 0.0, placed.reach)
    return picture.outputs["Color"], nodes.math(tree, "MULTIPLY", weight, is_near)


def _led(tree: bpy.types.NodeTree, place: Socket, row: Sequence[float]) -> Socket:
    node = tree.nodes.new("ShaderNodeVectorMath")
    node.operation = "DOT_PRODUCT"
    tree.links.new(place, node.inputs[0])
    node.inputs[1].default_value = row[:3]
    return nodes.math(tree, "ADD", node.outputs["Value"], row[3])


def _print(tree: bpy.types.NodeTree, surface: bpy.types.Node, picture: Socket, weight: Socket) -> None:
    """Cover the surface with ink."""
    _toward(tree, surface.inputs["Base Color"], picture, weight)
    for name, value in (("Metallic", 0.0), ("Transmission Weight", 0.0), ("Roughness", INK_ROUGHNESS)):
        _toward(tree, surface.inputs[name], value, weight)


def _engrave(
    tree: bpy.types.NodeTree, surface: bpy.types.Node, picture: Socket, weight: Socket, depth: float
) -> None:
    """Cut dark places into the surface, `depth` scene units."""
    gray = tree.nodes.new("ShaderNodeRGBToBW")
    tree.links.new(picture, gray.inputs["Color"])
    cut = nodes.math(tree, "MULTIPLY", weight, nodes.math(tree, "SUBTRACT", 1.0, gray.outputs["Val"]))
    dark, rough = _ENGRAVED
    _scale_color(tree, surface.inputs["Base Color"], nodes.math(tree, "MULTIPLY_ADD", cut, dark - 1.0, 1.0))
    rougher = min(1.0, surface.inputs["Roughness"].default_value + rough)
    _toward(tree, surface.inputs["Roughness"], rougher, cut)
    bump = tree.nodes.new("ShaderNodeBump")
    bump.invert = True
    bump.inputs["Strength"].default_value = 1.0
    bump.inputs["Distance"].default_value = depth
    tree.links.new(cut, bump.inputs["Height"])
    if links := surface.inputs["Normal"].links:
        tree.links.new(links[0].from_socket, bump.inputs["Normal"])
    tree.links.new(bump.outputs["Normal"], surface.inputs["Normal"])


def _toward(tree: bpy.types.NodeTree, target: Socket, value: Socket | float, weight: Socket) -> None:
    """Lead an input of the surface from what it is to another value, by the weight."""
    mix = tree.nodes.new("ShaderNodeMix")
    mix.data_type = "RGBA" if target.type == "RGBA" else "FLOAT"
    ends = [one for one in mix.inputs if one.enabled and one.name in ("A", "B")]
    result = next(one for one in mix.outputs if one.enabled)
    tree.links.new(weight, next(one for one in mix.inputs if one.enabled and one.name == "Factor"))
    _into(tree, _now(target), ends[0])
    _into(tree, value, ends[1])
    tree.links.new(result, target)


def _scale_color(tree: bpy.types.NodeTree, target: Socket, by: Socket) -> None:
    now = _now(target)
    if not isinstance(now, bpy.types.NodeSocket):
        constant = tree.nodes.new("ShaderNodeRGB")
        constant.outputs["Color"].default_value = now
        now = constant.outputs["Color"]
    tree.links.new(nodes.vector(tree, "SCALE", now, Scale=by), target)


def _now(target: Socket) -> Any:
    """What an input of the surface gets at present: a socket, or a value of its own."""
    if target.links:
        return target.links[0].from_socket
    value = target.default_value
    return value if isinstance(value, float) else tuple(value)


def _into(tree: bpy.types.NodeTree, value: Any, target: Socket) -> None:
    if isinstance(value, bpy.types.NodeSocket):
        tree.links.new(value, target)
    else:
        target.default_value = value
