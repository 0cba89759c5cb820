"""Places the parts that a picture is about, and those that are shown with them."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from mathutils import Matrix

from blender_scripts.contract import ALONE, Arrangement
from blender_scripts.stage import extent
from blender_scripts.stage.extent import Placed, Points
from blender_scripts.stage.geometry import BadGeometry, Subject

_ONLY_SEEN = ("visible_diffuse", "visible_glossy", "visible_transmission", "visible_shadow")
"""What the rest is not in: it is drawn over the picture, and neither lights nor darkens the parts."""

_FLAT = 0.5  # of its width: thinner than this, a part is flat
_LONG = 2.0  # times its width: longer than this, a part is long

_DOWN = np.array([
    [[0, 0, -1], [0, 1, 0], [1, 0, 0]],
    [[1, 0, 0], [0, 0, -1], [0, 1, 0]],
    np.eye(3),
])  # fmt: skip
"""For each axis the quarter turn that makes it point up."""

_ALONG = np.array([
    np.eye(3),
    [[0, 1, 0], [-1, 0, 0], [0, 0, 1]],
    [[0, 0, 1], [0, 1, 0], [-1, 0, 0]],
])  # fmt: skip
"""For each axis the quarter turn that makes it point to the right."""


def arrange(subject: Subject, orientation: Sequence[float], wanted: Arrangement) -> None:
    """Show what is wanted of the subject, turned by a rotation (9 numbers), of unit size and on the ground.

    What is shown frames the picture. Raises BadGeometry where nothing of it is in the geometry, or has a size.
    """
    keys, gone = set(wanted.parts), set(wanted.hidden)
    is_there = np.array([place.part.key not in gone for place in subject.places], bool)
    is_about = is_there & [not keys or place.part.key in keys for place in subject.places]
    if not is_there.any():
        raise BadGeometry("all_hidden")
    if not is_about.any():
        raise BadGeometry("other_parts", count=str(len(keys)), example=min(keys))
    is_seen = is_about if wanted.rest in ("hidden", ALONE) else is_there
    matrices = subject.matrices if wanted.rest != ALONE else _by_itself(subject, is_about)
    turn = np.eye(4)
    if orientation:
        turn[:3, :3] = np.reshape(orientation, (3, 3))
        matrices = turn @ matrices
    points = _points(subject, matrices, is_seen)
    subject.scale, fitted = _fit(points)
    subject.points = points * subject.scale + np.array(fitted.translation)
    subject.frame = np.array(fitted) @ turn
    placed = (np.array(fitted) @ matrices).tolist()
    subject.shown, subject.others = [], []
    for place, matrix, about, seen in zip(subject.places, placed, is_about, is_seen, strict=True):
        place.thing.hide_render = not seen
        if not seen:
            continue
        (subject.shown if about else subject.others).append(place)
        place.thing.matrix_parent_inverse = Matrix(matrix)
        for name in _ONLY_SEEN:
            setattr(place.thing, name, bool(about))


def _by_itself(subject: Subject, is_about: npt.NDArray[np.bool_]) -> Points:
    """The matrices with the places that the picture is about as in their own file, a flat part lying on its face."""
    matrices = subject.matrices.copy()
    about = matrices[is_about]
    # Exact, so that the same part in two products is the same picture.
    about = np.linalg.pinv(about[0]) @ about if len(about) > 1 else np.eye(4)[None]
    matrices[is_about] = about
    points = _points(subject, matrices, is_about)
    pose = _pose(points.max(axis=0) - points.min(axis=0))
    matrices[is_about] = pose @ about
    return matrices


def _pose(size: Points) -> Points:
    """The turn that lays a part of this size down if it is flat, and its length to the right if it is long."""
    pose = np.eye(4)
    smallest, middle, _ = np.argsort(size, kind="stable")
    if size[smallest] < _FLAT * size[middle]:
        pose[:3, :3] = _DOWN[smallest]
        size = np.abs(pose[:3, :3]) @ size
    _, middle, largest = np.argsort(size, kind="stable")
    if size[largest] > _LONG * size[middle]:
        pose[:3, :3] = _ALONG[largest] @ pose[:3, :3]
    return pose


def _points(subject: Subject, matrices: Points, is_seen: npt.NDArray[np.bool_]) -> Points:
    """The extreme points of the places that are seen."""
    names = np.array(
        [place.mesh.name if seen else "" for place, seen in zip(subject.places, is_seen, strict=True)]
    )
    return extent.spread(
        [Placed(outline, matrices[names == name]) for name, outline in subject.outlines.items()]
    )


def _fit(points: Points) -> tuple[float, Matrix]:
    """The scale that gives the points' sphere a radius of 1, and the matrix that also puts them on the ground."""
    low, high = points.min(axis=0), points.max(axis=0)
    radius = float(np.linalg.norm(high - low)) / 2
    if not math.isfinite(radius) or radius <= 0:
        raise BadGeometry("endless")
    center = (low + high) / 2
    scale = 1.0 / radius
    return scale, Matrix.Scale(scale, 4) @ Matrix.Translation((-center[0], -center[1], -low[2]))
