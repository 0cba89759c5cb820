"""How a product could stand in pictures: on its largest flat face, its turning axis upright or level.

Found in the triangles, so that exact files and meshes are treated alike. NumPy only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from media_assets.cad.placing import Floats
from media_assets.cad.surfaces import Mesh

FLAT_COSINE = float(np.cos(np.radians(0.2)))
"""A triangle is flat where the normals of its corners are its own to this angle."""

SAME_NORMAL = 1e-3
SAME_PLANE = 1e-4  # of the size
FACES = 24  # of each mesh, and of the whole: the largest
BENEATH = 0.1
"""So much of the height may stand out below the face that a product lies on: feet, screw heads."""

AS_LARGE = 0.98
"""Of faces of nearly the same size that is taken for which the product turns least."""

ROUND = 0.24
"""The mean squared sine between surface and circles around the axis; any prism of four sides has 0.25 or more."""

ALIKE = 0.03
"""Second moments that differ less are the same: the product looks alike from several sides around the third axis."""

SNAP_COSINE = float(np.cos(np.radians(0.1)))
DIGITS = 6
UP = np.array([0.0, 0.0, 1.0])
ACROSS = np.array([1.0, 0.0, 0.0])
_AT_ONCE = 20_000  # places
_PAIRS_OF_4, _PAIRS_OF_3 = np.triu_indices(4), np.triu_indices(3)
_CROSS = np.zeros((3, 3, 3))
_CROSS[(0, 1, 2), (1, 2, 0), (2, 0, 1)] = 1.0
_CROSS[(0, 1, 2), (2, 0, 1), (1, 2, 0)] = -1.0


def orientations(placed: Mapping[int, Floats], meshes: Sequence[Mesh]) -> dict[str, list[float]]:
    """Return the rotations (9 numbers, row by row, acting on columns) that there are: flat, upright, level.

    ``placed`` has the places (k, 4, 4; mm) of each mesh, by its number.
    """
    shapes = [(_Shape.of(meshes[number]), matrices) for number, matrices in placed.items()]
    known = [(shape, matrices) for shape, matrices in shapes if shape is not None]
    if not known:
        return {}
    found: dict[str, Floats] = {}
    if (normal := _flat_face(known)) is not None:
        found["flat"] = rotation(normal, -UP)
    if (axis := _turning_axis(known)) is not None:
        found["upright"] = rotation(axis, UP)
        found["level"] = rotation(axis if axis @ ACROSS >= 0 else -axis, ACROSS)
    return {
        name: [float(number) + 0.0 for number in one.round(DIGITS).ravel()] for name, one in found.items()
    }


def rotation(source: Floats, target: Floats) -> Floats:
    """Return the smallest rotation (3, 3) of one direction onto another; half a turn is about X, or Y for X itself."""
    cosine = float(source @ target)
    if cosine < -1.0 + 1e-9:
        about = np.array([0.0, 1.0, 0.0]) if abs(target[0]) > 0.5 else ACROSS
        return 2.0 * np.outer(about, about) - np.eye(3)
    x, y, z = np.cross(source, target)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + cross + cross @ cross / (1.0 + cosine))


class _Shape:
    """What of a mesh counts: sums over its surface, its largest flat faces, its outermost points.

    ``sums`` (4, 4, 3, 3) are those over the surface of the products of two coordinates of the place (x, y, z, 1) and
    two of the normal.
    """

    def __init__(self, points: Floats, corners: Floats, normals: Floats) -> None:
        crossed = _crossed(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        doubled = np.sqrt(np.einsum("tj,tj->t", crossed, crossed))
        sound = doubled > 0
        if not sound.all():
            corners, crossed, doubled, normals = (
                corners[sound],
                crossed[sound],
                doubled[sound],
                normals[sound],
            )
        facing = crossed / doubled[:, None]
        area = doubled / 2
        self.sums = _integrals(corners, facing, area)
        size = float(np.linalg.norm(points.max(axis=0) - points.min(axis=0)))
        flat = (np.einsum("tcj,tj->tc", normals, facing) > FLAT_COSINE).all(axis=1)
        self.facing, self.offset, self.area = _merged(
            facing[flat], np.einsum("tj,tj->t", corners[flat, 0], facing[flat]), area[flat], size
        )
        grid = np.array([one for one in np.ndindex(3, 3, 3) if one > (1, 1, 1)], float) - 1.0
        along = np.concatenate([grid, self.facing]) @ points.T
        self.outermost = points[np.unique([along.argmax(axis=1), along.argmin(axis=1)])]

    @classmethod
    def of(cls, mesh: Mesh) -> _Shape | None:
        surfaces = [surface for _, surface in mesh.surfaces if len(surface.corners)]
        if not surfaces:
            return None
        points = np.concatenate([surface.points for surface in surfaces]).astype(np.float64)
        corners = np.concatenate([surface.points[surface.corners] for surface in surfaces])
        normals = np.concatenate([surface.normals[surface.corners] for surface in surfaces])
        return cls(points, corners.astype(np.float64), normals.astype(np.float64))


def _crossed(one: Floats, other: Floats) -> Floats:
    """Return the cross products of rows; numpy's own takes three times as long."""
    (a, b, c), (x, y, z) = one.T, other.T
    return np.stack([b * z - c * y, c * x - a * z, a * y - b * x], axis=1)


def _integrals(corners: Floats, facing: Floats, area: Floats) -> Floats:
    """Return the sums (4, 4, 3, 3) of a `_Shape`, from its triangles."""
    # The integral of the product of two coordinates over a triangle is that of its corners and their sum, by 12.
    places = np.ones((4, 4, len(area)))  # x, y, z, 1 of three corners and their sum
    places[:3, :3] = corners.transpose(2, 1, 0)
    places[:, 3] = places[:, :3].sum(axis=1)
    weighted = facing.T * (area / 12)
    first, second = _PAIRS_OF_4
    row, column = _PAIRS_OF_3
    coordinates = np.array(
        [np.einsum("kt,kt->t", places[a], places[b]) for a, b in zip(first, second, strict=True)]
    )
    found = coordinates @ (weighted[row] * facing.T[column]).T
    sums = np.empty((4, 4, 3, 3))
    for a, b in ((first, second), (second, first)):
        for r, s in ((row, column), (column, row)):
            sums[a[:, None], b[:, None], r, s] = found
    return sums


_Placed = Sequence[tuple[_Shape, Floats]]


def _merged(facing: Floats, offset: Floats, area: Floats, size: float) -> tuple[Floats, Floats, Floats]:
    """Return the normals, offsets and areas of what lies in one plane, taken together: the largest."""
    if not len(area):
        return facing, offset, area
    rounded = np.round(facing / SAME_NORMAL) + 0.0
    order = np.lexsort((offset, *rounded.T))
    turns = (np.diff(rounded[order], axis=0) != 0).any(axis=1)
    starts = np.flatnonzero(np.r_[True, turns | (np.diff(offset[order]) > SAME_PLANE * size)])
    sums = np.add.reduceat(area[order], starts)
    largest = np.argsort(-sums, kind="stable")[:FACES]
    first = order[starts[largest]]
    return facing[first], offset[first], sums[largest]


def _flat_face(placed: _Placed) -> Floats | None:
    """Return the normal of the flat face that the product lies on; None without one that it could lie on."""
    normals, offsets, areas = [], [], []
    for shape, matrices in placed:
        linear, scale = matrices[:, :3, :3], _scales(matrices)
        normal = (linear @ shape.facing.T).transpose(0, 2, 1) / scale[:, None, None]
        normals.append(normal.reshape(-1, 3))
        offset = scale[:, None] * shape.offset + np.einsum("kfj,kj->kf", normal, matrices[:, :3, 3])
        offsets.append(offset.ravel())
        areas.append((scale[:, None] ** 2 * shape.area).ravel())
    low, high = _reach(placed, np.eye(3))
    size = float(np.linalg.norm(high - low))
    facing, offset, area = _merged(
        np.concatenate(normals), np.concatenate(offsets), np.concatenate(areas), size
    )
    if not len(area):
        return None
    low, high = _reach(placed, facing)
    fits = high - offset <= BENEATH * (high - low)
    if not fits.any():
        return None
    largest = fits & (area >= AS_LARGE * area[fits].max())
    best = np.flatnonzero(largest)[int((facing[largest] @ UP).round(4).argmin())]
    return _snapped(facing[best])


def _reach(placed: _Placed, directions: Floats) -> tuple[Floats, Floats]:
    """Return how far the product reaches along each of the directions (n, 3): from, to."""
    low, high = np.full(len(directions), np.inf), np.full(len(directions), -np.inf)
    for shape, matrices in placed:
        for start in range(0, len(matrices), _AT_ONCE):
            some = matrices[start : start + _AT_ONCE]
            for number, direction in enumerate(directions):
                along = (direction @ some[:, :3, :3]) @ shape.outermost.T + (some[:, :3, 3] @ direction)[
                    :, None
                ]
                low[number] = min(low[number], along.min())
                high[number] = max(high[number], along.max())
    return low, high


def _turning_axis(placed: _Placed) -> Floats | None:
    """Return the direction of the axis that the product is round about, the lighter half first; None without one."""
    low, high = _reach(placed, np.eye(3))
    size = float(np.linalg.norm(high - low))
    if not np.isfinite(size) or size <= 0:
        return None
    sums = np.sum([_sums(shape, matrices, (low + high) / 2, size) for shape, matrices in placed], axis=0)
    axis = _round_about(sums)
    if axis is None:
        axis = _alike_about(sums)
    if axis is None:
        return None
    axis = _snapped(axis)
    if abs(axis @ UP) > 0.5:
        return axis if axis @ UP > 0 else -axis
    (below,), (above,) = _reach(placed, axis[None])
    middle = np.einsum("aii->a", sums[:3, 3]) / np.trace(sums[3, 3]) * size + (low + high) / 2
    heavier = float(middle @ axis) - (below + above) / 2
    if abs(heavier) < 0.01 * (above - below):
        heavier = -float(axis[int(np.abs(axis).argmax())])
    return axis if heavier < 0 else -axis


def _sums(shape: _Shape, matrices: Floats, center: Floats, size: float) -> Floats:
    """Return the sums over the surface of all places, around the center and in units of the size."""
    total = np.zeros((4, 4, 3, 3))
    for start in range(0, len(matrices), _AT_ONCE):
        onto = matrices[start : start + _AT_ONCE].copy()
        scale = _scales(onto)
        turned = onto[:, :3, :3] / scale[:, None, None]
        onto[:, :3, 3] -= center
        onto[:, :3] /= size
        # One place after the other of the four: numpy would sum over all at once.
        once = np.einsum("kac,cdrs->kadrs", onto * (scale**2)[:, None, None], shape.sums)
        twice = np.einsum("kir,kadrs->kadis", turned, once)
        total += np.einsum("kbd,kjs,kadis->abij", onto, turned, twice, optimize=True)
    return total


def _round_about(sums: Floats) -> Floats | None:
    """Return the axis of the turn that moves the surface least across itself, where that is little, and one such.

    The normals of a round surface meet its axis (H. Pottmann, J. Wallner: Computational Line Geometry, 2001).
    """
    turns = np.einsum("iab,jcd,acbd->ij", _CROSS, _CROSS, sums[:3, :3])
    mixed = np.einsum("iab,abj->ij", _CROSS, sums[:3, 3])
    to_shift = -np.linalg.pinv(sums[3, 3], rcond=1e-9) @ mixed.T
    values, vectors = np.linalg.eigh(turns + mixed @ to_shift)
    if values[0] > 0.3 * values[1]:
        return None  # a ball, or nothing round
    axis = vectors[:, 0]
    at = np.cross(axis, to_shift @ axis)
    # What faces along the axis no turn moves across itself: only the rest says whether it is round.
    aside = np.einsum("abii->ab", sums) - np.einsum("abij,i,j->ab", sums, axis, axis)
    home = np.eye(4)[:3]
    home[:, 3] = -at
    around = home @ aside @ home.T
    radii = float(np.trace(around) - axis @ around @ axis)
    return axis if values[0] < ROUND * radii else None


def _alike_about(sums: Floats) -> Floats | None:
    """Return the axis around which a product looks alike from three sides or more: a gear, a nut."""
    moments = np.einsum("abii->ab", sums)
    middle = moments[:3, 3] / moments[3, 3]
    values, vectors = np.linalg.eigh(moments[:3, :3] / moments[3, 3] - np.outer(middle, middle))
    gaps = np.diff(values) / values[2]
    if gaps.min() < ALIKE and gaps.max() > 3 * ALIKE:
        return np.asarray(vectors[:, 2 if gaps[0] < gaps[1] else 0])
    return None


def _snapped(direction: Floats) -> Floats:
    """Return the axis of the file that a direction is, but for rounding."""
    at = int(np.abs(direction).argmax())
    if abs(direction[at]) < SNAP_COSINE * float(np.linalg.norm(direction)):
        return np.asarray(direction / np.linalg.norm(direction))
    return np.asarray(np.sign(direction[at]) * np.eye(3)[at])


def _scales(matrices: Floats) -> Floats:
    return np.asarray(np.abs(np.linalg.det(matrices[:, :3, :3])) ** (1 / 3))
