"""People who do things at an unlucky instant."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from random import Random
from typing import Any

from tests.faults.registry import Missed, kind
from tests.faults.site import Site

PATIENCE = 20  # times a second, until there is something to do


def _insist(site: Site, draw: Random, function: str, **arguments: Any) -> Generator[float, None, Any]:
    """Have a client call *function* until it finds something to do, and return its answer. Raises Missed."""
    client = draw.choice(site.clients)
    number = draw.getrandbits(32)
    for _ in range(PATIENCE):
        asked = client.call(function, number=number, **arguments)
        while not asked.done():
            yield 0.05
        if answer := asked.result():
            return answer
        yield 1.0
    raise Missed("nothing to do, or no database")


@kind()
def same_order(site: Site, draw: Random) -> Iterator[float]:
    """The same order from several processes at once"""
    number = draw.getrandbits(32)
    product = yield from _insist(site, draw, "some_product")
    placed = [client.call("place_same", number=number, product=product) for client in site.clients]
    while not all(one.done() for one in placed):
        yield 0.05
    if not any(one.result() for one in placed):
        raise Missed("refused: no database")


@kind(excuses="canceled")
def cancel(site: Site, draw: Random) -> Iterator[float]:
    """A job, a line or an order is canceled"""
    yield from _insist(site, draw, "cancel_some", note=str(site.canceled))


@kind()
def retry(site: Site, draw: Random) -> Iterator[float]:
    """Failed or canceled lines or jobs are retried"""
    yield from _insist(site, draw, "retry_some")


@kind()
def edit(site: Site, draw: Random) -> Iterator[float]:
    """An output type of a line in work is edited"""
    yield from _insist(site, draw, "edit_some")


@kind()
def pause(site: Site, draw: Random) -> Iterator[float]:
    """An order is paused, 2 to 15 s"""
    order = yield from _insist(site, draw, "pause_some")
    yield draw.uniform(2, 15)
    client = draw.choice(site.clients)
    while True:
        asked = client.call("resume", order=order)
        while not asked.done():
            yield 0.05
        if asked.result() is not None:
            return
        yield 1.0
