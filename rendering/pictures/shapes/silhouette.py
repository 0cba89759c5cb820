"""The outlines of a model, seen from afar along its axes: what a simplified one is compared by."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from rendering.pictures.shapes.model import Floats, Model
from rendering.pictures.shapes.shading import pairs

SIDE = 256  # px of the longest side of the product
CELLS = 1 << 21  # pixels that are tried at a time

Mask = npt.NDArray[np.bool_]


def difference(one: Model, other: Model) -> float:
    """Return by what share of its area an outline differs, the worst of those from the front, the side and above."""
    low, high = one.box()
    scale = SIDE / float((high - low).max())
    shares = []
    for axis in range(3):
        masks = [_outline(model, axis, low, scale) for model in (one, other)]
        shares.append(float((masks[0] ^ masks[1]).sum()) / max(1, int(masks[0].sum())))
    return max(shares)


def _outline(model: Model, axis: int, low: Floats, scale: float) -> Mask:
    """Return which pixels the model covers along an axis (0 to 2): those whose middle lies in a triangle."""
    mask = np.zeros((SIDE + 2, SIDE + 2), bool)
    plane = [number for number in range(3) if number != axis]
    for corners in _triangles(model):
        flat = (corners[:, :, plane] - low[plane]) * scale + 0.5
        first = np.clip(np.ceil(flat.min(axis=1)), 0, SIDE + 2).astype(np.int64)
        last = np.clip(np.floor(flat.max(axis=1)), -1, SIDE + 1).astype(np.int64)
        size = np.maximum(last - first + 1, 0)
        count = size[:, 0] * size[:, 1]
        ends = np.cumsum(count)
        begin = 0
        while begin < len(flat):
            done = ends[begin - 1] if begin else 0
            end = max(begin + 1, int(np.searchsorted(ends, done + CELLS)))
            some = slice(begin, end)
            rows, cells = pairs(np.zeros(end - begin, np.int64), count[some])
            wide = size[some, 0][rows]
            x, y = first[some, 0][rows] + cells % wide, first[some, 1][rows] + cells // wide
            inside = _holds(flat[some][rows], x, y)
            mask[y[inside], x[inside]] = True
            begin = end
    return mask


def _triangles(model: Model) -> Iterator[Floats]:
    """Yield the corners (n, 3, 3) of what each node shows, where it is."""
    for mesh, world in model.placed():
        for one, _ in model.meshes[mesh].primitives:
            yield (one.points @ world[:3, :3].T + world[:3, 3])[one.corners]


def _holds(triangles: Floats, x: npt.NDArray[np.int64], y: npt.NDArray[np.int64]) -> Mask:
    """Return whether each triangle (n, 3, 2) holds its pixel, sides included, whichever way it goes around."""
    sides: list[Floats] = []
    for at in range(3):
        begin, end = triangles[:, at], triangles[:, (at + 1) % 3]
        sides.append(
            (end[:, 0] - begin[:, 0]) * (y - begin[:, 1]) - (end[:, 1] - begin[:, 1]) * (x - begin[:, 0])
        )
    signs = np.stack(sides)
    found: Mask = (signs >= 0).all(axis=0) | (signs <= 0).all(axis=0)
    return found
