"""Which part of a new revision is which part of an earlier one. Pure."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Protocol, TypeVar

from rendering.catalog.parts.kinds import Kind

PLACES = 20  # of a part that are remembered


class KnownPart(Protocol):
    """What is remembered of a part."""

    @property
    def name(self) -> str: ...
    @property
    def shape(self) -> str: ...
    @property
    def places(self) -> Sequence[str]: ...


K = TypeVar("K", bound=KnownPart)


def match(known: Sequence[K], kinds: Sequence[Kind]) -> list[K | None]:
    """Return the known part that each of *kinds* is, None for a new one; each known part is taken once.

    The same shape under the same name goes first, then the same shape (it was renamed), the same place in the product,
    and last the same name.
    """
    found: list[K | None] = [None] * len(kinds)
    left = list(range(len(known)))
    for of_known, of_kind in _SIGNS:
        waiting: dict[Hashable, deque[int]] = defaultdict(deque)
        for number in left:
            for sign in of_known(known[number]):
                waiting[sign].append(number)
        taken: set[int] = set()
        for position, kind in enumerate(kinds):
            if found[position] is not None:
                continue
            one = _first([waiting[sign] for sign in of_kind(kind) if sign in waiting], taken)
            if one is not None:
                found[position] = known[one]
                taken.add(one)
        left = [number for number in left if number not in taken]
    return found


def _first(waiting: Iterable[deque[int]], taken: set[int]) -> int | None:
    for numbers in waiting:
        while numbers and numbers[0] in taken:
            numbers.popleft()
        if numbers:
            return numbers[0]
    return None


_SIGNS: tuple[tuple[Callable[[KnownPart], Iterable[Hashable]], Callable[[Kind], Iterable[Hashable]]], ...] = (
    (
        lambda one: [(one.shape, one.name)] if one.shape else [],
        lambda kind: [(kind.shape, kind.name)] if kind.shape else [],
    ),
    (
        lambda one: [one.shape] if one.shape else [],
        lambda kind: [kind.shape] if kind.shape else [],
    ),
    (lambda one: one.places, lambda kind: kind.keys[:PLACES]),
    (lambda one: [one.name], lambda kind: [kind.name]),
)
"""By what a part is known again, the surest first."""
