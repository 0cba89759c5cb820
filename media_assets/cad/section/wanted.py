"""What a section is: which planes cut a product, and how. Part of the recipe of a geometry. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

Vector = tuple[float, float, float]

STAGE = "section"
"""The stage of a conversion in which the product is cut."""


@dataclass(frozen=True)
class Section:
    """A cut through a product by one plane, or by two that take a quarter of it away.

    ``normals`` (unit vectors in the axes of the geometry) point to what is taken away; two are perpendicular. The
    planes go through the middle of the product, or of the part whose name or key fits ``part`` (with stars), the first
    one moved along its normal by ``offset``, a fraction of the product's length there. ``uncut``: fasteners, shafts and
    balls stay whole. ``hatched``: the cut faces have lines.
    """

    normals: tuple[Vector, ...]
    offset: float = 0.0
    part: str = ""
    uncut: bool = True
    hatched: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the form that recipes and requests carry, as JSON gives it back."""
        return {**asdict(self), "normals": [list(normal) for normal in self.normals]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the section of ``to_json``; TypeError for unknown or missing fields."""
        normals = tuple((float(x), float(y), float(z)) for x, y, z in data["normals"])
        return cls(**{**data, "normals": normals})
