"""Lays the picture of a texture over a part, in its true size."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import math
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import bpy

from blender_scripts.finish_rules import TextureSpec
from blender_scripts.refusals import RefusedRender
from blender_scripts.stage import nodes
from blender_scripts.stage.nodes import Socket

_OURS, _CLEAR = "texture.", ".clear"
_MM = 1000.0  # of a unit of meshes, which are in meters
_SHARPNESS = 8.0  # of the blend between the sides of a box: a 45-degree chamfer shows both halves
_ENDS = (0.6, 0.8)
"""Between these cosines to the axis the side of a turned part goes over into its ends."""

_CLOSED = 0.1
"""A picture is stretched by at most this share so that it closes around a turned part; else it has a seam behind."""

_AROUND = {"X": ("-Y", "-Z"), "Y": ("Z", "X"), "Z": ("-Y", "X")}
"""By axis: where the middle of the picture lies, the seam opposite to it, and where a quarter of a turn leads."""


class BadTexture(RefusedRender):
    """The file of a texture is missing, is another one, or cannot be read."""

    code = "bad_texture"


@dataclass(frozen=True, slots=True)
class Turned:
    """The axis of a turned part, a point of it and the outer radius, in units of the mesh."""

    axis: str
    middle: tuple[float, float, float]
    radius: float


def image_of(sha256: str, path: str, *, clear: bool = False) -> bpy.types.Image:
    """The picture with this SHA-256, if `clear` with its transparent places.

    It stays until `forget` is called without it. Raises BadTexture.
    """
    name = f"{_OURS}{sha256[:32]}{_CLEAR if clear else ''}"
    if made := bpy.data.images.get(name):
        return made
    file = Path(path)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadTexture("missing", file=file.name) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BadTexture("changed", file=file.name)
    made = bpy.data.images.new(name, 1, 1)
    made.pack(data=content, data_len=len(content))  # a warm Blender may outlive the file
    made.source = "FILE"
    made.colorspace_settings.name = "sRGB"
    made.alpha_mode = "STRAIGHT" if clear else "NONE"
    if not made.has_data and not len(made.pixels):
        bpy.data.images.remove(made)
        raise BadTexture("damaged", file=file.name)
    made.use_fake_user = True
    return made


def forget(but: Collection[str]) -> None:
    """Remove the pictures of other textures than these."""
    kept = {f"{_OURS}{sha256[:32]}" for sha256 in but}
    gone = [
        one
        for one in bpy.data.images
        if one.name.startswith(_OURS) and one.name.removesuffix(_CLEAR) not in kept
    ]
    if gone:
        bpy.data.batch_remove(gone)


def color_of(
    tree: bpy.types.NodeTree, texture: TextureSpec, image: bpy.types.Image, turned: Turned | None
) -> Socket:
    """The color of the texture at each place of the part: around it where it is `turned`, else as on a box."""
    where = tree.nodes.new("ShaderNodeTexCoord")
    place, normal = (_axes(tree, where.outputs[name]) for name in ("Object", "Normal"))
    scale = _MM / texture.mm
    across, up = scale, scale * image.size[0] / image.size[1]
    sides = (
        _around(tree, place, normal, turned, (across, up))
        if turned
        else _box(tree, place, normal, (across, up))
    )
    shown = None
    for u, v, weight in sides:
        picture = tree.nodes.new("ShaderNodeTexImage")
        picture.image = image
        together = tree.nodes.new("ShaderNodeCombineXYZ")
        tree.links.new(u, together.inputs["X"])
        tree.links.new(v, together.inputs["Y"])
        tree.links.new(together.outputs["Vector"], picture.inputs["Vector"])
        part = nodes.vector(tree, "SCALE", picture.outputs["Color"], Scale=weight)
        shown = nodes.vector(tree, "ADD", shown, part) if shown else part
    assert shown
    return shown


def raise_by(tree: bpy.types.NodeTree, surface: bpy.types.Node, color: Socket, height: float) -> None:
    """Shade the surface as if white places of the texture lay `height` (scene units) above black ones."""
    gray = tree.nodes.new("ShaderNodeRGBToBW")
    tree.links.new(color, gray.inputs["Color"])
    bump = tree.nodes.new("ShaderNodeBump")
    bump.invert = height < 0
    bump.inputs["Strength"].default_value = 1.0
    bump.inputs["Distance"].default_value = abs(height)
    tree.links.new(nodes.math(tree, "POWER", gray.outputs["Val"], 1 / 2.2), bump.inputs["Height"])
    if links := surface.inputs["Normal"].links:  # of rounded edges
        tree.links.new(links[0].from_socket, bump.inputs["Normal"])
    tree.links.new(bump.outputs["Normal"], surface.inputs["Normal"])


_Side = tuple[Socket, Socket, Socket]
"""Where in the picture (u to the right, v upwards, in its widths and heights), and how much it shows."""


def _box(
    tree: bpy.types.NodeTree,
    place: dict[str, Socket],
    normal: dict[str, Socket],
    repeats: tuple[float, float],
) -> list[_Side]:
    """The six sides as one sees them from outside, each upright, the top with the front below."""
    facing = {
        axis: nodes.math(tree, "POWER", nodes.math(tree, "ABSOLUTE", normal[axis]), _SHARPNESS)
        for axis in "XYZ"
    }
    every = nodes.math(tree, "ADD", nodes.math(tree, "ADD", facing["X"], facing["Y"]), facing["Z"])
    sign = {axis: nodes.math(tree, "SIGN", normal[axis]) for axis in "XYZ"}
    ways = {
        "X": (nodes.math(tree, "MULTIPLY", place["Y"], sign["X"]), place["Z"]),
        "Y": (
            nodes.math(tree, "MULTIPLY", place["X"], nodes.math(tree, "MULTIPLY", sign["Y"], -1.0)),
            place["Z"],
        ),
        "Z": (place["X"], nodes.math(tree, "MULTIPLY", place["Y"], sign["Z"])),
    }
    return [
        (*_times(tree, way, repeats), nodes.math(tree, "DIVIDE", facing[axis], every))
        for axis, way in ways.items()
    ]


def _around(
    tree: bpy.types.NodeTree,
    place: dict[str, Socket],
    normal: dict[str, Socket],
    turned: Turned,
    repeats: tuple[float, float],
) -> list[_Side]:
    """The side of a turned part, unrolled, and its ends, flat."""
    from_axis = {
        axis: nodes.math(tree, "SUBTRACT", place[axis], middle)
        for axis, middle in zip("XYZ", turned.middle, strict=True)
    }
    ahead, beside = (
        nodes.math(tree, "MULTIPLY", from_axis[way[-1]], -1.0 if way[0] == "-" else 1.0)
        for way in _AROUND[turned.axis]
    )
    count = closing(2 * math.pi * turned.radius * repeats[0])
    angle = nodes.math(tree, "MULTIPLY", nodes.math(tree, "ARCTAN2", beside, ahead), count / (2 * math.pi))
    height = nodes.math(tree, "MULTIPLY", place[turned.axis], repeats[1])
    end = nodes.span(tree, nodes.math(tree, "ABSOLUTE", normal[turned.axis]), _ENDS, (0.0, 1.0), smooth=True)
    one, other = (("XYZ" * 2)["XYZ".index(turned.axis) + step] for step in (1, 2))
    flat = (
        from_axis[one],
        nodes.math(tree, "MULTIPLY", from_axis[other], nodes.math(tree, "SIGN", normal[turned.axis])),
    )
    return [
        (angle, height, nodes.math(tree, "SUBTRACT", 1.0, end)),
        (*_times(tree, flat, repeats), end),
    ]


def closing(count: float) -> float:
    """How often a picture is repeated around a part that has room for so many: a whole number if that is near."""
    whole = max(1, round(count))
    return whole if abs(whole - count) <= _CLOSED * count else count


def _times(
    tree: bpy.types.NodeTree, way: tuple[Socket, Socket], repeats: tuple[float, float]
) -> tuple[Socket, Socket]:
    across, up = (nodes.math(tree, "MULTIPLY", one, by) for one, by in zip(way, repeats, strict=True))
    return across, up


def _axes(tree: bpy.types.NodeTree, vector: Socket) -> dict[str, Socket]:
    apart = tree.nodes.new("ShaderNodeSeparateXYZ")
    tree.links.new(vector, apart.inputs["Vector"])
    return {axis: apart.outputs[axis] for axis in "XYZ"}
