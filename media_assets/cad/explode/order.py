"""Which parts come off before which along one direction, and which can't come apart along it. NumPy only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from media_assets.cad.explode.columns import Columns
from media_assets.cad.explode.solids import Floats, Numbers

_NEXT = 4
"""So many stretches further up a line are compared; farther ones follow from those between."""
_SHALLOW = 0.25
"""Stretches that reach into each other by less of the shorter one are one above the other all the same."""
_FEWEST = 2
"""Lines that must say so before a part counts as above another: one may have hit an edge."""


@dataclass(frozen=True)
class Above:
    """Pairs of units of which the second lies above the first on some lines, with the smallest distance met (mm)."""

    lower: Numbers
    upper: Numbers
    apart: Floats

    def between(self, group: Numbers) -> Above:
        """Return the same of groups of units: ``group`` has the number of each unit's."""
        lower, upper = group[self.lower], group[self.upper]
        kept = lower != upper
        return Above(lower[kept], upper[kept], self.apart[kept])

    def more(self, lower: list[int], upper: list[int]) -> Above:
        """Return the same with more pairs, which lie close."""
        if not lower:
            return self
        return Above(
            np.concatenate((self.lower, lower)),
            np.concatenate((self.upper, upper)),
            np.concatenate((self.apart, np.zeros(len(lower)))),
        )


def above(columns: Columns, unit: Numbers, threads: Numbers | None = None) -> Above:
    """Return what lies above what; ``unit`` (parts) says to which unit each part belongs, -1 to none of them.

    ``threads`` are lines with two parts each (n, 3) that say nothing of these two, as one is screwed into the other.

    Stretches that reach far into each other say nothing: threads and press fits are drawn like that along their axis.
    Across it they reach into each other by their wall alone, and hold.
    """
    kept = unit[columns.part] >= 0
    line, part = columns.line[kept], columns.part[kept]
    own = unit[part]
    low, high = columns.low[kept], columns.high[kept]
    silent = (
        np.empty(0, np.int64)
        if threads is None
        else _pair(threads[:, 0], threads[:, 1], threads[:, 2], len(unit))
    )
    lower, upper, apart = [], [], []
    for step in range(1, _NEXT + 1):
        if step >= len(line):
            break
        shorter = np.minimum(high - low, np.roll(high - low, -step))[:-step]
        found = np.flatnonzero(
            (line[step:] == line[:-step])
            & (own[step:] != own[:-step])
            & (low[step:] >= high[:-step] - _SHALLOW * shorter)
            & (high[step:] > high[:-step])
        )
        if len(silent):
            found = found[~np.isin(_pair(line[found], part[found], part[found + step], len(unit)), silent)]
        lower.append(own[found])
        upper.append(own[found + step])
        apart.append(np.maximum(low[found + step] - high[found], 0.0))
    if not lower:
        return Above(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    ones, others, distance = np.concatenate(lower), np.concatenate(upper), np.concatenate(apart)
    pair = ones * (int(unit.max()) + 1) + others
    pairs, which, counts = np.unique(pair, return_inverse=True, return_counts=True)
    least = np.full(len(pairs), np.inf)
    np.minimum.at(least, which, distance)
    sure = counts >= _FEWEST
    first, second = np.divmod(pairs[sure], int(unit.max()) + 1)
    return Above(first, second, least[sure])


def _pair(line: Numbers, one: Numbers, other: Numbers, parts: int) -> Numbers:
    """Return a number for each line and pair of parts, in whichever order."""
    found: Numbers = (line * parts + np.minimum(one, other)) * parts + np.maximum(one, other)
    return found


def inside(columns: Columns, unit: Numbers) -> list[tuple[int, int, float]]:
    """Return pairs of units that reach into each other, with the share of the smaller one's stretches that do."""
    kept = unit[columns.part] >= 0
    line, own = columns.line[kept], unit[columns.part[kept]]
    low, high = columns.low[kept], columns.high[kept]
    count = int(unit.max()) + 1
    length = np.bincount(own, high - low, count)
    shared: dict[tuple[int, int], float] = defaultdict(float)
    for step in range(1, min(_NEXT + 1, len(line))):
        deep = np.minimum(high[:-step], high[step:]) - low[step:]
        for at in np.flatnonzero((line[step:] == line[:-step]) & (own[step:] != own[:-step]) & (deep > 0)):
            pair = sorted((int(own[at]), int(own[at + step])))
            shared[pair[0], pair[1]] += float(deep[at])
    return [
        (one, other, deep / min(length[one], length[other]))
        for (one, other), deep in shared.items()
        if min(length[one], length[other]) > 0
    ]


def together(count: int, pairs: Above) -> Numbers:
    """Return for each unit the number of its group: units of one group hold each other along this direction.

    They are the strongly connected components of what is above what (Tarjan, 1972), numbered so that each has a lower
    number than what lies above it.
    """
    below: list[list[int]] = [[] for _ in range(count)]
    for lower, upper in zip(pairs.lower.tolist(), pairs.upper.tolist(), strict=True):
        below[upper].append(lower)
    number, least = [-1] * count, [0] * count
    group, groups, met = np.full(count, -1), 0, 0
    waiting: list[int] = []
    for start in range(count):
        if number[start] >= 0:
            continue
        work = [(start, 0)]
        while work:
            unit, at = work.pop()
            if at == 0:
                number[unit] = least[unit] = met
                met += 1
                waiting.append(unit)
            if at < len(below[unit]):
                work.append((unit, at + 1))
                other = below[unit][at]
                if number[other] < 0:
                    work.append((other, 0))
                elif group[other] < 0:
                    least[unit] = min(least[unit], number[other])
                continue
            if least[unit] == number[unit]:
                while True:
                    other = waiting.pop()
                    group[other] = groups
                    if other == unit:
                        break
                groups += 1
            if work:
                around = work[-1][0]
                if group[unit] < 0:
                    least[around] = min(least[around], least[unit])
    return group
