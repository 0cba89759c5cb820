"""The placed parts of a product as closed meshes that are a little smaller than they are. NumPy only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

_FACETS = 0.003
"""How far the facets of two meshes that touch may reach into each other, as a part of their diagonal."""
_WALL = 0.12
"""A part is never made thinner than by this part of its wall on each side."""
_FEWEST = 300
"""A mesh of so few triangles is never made coarser."""


@dataclass(frozen=True)
class Solid:
    """One mesh in its own coordinates (mm): points (n, 3) and corners (m, 3)."""

    points: Floats
    corners: Numbers

    @cached_property
    def normals(self) -> Floats:
        """Normals of the triangles, as long as twice their area."""
        first, second, third = (self.points[self.corners[:, at]] for at in range(3))
        found: Floats = np.cross(second - first, third - first)
        return found

    @cached_property
    def volume(self) -> float:
        """Volume in mm3, of open meshes that of nothing in particular."""
        return abs(float(np.einsum("ij,ij->i", self.points[self.corners[:, 0]], self.normals).sum())) / 6


@dataclass(frozen=True)
class PlacedSolid:
    """One part where it stands: its key, what it is a copy of, the number of its shape, its matrix (4, 4) in mm."""

    key: str
    product: str
    shape: int
    matrix: Floats


@dataclass(frozen=True)
class Branch:
    """A place of the product tree: its key, and the places below; a part has none."""

    key: str
    product: str
    below: tuple[Branch, ...]
    part: int | None = None

    def parts(self) -> Iterator[int]:
        """Yield the numbers of all parts in it."""
        stack = [self]
        while stack:
            branch = stack.pop()
            if branch.part is not None:
                yield branch.part
            stack.extend(reversed(branch.below))


@dataclass(frozen=True)
class Assembly:
    """All parts of a product, their shapes, and the tree."""

    shapes: tuple[Solid, ...]
    parts: tuple[PlacedSolid, ...]
    root: Branch


def solid_of(points: Floats, corners: Numbers, share: float = 1.0) -> Solid:
    """Return a mesh (mm) welded and drawn in, with about this share of its triangles.

    Faces that touch, and facets of round faces that reach into each other, are apart afterwards; walls stay walls.
    """
    size = float(np.linalg.norm(np.ptp(points, axis=0))) or 1.0
    cell = 1e-5 * size
    welded, faces = _welded(points, corners, cell)
    most = max(_FEWEST, int(share * len(corners)))
    while len(faces) > most and cell < 0.02 * size:
        cell = max(2 * cell, 5e-4 * size)
        welded, faces = _welded(points, corners, cell)
    rough = Solid(welded, faces)
    area = float(np.linalg.norm(rough.normals, axis=1).sum()) / 2
    wall = 2 * rough.volume / area if area else 0.0
    depth = min(max(_FACETS * size, 0.7 * cell), _WALL * wall)
    return Solid(welded - depth * _outward(rough), faces)


def _outward(mesh: Solid) -> Floats:
    """Return for each point the way that draws in all flat faces around it by 1, as far as there is one."""
    lengths = np.linalg.norm(mesh.normals, axis=1)
    units = mesh.normals / np.where(lengths, lengths, 1.0)[:, None]
    sums = np.zeros_like(mesh.points)
    for at in range(3):
        corner = mesh.points[mesh.corners[:, at]]
        one = mesh.points[mesh.corners[:, (at + 1) % 3]] - corner
        other = mesh.points[mesh.corners[:, (at + 2) % 3]] - corner
        angles = np.arctan2(np.linalg.norm(np.cross(one, other), axis=1), np.einsum("ij,ij->i", one, other))
        np.add.at(sums, mesh.corners[:, at], units * angles[:, None])
    long = np.linalg.norm(sums, axis=1)
    sums /= np.where(long, long, 1.0)[:, None]
    # At an edge the way is longer than at a face: by the cosine to the face that it is farthest from, up to a cube's.
    nearest = np.ones(len(mesh.points))
    for at in range(3):
        np.minimum.at(nearest, mesh.corners[:, at], np.einsum("ij,ij->i", units, sums[mesh.corners[:, at]]))
    found: Floats = sums / np.maximum(nearest, 0.55)[:, None]
    return found


def _welded(points: Floats, corners: Numbers, cell: float) -> tuple[Floats, Numbers]:
    """Return points with those of one cell made one, and the triangles that this leaves: a closed mesh stays closed."""
    cells = np.floor((points - points.min(axis=0)) / cell).astype(np.int64)
    spans = cells.max(axis=0) + 1
    _, which, counts = np.unique(
        (cells[:, 0] * spans[1] + cells[:, 1]) * spans[2] + cells[:, 2],
        return_inverse=True,
        return_counts=True,
    )
    sums = np.stack([np.bincount(which, points[:, axis]) for axis in range(3)], axis=1)
    faces = which[corners]
    first, second, third = faces.T
    return sums / counts[:, None], faces[(first != second) & (second != third) & (third != first)]
