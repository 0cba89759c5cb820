"""A product as triangles: what a GLB of Renderdesk's holds, as the writers of models take it. Meters, Y up, as glTF."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

TO_Y_UP: Floats = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])
"""From Renderdesk's axes to those of glTF."""


@dataclass(frozen=True, eq=False)
class Triangles:
    """Points (n, 3) with what belongs to each, by the names of glTF, and three corners a triangle (m, 3).

    Primitives that differ in their material alone share one of these.
    """

    points: Array
    more: Mapping[str, Array]
    corners: Array


@dataclass(frozen=True)
class ModelMesh:
    """One mesh: its name, and its triangles with the number of the material of each."""

    name: str
    primitives: tuple[tuple[Triangles, int], ...]

    @property
    def triangles(self) -> int:
        return sum(len(one.corners) for one, _ in self.primitives)


@dataclass
class Model:
    """The whole product. `nodes` are those of glTF, "mesh" being a number in `meshes`; `materials` are glTF's as well.

    `textures` are the lists that materials refer to (images, samplers, textures), with the bytes of images in `images`;
    `said` is what the file says of itself.
    """

    name: str
    nodes: list[dict[str, Any]]
    roots: list[int]
    meshes: list[ModelMesh]
    materials: list[dict[str, Any]]
    textures: Mapping[str, Any]
    images: Sequence[bytes]
    said: dict[str, Any] = field(default_factory=dict)

    def placed(self) -> Iterator[tuple[int, Floats]]:
        """Yield each shown node's mesh and its place in the world (4 x 4), parents first."""
        for number, world in self.shown():
            yield self.nodes[number]["mesh"], world

    def shown(self) -> Iterator[tuple[int, Floats]]:
        """Yield each node that shows something and its place in the world (4 x 4), parents first."""
        stack = [(number, np.eye(4)) for number in reversed(self.roots)]
        while stack:
            number, around = stack.pop()
            node = self.nodes[number]
            world = around @ matrix_of(node)
            if "mesh" in node:
                yield number, world
            stack.extend((child, world) for child in reversed(node.get("children", ())))

    @property
    def triangles(self) -> int:
        """Return how many triangles a viewer draws: those of each instance."""
        counts = [mesh.triangles for mesh in self.meshes]
        return sum(counts[mesh] for mesh, _ in self.placed())

    def box(self) -> Floats:
        """Return the lowest and the highest corner (2, 3) of all that is shown, in m."""
        clouds = [
            np.concatenate([one.points[np.unique(one.corners)] for one, _ in mesh.primitives])
            for mesh in self.meshes
        ]
        turned: dict[tuple[int, bytes], list[Floats]] = defaultdict(list)
        for mesh, world in self.placed():
            turned[mesh, world[:3, :3].tobytes()].append(world[:3, 3])
        bounds = []
        for (mesh, rotation), moves in turned.items():  # instances are mostly moved, rarely turned
            cloud = clouds[mesh] @ np.frombuffer(rotation).reshape(3, 3).T
            bounds += [cloud.min(axis=0) + np.min(moves, axis=0), cloud.max(axis=0) + np.max(moves, axis=0)]
        if not bounds:
            raise ValueError("The geometry shows nothing.")
        return np.array([np.min(bounds, axis=0), np.max(bounds, axis=0)])

    def hide(self, keys: Collection[str]) -> None:
        """Take the parts of these keys out. Raises ValueError where none is left."""
        gone = set(keys)
        for node in self.nodes:
            if node.get("extras", {}).get("part_key") in gone:
                node.pop("mesh", None)
        if not any("mesh" in node for node in self.nodes):
            raise ValueError("All parts are hidden.")

    def stand(self, orientation: Sequence[float] = ()) -> None:
        """Turn the product by a rotation of Renderdesk's axes, and put it with its middle on the origin's ground."""
        turn = np.eye(4)
        if orientation:
            turn[:3, :3] = TO_Y_UP @ np.reshape(orientation, (3, 3)) @ TO_Y_UP.T
        self._move(turn)
        low, high = self.box()
        move = np.eye(4)
        move[:3, 3] = -(low[0] + high[0]) / 2, -low[1], -(low[2] + high[2]) / 2
        self._move(move)

    def _move(self, by: Floats) -> None:
        for number in self.roots:
            node = self.nodes[number]
            moved = by @ matrix_of(node)
            node.pop("translation", None)
            node["matrix"] = [value + 0.0 for value in moved.T.reshape(-1).tolist()]


def matrix_of(node: Mapping[str, Any]) -> Floats:
    """Return the placement of a node of glTF as a matrix that acts on columns."""
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T
    matrix = np.eye(4)
    matrix[:3, 3] = node.get("translation", (0.0, 0.0, 0.0))
    return matrix
