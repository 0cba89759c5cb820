"""Which fault comes when: it follows from the seed alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

GAPS = (1.5, 7.0)  # seconds between the beginnings of two faults


@dataclass(frozen=True)
class Planned:
    """One fault: its number, its kind, when it begins (s from the start), and the seed of what it draws itself."""

    number: int
    kind: str
    at: float
    seed: str


def planned(seed: int, seconds: float, kinds: Sequence[str]) -> list[Planned]:
    """Return the faults of so many seconds. Each kind comes equally often: all of them, shuffled, again and again."""
    draw = Random(seed)
    found: list[Planned] = []
    deck: list[str] = []
    at = draw.uniform(*GAPS)
    while kinds and at < seconds:
        if not deck:
            deck = draw.sample(sorted(kinds), len(kinds))
        found.append(Planned(len(found), deck.pop(), round(at, 2), f"{seed}:{len(found)}"))
        at += draw.uniform(*GAPS)
    return found
