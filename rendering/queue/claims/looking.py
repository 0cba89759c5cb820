"""What a worker takes next, found by indexes: the head of each class, however much waits behind it.

The order is priority, then the lane that fewest queues serve, then what waits in the worker's own queue. Within such a
class persons or orders take turns, and within a share the geometry that is loaded goes first, then age. A GPU that
leaves to the light one what that can do as well ends the whole sooner.

The statements, the same for PostgreSQL and SQLite, are in `statements.py`.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import chain, zip_longest

from gpu.queues.topology import Topology
from rendering.queue.claims import statements
from rendering.queue.claims.statements import Place, Unless

MOST = 16  # candidates of a look; those that others take in this instant are passed over
RUN = 5  # jobs of the loaded geometry before the turn passes on: about as many as a product has pictures
CLASSES = 1000  # that are remembered
DEAD = (
    1000  # entries of the index that a look reads in vain: jobs that were taken, but can't be cleaned up yet
)
REST = 20  # times its length such a look is good for: looking then costs a twentieth more
AHEAD, SHARES = 1000, 8  # candidates of each of so many shares that such a look foresees

Rank = tuple[
    int, int, bool
]  # minus the priority, how many queues serve the lane, whether it waits in another queue


@dataclass(frozen=True)
class Class:
    """What is of one rank for a worker, and the places where such jobs wait now."""

    rank: Rank
    places: tuple[Place, ...]

    @property
    def priority(self) -> int:
        return -self.rank[0]


@dataclass(frozen=True)
class Turn:
    """Whose turn it was last in a class, and for how many jobs in a row."""

    share: int
    run: int = 1


@dataclass
class Candidates:
    """Candidates of one class, the best first: the turn that each would be, and its geometry."""

    rank: Class
    turns: dict[int, Turn] = field(default_factory=dict)
    geometries: dict[int, str] = field(default_factory=dict)
    newest: int = 0  # id; younger jobs have not been looked at
    until: float = 0.0

    @property
    def ids(self) -> list[int]:
        return list(self.turns)


def start_of(queue: str) -> float:
    """Return where among the shares a queue begins: 0 or more, less than 1."""
    return zlib.crc32(queue.encode()) / 2**32


class Looker:
    """Looks for the workers of *queue* of this process, remembering whose turn it was."""

    def __init__(self, queue: str) -> None:
        self.queue = queue
        self.turns: dict[Rank, Turn] = {}  # whatever the places: these come and go
        self.ahead: Candidates | None = None
        self.is_slow = False  # the last look read too much in vain

    def look(
        self,
        here: Topology,
        geometry_key: str = "",
        gpu: str = "",
        *,
        tried: Collection[int] = (),
        above: int | None = None,
    ) -> Candidates | None:
        """Return the candidates of the first class that has some beside *tried*; None while the queue is paused.

        Those that must avoid *gpu* are none; with *above*, only those of a higher priority are.
        """
        crowd = {lane.value: len(here.takers(lane)) for lane in here.lanes(self.queue)}
        if not crowd:
            return None
        if above is None and (known := self._known(list(crowd), geometry_key, tried)):
            return known
        began, unless = time.monotonic(), Unless.of(gpu, tried)
        while best := self._first_class(crowd, unless, above):
            rank, lowest = best
            last = self.turns.get(rank.rank) or self._before_first(rank, lowest, unless)
            found = self._of_turn(rank, last, lowest, geometry_key, unless, MOST)
            if self.is_slow and above is None and not tried:
                self.ahead = self._foresee(rank, last, lowest, unless)
                self.ahead.until = time.monotonic() + REST * (time.monotonic() - began)
            if found.turns:  # else all of them were taken in this instant
                return found
        return None

    def _before_first(self, rank: Class, lowest: int, unless: Unless) -> Turn:
        """Return the turn after which this queue begins: each at another share, so that many serve all soon."""
        highest = statements.highest(rank.places, rank.priority, lowest, unless)
        return Turn(lowest - 1 + int(start_of(self.queue) * (highest - lowest + 1)), RUN)

    def took(self, found: Candidates, pk: int) -> None:
        """Note whose turn it was; what came before it is taken by others."""
        if self.ahead:
            for one in found.ids[: found.ids.index(pk) + 1]:
                self.ahead.turns.pop(one, None)
        self.turns.pop(found.rank.rank, None)
        self.turns[found.rank.rank] = found.turns[pk]
        if len(self.turns) > CLASSES:
            del self.turns[next(iter(self.turns))]

    def _known(self, lanes: list[str], geometry_key: str, tried: Collection[int]) -> Candidates | None:
        """Return what is left of what a look foresaw, unless something more urgent was made since."""
        ahead = self.ahead
        if ahead is None or time.monotonic() > ahead.until:
            self.ahead = None
            return None
        for pk in tried:
            ahead.turns.pop(pk, None)
        ahead.newest, is_beaten = statements.newer(ahead.newest, lanes, ahead.rank.priority)
        if is_beaten or not ahead.turns:
            self.ahead = None
            return None
        is_one = len({turn.share for turn in ahead.turns.values()}) == 1
        first = [pk for pk in ahead.turns if is_one and ahead.geometries[pk] == geometry_key]
        ids = list(dict.fromkeys(chain(first, ahead.turns)))[:MOST]
        return Candidates(ahead.rank, {pk: ahead.turns[pk] for pk in ids})

    def _first_class(
        self, crowd: dict[str, int], unless: Unless, above: int | None
    ) -> tuple[Class, int] | None:
        """Return the best class in which something is ready, and the lowest share that has some."""
        heads, read = statements.heads(self.queue, list(crowd), unless)
        self.is_slow = read > DEAD
        ranks: dict[Rank, dict[Place, int]] = {}
        for lane, queue, priority, share in heads:
            if above is None or priority > above:
                ranks.setdefault((-priority, crowd[lane], queue != self.queue), {})[lane, queue] = share
        if not ranks:
            return None
        best = min(ranks)
        return Class(best, tuple(sorted(ranks[best]))), min(ranks[best].values())

    def _of_turn(
        self, rank: Class, last: Turn, lowest: int, geometry_key: str, unless: Unless, most: int
    ) -> Candidates:
        """Return the candidates of the share whose turn it is: the last one goes on with what is loaded, RUN in all."""
        goes_on = last.run < RUN and bool(geometry_key)
        rows = statements.candidates(
            rank.places, rank.priority, last.share, lowest, geometry_key, unless, most, goes_on=goes_on
        )
        rows.sort()
        found = Candidates(rank)
        for kind, _, pk, owner, geometry in rows:
            if goes_on and kind == statements.GOES_ON:
                found.turns[pk] = Turn(owner, last.run + 1)
            elif pk not in found.turns:
                found.turns[pk] = Turn(owner)
            found.geometries[pk] = geometry
        return found

    def _foresee(self, rank: Class, last: Turn, lowest: int, unless: Unless) -> Candidates:
        """Return the candidates of the turns after *last*, a job of each in turn."""
        newest = statements.newest()
        rounds: dict[int, Candidates] = {}
        while len(rounds) < SHARES:
            found = self._of_turn(rank, last, lowest, "", unless, AHEAD)
            if not found.turns:
                break
            last = next(iter(found.turns.values()))
            if last.share in rounds:
                break
            rounds[last.share] = found
        ahead = Candidates(rank, newest=newest)
        for pk in filter(None, chain.from_iterable(zip_longest(*(one.turns for one in rounds.values())))):
            ahead.turns[pk] = Turn(next(one.turns[pk].share for one in rounds.values() if pk in one.turns))
        for one in rounds.values():
            ahead.geometries |= one.geometries
        return ahead
