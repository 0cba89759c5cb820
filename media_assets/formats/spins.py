"""What the list in a spin says: a ZIP with the pictures of one turn in several sizes. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

LIST = "spin.json"


@dataclass(frozen=True)
class SpinSize:
    """The pictures of one size (px), in the order of the turn."""

    name: str
    width: int
    height: int
    files: tuple[str, ...]


@dataclass(frozen=True)
class Spin:
    """One turn about the upright axis: how many pictures it has, and their sizes, the largest first."""

    frames: int
    sizes: tuple[SpinSize, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "version": 1,
            "rows": 1,
            "frames": self.frames,
            "degrees": 360,
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
        return cls(document["frames"], sizes)
