"""The directions in which parts may come apart: normals of planes and axes of round faces, of meshes. NumPy only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from media_assets.cad.explode.solids import Assembly, Floats, Solid

SAME = np.cos(np.radians(1.5))
"""Directions closer than this are one."""

_FLAT = np.cos(np.radians(0.5))
_STRAIGHT = np.cos(np.radians(0.4))
_SHARP = np.cos(np.radians(40.0))
_SHARE = 0.04
_MOST_OF_A_SHAPE = 6


def of_shape(mesh: Solid) -> Floats:
    """Return the directions of a mesh's planes and round faces, each as long as its share of them: at most six (n, 3).

    The facets of a cylinder share edges along its axis, which planes of a turned part have for a normal.
    """
    lengths = np.linalg.norm(mesh.normals, axis=1)
    area = lengths / 2
    units = mesh.normals / np.where(lengths, lengths, 1.0)[:, None]
    edges, one, other = _edges(mesh)
    across = np.einsum("ij,ij->i", units[one], units[other])
    round_edges = (across < _FLAT) & (across > _SHARP)
    along = mesh.points[edges[round_edges, 1]] - mesh.points[edges[round_edges, 0]]
    # As much as the round face that the edge stands for.
    weights = (area[one] + area[other])[round_edges] / 2
    curved = np.zeros(len(area), bool)
    curved[one[round_edges]] = curved[other[round_edges]] = True
    flat = ~curved & (lengths > 0)
    long = np.linalg.norm(along, axis=1)
    kept = long > 0
    return gathered(
        np.concatenate((units[flat], along[kept] / long[kept, None])),
        np.concatenate((area[flat], weights[kept])),
    )


def of_parts(assembly: Assembly, parts: Iterable[int], of_shapes: Sequence[Floats], most: int) -> Floats:
    """Return the directions that most of these parts have, the commonest first, at most so many (n, 3).

    ``of_shapes`` are those of each shape in its own coordinates, as long as their share. All copies of a shape count as
    much as one part, so that the axis of a bearing comes before those of its rollers.
    """
    found, weights = [], []
    numbers = list(parts)
    copies = Counter(assembly.parts[number].shape for number in numbers)
    for number in numbers:
        part = assembly.parts[number]
        own = of_shapes[part.shape]
        if len(own):
            turned = own @ part.matrix[:3, :3].T
            sizes = np.linalg.norm(turned, axis=1)
            found.append(turned / sizes[:, None])
            weights.append(sizes / sizes.sum() / copies[part.shape])
    if not found:
        return np.eye(3)[:most]
    commonest = gathered(np.concatenate(found), np.concatenate(weights), 0.0, most)
    units: Floats = commonest / np.linalg.norm(commonest, axis=1)[:, None]
    return units


def gathered(
    directions: Floats, weights: Floats, share: float = _SHARE, most: int = _MOST_OF_A_SHAPE
) -> Floats:
    """Return the heaviest directions (whichever way they point) as long as their share of the weight, if it is more."""
    if not len(directions):
        return np.empty((0, 3))
    # The same way round for opposite ones: by the first number that is not small.
    first = np.where(np.abs(directions) > 0.1, directions, 0.0)
    at = (first != 0).argmax(axis=1)
    units = directions * np.sign(first[np.arange(len(first)), at])[:, None]
    _, which = np.unique(np.round(units * 50), axis=0, return_inverse=True)
    heavy = np.bincount(which, weights)
    sums = np.stack([np.bincount(which, units[:, axis] * weights) for axis in range(3)], axis=1)
    total = heavy.sum()
    found: list[Floats] = []
    for _ in range(most):
        best = int(heavy.argmax())
        if heavy[best] <= share * total or heavy[best] <= 0:
            break
        seed = sums[best] / np.linalg.norm(sums[best])
        own = sums / np.maximum(np.linalg.norm(sums, axis=1), 1e-300)[:, None] @ seed
        close = (np.abs(own) > SAME) & (heavy > 0)
        found.append(_straight(seed) * heavy[close].sum() / total)
        heavy[close] = 0.0
    return np.array(found).reshape(-1, 3)


def _straight(direction: Floats) -> Floats:
    """Return the axis of the product's own coordinates that a direction all but is, else the direction."""
    at = int(np.abs(direction).argmax())
    axis = np.eye(3)[at] * np.sign(direction[at])
    return axis if axis @ direction > _STRAIGHT else direction


def _edges(mesh: Solid) -> tuple[Floats, Floats, Floats]:
    """Return edges between two triangles: their points, and the two triangles."""
    corners = mesh.corners
    ends = np.sort(np.concatenate((corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]])), axis=1)
    owner = np.tile(np.arange(len(corners)), 3)
    key = ends[:, 0] * (len(mesh.points) + 1) + ends[:, 1]
    order = np.argsort(key, kind="stable")
    pairs = np.flatnonzero(key[order][1:] == key[order][:-1])
    return ends[order[pairs]], owner[order[pairs]], owner[order[pairs + 1]]
