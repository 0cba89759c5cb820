"""Whether parts run into each other on their way: swept boxes say which may, lines along the movement which do.

It looks at what was planned and not at how, with lines of its own. NumPy only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from media_assets.cad.explode import columns, order
from media_assets.cad.explode.dividing import boxes
from media_assets.cad.explode.plan import ExplodeStep
from media_assets.cad.explode.solids import Assembly, Floats, Numbers
from media_assets.cad.explode.threads import Threads

MOST_TRIANGLES = 4_000_000
"""Placed triangles that are looked at in all, some ten seconds of one core: no clock, so that a plan is the same
everywhere."""

_LINES = 720
_MOST_LINES = 60_000
_PLACES = 1e-4
"""Of the assembly's size: movements that differ by less are one."""


@dataclass(frozen=True)
class Meeting:
    """Two parts (numbers) that run into each other along a direction, in which the second lies above the first."""

    lower: int
    upper: int
    direction: Floats


@dataclass(frozen=True)
class Checked:
    """What was met, and the share of the stages that was looked at before the limit: 0 to 1."""

    meetings: tuple[Meeting, ...]
    share: float


def check(assembly: Assembly, steps: Sequence[ExplodeStep], threads: Threads) -> Checked:
    """Return which parts run into each other while these steps happen, stage by stage."""
    number = {part.key: at for at, part in enumerate(assembly.parts)}
    low, high = boxes(assembly)
    size = float(np.linalg.norm(high.max(axis=0) - low.min(axis=0)))
    offsets = np.zeros_like(low)
    stages: dict[int, list[ExplodeStep]] = defaultdict(list)
    for step in steps:
        stages[step.stage].append(step)
    meetings: list[Meeting] = []
    left = MOST_TRIANGLES
    for done, stage in enumerate(sorted(stages)):
        moves = np.zeros_like(low)
        for step in stages[stage]:
            moves[[number[key] for key in step.parts]] += step.move
        for direction, parts in _ways(low + offsets, high + offsets, moves, _PLACES * size):
            left -= sum(len(assembly.shapes[assembly.parts[at].shape].corners) for at in parts.tolist())
            if left < 0:
                return Checked(tuple(meetings), done / len(stages))
            meetings += _met(threads, direction, parts, offsets, moves, _PLACES * size)
        offsets += moves
    return Checked(tuple(meetings), 1.0)


def _ways(low: Floats, high: Floats, moves: Floats, least: float) -> Iterator[tuple[Floats, Numbers]]:
    """Yield the directions in which parts move towards others whose box is on their way, and the parts of both."""
    found: dict[tuple[float, ...], set[int]] = defaultdict(set)
    for one in np.flatnonzero(np.abs(moves).max(axis=1) > least):
        way = moves[one] - moves
        length = np.linalg.norm(way, axis=1)
        near = (low[one] + np.minimum(way, 0) < high) & (high[one] + np.maximum(way, 0) > low)
        others = np.flatnonzero(near.all(axis=1) & (length > least))
        units = way[others] / length[others, None]
        first = np.abs(units).argmax(axis=1)
        units *= np.sign(units[np.arange(len(units)), first])[:, None]
        for unit, other in zip(np.round(units, 4).tolist(), others.tolist(), strict=True):
            found[tuple(unit)] |= {int(one), other}
    for unit, parts in sorted(found.items()):
        yield np.array(unit) / np.linalg.norm(unit), np.array(sorted(parts))


def _met(
    threads: Threads, direction: Floats, parts: Numbers, offsets: Floats, moves: Floats, least: float
) -> list[Meeting]:
    """Return what runs into each other along one direction: what moves up by more than what is above it is away."""
    view = columns.facing(threads.assembly, direction, parts.tolist(), offsets)
    lines = max(2, min(_LINES, _MOST_LINES // len(parts)))
    found = columns.columns(view, columns.probes(view, lines, seed=3))
    pairs = order.above(found, np.arange(len(moves)), threads.among(found, view, offsets))
    way = moves[pairs.lower] - moves[pairs.upper]
    along = way @ direction
    aside = np.linalg.norm(way - along[:, None] * direction, axis=1)
    met = (aside < least) & (along > pairs.apart + least)
    return [
        Meeting(lower, upper, direction)
        for lower, upper in zip(pairs.lower[met].tolist(), pairs.upper[met].tolist(), strict=True)
    ]
