"""From the axes and unit of glTF (meters, Y up) to those inside (millimeters, Z up)."""

from __future__ import annotations

from typing import Any

import numpy as np

from media_assets.cad.errors import CadError
from media_assets.cad.meshes.gltf import numbers
from media_assets.cad.meshes.scene import Floats
from media_assets.cad.product_tree import IDENTITY, Matrix

TO_Z_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
MILLIMETERS = 1000.0


def placement(node: dict[str, Any]) -> Matrix:
    """Return the placement of a node: a matrix as the tree has it, in mm with Z up."""
    if not {"matrix", "rotation", "scale"} & node.keys():
        if "translation" not in node:
            return IDENTITY
        x, y, z = (MILLIMETERS * number for number in numbers(node, "translation", (0.0, 0.0, 0.0)))
        return (1.0, 0.0, 0.0, x, 0.0, 1.0, 0.0, 0.0 - z, 0.0, 0.0, 1.0, y, 0.0, 0.0, 0.0, 1.0)
    placed = np.eye(4)
    if "matrix" in node:
        placed = np.array(numbers(node, "matrix", (0.0,) * 16)).reshape(4, 4).T
        if not np.allclose(placed[3], (0.0, 0.0, 0.0, 1.0), atol=1e-6):
            raise CadError("damaged", "matrix")
    else:
        rotation = _turned(np.array(numbers(node, "rotation", (0.0, 0.0, 0.0, 1.0))))
        placed[:3, :3] = rotation * numbers(node, "scale", (1.0, 1.0, 1.0))
        placed[:3, 3] = numbers(node, "translation", (0.0, 0.0, 0.0))
    rotated = TO_Z_UP @ placed[:3, :3] @ TO_Z_UP.T + 0.0
    moved = TO_Z_UP @ placed[:3, 3] * MILLIMETERS + 0.0
    if not (np.isfinite(rotated).all() and np.isfinite(moved).all()):
        raise CadError("damaged", "placement")
    rows = np.hstack([rotated, moved[:, None]])
    return (*(float(number) for number in rows.reshape(-1)), 0.0, 0.0, 0.0, 1.0)


def _turned(quaternion: Floats) -> Floats:
    """Return the rotation of a quaternion (x, y, z, w)."""
    length = float(np.linalg.norm(quaternion))
    if not 0.5 < length < 2.0:
        raise CadError("damaged", "rotation")
    x, y, z, w = quaternion / length
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
