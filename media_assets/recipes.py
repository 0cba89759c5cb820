"""Recipe keys: what a derived file is a function of, as canonical JSON and its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

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
