"""The kinds of faults: each is one function, registered by `@kind`.

A kind breaks something of a `Site`. If that lasts, it is a generator: what it yields are the seconds until it goes on,
and after its last `yield` all is whole again. Its docstring is its row in the table.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.site import Site

Breaks = Callable[["Site", Random], Iterator[float] | None]


class Missed(Exception):
    """There was nothing to break, and why."""


def anywhere(site: Site) -> str:
    """Every site can have this kind."""
    return ""


@dataclass(frozen=True)
class Kind:
    """One kind of fault.

    *excuses*: the error codes by which jobs may fail because of it. *holds*: what it has for itself while it lasts: no
    other fault that holds the same begins. *lacks*: why a site can't have it, "" where it can.
    """

    name: str
    words: str
    breaks: Breaks
    excuses: frozenset[str]
    holds: str
    lacks: Callable[[Site], str]

    def begin(self, site: Site, draw: Random) -> Iterator[float]:
        """Break something now; what remains to be done comes from the iterator. Raises Missed."""
        steps = self.breaks(site, draw)
        if steps is not None:
            yield from steps


KINDS: dict[str, Kind] = {}


def kind(
    *, excuses: str = "", holds: str = "", lacks: Callable[[Site], str] = anywhere
) -> Callable[[Breaks], Breaks]:
    """Register a function as a kind of fault. *excuses*: error codes with spaces between."""

    def register(breaks: Breaks) -> Breaks:
        name, words = breaks.__name__, inspect.getdoc(breaks) or ""
        KINDS[name] = Kind(name, words, breaks, frozenset(excuses.split()), holds, lacks)
        return breaks

    return register
