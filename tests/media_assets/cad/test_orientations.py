"""How a product could stand: on its largest flat face, with its turning axis upright or level."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.cad.orientations import orientations, rotation
from media_assets.cad.placing import Floats
from media_assets.cad.surfaces import Mesh, Surface

HERE = np.eye(4)[None]


def flat(points: list[Floats]) -> Surface:
    """Return triangles (each three points) with the normals of their planes."""
    corners = np.array(points, np.float64).reshape(-1, 3, 3)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    return Surface(
        corners.reshape(-1, 3).astype(np.float32),
        np.repeat(normals, 3, axis=0).astype(np.float32),
        np.arange(3 * len(corners), dtype=np.uint32).reshape(-1, 3),
    )


def prism(outline: Floats, height: float, *, is_smooth: bool = False) -> Mesh:
    """Return a straight prism over a convex outline (n, 2); smooth: its sides are those of a round one."""
    low = np.c_[outline, np.zeros(len(outline))]
    high = np.c_[outline, np.full(len(outline), height)]
    after = np.roll(np.arange(len(outline)), -1)
    sides, ends = [], []
    for one, two in enumerate(after):
        sides += [[low[one], low[two], high[two]], [low[one], high[two], high[one]]]
        ends += [[low[0], low[two], low[one]], [high[0], high[one], high[two]]]
    ends = [one for one in ends if np.linalg.norm(np.cross(one[1] - one[0], one[2] - one[0])) > 0]
    around = flat(sides)
    if is_smooth:
        normals = around.points.copy()
        normals[:, 2] = 0
        around.normals = normals / np.linalg.norm(normals, axis=1)[:, None]
    return Mesh("prism", [(None, around), (None, flat(ends))])


def ring(sides: int, radius: float = 1.0) -> Floats:
    turn = 2 * math.pi * np.arange(sides) / sides
    return radius * np.c_[np.cos(turn), np.sin(turn)]


def box(x: float, y: float, z: float) -> Mesh:
    return prism(np.array([[0.0, 0.0], [x, 0.0], [x, y], [0.0, y]]), z)


def turned(angles: tuple[float, float, float]) -> Floats:
    matrix = np.eye(3)
    for axis, angle in enumerate(angles):
        one, two = (axis + 1) % 3, (axis + 2) % 3
        turn = np.eye(3)
        turn[one, one] = turn[two, two] = math.cos(angle)
        turn[one, two], turn[two, one] = -math.sin(angle), math.sin(angle)
        matrix = turn @ matrix
    place = np.eye(4)
    place[:3, :3] = matrix
    place[:3, 3] = (30.0, -20.0, 1000.0)
    return place[None]


def found(mesh: Mesh, places: Floats = HERE) -> dict[str, Floats]:
    return {name: np.reshape(one, (3, 3)) for name, one in orientations({0: places}, [mesh]).items()}


ANGLES = st.tuples(*[st.floats(-3.1, 3.1)] * 3)


@given(ANGLES)
def test_a_rod_stands_upright_and_lies_level_from_wherever_it_was(angles: tuple[float, float, float]) -> None:
    place = turned(angles)
    axis = place[0, :3, :3] @ (0.0, 0.0, 1.0)
    how = found(prism(ring(24, 3.0), 40.0, is_smooth=True), place)
    assert abs((how["upright"] @ axis)[2]) == pytest.approx(1.0, abs=1e-4)
    assert abs((how["level"] @ axis)[0]) == pytest.approx(1.0, abs=1e-4)


@given(ANGLES)
def test_a_plate_lies_on_its_largest_face_from_wherever_it_was(angles: tuple[float, float, float]) -> None:
    place = turned(angles)
    how = found(box(30.0, 20.0, 2.0), place)["flat"]
    normal = how @ place[0, :3, :3] @ (0.0, 0.0, 1.0)
    assert abs(normal[2]) == pytest.approx(1.0, abs=1e-4)
    assert np.linalg.det(how) == pytest.approx(1.0, abs=1e-4)


def test_what_stands_as_it_should_is_not_turned() -> None:
    assert (found(box(30.0, 20.0, 2.0))["flat"] == np.eye(3)).all()
    assert (found(prism(ring(24), 5.0, is_smooth=True))["upright"] == np.eye(3)).all()


@pytest.mark.parametrize(("sides", "height"), [(6, 0.8), (5, 3.0), (4, 0.1)])
def test_a_nut_has_a_turning_axis(sides: int, height: float) -> None:
    assert (found(prism(ring(sides), height))["upright"] == np.eye(3)).all()


def test_a_block_and_a_cube_have_none() -> None:
    assert "upright" not in found(box(3.0, 2.0, 1.0))
    assert "upright" not in found(box(1.0, 1.0, 1.0))


def test_the_heavy_half_of_what_lies_is_below_once_it_stands() -> None:
    """A bolt along X, its head in the direction of X."""
    along = turned((0.0, math.pi / 2, 0.0))
    head = along.copy()
    head[0, :3, 3] += (20.0, 0.0, 0.0)
    meshes = [prism(ring(24, 2.0), 20.0, is_smooth=True), prism(ring(6, 5.0), 4.0)]
    how = np.reshape(orientations({0: along, 1: head}, meshes)["upright"], (3, 3))
    assert how @ (1.0, 0.0, 0.0) == pytest.approx((0.0, 0.0, -1.0))


def test_feet_below_the_face_do_not_keep_it_from_lying_there_and_an_inner_face_is_none() -> None:
    case, foot, shelf = box(100.0, 60.0, 40.0), box(3.0, 3.0, 2.0), box(200.0, 200.0, 0.1)
    feet = np.repeat(np.eye(4)[None], 4, axis=0)
    feet[:, :3, 3] = [(0, 0, -2), (97, 0, -2), (0, 57, -2), (97, 57, -2)]
    assert orientations({0: HERE, 1: feet}, [case, foot])["flat"] == np.eye(3).ravel().tolist()
    inside = np.eye(4)[None].copy()
    inside[0, :3, :3] = [[0, 0, 1], [0, 0.1, 0], [0.1, 0, 0]]
    inside[0, :3, 3] = (50, 20, 10)
    assert orientations({0: HERE, 2: inside}, [case, foot, shelf])["flat"] == np.eye(3).ravel().tolist()


def test_mirrored_places_are_as_good_as_others() -> None:
    mirrored = HERE * np.array([[-1.0], [1.0], [1.0], [1.0]])
    assert found(prism(ring(24), 5.0, is_smooth=True), mirrored).keys() == {"flat", "upright", "level"}


def test_the_facets_of_a_long_shaft_are_no_flat_faces() -> None:
    along = turned((0.0, math.pi / 2, 0.0))
    how = found(prism(ring(24), 100.0, is_smooth=True), along)["flat"]
    assert abs((how @ (1.0, 0.0, 0.0))[2]) == pytest.approx(1.0)


@given(ANGLES, ANGLES)
def test_the_smallest_rotation_turns_one_direction_onto_another(
    one: tuple[float, float, float], other: tuple[float, float, float]
) -> None:
    source, target = turned(one)[0, :3, 0], turned(other)[0, :3, 0]
    how = rotation(source, target)
    assert how @ source == pytest.approx(target, abs=1e-6)
    assert how @ how.T == pytest.approx(np.eye(3), abs=1e-6)
