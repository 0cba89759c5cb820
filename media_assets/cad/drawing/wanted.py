"""What a drawing is: lines of a product in several views. Part of the recipe of the lines. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

DRAWING_VERSION = 2
"""Of how lines are found; another one makes drawings stale."""

LINES_NAME = "lines.json"
STAGE = "drawing"
EXACT_STAGE = "exact"

VIEWS = {
    "front": ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),
    "top": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    "right": ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "iso": ((0.70710678, 0.70710678, 0.0), (-0.40824829, 0.40824829, 0.81649658)),
}
"""The directions to the right and up in each view; Z is up and -Y the front."""

LAYERS = ("visible", "smooth", "hidden", "center")


@dataclass(frozen=True)
class Drawing:
    """Lines of a product as it stands in its pictures: ``orientation`` are nine numbers of a rotation, row by row, or
    none; ``hidden`` are the keys of parts that are not shown. ``exact``: by exact hidden-line removal, in those views
    in which that ends in time."""

    orientation: tuple[float, ...] = ()
    hidden: tuple[str, ...] = ()
    exact: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the form that recipes and requests carry, as JSON gives it back; without ``exact`` where it is not."""
        lists = {"orientation": list(self.orientation), "hidden": list(self.hidden)}
        return {**lists, "version": DRAWING_VERSION, **({"exact": True} if self.exact else {})}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the drawing of ``to_json``; TypeError for unknown or missing fields."""
        lists = {name: tuple(value) for name, value in data.items() if name not in ("exact", "version")}
        return cls(**lists, exact=bool(data.get("exact", False)))


SLOW, CRASHED, FAILED, NO_SHAPE = "slow", "crashed", "failed", "no_shape"
"""Why a view has no exact lines, though they are wanted: the kernel took too long, crashed, or refused; or there is no
exact shape that it could be asked about, or too large a one."""
