"""Assemblies whose order is known come apart in it, without running into each other, and everything can be seen."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from media_assets.cad.explode import planner
from media_assets.cad.explode.checking import check
from media_assets.cad.explode.columns import Columns
from media_assets.cad.explode.plan import ExplodePlan, ExplodeStep
from media_assets.cad.explode.product import _kinds
from media_assets.cad.explode.solids import Assembly
from media_assets.cad.explode.threads import Threads, _goes_around
from media_assets.cad.explode.wanted import Explosion
from media_assets.cad.product_tree import Appearance, CadProduct, Node, Part
from rendering.catalog.explosions import shortcomings
from tests.media_assets.cad.explode.generated import (
    Kit,
    block,
    disc,
    holed,
    lying,
    rotation,
    screw,
    threaded_bolt,
    threaded_nut,
    turned,
)
from tests.media_assets.cad.explode.moving import collisions


def stack(random: np.random.Generator, kit: Kit) -> list[list[str]]:
    """Discs on a shaft: from one end to the other."""
    height, keys = 0.0, []
    bore = random.uniform(4, 8)
    for number in range(random.integers(3, 9)):
        thickness = random.uniform(2, 12)
        solid = disc(random.uniform(12, 40), thickness, bore)
        keys.append(kit.add(f"disc {number}", solid, (0, 0, height)))
        height += thickness
    return [keys]


def screwed(random: np.random.Generator, kit: Kit) -> list[list[str]]:
    """Two plates and the screws through both: screws, upper plate, lower plate."""
    holes = int(random.integers(1, 4))
    size, thickness, radius = random.uniform(60, 120), random.uniform(3, 8), random.uniform(1.5, 4)
    plate = holed(size, thickness, holes, radius * 1.02)
    lower = kit.add("lower", plate, (0, 0, 0))
    upper = kit.add("upper", holed(size, thickness, holes, radius * 1.02), (0, 0, thickness))
    screws = []
    for row in range(holes):
        for column in range(holes):
            x, y = ((np.array([column, row]) + 0.5) / holes - 0.5) * size
            screws.append(
                kit.add(f"screw#{row}{column}", screw(radius, 2 * thickness), (x, y, 2 * thickness))
            )
    return [[lower, upper, one] for one in screws]


def housing(random: np.random.Generator, kit: Kit) -> list[list[str]]:
    """A cup, what is in it, and its lid."""
    radius, height, wall = random.uniform(20, 40), random.uniform(15, 50), random.uniform(2, 5)
    cup = turned(
        [(0, 0), (radius, 0), (radius, height), (radius - wall, height), (radius - wall, wall), (0, wall)]
    )
    inner = disc((radius - wall) * random.uniform(0.4, 0.95), (height - wall) * random.uniform(0.4, 0.98))
    order = [
        kit.add("cup", cup, (0, 0, 0)),
        kit.add("inner", inner, (0, 0, wall)),
        kit.add("lid", disc(radius, wall), (0, 0, height)),
    ]
    return [order]


def pinned(random: np.random.Generator, kit: Kit) -> list[list[str]]:
    """A block with a bore through which a pin holds nothing: only along the pin."""
    size = random.uniform(20, 40)
    body = kit.add("body", holed(size, size, 1, size * 0.2), (0, 0, 0))
    pin = kit.add("pin", disc(size * 0.199, size * 1.6), (0, 0, -0.3 * size))
    return [[body, pin]]


def boxed(random: np.random.Generator, kit: Kit) -> list[list[str]]:
    """A subassembly of two blocks on a third: the two stay together until they open."""
    x, y, z = random.uniform(10, 30, 3)
    base = kit.add("base", block(3 * x, 3 * y, z), (0, 0, 0))
    low = kit.add("low", block(x, y, z), (0, 0, z), "pair")
    high = kit.add("high", block(0.8 * x, 0.8 * y, z), (0, 0, 2 * z), "pair")
    return [[base, low, high]]


KINDS = (stack, screwed, housing, pinned, boxed)


@pytest.mark.parametrize("seed", range(45))
def test_it_comes_apart_in_the_known_order(seed: int) -> None:
    random = np.random.default_rng(seed)
    kit = Kit(rotation(random) if seed % 2 else np.eye(4))
    orders = KINDS[seed % len(KINDS)](random, kit)
    assembly = kit.assembly()
    plan = planner.plan(assembly, Explosion())
    assert not plan.interlocked and not plan.inside and not plan.hidden
    axis = kit.turn[:3, 2]
    for keys in orders:
        assert _is_apart(assembly, plan, keys, axis)
    assert not collisions(assembly, plan)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_interlocked_is_said_and_stays_together(seed: int) -> None:
    random = np.random.default_rng(seed)
    kit = Kit(rotation(random))
    radius, wall = random.uniform(10, 20), random.uniform(2, 4)
    # A closed shell around a ball, and a ring on top that is free.
    inner, outer = radius, radius + wall
    arc = np.linspace(-np.pi / 2, np.pi / 2, 13)
    hollow = [(outer * np.cos(a), outer * np.sin(a)) for a in arc]
    hollow += [(inner * np.cos(a), inner * np.sin(a)) for a in arc[::-1]]
    shell = kit.add("shell", turned(hollow), (0, 0, 0))
    ball = kit.add(
        "ball", turned([(0.9 * inner * np.cos(a), 0.9 * inner * np.sin(a)) for a in arc]), (0, 0, 0)
    )
    lid = kit.add("lid", disc(outer, wall), (0, 0, outer))
    plan = planner.plan(kit.assembly(), Explosion())
    assert plan.interlocked == ((shell, ball),)
    moved = plan.offsets()
    assert moved.get(shell) == moved.get(ball) and moved.get(lid) != moved.get(shell)
    assert plan.hidden == ("ball",)
    forced = planner.plan(kit.assembly(), Explosion(forced=True))
    assert forced.interlocked == plan.interlocked and not forced.hidden


def set_screws(random: np.random.Generator, kit: Kit) -> None:
    """Cutter heads in a row, each with a screw from the side that is larger than its hole, as threads are drawn."""
    radius, over = random.uniform(2, 3.5), random.uniform(1.02, 1.25)
    for number in range(random.integers(2, 6)):
        long = random.uniform(8, 18)
        kit.add(f"head#{number}", lying(holed(30, 20, 1, radius)), (-10, 0, 30 * number))
        kit.add(f"screw {number}", lying(disc(radius * over, long)), (-long / 2, 0, 30 * number))


def rod(random: np.random.Generator, kit: Kit) -> None:
    """A rod that is pressed through levers, and a pad at the side of the lowest."""
    radius, levers = random.uniform(3, 5), int(random.integers(2, 5))
    for number in range(levers):
        kit.add(f"lever {number}", holed(30, 10, 1, radius), (0, 0, 25 * number))
    length = 25 * levers - 15 + random.uniform(-8, 10)
    kit.add("rod", disc(radius * random.uniform(1.02, 1.2), length), (0, 0, random.uniform(-5, 5)))
    kit.add("pad", lying(block(30, 30, 6)), (15, 0, 5))


def balls(random: np.random.Generator, kit: Kit) -> None:
    """Balls between rings without grooves: they come out along the axis alone."""
    radius, arc = random.uniform(5.2, 6.5), np.linspace(-np.pi / 2, np.pi / 2, 13)
    ball = turned([(radius * np.cos(one), radius * np.sin(one)) for one in arc])
    kit.add("inner", disc(20, 12, 8), (0, 0, 0))
    kit.add("outer", disc(40, 12, 30), (0, 0, 0))
    for number in range(8):
        way = number * np.pi / 4
        kit.add(f"ball#{number}", ball, (25 * np.cos(way), 25 * np.sin(way), 6))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("pressed", [set_screws, rod, balls])
def test_what_is_pressed_in_comes_out_along_its_hole(
    pressed: Callable[[np.random.Generator, Kit], None], seed: int
) -> None:
    random = np.random.default_rng(seed)
    kit = Kit(rotation(random) if seed % 2 else np.eye(4))
    pressed(random, kit)
    plan = planner.plan(kit.assembly(), Explosion())
    assert not collisions(kit.assembly(), plan, is_pressed=True)
    assert not plan.colliding and plan.checked == 1 and len(plan.offsets()) >= 2


def test_a_check_says_what_is_met_and_how_far_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    kit = Kit()
    left, middle = (kit.add(name, block(10, 10, 10), (x, 0, 0)) for name, x in (("left", 0), ("middle", 20)))
    steps = [ExplodeStep((left,), (0.0, 30.0, 0.0), 1, 1), ExplodeStep((middle,), (0.0, 8.0, 0.0), 2, 1)]
    assembly = kit.assembly()
    threads = Threads(assembly)
    assert not check(assembly, steps, threads).meetings, "they pass each other"
    (met,) = check(assembly, [ExplodeStep((left,), (15.0, 0.0, 0.0), 1, 1), *steps[1:]], threads).meetings
    assert (met.lower, met.upper) == (0, 1) and met.direction == pytest.approx((1, 0, 0))
    monkeypatch.setattr("media_assets.cad.explode.checking.MOST_TRIANGLES", 10)
    ways = ((0.0, 30.0, 0.0), (0.0, -30.0, 0.0), (15.0, 0.0, 0.0))
    stopped = check(
        assembly, [ExplodeStep((left,), way, stage, 1) for stage, way in enumerate(ways)], threads
    )
    said = shortcomings(ExplodePlan(parts=2, colliding=((left, middle),), checked=stopped.share))
    assert "left – middle" in "".join(said) and "after 66 % of" in "".join(said)
    with pytest.raises(TimeoutError, match="stage 1 of 2"):
        collisions(assembly, ExplodePlan(tuple(steps)), longest_s=0.0)


@pytest.mark.parametrize("starts", [1, -2, 0])
@pytest.mark.parametrize("gap", [0.0, 0.1, -0.1])
def test_a_modeled_thread_is_unscrewed_along_its_axis(gap: float, starts: int) -> None:
    """Right-handed, left-handed with two starts, and the grooves by which libraries of screws draw a thread."""
    kit = Kit(rotation(np.random.default_rng(3)))
    nut = kit.add("nut", threaded_nut(4, 1.25, 6.25, starts), (0, 0, -15))
    plate = kit.add("plate", holed(40, 6, 1, 4.6), (0, 0, -6))
    bolt = kit.add("bolt", threaded_bolt(4, 1.25, 20, gap, starts), (0, 0, 0))
    plan = planner.plan(kit.assembly(), Explosion())
    assert not plan.interlocked and not plan.colliding and not plan.hidden
    assert _is_apart(kit.assembly(), plan, [nut, plate, bolt], kit.turn[:3, 2])


@pytest.mark.parametrize(
    ("height", "starts", "foot"), [(6.25, 1, 7), (2.5, 0, 0)], ids=["between head and foot", "by two grooves"]
)
def test_what_no_turn_sets_free_is_interlocked(height: float, starts: int, foot: float) -> None:
    kit = Kit()
    nut = kit.add("nut", threaded_nut(4, 1.25, height, starts), (0, 0, -15))
    bolt = kit.add("bolt", threaded_bolt(4, 1.25, 20, starts=starts, foot=foot), (0, 0, 0))
    assert planner.plan(kit.assembly(), Explosion()).interlocked == ((nut, bolt),)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("heights", "is_thread"),
    [((0.0, 1.0, 11.0), True), ((0.0, 0.0, 0.0), False), ((np.nan, np.nan, np.nan), False)],
    ids=["half of the gaps are the pitch", "no pitch", "no heights"],
)
def test_lines_of_any_gaps_say_whether_there_is_a_thread(heights: tuple[float, ...], is_thread: bool) -> None:
    turn = np.linspace(0.0, 1.0, 24, endpoint=False)
    low = np.repeat(turn, 3) + np.tile(heights, 24)
    lines, parts = np.repeat(np.arange(24), 3), np.zeros(72, np.int64)
    places = np.column_stack((np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)))
    found = Columns(lines, parts, low, low + 0.5, places)
    assert _goes_around(found, np.arange(24), np.zeros(2)) == is_thread


def test_what_is_screwed_on_does_not_end_within_its_thread() -> None:
    kit = Kit()
    flange = kit.add("flange", disc(30, 8), (0, 0, 0))
    tube = kit.add("tube", disc(10.5, 40, 7), (0, 0, 8))
    nozzle = kit.add("nozzle", disc(15, 16, 10), (0, 0, 33))
    plan = planner.plan(kit.assembly(), Explosion())
    assert not collisions(kit.assembly(), plan)
    assert _is_apart(kit.assembly(), plan, [flange, tube, nozzle], kit.turn[:3, 2])


def test_bodies_of_one_name_are_as_many_kinds_as_they_have_shapes() -> None:
    root = Node("all", "all", "/")
    root.children = [Node("Body", "Body", f"/Body{look}", look=look) for look in (0, 1, 1)]
    looks = [Appearance(number, (None,)) for number in range(2)]
    product = CadProduct(root, [Part("Body", None, 1, 1, None) for _ in looks], looks, 1, 1)
    assert _kinds(product) == {0: "Body#0", 1: "Body#1"}


def test_bad_input_has_a_clear_word_and_the_best_picture_there_is() -> None:
    one, far = Kit(), Kit()
    one.add("one", block(10, 10, 10), (0, 0, 0))
    for name, x in (("left", 0), ("right", 100)):
        far.add(name, block(10, 10, 10), (x, 0, 0))
    for kit, words in ((one, "It is one part"), (far, "its parts do not touch")):
        plan = planner.plan(kit.assembly(), Explosion())
        (said,) = shortcomings(ExplodePlan.from_json(plan.to_json()))
        assert words in said and not plan.steps
    nested = Kit()
    names = [
        nested.add(f"box {n}", block(10 + 6 * n, 10 + 6 * n, 10 + 6 * n), (0, 0, -3 * n)) for n in range(6)
    ]
    plan = planner.plan(nested.assembly(), Explosion())
    assert len(plan.steps) == 5 and not plan.hidden, "solids inside of each other are all to be seen"
    assert "box 0 – box 1" in "".join(shortcomings(plan)) and len(names) == plan.parts
    touching = Kit()
    for x, y, z in np.ndindex(4, 4, 4):
        touching.add(f"cube {x}{y}{z}", block(10, 10, 10), (10.0 * x, 10.0 * y, 10.0 * z))
    plan = planner.plan(touching.assembly(), Explosion())
    assert not collisions(touching.assembly(), plan) and not plan.hidden and not shortcomings(plan)
    twice = Kit()
    for name in ("one", "other"):
        twice.add(name, block(20, 20, 20), (0, 0, 0))
    plan = planner.plan(twice.assembly(), Explosion())
    assert len(plan.steps) == 1 and "reach into each other" in shortcomings(plan)[0]


def _is_apart(assembly: Assembly, plan: ExplodePlan, keys: list[str], axis: np.ndarray) -> bool:
    """Whether these parts lie beyond each other in this order, up or down the axis, none within another."""
    moved = plan.offsets()
    ends = []
    for key in keys:
        part = next(part for part in assembly.parts if part.key == key)
        points = assembly.shapes[part.shape].points @ part.matrix[:3, :3].T + part.matrix[:3, 3]
        along = points @ axis + np.dot(moved.get(key, (0, 0, 0)), axis)
        ends.append((along.min(), along.max()))
    return any(all(lower[1] < upper[0] for lower, upper in pairwise(way)) for way in (ends, ends[::-1]))
