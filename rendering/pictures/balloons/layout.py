"""Places balloons on straight lines around a picture so that no two leaders cross.

Each leader is straight, from its part to one of many places on the four sides. Of two that cross, the swap of their
ends is shorter, so an assignment that no swap makes shorter has no crossing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
"""(n, 2): x and y in px from the top left."""

RADIUS, SMALLEST = 0.022, 0.011
"""Of a balloon, as parts of the picture's shorter side."""

LEAST_PX = 6.0
BAND = 3.0
"""What the picture leaves free on each side, in radii: a balloon, and air on both sides of it."""

_LINE = 1.4  # radii from the border to the middle of a balloon
_APART = 2.5  # radii between the middles of neighbors
_LITTLE = 1e-9


@dataclass(frozen=True)
class Layout:
    """A picture with balloons. `box` is where the picture lies: left, top, width, height; `ends` (n, 2) are the ends of
    the leaders in it, `centers` (n, 2) the middles of the balloons, `chosen` which of the anchors have one."""

    radius: float
    box: tuple[float, float, float, float]
    chosen: list[int]
    ends: Points
    centers: Points


def laid_out(anchors: Sequence[tuple[float, float]], sizes: Sequence[int], width: int, height: int) -> Layout:
    """Return where the balloons of *anchors* (x and y as parts of the picture) go on a sheet of this size in px.

    Balloons become smaller where there are many. What has no room even so is left out, the smallest *sizes* first.
    """
    side = min(width, height)
    radius = max(RADIUS * side, LEAST_PX)
    while len(_places(radius, width, height)) < len(anchors) and radius * 0.9 > max(
        SMALLEST * side, LEAST_PX
    ):
        radius *= 0.9
    places = _places(radius, width, height)
    largest = sorted(range(len(anchors)), key=lambda one: (-sizes[one], one))[: len(places)]
    chosen = sorted(largest)
    share = max(0.1, 1 - 2 * BAND * radius / side)
    box = (width * (1 - share) / 2, height * (1 - share) / 2, width * share, height * share)
    inside = np.array([anchors[one] for one in chosen], float).reshape(-1, 2)
    ends = inside * box[2:] + box[:2]
    return Layout(radius, box, chosen, ends, places[_assigned(ends, places)])


def crossings(ends: Points, centers: Points) -> int:
    """Return how many pairs of leaders cross."""
    if len(ends) < 2:
        return 0
    one, other = np.triu_indices(len(ends), 1)
    first, second = (_side(ends[one], centers[one], points[other]) for points in (ends, centers))
    third, fourth = (_side(ends[other], centers[other], points[one]) for points in (ends, centers))
    return int(((first * second < 0) & (third * fourth < 0)).sum())


def _places(radius: float, width: int, height: int) -> Points:
    """Return the middles that balloons may have: evenly on each of four lines, none in a corner."""
    near, apart = _LINE * radius, _APART * radius
    across = _evenly(near + apart, width - near - apart, apart)
    down = _evenly(near + apart, height - near - apart, apart)
    sides = (
        *((x, y) for y in (near, height - near) for x in across),
        *((x, y) for x in (near, width - near) for y in down),
    )
    return np.array(sides, float).reshape(-1, 2)


def _evenly(first: float, last: float, apart: float) -> list[float]:
    if last < first:
        return [(first + last) / 2]
    count = int((last - first) / apart + _LITTLE) + 1
    spare = (last - first - (count - 1) * apart) / 2
    return [first + spare + at * apart for at in range(count)]


def _assigned(ends: Points, places: Points) -> npt.NDArray[np.intp]:
    """Return the place of each end: no free place is nearer, and no two have less to go when they swap."""
    length = np.linalg.norm(ends[:, None] - places[None], axis=2)
    free = np.ones(len(places), bool)
    taken = np.empty(len(ends), np.intp)
    for at in np.argsort(length.min(axis=1), kind="stable") if len(ends) else ():
        taken[at] = np.where(free, length[at], np.inf).argmin()
        free[taken[at]] = False
    every = np.arange(len(ends))
    while len(ends):
        now = length[every, taken]
        swapped = length[:, taken]
        gain = now[:, None] + now[None] - swapped - swapped.T
        one, other = np.unravel_index(gain.argmax(), gain.shape)
        moved = np.where(free[None], length, np.inf) - now[:, None]
        at, place = np.unravel_index(moved.argmin(), moved.shape)
        if gain[one, other] > max(_LITTLE, -moved[at, place]):
            taken[[one, other]] = taken[[other, one]]
        elif moved[at, place] < -_LITTLE:
            free[[taken[at], place]] = True, False
            taken[at] = place
        else:
            break
    return taken


def _side(start: Points, end: Points, point: Points) -> Points:
    """On which side of a line a point lies."""
    along, off = end - start, point - start
    found: Points = along[:, 0] * off[:, 1] - along[:, 1] * off[:, 0]
    return found
