"""What an exploded view is asked for: how deep, how far, and what people changed. Part of the recipe of a geometry.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

EXPLODE_VERSION = 3
"""Part of the recipe: raised when the same product would come apart in another way."""

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Change:
    """How parts (their keys, sorted) that move together shall move instead, in mm; nowhere: they don't."""

    parts: tuple[str, ...]
    move: Vector


@dataclass(frozen=True)
class Explosion:
    """``depth``: how many levels of the product tree open, 0 for all. ``spread``: how far apart, 1 as computed.

    ``forced``: interlocked parts are separated as well, through each other.
    """

    depth: int = 0
    spread: float = 1.0
    forced: bool = False
    changes: tuple[Change, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the form that recipes and requests carry, as JSON gives it back."""
        changes = [{"parts": list(one.parts), "move": list(one.move)} for one in self.changes]
        return {**asdict(self), "changes": changes, "version": EXPLODE_VERSION}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the explosion of ``to_json``; KeyError, TypeError or ValueError for anything else."""
        changes = tuple(Change(tuple(one["parts"]), vector(one["move"])) for one in data["changes"])
        return cls(int(data["depth"]), float(data["spread"]), bool(data["forced"]), changes)


def vector(numbers: Iterable[float]) -> Vector:
    """Return three numbers as recipes have them."""
    x, y, z = (round(float(number), 4) + 0.0 for number in numbers)
    return x, y, z
