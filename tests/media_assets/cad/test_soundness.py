from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from media_assets.cad.soundness import mend

NOWHERE = np.zeros((0, 3))
UP, DOWN = [0.0, 0.0, 1.0], [0.0, 0.0, -1.0]

SQUARE = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], float)
TWO = np.array([[0, 1, 2], [0, 2, 3]])


def test_sound_triangles_stay_as_they_are() -> None:
    points, normals, corners = mend(SQUARE, np.tile(UP, (4, 1)), TWO, NOWHERE) or pytest.fail()
    assert (points == SQUARE).all()
    assert (normals == UP).all()
    assert (corners == TWO).all()


@pytest.mark.parametrize("extra", [[0, 0, 1], [0, 4, 1], [0, 5, 1]], ids=["twice", "in line", "not a number"])
def test_triangle_without_an_area_is_left_out_with_the_points_that_only_it_had(extra: list[int]) -> None:
    points = np.concatenate([SQUARE, [[0.5, 0, 0], [np.nan, 0, 0]]])
    mended = mend(points, np.tile(UP, (6, 1)), np.concatenate([TWO, [extra]]), NOWHERE)
    assert mended is not None
    assert (len(mended[0]), mended[2].tolist()) == (4, TWO.tolist())


def test_thin_triangle_that_is_folded_over_its_neighbors_is_left_out() -> None:
    points = np.concatenate([SQUARE, [[0.5, 0.001, 0]]])
    mended = mend(points, np.tile(UP, (5, 1)), np.concatenate([TWO, [[0, 4, 1]]]), NOWHERE)
    assert mended is not None
    assert len(mended[2]) == 2


def test_broad_triangle_that_looks_the_other_way_keeps_its_own_normal() -> None:
    mended = mend(SQUARE, np.tile(UP, (4, 1)), np.array([[0, 1, 2], [0, 3, 2]]), NOWHERE)
    assert mended is not None
    points, normals, corners = mended
    assert len(points) == 4 + 3 - 1
    assert normals[corners[1]].tolist() == [DOWN] * 3


def test_point_without_a_normal_gets_that_of_its_triangle() -> None:
    mended = mend(SQUARE, np.zeros((4, 3)), TWO, NOWHERE)
    assert mended is not None
    assert mended[1][mended[2]].tolist() == [[UP] * 3] * 2


def test_nothing_is_left_of_triangles_without_area() -> None:
    assert mend(SQUARE, np.tile(UP, (4, 1)), np.array([[0, 0, 0]]), NOWHERE) is None


NUMBERS = st.floats(-1e9, 1e9, width=32) | st.sampled_from([np.nan, np.inf, 0.0, float(np.float32(1e-30))])


@given(
    arrays.arrays(np.float32, (9, 3), elements=NUMBERS),
    arrays.arrays(np.float32, (9, 3), elements=NUMBERS),
    arrays.arrays(np.uint32, st.tuples(st.integers(0, 12), st.just(3)), elements=st.integers(0, 8)),
    arrays.arrays(np.float64, st.tuples(st.integers(0, 3), st.just(3)), elements=st.floats(-10, 10)),
)
def test_whatever_comes_in_only_usable_triangles_come_out(
    points: np.ndarray, normals: np.ndarray, corners: np.ndarray, tips: np.ndarray
) -> None:
    mended = mend(points, normals, corners, tips)
    if mended is None:
        return
    points, normals, corners = mended
    assert np.isfinite(points).all()
    assert np.linalg.norm(normals, axis=1) == pytest.approx(1.0, abs=1e-4)
    assert set(corners.reshape(-1).tolist()) == set(range(len(points)))
    used = points[corners].astype(np.float64)
    across = np.cross(used[:, 1] - used[:, 0], used[:, 2] - used[:, 0])
    assert (np.linalg.norm(across, axis=1) > 0).all()
