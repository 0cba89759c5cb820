"""Arcs of drawings: the same curve in each form in which a file carries it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.cad.drawing.arcs import FULL, Arc, joined

LENGTH = st.floats(0.1, 50)
ANGLE = st.floats(-7, 7)
PLACE = st.tuples(st.floats(-100, 100), st.floats(-100, 100))


@st.composite
def ellipses(draw: st.DrawFn, most: float = FULL) -> tuple[Arc, list[tuple[float, float]]]:
    """An arc, and points of the same curve as its axes were given, in any order and direction."""
    wide, high, turned, start = draw(LENGTH), draw(LENGTH), draw(ANGLE), draw(ANGLE)
    end = start + draw(st.floats(0.01, most))
    sign = draw(st.sampled_from([1, -1]))
    center = draw(PLACE)
    major = (wide * math.cos(turned), wide * math.sin(turned))
    minor = (-sign * high * math.sin(turned), sign * high * math.cos(turned))
    points = [
        (
            center[0] + math.cos(turn) * major[0] + math.sin(turn) * minor[0],
            center[1] + math.cos(turn) * major[1] + math.sin(turn) * minor[1],
        )
        for turn in np.linspace(start, end, 9).tolist()
    ]
    return Arc.about(center, major, minor, start, end), points


@given(ellipses())
def test_its_form_does_not_change_the_curve(made: tuple[Arc, list[tuple[float, float]]]) -> None:
    arc, points = made
    again = [arc.at(turn) for turn in np.linspace(arc.start, arc.end, len(points)).tolist()]
    reach = math.hypot(*arc.major)
    assert min(_apart(again, points), _apart(again, points[::-1])) < 1e-5 * reach
    assert math.hypot(*arc.major) >= math.hypot(*arc.minor) * (1 - 1e-5)
    (left, low), (right, high) = arc.box()
    dense = arc.points(1e-3 * reach)
    assert (
        _apart([(left, low), (right, high)], [tuple(np.min(dense, axis=0)), tuple(np.max(dense, axis=0))])
        < 2e-3 * reach
    )
    curves = arc.curves()
    assert _apart([curves[0][0], curves[-1][3]], [arc.at(arc.start), arc.at(arc.end)]) < 1e-9 * reach + 1e-9
    assert Arc.from_json(arc.to_json(4)).at(arc.start) == pytest.approx(arc.at(arc.start), abs=1e-3)


@given(ellipses(most=math.pi - 0.01))
def test_two_ends_and_the_axes_say_where_it_is(made: tuple[Arc, list[tuple[float, float]]]) -> None:
    arc, _points = made
    turned = math.atan2(arc.major[1], arc.major[0])
    found = Arc.between(
        arc.at(arc.start), arc.at(arc.end), math.hypot(*arc.major), math.hypot(*arc.minor), turned
    )
    middle, wanted = (one.at((one.start + one.end) / 2) for one in (found, arc))
    assert math.dist(middle, wanted) < 0.02 * math.hypot(*arc.major)


def test_pieces_of_a_circle_are_one_and_a_full_one_is_full() -> None:
    def piece(start: float, end: float, radius: float = 5.0) -> Arc:
        return Arc.about((1, 2), (0, radius), (-radius, 0), start, end)

    whole = joined([piece(0, 2), piece(1.9, 4), piece(4, 6.3), piece(1, 2)], 0.01)
    assert len(whole) == 1 and whole[0].is_full and whole[0].is_circular
    around = joined([piece(-0.5, 0.2), piece(0.2, 0.7), piece(3, 4), piece(0, 1, radius=6)], 0.01)
    assert sorted(round(one.end - one.start, 6) for one in around) == [1.0, 1.0, 1.2]
    with pytest.raises(ValueError, match="arc"):
        Arc.from_json({**piece(0, 1).to_json(4), "end": 50.0})


def _apart(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> float:
    return float(np.linalg.norm(np.array(one) - np.array(other), axis=1).max())
