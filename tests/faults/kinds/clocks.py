"""Clocks that jump ahead and are set right again, in processes of the site alone (libfaketime)."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.faults.registry import kind
from tests.faults.site import Site


def _no_clock(site: Site) -> str:
    return "" if site.has_clocks else "libfaketime is not installed: apt-get install faketime"


def _ahead(site: Site, draw: Random, name: str) -> Iterator[float]:
    site.clocks[name].write_text(f"+{draw.choice((30, 300, 7_200, 90_000))}")
    yield draw.uniform(3, 20)
    site.clocks[name].write_text("+0")


@kind(excuses="lost", holds="clock", lacks=_no_clock)
def clock_of_workers(site: Site, draw: Random) -> Iterator[float]:
    """The workers' clock is ahead by 30 s to 25 h, for 3 to 20 s"""
    yield from _ahead(site, draw, "workers")


@kind(excuses="lost", holds="clock", lacks=_no_clock)
def clock_of_database(site: Site, draw: Random) -> Iterator[float]:
    """PostgreSQL's clock is ahead by 30 s to 25 h, for 3 to 20 s"""
    yield from _ahead(site, draw, "database")
