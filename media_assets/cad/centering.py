"""Brings what lies far from the origin near to it, before numbers of single precision take its shape away.

Plants, vehicles and ships are drawn in coordinates of their site: 24 bits of a number hold 0.06 mm at 1 km. A part
that was drawn there gets an origin of its own (a shift, in mm), and so does each assembly around far parts; the whole
is moved to the origin, and the report says from where.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from media_assets.cad.placing import Floats
from media_assets.cad.product_tree import CadProduct, Node
from media_assets.cad.surfaces import Mesh

FAR_MM = 10_000.0
FAR_SIZES = 20.0
"""What lies further from its origin than both, the second times its own size, is moved; all else stays as it is."""

CORNERS = np.array([(x, y, z) for z in (0, 1) for x in (0, 1) for y in (0, 1)])
"""For each corner of a box, whether it is at the low or the high end of each axis."""

UPRIGHT: dict[str, Floats] = {
    "x": np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]),
    "y": np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]]),
    "-x": np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]]),
    "-y": np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]]),
    "-z": np.diag([1.0, -1.0, -1.0]),
}
"""How the whole is turned so that an axis of the file points up."""


def stand_up(product: CadProduct, axis: str) -> None:
    """Turn the product so that an axis of the file (a key of ``UPRIGHT``, or empty) points up."""
    if axis in UPRIGHT:
        turned = np.eye(4)
        turned[:3, :3] = UPRIGHT[axis]
        matrix = turned @ _matrix(product.root)
        product.root.matrix = (*(float(number) + 0.0 for number in matrix.reshape(-1)),)


def far_middle(low: Floats, high: Floats) -> Floats | None:
    """Return the middle of a box (mm) that is far from the origin, rounded to mm; None for any other box."""
    middle = (low + high) / 2
    distance = float(np.linalg.norm(middle))
    if not np.isfinite(distance) or distance < max(FAR_MM, FAR_SIZES * float(np.linalg.norm(high - low))):
        return None
    return middle.round()


def far_points(points: Floats) -> Floats | None:
    """Return the middle of points (n, 3; mm) that are far from the origin; None for others."""
    sound = points[np.isfinite(points).all(axis=1)]
    return far_middle(sound.min(axis=0), sound.max(axis=0)) if len(sound) else None


def bring_near(product: CadProduct, meshes: Sequence[Mesh]) -> Floats:
    """Change the placements so that each is a small number; return where the origin was in the file (3, in mm).

    The shifts of parts (``product.shifts``) are in their meshes already, and come into the placements here.
    """
    nodes = list(product.root.walk())
    if not product.shifts and max(max(map(abs, node.matrix[3:12:4])) for node in nodes) < FAR_MM:
        return np.zeros(3)
    drawn = {look: _drawn(product, look, mesh) for look, mesh in enumerate(meshes) if mesh.surfaces}
    boxes: dict[int, Floats] = {}
    shifts: dict[int, Floats] = {}
    for node in reversed(nodes):
        inside = [_around(boxes[id(child)], _matrix(child)) for child in node.children if id(child) in boxes]
        look = drawn.get(node.look) if node.look is not None else None
        if look:
            inside.append(look[0])
        if not inside:
            continue
        box = np.array(
            [np.min([one[0] for one in inside], axis=0), np.max([one[1] for one in inside], axis=0)]
        )
        middle = look[1] if look else far_middle(*box)
        shift = np.zeros(3) if middle is None else middle
        boxes[id(node)], shifts[id(node)] = box, shift
    root = product.root
    if id(root) not in boxes:
        return np.zeros(3)
    whole = far_middle(*_around(boxes[id(root)], _matrix(root)))
    origin = np.zeros(3) if whole is None else whole
    above = {id(child): shifts.get(id(node), np.zeros(3)) for node in nodes for child in node.children}
    for node in nodes:
        own = shifts.get(id(node))
        around = above.get(id(node), origin)
        if own is not None and (own.any() or around.any()):
            matrix = _matrix(node)
            matrix[:3, 3] += matrix[:3, :3] @ own - around
            node.matrix = (*(float(number) for number in matrix.reshape(-1)),)
    return origin


def _drawn(product: CadProduct, look: int, mesh: Mesh) -> tuple[Floats, Floats]:
    """Return the box (2, 3) around a look in its part's own coordinates, and how far its mesh is shifted in them."""
    shift = np.array(product.shifts.get(product.looks[look].part, (0.0, 0.0, 0.0)))
    points = [surface.points for _, surface in mesh.surfaces]
    low = np.min([cloud.min(axis=0) for cloud in points], axis=0)
    high = np.max([cloud.max(axis=0) for cloud in points], axis=0)
    return np.array([low, high]) + shift, shift


def _matrix(node: Node) -> Floats:
    return np.array(node.matrix, np.float64).reshape(4, 4)


def _around(box: Floats, matrix: Floats) -> Floats:
    """Return the box (2, 3) around a placed box."""
    corners = box[CORNERS, (0, 1, 2)] @ matrix[:3, :3].T + matrix[:3, 3]
    return np.array([corners.min(axis=0), corners.max(axis=0)])
