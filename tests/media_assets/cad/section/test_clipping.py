"""Cutting triangles by a plane, and filling the cut: known areas, holes, open surfaces, stripes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.cad.section.caps import Hatch, fill
from media_assets.cad.section.clipping import Plane, area_of, clip
from media_assets.cad.surfaces import Surface, joined
from tests.solids import RADIUS, ball

BALL = ball(RADIUS, 48)


def plane(x: float, y: float, z: float, distance: float) -> Plane:
    normal = np.array([x, y, z])
    return Plane(normal / np.linalg.norm(normal), distance)


def volume(surface: Surface) -> float:
    a, b, c = (surface.points.astype(np.float64)[surface.corners[:, at]] for at in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def turned_inside_out(surface: Surface) -> Surface:
    return Surface(surface.points, -surface.normals, surface.corners[:, ::-1].copy())


@settings(max_examples=25)
@given(
    st.tuples(*(st.floats(-1, 1),) * 3).filter(lambda one: np.linalg.norm(one) > 0.1),
    st.floats(-0.9 * RADIUS, 0.9 * RADIUS),
)
def test_what_is_kept_with_its_cap_and_what_is_not_make_the_whole(
    normal: tuple[float, float, float], distance: float
) -> None:
    cut = plane(*normal, distance)
    inside, outside = clip(BALL, cut), clip(BALL, cut.flipped())
    assert inside.kept
    assert outside.kept
    caps = [fill(one.segments, side) for one, side in ((inside, cut), (outside, cut.flipped()))]
    kept, taken = (
        volume(joined([one.kept, cap.between]))
        for one, cap in zip((inside, outside), caps, strict=True)
        if one.kept and cap.between
    )
    assert kept + taken == pytest.approx(volume(BALL), rel=1e-3)
    assert caps[0].area == pytest.approx(area_of(inside.segments, cut), rel=1e-4)
    assert caps[0].open_share == 0.0


def test_a_cap_looks_outside_and_has_the_hole_of_the_part() -> None:
    hollow = joined([BALL, turned_inside_out(ball(RADIUS / 2, 48))])
    cut = plane(0, 0, 1, 0.1)
    cap = fill(clip(hollow, cut).segments, cut)
    assert cap.between
    assert cap.area == pytest.approx(math.pi * RADIUS**2 * 0.75, rel=0.01)
    a, b, c = (cap.between.points[cap.between.corners[:, at]] for at in range(3))
    assert (np.cross(b - a, c - a)[:, 2] > -1e-6).all()
    assert cap.between.points[:, 2] == pytest.approx(0.1)


def test_the_area_beyond_a_second_plane_is_measured_without_filling_it() -> None:
    cut, other = plane(0, 0, 1, 0.1), plane(1, 0, 0, 0.0)
    segments = clip(BALL, cut).segments
    assert area_of(segments, cut, other) == pytest.approx(area_of(segments, cut) / 2, rel=1e-3)


def test_lines_of_a_hatch_cover_their_share_of_the_cut() -> None:
    cut = plane(0, 0, 1, 0.1)
    cap = fill(clip(BALL, cut).segments, cut, Hatch(pitch=2.0, width=0.5, angle=0.8))
    assert cap.between
    assert cap.lines
    assert cap.lines.points[:, :2].max() < RADIUS
    lines = fill(clip(BALL, cut).segments, cut).area * 0.25
    sides = cap.lines.points.astype(np.float64)[cap.lines.corners]
    across = np.cross(sides[:, 1] - sides[:, 0], sides[:, 2] - sides[:, 0])
    assert np.linalg.norm(across, axis=1).sum() / 2 == pytest.approx(lines, rel=0.05)


def test_an_open_surface_is_said_to_be_open_and_gets_no_wrong_cap() -> None:
    middles = BALL.points[BALL.corners].mean(axis=1)
    shell = Surface(BALL.points, BALL.normals, BALL.corners[middles[:, 0] < 0])
    cut = plane(0, 0, 1, 0.1)
    cap = fill(clip(shell, cut).segments, cut)
    assert cap.open_share > 0.9
    assert cap.between is None
