"""Quarter turns: the 24 ways in which a product can be turned by right angles. Standard library only, but for words.

A turn is written as its three rows: the axes that point right, back and up afterwards. "x-zy" puts Y up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import permutations, product
from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Rotation = tuple[float, ...]
"""Nine numbers, row by row, acting on columns; none for no rotation."""

_UNTURNED = "xyz"
_ROW = re.compile("(-?)([xyz])")


def _rows(turn: str) -> list[tuple[int, int]]:
    """Return sign and number of the axis of each row."""
    return [(-1 if sign else 1, _UNTURNED.index(axis)) for sign, axis in _ROW.findall(turn)]


def _is_rotation(turn: str) -> bool:
    """Return whether it is a turn, and no mirror."""
    rows = _rows(turn)
    swaps = sum(rows[one][1] > rows[two][1] for one, two in ((0, 1), (0, 2), (1, 2)))
    return rows[0][0] * rows[1][0] * rows[2][0] == (-1 if swaps % 2 else 1)


def _words(turn: str) -> StrPromise:
    right, back, up = (f"{'−' if sign < 0 else ''}{'XYZ'[axis]}" for sign, axis in _rows(turn))
    return format_lazy(_("{up} up, {right} right, {back} back"), up=up, right=right, back=back)


TURNS: dict[str, StrPromise] = {
    turn: _words(turn)
    for turn in sorted(
        (
            "".join(sign + axis for sign, axis in zip(signs, axes, strict=True))
            for axes in permutations(_UNTURNED)
            for signs in product(("", "-"), repeat=3)
        ),
        key=lambda turn: [(number, -sign) for sign, number in reversed(_rows(turn))],
    )
    if turn != _UNTURNED and _is_rotation(turn)
}
"""Each turn but none, in words."""

OF_AXIS = {"x": "yzx", "y": "x-zy", "-x": "zy-x", "-y": "xz-y", "-z": "x-y-z"}
"""The turn that puts an axis up, as `media_assets.cad.centering` does."""


def turned(rotation: Sequence[float], turn: str) -> Rotation:
    """Return a rotation with a turn after it; none where nothing is turned in the end."""
    rows = [rotation[at : at + 3] for at in (0, 3, 6)] if rotation else [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    after = tuple(
        float(sign * number) + 0.0 for sign, row in _rows(turn or _UNTURNED) for number in rows[row]
    )
    return () if after == (1, 0, 0, 0, 1, 0, 0, 0, 1) else after
