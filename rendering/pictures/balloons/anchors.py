"""Where parts are in a picture: the pixel well inside each at which its leader ends, and their outlines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rendering.pictures.passes.master import Numbers, Passes

Mask = npt.NDArray[np.bool_]
Pixel = tuple[int, int]
"""x and y from the top left."""

_SIDE = 128  # pixels of a part that are looked at along each axis: of a large one each second, third...
_INSIDE = 0.5  # how far inside a part leaders end that may not end in its middle: of its half thickness there
_OTHERS = 8  # pixels of a part that are tried
_LIKE = 0.5  # of the pixels of the place of which most is seen: of like parts, those that may be pointed at instead


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

    def middle(self) -> Pixel:
        """Return the pixel that is farthest inside, the nearest to the middle of those."""
        step, inside = self._looked_at()
        while (smaller := _eroded(inside)).any():
            inside = smaller
        rows, columns = np.nonzero(inside)
        best = np.hypot(rows - rows.mean(), columns - columns.mean()).argmin()
        return self._pixel(rows[best], columns[best], step)

    def others(self) -> list[Pixel]:
        """Return more pixels at which a leader may end: well inside, and far from the middle and from each other."""
        step, inside = self._looked_at()
        layers = [inside]
        while (smaller := _eroded(layers[-1])).any():
            layers.append(smaller)
        rows, columns = np.nonzero(layers[int(len(layers) * _INSIDE)])
        x, y = self.middle()
        away = np.hypot(columns - (x - self.left) / step, rows - (y - self.top) / step)
        found: list[Pixel] = []
        while len(found) < _OTHERS and away.max(initial=0.0) >= 1.0:
            best = int(away.argmax())
            found.append(self._pixel(rows[best], columns[best], step))
            away = np.minimum(away, np.hypot(columns - columns[best], rows - rows[best]))
        return found

    def _looked_at(self) -> tuple[int, Mask]:
        """Return each how many pixels of the part are looked at, and which of those are of it."""
        step = max(1, max(self.mask.shape) // _SIDE)
        inside = self.mask[::step, ::step]
        return (step, inside) if inside.any() else (1, self.mask)

    def _pixel(self, row: int, column: int, step: int) -> Pixel:
        return self.left + int(column) * step, self.top + int(row) * step


Target = tuple[str, Pixel]
"""The key of a place of a part, and a pixel of it."""


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

    def target(self) -> Target:
        """Return where its leader ends: in the middle of the place of which most is seen."""
        return self.spots[0].part_key, self.spots[0].middle()

    def others(self) -> list[Target]:
        """Return where it may end instead: elsewhere on that place, or on another of which nearly as much is seen."""
        first, *rest = self.spots
        like = [spot for spot in rest if spot.pixels >= _LIKE * first.pixels][:_OTHERS]
        return [
            *((first.part_key, pixel) for pixel in first.others()),
            *((spot.part_key, spot.middle()) for spot in like),
        ]


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
