"""What a drawing is: lines of a product in several views. Part of the recipe of the lines. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

LINES_NAME = "lines.json"
STAGE = "drawing"

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
    none; ``hidden`` are the keys of parts that are not shown."""

    orientation: tuple[float, ...] = ()
    hidden: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the form that recipes and requests carry, as JSON gives it back."""
        return {name: list(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the drawing of ``to_json``; TypeError for unknown or missing fields."""
        return cls(**{name: tuple(value) for name, value in data.items()})
