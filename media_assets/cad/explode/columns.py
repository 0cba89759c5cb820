"""What straight lines through an assembly meet: for each line, from where to where it runs inside which part.

Lines of one direction, and the order of the solids on each of them, say all that a movement along it needs: see
T. C. Woo, "Automatic disassembly and total ordering in three dimensions" (1987). NumPy only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from media_assets.cad.explode.solids import Assembly, Floats, Numbers

_AT_ONCE = 3_000_000
_FLAT = 1e-12


@dataclass(frozen=True)
class Facing:
    """The placed triangles of an assembly in a frame whose third axis is a direction: (t, 3, 3), and whose they are."""

    frame: Floats
    triangles: Floats
    owner: Numbers
    low: Floats
    high: Floats
    """The box of each part in this frame, (parts, 3)."""


@dataclass(frozen=True)
class Columns:
    """Stretches of lines inside of parts, sorted by line and then from low to high: arrays of one length.

    ``places`` are those of all lines, (lines, 2).
    """

    line: Numbers
    part: Numbers
    low: Floats
    high: Floats
    places: Floats


def frame_of(direction: Floats) -> Floats:
    """Return a rotation (3, 3) whose rows are two directions across and, last, the given one."""
    along = np.asarray(direction, float) / np.linalg.norm(direction)
    across = np.cross(along, np.eye(3)[int(np.abs(along).argmin())])
    across /= np.linalg.norm(across)
    return np.stack((across, np.cross(along, across), along))


def facing(
    assembly: Assembly, direction: Floats, parts: Iterable[int], offsets: Floats | None = None
) -> Facing:
    """Return some parts as seen along a direction, moved by ``offsets`` (all parts, 3) in mm."""
    frame = frame_of(direction)
    found, owners = [], []
    low, high = (np.zeros((len(assembly.parts), 3)) for _ in range(2))
    for number in parts:
        part = assembly.parts[number]
        mesh = assembly.shapes[part.shape]
        place = part.matrix[:3, 3] + (offsets[number] if offsets is not None else 0.0)
        points = mesh.points @ (frame @ part.matrix[:3, :3]).T + frame @ place
        low[number], high[number] = points.min(axis=0), points.max(axis=0)
        found.append(points[mesh.corners])
        owners.append(np.full(len(mesh.corners), number))
    return Facing(frame, np.concatenate(found), np.concatenate(owners), low, high)


def probes(view: Facing, for_each: int, seed: int) -> Floats:
    """Return where lines shall run (n, 2): as many through the faces of each part, part by part."""
    random = np.random.default_rng(seed)
    flat = view.triangles[:, :, :2]
    one, other = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    area = np.abs(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])
    parts, first = np.unique(view.owner, return_index=True)
    last = np.r_[first[1:], len(area)]
    ends = np.cumsum(area)
    begin = ends[first] - area[first]
    whose = np.repeat(np.arange(len(parts)), for_each)
    # Evenly spread over the faces of a part, so that no large one is missed.
    steps = (np.tile(np.arange(for_each), len(parts)) + random.random(len(whose))) / for_each
    total = ends[last - 1] - begin
    chosen = np.searchsorted(ends, begin[whose] + steps * total[whose])
    chosen = np.clip(chosen, first[whose], last[whose] - 1)
    a, b = random.random((2, len(whose)))
    over = a + b > 1
    a[over], b[over] = 1 - a[over], 1 - b[over]
    found: Floats = flat[chosen, 0] + a[:, None] * one[chosen] + b[:, None] * other[chosen]
    return found


def columns(view: Facing, lines: Floats) -> Columns:
    """Return the stretches of these lines (n, 2) inside of parts, of open parts between their first and last face."""
    line, triangle, height = _crossings(view.triangles, lines)
    part = view.owner[triangle]
    order = np.lexsort((height, part, line))
    line, part, height = line[order], part[order], height[order]
    if not len(line):
        return Columns(line, part, height, height, lines)
    begins = np.flatnonzero(np.r_[True, (line[1:] != line[:-1]) | (part[1:] != part[:-1])])
    counts = np.diff(np.r_[begins, len(line)])
    at = np.arange(len(line)) - np.repeat(begins, counts)
    even = np.repeat(counts % 2 == 0, counts)
    starts = np.flatnonzero((even & (at % 2 == 0)) | (~even & (at == 0)))
    stops = np.where(even[starts], starts + 1, starts + np.repeat(counts, counts)[starts] - 1)
    order = np.lexsort((height[starts], line[starts]))
    starts, stops = starts[order], stops[order]
    return Columns(line[starts], part[starts], height[starts], height[stops], lines)


def _crossings(triangles: Floats, lines: Floats) -> tuple[Numbers, Numbers, Floats]:
    """Return which line crosses which triangle at which height."""
    side = max(1, int(2 * np.sqrt(len(lines))))
    low = lines.min(axis=0)
    cell = np.maximum((lines.max(axis=0) - low) / side, 1e-9) * (1 + 1e-9)
    cells = np.floor((lines - low) / cell).astype(np.int64)
    order = np.argsort(cells[:, 1] * side + cells[:, 0], kind="stable")
    sorted_lines = lines[order]
    starts = np.r_[0, np.cumsum(np.bincount(cells[:, 1] * side + cells[:, 0], minlength=side * side))]
    found = [
        _inside(triangles, sorted_lines, at, begin, count)
        for at, begin, count in _spans(triangles, low, cell, side, starts)
    ]
    line, triangle, height = (
        (np.concatenate(one) for one in zip(*found, strict=True))
        if found
        else (
            np.empty(0, np.int64),
            np.empty(0, np.int64),
            np.empty(0),
        )
    )
    return order[line], triangle, height


def _spans(
    triangles: Floats, low: Floats, cell: Floats, side: int, starts: Numbers
) -> Iterator[tuple[Numbers, Numbers, Numbers]]:
    """Yield triangles with the lines that may cross them, row by row of a grid: first line and how many."""
    flat = (triangles[:, :, :2] - low) / cell
    one, other = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    least, most = flat.min(axis=1), flat.max(axis=1)
    met = (np.abs(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]) > _FLAT) & (most >= 0).all(axis=1)
    met &= (least < side).all(axis=1)
    some = np.flatnonzero(met)
    bottom = np.clip(np.floor(least[some, 1]), 0, side - 1).astype(np.int64)
    rows = np.clip(np.floor(most[some, 1]), 0, side - 1).astype(np.int64) - bottom + 1
    at = 0
    ends = np.cumsum(rows)
    while at < len(some):
        stop = max(at + 1, int(np.searchsorted(ends, (ends[at - 1] if at else 0) + _AT_ONCE // 8)))
        number = np.repeat(some[at:stop], rows[at:stop])
        before = np.r_[0, np.cumsum(rows[at:stop])[:-1]]
        row = np.repeat(bottom[at:stop] - before, rows[at:stop]) + np.arange(len(number))
        left, right = least[number, 0], most[number, 0]
        slanted = np.flatnonzero(np.repeat(rows[at:stop] > 2, rows[at:stop]))
        left[slanted], right[slanted] = _extent(flat, number[slanted], row[slanted])
        first = np.clip(np.floor(left), 0, side - 1).astype(np.int64)
        last = np.clip(np.floor(right), 0, side - 1).astype(np.int64)
        begin = starts[row * side + first]
        count = np.where(right >= 0, starts[row * side + last + 1] - begin, 0)
        kept = np.flatnonzero(count > 0)
        number, begin, count = number[kept], begin[kept], count[kept]
        done, sums = 0, np.cumsum(count)
        while done < len(number):
            upto = max(done + 1, int(np.searchsorted(sums, (sums[done - 1] if done else 0) + _AT_ONCE)))
            yield number[done:upto], begin[done:upto], count[done:upto]
            done = upto
        at = stop


def _extent(flat: Floats, number: Numbers, row: Numbers) -> tuple[Floats, Floats]:
    """Return from where to where triangles reach sideways within their rows."""
    left, right = np.full(len(number), np.inf), np.full(len(number), -np.inf)
    for at in range(3):
        start, end = flat[number, at], flat[number, (at + 1) % 3]
        rise = end[:, 1] - start[:, 1]
        slope = np.divide(end[:, 0] - start[:, 0], rise, out=np.zeros(len(rise)), where=rise != 0)
        lower, upper = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
        meets = (upper >= row) & (lower <= row + 1)
        for height in (np.clip(lower, row, row + 1), np.clip(upper, row, row + 1)):
            x = np.where(rise != 0, start[:, 0] + slope * (height - start[:, 1]), start[:, 0])
            left = np.where(meets, np.minimum(left, x), left)
            right = np.where(meets, np.maximum(right, x), right)
        level = meets & (rise == 0)
        left = np.where(level, np.minimum(left, np.minimum(start[:, 0], end[:, 0])), left)
        right = np.where(level, np.maximum(right, np.maximum(start[:, 0], end[:, 0])), right)
    return np.where(np.isfinite(left), left, 0.0), np.where(np.isfinite(right), right, -1.0)


def _inside(
    triangles: Floats, lines: Floats, number: Numbers, begin: Numbers, count: Numbers
) -> tuple[Numbers, Numbers, Floats]:
    """Return of pairs of triangle and line those that meet, and at which height."""
    triangle = np.repeat(number, count)
    before = np.r_[0, np.cumsum(count)[:-1]]
    line = np.repeat(begin - before, count) + np.arange(len(triangle))
    corner = triangles[number]
    one, other = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    area = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    which = np.repeat(np.arange(len(number)), count)
    x = lines[line, 0] - corner[which, 0, 0]
    y = lines[line, 1] - corner[which, 0, 1]
    second = (x * other[which, 1] - y * other[which, 0]) / area[which]
    third = (one[which, 0] * y - one[which, 1] * x) / area[which]
    met = (second >= 0) & (third >= 0) & (second + third <= 1)
    which = which[met]
    height = corner[which, 0, 2] + second[met] * one[which, 2] + third[met] * other[which, 2]
    return line[met], triangle[met], height
