"""Lines as illustrators draw them, seen by the camera alone: sharp edges and outlines of a product, or anywhere.

An outline is where a round surface turns away from the camera: the edges of its triangles between one that faces the
camera and one that does not, unless the shaded surface faces it there on both sides: a mesh has dents that its shading
hides. Outlines are found anew for each frame.
"""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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

_FLAT = float(np.cos(np.radians(0.05)))
"""A surface that turns by less at an edge is flat there, whatever its rounded numbers say."""

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RoundEdges:
    """The edges of a mesh: their ends (n, 2, 3), the normals (n, 2, 3) of the triangles on either side, and those
    (n, 6, 3) of the shaded surface at their corners."""

    ends: Floats
    normals: Floats
    shading: Floats

    def seen_from(self, eye: Floats, *, is_far: bool) -> Floats:
        """The ends (k, 2, 3) of those at which one side faces the eye, a point or a direction, and one does not."""
        towards = np.broadcast_to(eye, self.ends[:, 0].shape) if is_far else eye - self.ends.mean(axis=1)
        faces = np.einsum("nsi,ni->ns", self.normals, towards) > 0
        shaded = np.einsum("nci,ni->nc", self.shading, towards)
        bends = (shaded.min(axis=1) <= 0) & (shaded.max(axis=1) >= 0)
        found: Floats = self.ends[(faces[:, 0] != faces[:, 1]) & bends]
        return found


class Drawn:
    """The lines on what is shown of a subject, in one color (#rrggbb), which move with their parts.

    What is shown must be the same until they are forgotten.
    """

    def __init__(self, subject: Subject, color: str) -> None:
        self.color = color
        self._subject = subject
        self._round: dict[str, RoundEdges] = {}
        self._edges: list[bpy.types.Object] = []
        self._outlines: list[bpy.types.Object] = []
        paint = ink("edge", linear(color))
        known: dict[str, bpy.types.Mesh] = {}
        for place in subject.shown:
            name = place.mesh.name
            if name not in known:
                sharp, self._round[name] = edges_of(*welded(place.mesh))
                known[name] = strokes(f"{name}.lines", sharp, HALF / subject.scale, paint)
            self._edges.append(_only_seen(show(known[name], place.thing)))

    def outline(self, camera: bpy.types.Object) -> None:
        """Draw the outlines as this camera sees the subject now."""
        remove(self._outlines)
        self._outlines = []
        pivot = self._subject.pivot
        seen_from = np.array(pivot.matrix_basis.inverted() @ camera.matrix_world)
        is_far = camera.data.type == "ORTHO"
        eye = seen_from[:3, 2] if is_far else seen_from[:3, 3]
        ends = []
        for place in self._subject.shown:
            matrix = np.array(place.thing.matrix_parent_inverse)
            own = np.linalg.solve(matrix[:3, :3], eye - (0.0 if is_far else matrix[:3, 3]))
            found = self._round[place.mesh.name].seen_from(own, is_far=is_far)
            ends.append(found @ matrix[:3, :3].T + matrix[:3, 3])
        if len(lines := np.concatenate(ends)):
            drawing = strokes("outlines", lines, HALF, ink("outline", linear(self.color)))
            self._outlines = [_only_seen(show(drawing, pivot))]

    def forget(self) -> None:
        """Take them out of the scene."""
        remove([*self._edges, *self._outlines])
        self._edges, self._outlines = [], []


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


def _only_seen(thing: bpy.types.Object) -> bpy.types.Object:
    """Hide strokes from what is seen through glass as well."""
    thing.visible_transmission = False
    return thing


def welded(mesh: bpy.types.Mesh) -> tuple[Floats, Numbers, Floats]:
    """The places of a mesh's corners, each once, its triangles, and the normals (n, 3, 3) by which they are shaded."""
    points, which = np.unique(mesh_data.points_of(mesh), axis=0, return_inverse=True)
    corners = np.empty(len(mesh.loops), dtype=np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    shading = np.empty(len(mesh.loops) * 3, dtype=np.float32)
    mesh.corner_normals.foreach_get("vector", shading)
    triangles = which.reshape(-1)[corners].reshape(-1, 3)
    first, second, third = triangles.T
    is_sound = (first != second) & (second != third) & (third != first)
    normals = shading.reshape(-1, 3, 3)[is_sound].astype(np.float64)
    return points.astype(np.float64), triangles[is_sound], normals


def edges_of(points: Floats, triangles: Numbers, shading: Floats) -> tuple[Floats, RoundEdges]:
    """The ends (n, 2, 3) of edges at which the surface turns sharply or ends, and the edges at which it bends."""
    first, second, third = (points[triangles[:, corner]] for corner in range(3))
    normals = np.cross(second - first, third - first)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-30
    sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    edges, which, uses = np.unique(np.sort(sides, axis=1), axis=0, return_inverse=True, return_counts=True)
    starts = np.cumsum(uses) - uses
    order = np.argsort(which.reshape(-1), kind="stable") % len(triangles)
    faces = order[starts[uses == 2][:, None] + np.arange(2)]
    turn = np.einsum("ij,ij->i", *normals[faces].transpose(1, 0, 2))
    is_sharp = np.ones(len(edges), bool)
    is_sharp[uses == 2] = turn < _SHARP
    bends = (turn >= _SHARP) & (turn < _FLAT)
    faces = faces[bends]
    round_ones = RoundEdges(points[edges[uses == 2][bends]], normals[faces], shading[faces].reshape(-1, 6, 3))
    return points[edges[is_sharp]], round_ones


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
