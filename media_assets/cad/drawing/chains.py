"""Joins segments to lines: fewer numbers, and dashes that go on around a corner. Arrays only."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np

from media_assets.cad.placing import Floats

Line = list[tuple[float, float]]

STRAIGHT = 1e-3
"""Of a step in a drawing: a point that lies nearer to the line of its neighbors is left out."""


def chained(segments: Floats, step: float) -> list[Line]:
    """Return segments (k, 2, 2) as lines; ends nearer to each other than ``step`` (mm) are one."""
    if not len(segments):
        return []
    keys = np.rint(segments / step).astype(np.int64)
    apart = (keys[:, 0] != keys[:, 1]).any(axis=1)
    keys, places = keys[apart], segments[apart]
    pairs = np.sort(keys.view([("x", np.int64), ("y", np.int64)]).reshape(-1, 2), axis=1)
    _, first = np.unique(pairs, axis=0, return_index=True)
    ends: dict[tuple[int, int], list[int]] = defaultdict(list)
    links: dict[int, tuple[tuple[int, int], tuple[int, int]]] = {}
    where: dict[tuple[int, int], tuple[float, float]] = {}
    for number in sorted(first.tolist()):
        (ax, ay), (bx, by) = keys[number].tolist()
        links[number] = ((ax, ay), (bx, by))
        for key, place in zip(links[number], places[number].tolist(), strict=True):
            ends[key].append(number)
            where.setdefault(key, (place[0], place[1]))
    lines = []
    # Lines begin where they end or fork; what is left then is closed.
    starts = [key for key, here in ends.items() if len(here) != 2] + list(ends)
    for start in starts:
        while line := _walk(start, ends, links):
            lines.append(_straightened([where[key] for key in line], step * STRAIGHT))
    return lines


def _walk(
    start: tuple[int, int],
    ends: dict[tuple[int, int], list[int]],
    links: dict[int, tuple[tuple[int, int], tuple[int, int]]],
) -> list[tuple[int, int]]:
    """Return the places along one line from here on, which is used up."""
    here, line = start, [start]
    while True:
        left = [number for number in ends[here] if number in links]
        if not left or (len(line) > 1 and len(ends[here]) != 2):
            break
        a, b = links.pop(left[0])
        here = b if a == here else a
        line.append(here)
    return line if len(line) > 1 else []


def _straightened(line: Line, tolerance: float) -> Line:
    """Return a line without points that lie on the way between their neighbors."""
    kept = line[:1]
    for place, after in pairwise(line[1:]):
        (ax, ay), (bx, by), (cx, cy) = kept[-1], place, after
        away = abs((cx - ax) * (by - ay) - (cy - ay) * (bx - ax))
        goes_on = (bx - ax) * (cx - bx) + (by - ay) * (cy - by) > 0
        if not goes_on or away > tolerance * max(abs(cx - ax) + abs(cy - ay), tolerance):
            kept.append(place)
    return [*kept, line[-1]]
