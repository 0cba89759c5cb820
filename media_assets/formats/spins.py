"""What the list in a spin says: a ZIP with the pictures of its turns in several sizes. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

LIST = "spin.json"


@dataclass(frozen=True)
class SpinSize:
    """The pictures of one size (px), in the order of the turn, one row after the other."""

    name: str
    width: int
    height: int
    files: tuple[str, ...]


@dataclass(frozen=True)
class Spin:
    """A turn about the upright axis, seen from one elevation or several: its pictures, by sizes, the largest first.

    `elevations` are those of its rows in degrees, from the lowest; none: it has one row.
    """

    frames: int
    sizes: tuple[SpinSize, ...]
    elevations: tuple[float, ...] = ()

    @property
    def rows(self) -> int:
        return max(1, len(self.elevations))

    @property
    def first(self) -> int:
        """Which picture is shown first, counted from 0: the first of the middle row."""
        return self.rows // 2 * (self.frames // self.rows)

    def to_json(self) -> dict[str, Any]:
        grid = {
            "columns": self.frames // self.rows,
            "first": self.first,
            "elevations": list(self.elevations),
        }
        return {
            "version": 1,
            "rows": self.rows,
            "frames": self.frames,
            "degrees": 360,
            **(grid if self.elevations else {}),
            "sizes": [
                {"name": one.name, "width": one.width, "height": one.height, "files": list(one.files)}
                for one in self.sizes
            ],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        sizes = tuple(
            SpinSize(one["name"], one["width"], one["height"], tuple(one["files"]))
            for one in document["sizes"]
        )
        return cls(document["frames"], sizes, tuple(document.get("elevations", ())))
