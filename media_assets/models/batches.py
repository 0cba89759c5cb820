"""Rows and keys in parts that every database takes as the parameters of one query. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

BATCH = 500
"""Rows or keys of one query: SQLite takes 999 parameters."""

T = TypeVar("T")


def batches(keys: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    """Yield *keys* in parts of so many at the most."""
    for start in range(0, len(keys), size):
        yield keys[start : start + size]
