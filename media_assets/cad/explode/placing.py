"""How far apart groups move along one direction, so that they clear each other. NumPy only."""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from media_assets.cad.explode import order
from media_assets.cad.explode.solids import Floats, Numbers

_GAP = 0.3
"""Between two groups, as a part of the width of the narrower."""
_LEAST_GAP = 0.02
"""The same, as a part of the whole stack's size."""
_ALIKE = 0.01


@dataclass(frozen=True)
class Stack:
    """Groups in a frame whose third axis is the direction: the boxes of their parts (n, 3) in mm where they are
    assembled, and how far these have moved within their group (n, 3).

    ``bulk``: its size, the largest stays where it is. ``lift``: by how much more
    room it needs. ``kind``: groups of one kind at one height move alike; "" for none. ``lower``, ``upper``: numbers of
    groups that lie above each other; ``met``: pairs that reach into each other, as a thread and its nut, and do not.
    """

    low: list[Floats]
    high: list[Floats]
    shift: list[Floats]
    bulk: list[float]
    lift: list[float]
    kind: list[str]
    lower: Numbers
    upper: Numbers
    spread: float
    met: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class StackMoves:
    """How far each group moves along the direction (mm), some of them backward; the largest one stays.

    ``turn``: which go first, from 0: the outermost at either end. ``held``: the group that each clears, -1 for none.
    """

    far: list[float]
    turn: list[int]
    held: list[int]


def stacked(stack: Stack) -> StackMoves:
    """Return how far groups move, so that each clears those within it."""
    alike = _alike(stack)
    up = _sorted(stack, alike)
    at = up.index(alike[max(range(len(stack.bulk)), key=stack.bulk.__getitem__)])
    pusher = _Pusher(stack, alike)
    pusher.push(up[at:], 1)
    pusher.push(up[at::-1], -1)
    turn = [0] * len(alike)
    for way in (up[:at:-1], up[:at]):
        turns = -1
        before = None
        for one in way:
            far = pusher.moved[one]
            turns += far != before
            before = far
            for number in pusher.members[one]:
                turn[number] = turns
    return StackMoves(pusher.moved, turn, pusher.held)


def _alike(stack: Stack) -> list[int]:
    """Return for each group the first one that it moves with: of the same kind, at the same height."""
    first: dict[tuple[str, int, int], int] = {}
    size = max(float(np.concatenate(stack.high)[:, 2].max() - np.concatenate(stack.low)[:, 2].min()), 1e-9)
    found = []
    for number, kind in enumerate(stack.kind):
        ends = stack.low[number][:, 2].min(), stack.high[number][:, 2].max()
        bottom, top = (round(float(end) / size / _ALIKE) for end in ends)
        place = kind, bottom, top
        found.append(first.setdefault(place, number) if kind else number)
    lower = np.array([found[one] for one in stack.lower], np.int64)
    upper = np.array([found[one] for one in stack.upper], np.int64)
    held = order.together(len(found), order.Above(lower, upper, np.zeros(len(lower))))
    if len(set(held.tolist())) < len(found):  # a copy lies between others of its kind: each goes its own way
        return list(range(len(found)))
    return found


def _sorted(stack: Stack, alike: list[int]) -> list[int]:
    """Return the groups (the first of those that move alike) in an order in which each comes before all above it."""
    below: dict[int, int] = defaultdict(int)
    above: dict[int, set[int]] = defaultdict(set)
    for lower, upper in zip(stack.lower.tolist(), stack.upper.tolist(), strict=True):
        if alike[upper] not in above[alike[lower]]:
            above[alike[lower]].add(alike[upper])
            below[alike[upper]] += 1
    center = {
        one: float(stack.low[one][:, 2].min() + stack.high[one][:, 2].max()) for one in dict.fromkeys(alike)
    }
    ready = [(center[one], one) for one in center if not below[one]]
    heapq.heapify(ready)
    found = []
    while ready:
        _, one = heapq.heappop(ready)
        found.append(one)
        for other in above[one]:
            below[other] -= 1
            if not below[other]:
                heapq.heappush(ready, (center[other], other))
    return found


class _Pusher:
    """Moves groups outward, one by one, until each clears what lies within."""

    def __init__(self, stack: Stack, alike: list[int]) -> None:
        self.stack = stack
        self.members: dict[int, list[int]] = defaultdict(list)
        for number, one in enumerate(alike):
            self.members[one].append(number)
        # With all of their ways: what comes out of a group later needs room as well.
        boxes = list(zip(stack.low, stack.high, stack.shift, strict=True))
        self.low = [np.minimum(low, low + shift) for low, _, shift in boxes]
        self.high = [np.maximum(high, high + shift) for _, high, shift in boxes]
        self.bottom = np.array([low.min(axis=0) for low in self.low])
        self.top = np.array([high.max(axis=0) for high in self.high])
        self.is_open = [bool(shift.any()) for shift in stack.shift]
        self.least = _LEAST_GAP * float(np.linalg.norm(self.top.max(axis=0) - self.bottom.min(axis=0)))
        self.moved = [0.0] * len(stack.low)
        self.held = [-1] * len(stack.low)
        self.placed: set[int] = set()
        self.opened: set[int] = set()

    def push(self, way: list[int], sign: int) -> None:
        """Move the groups of ``way``, the innermost first, which stays."""
        inner: dict[int, set[int]] = defaultdict(set)
        for lower, upper in zip(self.stack.lower.tolist(), self.stack.upper.tolist(), strict=True):
            inner[upper if sign > 0 else lower].add(lower if sign > 0 else upper)
        for one, other in self.stack.met:
            inner[one].add(other)
            inner[other].add(one)
        self._place(self.members[way[0]])
        for one in way[1:]:
            far = 0.0
            for number in self.members[one]:
                beside = self.placed if self.is_open[number] else self.opened
                near = [
                    *(inner[number] & self.placed),
                    *(other for other in beside if self._meet(number, other)),
                ]
                needed = [(self._clearance(number, at, sign) + sign * self.moved[at], at) for at in near]
                most, self.held[number] = max(needed, default=(0.0, -1))
                far = max(far, most)
            for number in self.members[one]:
                self.moved[number] = sign * far
            self._place(self.members[one])

    def _place(self, numbers: list[int]) -> None:
        self.placed.update(numbers)
        self.opened.update(number for number in numbers if self.is_open[number])

    def _clearance(self, number: int, other: int, sign: int) -> float:
        """Return how far a group must move to lie beyond another, which stays, with a gap that shows both."""
        width = min(float((self.top[at] - self.bottom[at])[:2].max()) for at in (number, other))
        gap = self.least + _GAP * width * max(self.stack.lift[number], self.stack.lift[other])
        lower, upper = (other, number) if sign > 0 else (number, other)
        return float(self.top[lower, 2] - self.bottom[upper, 2]) + self.stack.spread * gap

    def _meet(self, number: int, other: int) -> bool:
        """Return whether boxes of two groups, with their ways, lie above each other."""
        if (self.bottom[number, :2] >= self.top[other, :2]).any():
            return False
        if (self.bottom[other, :2] >= self.top[number, :2]).any():
            return False
        low, high = self.low[number][:, None, :2], self.high[number][:, None, :2]
        return bool(((low < self.high[other][:, :2]) & (high > self.low[other][:, :2])).all(axis=2).any())
