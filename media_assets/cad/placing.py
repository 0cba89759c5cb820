"""Where everything in a product ends up: world matrices and boxes around it."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media_assets.cad.product_tree import Node

Floats = npt.NDArray[np.float64]

EXACT_POINTS = 30_000_000
"""Up to this many placed points a box is exact; above, distant instances are measured by their part's corners."""

LARGEST_MM = 1e9
"""A box larger than this (1000 km) is not that of a product but of damaged numbers."""


@dataclass(frozen=True)
class Box:
    """An axis-aligned box in millimeters."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]

    @property
    def size(self) -> tuple[float, float, float]:
        return self.high[0] - self.low[0], self.high[1] - self.low[1], self.high[2] - self.low[2]

    @property
    def is_plausible(self) -> bool:
        """Return whether all numbers are finite and the size is one that a product can have."""
        return (
            all(math.isfinite(number) for number in (*self.low, *self.high))
            and 0 < self.diagonal < LARGEST_MM
        )

    @property
    def diagonal(self) -> float:
        return float(np.linalg.norm(self.size))

    def corners(self) -> Floats:
        """Return the eight corners, shape (8, 3)."""
        return np.array(np.meshgrid(*zip(self.low, self.high, strict=True))).T.reshape(-1, 3)


def world_matrices(root: Node) -> dict[int, Floats]:
    """Return for each look the matrices of all its places, shape (n, 4, 4), in millimeters and CAD axes."""
    found: dict[int, list[Floats]] = defaultdict(list)
    stack = [(root, np.eye(4))]
    while stack:
        node, around = stack.pop()
        matrix = around @ np.array(node.matrix).reshape(4, 4)
        if node.look is not None:
            found[node.look].append(matrix)
        stack.extend((child, matrix) for child in node.children)
    return {look: np.stack(matrices) for look, matrices in found.items()}


def box_around(placed: dict[int, Floats], points: dict[int, Floats]) -> Box | None:
    """Return the box around all places of all looks; ``points`` holds each look's points, shape (n, 3).

    None when there are no points, or the box is none that a product can have.
    """
    lows, highs = [], []
    for look, matrices in placed.items():
        cloud = points.get(look)
        if cloud is None or not len(cloud):
            continue
        if len(cloud) * len(matrices) > EXACT_POINTS:
            cloud = Box(tuple(cloud.min(axis=0)), tuple(cloud.max(axis=0))).corners()
        # Instances of one part often differ in their position alone; each rotation is measured once.
        rotations, which = _distinct(matrices[:, :3, :3].round(9))
        turned_low = np.stack([(cloud @ rotation.T).min(axis=0) for rotation in rotations])
        turned_high = np.stack([(cloud @ rotation.T).max(axis=0) for rotation in rotations])
        moved = matrices[:, :3, 3]
        lows.append((turned_low[which] + moved).min(axis=0))
        highs.append((turned_high[which] + moved).max(axis=0))
    if not lows:
        return None
    low, high = np.min(lows, axis=0), np.max(highs, axis=0)
    box = Box((float(low[0]), float(low[1]), float(low[2])), (float(high[0]), float(high[1]), float(high[2])))
    return box if box.is_plausible else None


def _distinct(rotations: Floats) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Return the distinct ones of rotations (n, 3, 3), and for each of the n which of these it is."""
    if (rotations == rotations[0]).all():
        # Sorting 20,000 times the same takes 50 ms.
        return rotations[:1], np.zeros(len(rotations), np.intp)
    found, which = np.unique(rotations, axis=0, return_inverse=True)
    return found, which.reshape(-1)
