"""Places balloons on straight lines around a picture so that no two leaders cross.

Each leader is straight, from its part to one of many places on the four sides. Of two that cross, the swap of their
ends is shorter, so an assignment that no swap makes shorter has no crossing. Then leaders that run close to another
one, as those of parts on one axis do, look for another pixel of their part, or another place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
"""(n, 2): x and y in px from the top left."""

Anchor = tuple[float, float]
"""x and y as parts of the picture."""

RADIUS, SMALLEST = 0.022, 0.011
"""Of a balloon, as parts of the picture's shorter side."""

LEAST_PX = 6.0
BAND = 3.0
"""What the picture leaves free on each side, in radii: a balloon, and air on both sides of it."""

_LINE = 1.4  # radii from the border to the middle of a balloon
_APART = 2.5  # radii between the middles of neighbors
_LITTLE = 1e-9

_GAP = 0.6  # radii: leaders nearer to each other, or to the end of another one, are hard to tell apart
_CLEAR = 1.3  # radii: a leader nearer to the middle of another one's balloon runs under it
_NEAREST = 12  # free places that are tried for a leader
_ROUNDS = 6
_GAIN = 0.05  # less than this is not worth a longer leader
_FAR = 0.5  # what a leader as long as the sheet is wide costs; one that coincides with another costs one
_CROSSING = 1000.0


@dataclass(frozen=True)
class Layout:
    """A picture with balloons. `box` is where the picture lies: left, top, width, height; `ends` (n, 2) are the ends of
    the leaders in it, `centers` (n, 2) the middles of the balloons, `chosen` which of the anchors have one, and `picks`
    which of the other anchors of its part each has instead; None: its own."""

    radius: float
    box: tuple[float, float, float, float]
    chosen: list[int]
    ends: Points
    centers: Points
    picks: list[int | None]


def laid_out(
    anchors: Sequence[Anchor],
    sizes: Sequence[int],
    width: int,
    height: int,
    others: Callable[[int], Sequence[Anchor]] = lambda _: (),
) -> Layout:
    """Return where the balloons of *anchors* go on a sheet of this size in px.

    Balloons become smaller where there are many. What has no room even so is left out, the smallest *sizes* first.
    *others* are further pixels of the part of an anchor, for a leader that runs close to another one.
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
    ends = _placed([anchors[one] for one in chosen], box)
    leaders = _Leaders(ends, places, _assigned(ends, places), radius, float(max(width, height)))
    leaders.spread(lambda at: _placed(others(chosen[at]), box))
    return Layout(radius, box, chosen, leaders.ends, places[leaders.taken], leaders.picks)


def _placed(anchors: Sequence[Anchor], box: tuple[float, float, float, float]) -> Points:
    """Return where anchors lie on the sheet."""
    found: Points = np.array(anchors, float).reshape(-1, 2) * box[2:] + box[:2]
    return found


def crossings(ends: Points, centers: Points) -> int:
    """Return how many pairs of leaders cross."""
    if len(ends) < 2:
        return 0
    one, other = np.triu_indices(len(ends), 1)
    return int(_do_cross(ends[one], centers[one], ends[other], centers[other]).sum())


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


class _Leaders:
    """Leaders from ends (n, 2) to places, which are made to run apart from each other."""

    def __init__(
        self, ends: Points, places: Points, taken: npt.NDArray[np.intp], radius: float, longest: float
    ) -> None:
        self.ends, self.places, self.taken = ends.copy(), places, taken.copy()
        self.picks: list[int | None] = [None] * len(ends)
        self._radius, self._longest = radius, longest
        self._free = np.ones(len(places), bool)
        self._free[taken] = False

    def spread(self, others: Callable[[int], Points]) -> None:
        """Move leaders that are hard to tell from others, as long as that helps and none crosses another.

        *others* are further ends (k, 2) that a leader may have.
        """
        known: dict[int, Points] = {}
        for _ in range(_ROUNDS):
            costs = [self._costs(at, self.ends[[at]], self.taken[[at]])[0] for at in range(len(self.ends))]
            moved = False
            for at in np.argsort(costs)[::-1].tolist():
                if self._crowding(at, self.ends[[at]], self.taken[[at]])[0] > _GAIN:
                    if at not in known:
                        known[at] = np.concatenate([self.ends[[at]], others(at)])
                    moved |= self._move(at, known[at])
            if not moved:
                return

    def _move(self, at: int, ends: Points) -> bool:
        """Give a leader the best of these ends and of the free places near them; return whether it moved."""
        length = np.linalg.norm(ends[:, None] - self.places[None], axis=2)
        length[:, ~self._free] = np.inf
        near = np.argsort(length, axis=1, kind="stable")[:, : min(_NEAREST, int(self._free.sum()))]
        taken = np.concatenate([np.full((len(ends), 1), self.taken[at]), near], axis=1)
        which = np.repeat(np.arange(len(ends)), taken.shape[1])
        costs = self._costs(at, ends[which], taken.reshape(-1))
        best = int(costs.argmin())
        if costs[best] > self._costs(at, self.ends[[at]], self.taken[[at]])[0] - _GAIN:
            return False
        self._free[self.taken[at]] = True
        self.ends[at], self.taken[at] = ends[which[best]], taken.reshape(-1)[best]
        self._free[self.taken[at]] = False
        self.picks[at] = int(which[best]) - 1 if which[best] else None
        return True

    def _costs(self, at: int, ends: Points, taken: npt.NDArray[np.intp]) -> Points:
        """Return for ways (k) of a leader how hard it is to tell from the others, and how long."""
        length = np.linalg.norm(ends - self.places[taken], axis=1)
        found: Points = self._crowding(at, ends, taken) + _FAR * length / self._longest
        return found

    def _crowding(self, at: int, ends: Points, taken: npt.NDArray[np.intp]) -> Points:
        rest = np.arange(len(self.ends)) != at
        end, center = ends[:, None], self.places[taken][:, None]
        other_end, other_center = self.ends[rest][None], self.places[self.taken[rest]][None]
        nearness = [
            1 - _distance(point, start, stop) / (reach * self._radius)
            for point, start, stop, reach in (
                (end, other_end, other_center, _GAP),
                (other_end, end, center, _GAP),
                (center, other_end, other_center, _CLEAR),
                (other_center, end, center, _CLEAR),
            )
        ]
        crossing = _CROSSING * _do_cross(end, center, other_end, other_center)
        found: Points = (np.max(nearness, axis=0).clip(0) + crossing).sum(axis=1)
        return found


def _distance(point: Points, start: Points, stop: Points) -> Points:
    """Return the distance of points from lines between two ends."""
    along = stop - start
    share = ((point - start) * along).sum(axis=-1) / np.maximum((along**2).sum(axis=-1), _LITTLE)
    found: Points = np.linalg.norm(point - start - share.clip(0, 1)[..., None] * along, axis=-1)
    return found


def _do_cross(start: Points, stop: Points, other_start: Points, other_stop: Points) -> npt.NDArray[np.bool_]:
    """Return which lines between two ends cross."""
    first, second = (_side(start, stop, point) for point in (other_start, other_stop))
    third, fourth = (_side(other_start, other_stop, point) for point in (start, stop))
    found: npt.NDArray[np.bool_] = (first * second < 0) & (third * fourth < 0)
    return found


def _side(start: Points, end: Points, point: Points) -> Points:
    """On which side of a line a point lies."""
    along, off = end - start, point - start
    found: Points = along[..., 0] * off[..., 1] - along[..., 1] * off[..., 0]
    return found
