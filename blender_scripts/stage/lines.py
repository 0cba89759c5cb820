"""Lines as illustrators draw them, seen by the camera alone: along the sharp edges of a product, or anywhere."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
import numpy.typing as npt

from blender_scripts.finish_rules import linear
from blender_scripts.stage import mesh_data, nodes
from blender_scripts.stage.geometry import Subject

HALF = 0.003
"""Half the width of lines, in radii of the subject: three pixels of a picture of 1024 px are one line."""

_SHARP = float(np.cos(np.radians(28.0)))
"""An edge is drawn where the faces at it turn by more than this."""

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


def draw(subject: Subject, color: str) -> None:
    """Draw the edges of what is shown in this color (#rrggbb), in place of those that were drawn; "": none.

    They move with their parts. What is shown must be the same until they are forgotten.
    """
    if color == subject.line_color:
        return
    forget(subject)
    subject.line_color = color
    if not color:
        return
    paint = ink("edge", linear(color))
    known: dict[str, bpy.types.Mesh] = {}
    for place in subject.shown:
        if place.mesh.name not in known:
            known[place.mesh.name] = _drawing(place.mesh, HALF / subject.scale, paint)
        thing = show(known[place.mesh.name], place.thing)
        thing.visible_transmission = False
        subject.lines.append(thing)


def forget(subject: Subject) -> None:
    """Take the edges out of the scene."""
    remove(subject.lines)
    subject.lines, subject.line_color = [], ""


def ink(name: str, color: Sequence[float]) -> bpy.types.Material:
    """Flat paint of this linear color, which lights nothing."""
    tree, material = nodes.material(name)
    material.cycles.emission_sampling = "NONE"
    nodes.over_nothing(tree, nodes.emission(tree, color), 1.0)
    return material


def strokes(
    name: str, ends: Floats, half: float, paint: bpy.types.Material, corners: int = 3
) -> bpy.types.Mesh:
    """A mesh of thin prisms along lines (n, 2, 3), `half` as wide as they are to be."""
    points, walls = tubes(ends, half, corners)
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(points, [], walls.tolist())
    mesh.materials.append(paint)
    mesh.update()
    return mesh


def show(drawing: bpy.types.Mesh, parent: bpy.types.Object) -> bpy.types.Object:
    """Put strokes into the scene; they throw no shadow, and nothing mirrors them."""
    thing = bpy.data.objects.new(drawing.name, drawing)
    thing.parent = parent
    thing.visible_shadow = thing.visible_diffuse = thing.visible_glossy = False
    bpy.context.scene.collection.objects.link(thing)
    return thing


def remove(shown: Sequence[bpy.types.Object]) -> None:
    """Take strokes out of the scene, with their meshes and paints."""
    drawings = {thing.data for thing in shown}
    used = {material for drawing in drawings for material in drawing.materials}
    bpy.data.batch_remove([*shown, *drawings, *used])


def _drawing(mesh: bpy.types.Mesh, half: float, paint: bpy.types.Material) -> bpy.types.Mesh:
    """The sharp edges of a mesh as strokes."""
    points, triangles = welded(mesh)
    return strokes(f"{mesh.name}.lines", points[sharp_edges(points, triangles)], half, paint)


def welded(mesh: bpy.types.Mesh) -> tuple[Floats, Numbers]:
    """The places of a mesh's corners, each once, and its triangles."""
    points, which = np.unique(mesh_data.points_of(mesh), axis=0, return_inverse=True)
    corners = np.empty(len(mesh.loops), dtype=np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    triangles = which.reshape(-1)[corners].reshape(-1, 3)
    first, second, third = triangles.T
    is_sound = (first != second) & (second != third) & (third != first)
    return points.astype(np.float64), triangles[is_sound]


def sharp_edges(points: Floats, triangles: Numbers) -> Numbers:
    """The ends (n, 2) of edges at which the surface turns or ends."""
    first, second, third = (points[triangles[:, corner]] for corner in range(3))
    normals = np.cross(second - first, third - first)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-30
    ends = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    edges, which, uses = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(which.reshape(-1), kind="stable")
    faces = np.tile(np.arange(len(triangles)), 3)[order]
    starts = np.cumsum(uses) - uses
    paired = uses == 2
    turned = np.ones(len(edges), bool)
    one, other = faces[starts[paired]], faces[starts[paired] + 1]
    turned[paired] = np.einsum("ij,ij->i", normals[one], normals[other]) < _SHARP
    found: Numbers = edges[turned]
    return found


def tubes(ends: Floats, radius: float, corners: int = 3) -> tuple[Floats, Numbers]:
    """Thin prisms along lines (n, 2, 3) with so many corners: their points, and their walls as triangles."""
    along = ends[:, 1] - ends[:, 0]
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-30
    helper = np.where(np.abs(along[:, :1]) < 0.9, [[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]])
    side = np.cross(along, helper)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    up = np.cross(along, side)
    angles = np.arange(corners) * 2 * np.pi / corners
    ring = radius * (
        np.cos(angles)[None, :, None] * side[:, None] + np.sin(angles)[None, :, None] * up[:, None]
    )
    points = (ends[:, :, None] + ring[:, None]).reshape(-1, 3)
    corner = np.arange(corners)
    after = (corner + 1) % corners
    wall = np.concatenate(
        [
            np.stack([corner, after, after + corners], axis=1),
            np.stack([corner, after + corners, corner + corners], axis=1),
        ]
    )
    walls = (wall[None] + (np.arange(len(ends)) * 2 * corners)[:, None, None]).reshape(-1, 3)
    return points, walls
