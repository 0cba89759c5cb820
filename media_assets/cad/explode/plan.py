"""How a product comes apart, as JSON: the steps, and what can't be taken apart. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from media_assets.cad.explode.wanted import Vector, vector


@dataclass(frozen=True)
class ExplodeStep:
    """Parts (their keys) that move together along a line, in mm. Steps of one stage happen at the same time."""

    parts: tuple[str, ...]
    move: Vector
    stage: int
    level: int


@dataclass(frozen=True)
class Leader:
    """A line along the way of a part: a point of it where it is assembled (mm), and the part that it came from."""

    part: str
    base: str
    point: Vector


@dataclass(frozen=True)
class ExplodePlan:
    """All steps in the order in which the product comes apart.

    ``interlocked`` are groups of parts that no straight movement separates; ``inside`` pairs of parts that reach into
    each other, with the share of the smaller one; ``hidden`` products of which no copy shows enough of itself.
    ``colliding`` are pairs of parts that run into each other on their way, as far as that was looked for: ``checked``
    is the share of the stages, None where an older version did not look. ``parts`` is how many the product has, 0 where
    an older version did not count them.
    """

    steps: tuple[ExplodeStep, ...] = ()
    leaders: tuple[Leader, ...] = ()
    interlocked: tuple[tuple[str, ...], ...] = ()
    inside: tuple[tuple[str, str, float], ...] = ()
    hidden: tuple[str, ...] = ()
    parts: int = 0
    colliding: tuple[tuple[str, str], ...] = ()
    checked: float | None = None

    def offsets(self) -> dict[str, Vector]:
        """Return how far each part that moves is moved in the end (mm)."""
        found: dict[str, Vector] = {}
        for step in self.steps:
            for part in step.parts:
                before = found.get(part, (0.0, 0.0, 0.0))
                found[part] = tuple(a + b for a, b in zip(before, step.move, strict=True))  # type: ignore[assignment]
        return found

    def to_json(self) -> dict[str, Any]:
        return {
            "steps": [
                {"parts": list(step.parts), "move": list(step.move), "stage": step.stage, "level": step.level}
                for step in self.steps
            ],
            "leaders": [
                {"part": leader.part, "base": leader.base, "point": list(leader.point)}
                for leader in self.leaders
            ],
            "interlocked": [list(group) for group in self.interlocked],
            "inside": [list(pair) for pair in self.inside],
            "hidden": list(self.hidden),
            "parts": self.parts,
            "colliding": [list(pair) for pair in self.colliding],
            "checked": self.checked,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            tuple(
                ExplodeStep(
                    tuple(step["parts"]), vector(step["move"]), int(step["stage"]), int(step["level"])
                )
                for step in data["steps"]
            ),
            tuple(Leader(one["part"], one["base"], vector(one["point"])) for one in data["leaders"]),
            tuple(tuple(group) for group in data["interlocked"]),
            tuple((one, other, float(share)) for one, other, share in data["inside"]),
            tuple(data["hidden"]),
            int(data.get("parts", 0)),
            tuple((one, other) for one, other in data.get("colliding", ())),
            data.get("checked"),
        )
