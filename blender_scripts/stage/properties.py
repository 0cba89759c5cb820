"""Sets properties of Blender: for good, or until the end of a block."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bpy


def put(owner: object, **values: object) -> bool:
    """Set what differs, and return whether anything did: writing an equal value would make Cycles synchronize again."""
    changed = False
    for name, value in values.items():
        now = getattr(owner, name)
        if now != value and not (isinstance(value, float) and math.isclose(now, value, rel_tol=1e-6)):
            setattr(owner, name, value)
            changed = True
    return changed


@contextmanager
def held(owner: Any, **values: Any) -> Iterator[None]:
    """Set properties, in this order, until the end of the block."""
    before = {name: _value(getattr(owner, name)) for name in values}
    try:
        for name, value in values.items():
            setattr(owner, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(owner, name, value)


def _value(found: Any) -> Any:
    """A value that does not change with its owner."""
    return (
        found if found is None or isinstance(found, bool | int | float | str | bpy.types.ID) else tuple(found)
    )
