"""People who do things at an unlucky instant."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.faults.registry import Missed, kind
from tests.faults.site import Site


@kind()
def same_order(site: Site, draw: Random) -> Iterator[float]:
    """The same order from several processes at once"""
    number = draw.getrandbits(32)
    asked = site.clients[0].call("some_product", number=number)
    while not asked.done():
        yield 0.05
    if not asked.result():
        raise Missed("no product, or no database")
    placed = [client.call("place_same", number=number, product=asked.result()) for client in site.clients]
    while not all(one.done() for one in placed):
        yield 0.05
    if not any(one.result() for one in placed):
        raise Missed("refused")


@kind(excuses="canceled")
def cancel(site: Site, draw: Random) -> Iterator[float]:
    """A job, a line or an order is canceled"""
    asked = draw.choice(site.clients).call(
        "cancel_some", number=draw.getrandbits(32), note=str(site.canceled)
    )
    while not asked.done():
        yield 0.05
    if not asked.result():
        raise Missed("nothing was in work, or no database")


@kind()
def retry(site: Site, draw: Random) -> Iterator[float]:
    """Failed or canceled lines or jobs are retried"""
    asked = draw.choice(site.clients).call("retry_some", number=draw.getrandbits(32))
    while not asked.done():
        yield 0.05
    if not any((asked.result() or {}).values()):
        raise Missed("nothing had failed")


@kind()
def edit(site: Site, draw: Random) -> Iterator[float]:
    """An output type of a line in work is edited"""
    asked = draw.choice(site.clients).call("edit_some", number=draw.getrandbits(32))
    while not asked.done():
        yield 0.05
    if not asked.result():
        raise Missed("nothing was in work, or no database")


@kind()
def pause(site: Site, draw: Random) -> Iterator[float]:
    """An order is paused, 2 to 15 s"""
    client = draw.choice(site.clients)
    asked = client.call("pause_some", number=draw.getrandbits(32))
    while not asked.done():
        yield 0.05
    order = asked.result()
    if not order:
        raise Missed("no order was in work")
    yield draw.uniform(2, 15)
    while True:
        asked = client.call("resume", order=order)
        while not asked.done():
            yield 0.05
        if asked.result() is not None:
            return
        yield 1.0
