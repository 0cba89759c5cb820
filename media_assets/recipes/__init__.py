"""Recipe keys: what a derived file is a function of, as canonical JSON and its hash; and what looking for one gave."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

Recipe = Mapping[str, Any]


def canonical_json(recipe: Recipe) -> str:
    """Return *recipe* as JSON with sorted keys, no blanks and no NaN, so that equal recipes are equal texts."""
    return json.dumps(recipe, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def recipe_key(recipe: Recipe) -> str:
    """Return the SHA-256 (64 hex digits) of the canonical JSON of *recipe*."""
    return hashlib.sha256(canonical_json(recipe).encode()).hexdigest()


def changed_fields(old: Recipe, new: Recipe, prefix: str = "") -> list[str]:
    """Return the dotted names of the fields in which two recipes differ, in order."""
    names: list[str] = []
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            names += changed_fields(before, after, f"{prefix}{name}.")
        else:
            names.append(prefix + name)
    return names


@dataclass(frozen=True)
class Lookup:
    """Whether the file of a recipe was there. If not: the fields that differ from the last one made, or why else."""

    hit: bool
    changed: tuple[str, ...] = ()
    why: str = ""

    def __str__(self) -> str:
        if self.hit:
            return "hit"
        return f"miss: {', '.join(self.changed)} changed" if self.changed else f"miss: {self.why}"

    def to_json(self) -> dict[str, Any]:
        return {"hit": self.hit, "changed": list(self.changed), "why": self.why}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(data["hit"], tuple(data["changed"]), data["why"])
