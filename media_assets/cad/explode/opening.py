"""The tree of divisions by which an assembly opens, and its interlocked groups. NumPy only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from media_assets.cad.explode import columns, order
from media_assets.cad.explode.dividing import Divider, Division
from media_assets.cad.explode.placing import Stack, stacked
from media_assets.cad.explode.solids import Branch, Floats, Numbers

_INSIDE = 0.005
"""Parts that share more than this of the smaller one reach into each other."""
_WAYS = 8
"""Directions among which one is chosen for what no direction divides."""


@dataclass(frozen=True)
class Opening:
    """One division: the stack of its layers with all parts closed, the parts of each, and how each opens afterwards.

    ``level`` is that of the product tree, 1 for what the product itself consists of.
    """

    frame: Floats
    stack: Stack
    members: list[Numbers]
    inner: list[list[Opening]]
    level: int


class Opener:
    """Builds the openings of an assembly; ``depth``: how many levels of the product tree open, 0 for all.

    ``is_forced``: interlocked groups are separated as well, as if their parts could pass through each other.
    """

    def __init__(self, divider: Divider, depth: int, *, is_forced: bool) -> None:
        self.divider = divider
        self.depth = depth
        self.is_forced = is_forced
        self.interlocked: list[Numbers] = []
        self.inside: dict[tuple[int, int], float] = {}

    def open(self, unit: Branch, level: int) -> list[Opening]:
        """Return how a unit opens: a subassembly into what it consists of, unless that is too deep."""
        while len(unit.below) == 1:
            unit = unit.below[0]
        if not unit.below or (self.depth and level > self.depth):
            return []
        return self._apart(list(unit.below), level, [])

    def _apart(self, units: list[Branch], level: int, barred: list[Floats]) -> list[Opening]:
        if len(units) == 1:
            return self.open(units[0], level + 1)
        parts = [np.fromiter(unit.parts(), int) for unit in units]
        found = self.divider.divide(parts, barred)
        if found is None:
            return self._stuck(units, parts, level, barred)
        noted = len(self.interlocked)
        opening = self._opening(found, units, parts, level, barred)
        if any(opening.inner) or any(stacked(opening.stack).far):
            return [opening]
        # All are where they would end, but for what lies within another and is held by nothing.
        del self.interlocked[noted:]
        return self._stuck(units, parts, level, barred)

    def _opening(
        self, found: Division, units: list[Branch], parts: list[Numbers], level: int, barred: list[Floats]
    ) -> Opening:
        layers = self._layers(found, units, parts)
        inner = [
            self._apart([units[at] for at in layer], level, [*barred, found.direction]) for layer in layers
        ]
        members = [np.concatenate([parts[at] for at in layer]) for layer in layers]
        stack = replace(_stack(found, layers, members, units), met=self._met(found, layers, parts))
        return Opening(found.view.frame, stack, members, inner, level)

    def _met(
        self, found: Division, layers: list[list[int]], parts: list[Numbers]
    ) -> tuple[tuple[int, int], ...]:
        """Return which layers reach into each other: nothing says which of them is above, but they must come apart."""
        layer = {at: number for number, some in enumerate(layers) for at in some}
        pairs = self.divider.inside(found.direction, parts)
        met = {(layer[one], layer[other]) for one, other, share in pairs if share > _INSIDE}
        return tuple(sorted((one, other) for one, other in met if one != other))

    def _stuck(
        self, units: list[Branch], parts: list[Numbers], level: int, barred: list[Floats]
    ) -> list[Opening]:
        """Go on with units that no direction divides: open the largest subassembly, or note what holds them."""
        clusters = self.divider.clusters(parts)
        members: list[Numbers] = []
        found: list[list[Opening]] = []
        for cluster in clusters:
            own = [units[at] for at in cluster]
            largest = max(own, key=lambda unit: len(unit.below))
            if len(own) == 1 or is_pattern(own):
                members += [parts[at] for at in cluster]
                found += [self.open(unit, level + 1) for unit in own]
                continue
            members.append(np.concatenate([parts[at] for at in cluster]))
            if largest.below and (not self.depth or level < self.depth):
                rest = [unit for unit in own if unit is not largest]
                found.append(self._apart([*rest, *largest.below], level, []))
            elif len(clusters) > 1:
                found.append(self._apart(own, level, barred))
            else:
                found.append(self._held(own, parts, level, barred))
        return self._beside(members, found, level)

    def _beside(self, members: list[Numbers], inner: list[list[Opening]], level: int) -> list[Opening]:
        """Return openings that happen beside each other, with room for all that comes out: nothing moves without need.

        Room is made along the direction in which they lie farthest apart.
        """
        opened = [openings for openings in inner if openings]
        if len(members) < 2 or not opened:
            return [opening for openings in opened for opening in openings]
        parts = np.concatenate(members)
        low, high = self.divider.low, self.divider.high
        centers = np.array([(low[some].min(axis=0) + high[some].max(axis=0)) / 2 for some in members])
        ways = self.divider.directions(members, _WAYS)
        view = columns.facing(
            self.divider.assembly, ways[int(np.ptp(centers @ ways.T, axis=0).argmax())], parts.tolist()
        )
        none = np.empty(0, np.int64)
        loose = Division(view, np.arange(len(members)), order.Above(none, none, np.empty(0)))
        stack = _stack(loose, [[number] for number in range(len(members))], members, [])
        return [Opening(view.frame, stack, members, inner, level)]

    def _held(
        self, units: list[Branch], parts: list[Numbers], level: int, barred: list[Floats]
    ) -> list[Opening]:
        """Note what holds units that touch together; separate them all the same where that is wanted.

        Where nothing lies above anything, nothing holds them: they touch, or reach into each other as they are drawn.
        So a pin in a hole that is too narrow comes out along the hole, which the other directions show to hold it.
        """
        tried = [self.divider.along(one, parts) for one in self.divider.directions(parts, _WAYS)]
        found = max(tried, key=lambda one: one.groups if _are_alike(one.group, units) else 1)
        for one, other, share in self.divider.inside(found.direction, parts):
            if share > _INSIDE:
                self.inside[int(parts[one][0]), int(parts[other][0])] = round(min(share, 1.0), 3)
        group = found.group
        if found.groups == 1 or not _are_alike(group, units):
            self.interlocked.append(np.sort(np.concatenate(parts)))
            if not self.is_forced:
                return []
            group = np.arange(len(parts))
        if group is not found.group or not len(found.above.lower):
            found = _nested(found, group, parts, units)
        opening = self._opening(found, units, parts, level, barred)
        met = {*opening.stack.met, *self._touching(opening.members)}
        return [replace(opening, stack=replace(opening.stack, met=tuple(sorted(met))))]

    def _touching(self, members: list[Numbers]) -> Iterator[tuple[int, int]]:
        """Yield which layers (by number) have boxes that reach into each other."""
        low = np.array([self.divider.low[some].min(axis=0) for some in members])
        high = np.array([self.divider.high[some].max(axis=0) for some in members])
        for one in range(len(members)):
            meet = ((low[one] < high[one + 1 :]) & (high[one] > low[one + 1 :])).all(axis=1)
            yield from ((one, int(other)) for other in np.flatnonzero(meet) + one + 1)

    def _layers(self, found: Division, units: list[Branch], parts: list[Numbers]) -> list[list[int]]:
        """Return which units stay together for now: what holds each other, and what would move alike and is close."""
        groups = [np.flatnonzero(found.group == number).tolist() for number in range(found.groups)]
        members = [np.concatenate([parts[at] for at in group]) for group in groups]
        same: dict[float, list[int]] = defaultdict(list)
        for number, one in enumerate(stacked(_stack(found, groups, members, units)).far):
            same[round(one, 6)].append(number)
        layer = np.arange(found.groups)
        for numbers in same.values():
            for cluster in self.divider.clusters([members[number] for number in numbers]):
                own = [numbers[at] for at in cluster]
                if not is_pattern([units[at] for number in own for at in groups[number]]):
                    layer[own] = own[0]
        _, layer = np.unique(layer, return_inverse=True)
        # Layers that hold each other now are one.
        layer = order.together(int(layer.max()) + 1, found.above.between(layer))[layer]
        if layer.max() == 0:  # nothing would be left of the division
            layer = np.arange(found.groups)
        return [
            [at for number in np.flatnonzero(layer == one) for at in groups[number]]
            for one in range(int(layer.max()) + 1)
        ]


def is_pattern(units: Sequence[Branch]) -> bool:
    """Return whether units are copies of one product."""
    return len({unit.product for unit in units}) == 1


def _are_alike(group: Numbers, units: Sequence[Branch]) -> bool:
    """Return whether of each product all copies are on their own, or none: one that is held holds for all."""
    is_alone = np.bincount(group)[group] == 1
    kinds = [
        {unit.product for unit, alone in zip(units, is_alone, strict=True) if alone == one}
        for one in (True, False)
    ]
    return kinds[0].isdisjoint(kinds[1])


def _nested(found: Division, group: Numbers, parts: list[Numbers], units: list[Branch]) -> Division:
    """Return a division into these groups of units along the same direction by their width, the widest at the bottom.

    Copies of one product are alike.
    """
    numbers: dict[tuple[str, ...], list[int]] = defaultdict(list)
    of_group = [np.flatnonzero(group == number) for number in range(int(group.max()) + 1)]
    for number, some in enumerate(of_group):
        numbers[tuple(sorted({units[at].product for at in some}))].append(number)
    width = {}
    for kind, own in numbers.items():
        copies = np.concatenate([parts[at] for number in own for at in of_group[number]])
        extent = found.view.high[copies].max(axis=0) - found.view.low[copies].min(axis=0)
        width[kind] = float(extent[:2].max())
    kinds = sorted(width, key=lambda kind: (-width[kind], kind))
    pairs = [
        (lower, upper)
        for below, above in pairwise(kinds)
        for lower in numbers[below]
        for upper in numbers[above]
    ]
    lower, upper = np.array(pairs, np.int64).reshape(-1, 2).T
    return Division(found.view, group, order.Above(lower, upper, np.zeros(len(lower))))


def _stack(found: Division, layers: list[list[int]], members: list[Numbers], units: list[Branch]) -> Stack:
    """Return what is to be moved along the direction, with all parts where they are assembled."""
    layer = np.zeros(found.groups, np.int64)
    for number, some in enumerate(layers):
        layer[found.group[some]] = number
    above = found.above.between(layer)
    size = np.maximum(found.view.high - found.view.low, 1e-6)
    return Stack(
        low=[found.view.low[some] for some in members],
        high=[found.view.high[some] for some in members],
        shift=[np.zeros((len(some), 3)) for some in members],
        bulk=[float(np.prod(size[some], axis=1).sum()) for some in members],
        lift=[1.0] * len(members),
        kind=[units[some[0]].product if units and len(some) == 1 else "" for some in layers],
        lower=above.lower,
        upper=above.upper,
        spread=1.0,
    )
