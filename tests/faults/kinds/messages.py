"""Messages of the queue that are lost, doubled or late: they only wake workers, so nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.faults.registry import Missed, kind
from tests.faults.site import Site


def _all(site: Site, statement: str) -> Iterator[float]:
    """Do *statement* to the messages as soon as there are any."""
    for _ in range(60):
        with site.postgres.connection() as connection:
            if connection.execute(statement).rowcount:
                return
        yield 0.05
    raise Missed("no message")


@kind(holds="database")
def lose_messages(site: Site, draw: Random) -> Iterator[float]:
    """Messages of the queue are lost"""
    for _ in range(draw.randint(1, 5)):
        yield from _all(site, "DELETE FROM django_q_ormq")


@kind(holds="database")
def double_messages(site: Site, draw: Random) -> Iterator[float]:
    """Messages of the queue are doubled, three times"""
    copy = "INSERT INTO django_q_ormq (key, payload, lock) SELECT key, payload, lock FROM django_q_ormq"
    yield from _all(site, copy)
    for _ in range(2):
        yield from _all(site, f"{copy} LIMIT 50")


@kind(holds="database")
def delay_messages(site: Site, draw: Random) -> Iterator[float]:
    """Messages of the queue are late by an hour"""
    yield from _all(site, "UPDATE django_q_ormq SET lock = lock + interval '1 hour'")
