"""Where parts are in a picture: the pixel well inside each at which its leader ends, and their outlines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rendering.pictures.passes.master import Numbers, Passes

Mask = npt.NDArray[np.bool_]

_SIDE = 128  # pixels of a part that are looked at along each axis: of a large one each second, third...


@dataclass(frozen=True)
class Spot:
    """One place of a part as it is seen: the corner of its pixels (px from the top left), and which of them it has."""

    part_key: str
    left: int
    top: int
    mask: Mask

    @property
    def pixels(self) -> int:
        return int(self.mask.sum())

    def middle(self) -> tuple[int, int]:
        """Return the pixel (x, y) that is farthest inside, the nearest to the middle of those."""
        step = max(1, max(self.mask.shape) // _SIDE)
        inside = self.mask[::step, ::step]
        if not inside.any():
            step, inside = 1, self.mask
        while (smaller := _eroded(inside)).any():
            inside = smaller
        rows, columns = np.nonzero(inside)
        best = np.hypot(rows - rows.mean(), columns - columns.mean()).argmin()
        return self.left + int(columns[best]) * step, self.top + int(rows[best]) * step


@dataclass(frozen=True)
class NumberedPart:
    """One row of the parts list, and the places of it that are seen, the one with the most pixels first."""

    number: int | None
    key: str | None
    name: str
    count: int
    spots: Sequence[Spot]

    @property
    def pixels(self) -> int:
        return self.spots[0].pixels if self.spots else 0


def rows_in(passes: Passes, rows: Sequence[Mapping[str, Any]]) -> list[NumberedPart]:
    """Return the rows of a parts list (see `passes.ids.of_kinds`) with their places in the picture."""
    spots = {spot.part_key: spot for spot in spots_in(passes.ids, passes.keys)}
    return [
        NumberedPart(
            row["number"],
            row["key"],
            row["name"],
            len(row["part_keys"]),
            sorted((spots[key] for key in row["part_keys"] if key in spots), key=lambda one: -one.pixels),
        )
        for row in rows
    ]


def spots_in(ids: Numbers, keys: Sequence[str]) -> Iterator[Spot]:
    """Yield each place that is seen."""
    flat = ids.ravel()
    order = np.argsort(flat, kind="stable")
    ends = np.searchsorted(flat[order], np.arange(len(keys) + 2))
    for number, key in enumerate(keys, start=1):
        rows, columns = np.divmod(order[ends[number] : ends[number + 1]], ids.shape[1])
        if len(rows):
            top, left = int(rows.min()), int(columns.min())
            box = ids[top : int(rows.max()) + 1, left : int(columns.max()) + 1]
            yield Spot(key, left, top, box == number)


def _eroded(mask: Mask) -> Mask:
    """Return the pixels whose four neighbors are of the part as well."""
    padded = np.pad(mask, 1)
    found: Mask = mask & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return found
