"""Makes do with fewer triangles, and says by how much the surface moves at most. Runs in the encoder's child.

Solids are simplified by Manifold (https://github.com/elalish/manifold), which takes out points as long as the surface
stays within a tolerance. It takes closed surfaces alone: open ones stay as they are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import manifold3d
import numpy as np
import numpy.typing as npt

from rendering.pictures.shapes import shading
from rendering.pictures.shapes.distance import farthest
from rendering.pictures.shapes.model import Floats, Model, ModelMesh

FINEST, COARSEST = -15.0, -6.0
"""Tolerances that are tried, as powers of two of the product's diagonal: of 72 mm across, 3 µm to 1.6 mm."""

STEPS = 4  # in which the tolerance doubles

Numbers = npt.NDArray[np.int64]


class Simplifier:
    """Simplifies one model, as often as it takes; each time from what it was at first."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._meshes = list(model.meshes)
        self._places = np.zeros(len(model.meshes), int)
        for number, _ in model.placed():
            self._places[number] += 1
        self._diagonal = float(np.linalg.norm(np.ptp(model.box(), axis=0)))
        self._counts: dict[int, int] = {}
        self._fitted: dict[int, list[_Shell]] = {}

    @cached_property
    def _solids(self) -> dict[int, _Solid]:
        return {number: _Solid.of(mesh) for number, mesh in enumerate(self._meshes) if _is_plain(mesh)}

    def fit(self, triangles: int) -> None:
        """Leave at most so many triangles in what the model shows, all instances counted, if that can be.

        All parts get the same tolerance, so that small ones lose more. Those with textures or colors of their points
        stay.
        """
        meshes = self._model.meshes = list(self._meshes)
        self._fitted = {}
        if self._model.triangles <= triangles:
            return
        tried = range(int(STEPS * FINEST), int(STEPS * COARSEST))
        step = bisect_left(tried, True, key=lambda step: self._count(step) <= triangles)
        for number, solid in self._solids.items():
            shells = self._fitted[number] = solid.simplified(self._tolerance(tried[0] + step))
            meshes[number] = solid.mesh_of(shells)

    def moved(self) -> float:
        """Return how far any point of the surface moved at most when it was last fitted (m)."""
        return max(
            (
                farthest(old.points, old.corners, new.points, new.corners)
                for number, shells in self._fitted.items()
                for old, new in zip(self._solids[number].shells, shells, strict=True)
                if new is not old
            ),
            default=0.0,
        )

    def _tolerance(self, step: int) -> float:
        return float(2.0 ** (step / STEPS) * self._diagonal)

    def _count(self, step: int) -> int:
        """Return how many triangles are left with the tolerance of this step."""
        if step not in self._counts:
            left = [mesh.triangles for mesh in self._meshes]
            for number, solid in self._solids.items():
                left[number] = solid.count(self._tolerance(step))
            self._counts[step] = int((self._places * left).sum())
        return self._counts[step]


def _is_plain(mesh: ModelMesh) -> bool:
    return all(one.more.keys() == {"NORMAL"} for one, _ in mesh.primitives)


@dataclass(frozen=True)
class _Shell:
    """One connected surface: its points (n, 3), corners (m, 3) and the primitive of each triangle; closed or not."""

    points: Floats
    corners: Numbers
    owners: Numbers
    solid: manifold3d.Manifold | None
    first_id: int

    @classmethod
    def of(cls, points: Floats, corners: Numbers, owners: Numbers) -> _Shell:
        used, corners = np.unique(corners, return_inverse=True)
        order = np.argsort(owners, kind="stable")
        corners, owners, points = corners.reshape(-1, 3)[order], owners[order], points[used]
        count = int(owners.max()) + 1
        first_id = manifold3d.Manifold.reserve_ids(count)
        starts = 3 * np.searchsorted(owners, np.arange(count + 1))
        solid = manifold3d.Manifold(
            manifold3d.Mesh(
                np.ascontiguousarray(points, np.float32),
                np.ascontiguousarray(corners, np.uint32),
                run_index=starts.astype(np.uint32),
                run_original_id=np.arange(first_id, first_id + count, dtype=np.uint32),
            )
        )
        is_closed = solid.status() == manifold3d.Error.NoError and not solid.is_empty()
        return cls(points, corners, owners, solid if is_closed else None, first_id)

    def count(self, tolerance: float) -> int:
        """Return how many triangles are left; none is never left of what is smaller than the tolerance."""
        return (self.solid.simplify(tolerance).num_tri() if self.solid else 0) or len(self.corners)

    def simplified(self, tolerance: float) -> _Shell:
        fewer = self.solid.simplify(tolerance) if self.solid else None
        if fewer is None or fewer.is_empty():
            return self
        mesh = fewer.to_mesh()
        corners = np.asarray(mesh.tri_verts).astype(np.int64)
        points = np.asarray(mesh.vert_properties)[:, :3]
        owners = np.repeat(
            np.asarray(mesh.run_original_id).astype(np.int64) - self.first_id,
            np.diff(np.asarray(mesh.run_index)) // 3,
        )
        return _Shell(points, corners, owners, None, 0)


@dataclass(frozen=True)
class _Solid:
    """A mesh as the surfaces that it consists of."""

    mesh: ModelMesh
    shells: list[_Shell]

    @classmethod
    def of(cls, mesh: ModelMesh) -> _Solid:
        points, corners, owners = _welded(mesh)
        return cls(mesh, [_Shell.of(points, corners[some], owners[some]) for some in _connected(corners)])

    def count(self, tolerance: float) -> int:
        return sum(shell.count(tolerance) for shell in self.shells)

    def simplified(self, tolerance: float) -> list[_Shell]:
        return [shell.simplified(tolerance) for shell in self.shells]

    def mesh_of(self, shells: list[_Shell]) -> ModelMesh:
        """Return the mesh with these in place of its surfaces."""
        starts = np.cumsum([0, *(len(shell.points) for shell in shells)])
        points = np.concatenate([shell.points for shell in shells])
        corners = np.concatenate(
            [shell.corners + start for shell, start in zip(shells, starts, strict=False)]
        )
        owners = np.concatenate([shell.owners for shell in shells])
        primitives = tuple(
            (shading.shaded(points, corners, owners == number), material)
            for number, (_, material) in enumerate(self.mesh.primitives)
            if (owners == number).any()
        )
        return replace(self.mesh, primitives=primitives)


def _welded(mesh: ModelMesh) -> tuple[Floats, Numbers, Numbers]:
    """Return the points of a mesh, each place once, its corners, and the primitive of each triangle."""
    clouds = [one.points for one, _ in mesh.primitives]
    starts = np.cumsum([0, *map(len, clouds)])
    places, numbers = np.unique(np.concatenate(clouds) + 0.0, axis=0, return_inverse=True)  # -0.0 is 0.0
    triangles = [
        one.corners.astype(np.int64) + start for (one, _), start in zip(mesh.primitives, starts, strict=False)
    ]
    corners = numbers.reshape(-1)[np.concatenate(triangles)]
    owners = np.repeat(np.arange(len(clouds)), list(map(len, triangles)))
    is_flat = (corners == np.roll(corners, 1, axis=1)).any(axis=1)
    return places, corners[~is_flat], owners[~is_flat]


def _connected(corners: Numbers) -> Iterator[Numbers]:
    """Yield the numbers of the triangles of each surface: joined by sides that just two of them share."""
    sides = np.sort(np.stack([corners, np.roll(corners, -1, axis=1)], axis=-1).reshape(-1, 2), axis=1)
    _, side, count = np.unique(sides, axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(side.reshape(-1), kind="stable")
    pairs = order[np.repeat(count == 2, count)].reshape(-1, 2) // 3
    label = np.arange(len(corners))
    while (
        True
    ):  # the least number of all that are joined spreads, and by the labels of labels it does so fast
        least = label.copy()
        for one, other in ((0, 1), (1, 0)):
            np.minimum.at(least, label[pairs[:, one]], label[pairs[:, other]])
        least = np.minimum(least, least[least])
        least = least[least[label]]
        if (least == label).all():
            break
        label = least
    order = np.argsort(label, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
