"""The desk with a million assets: every page of a large installation on PostgreSQL, timed one after the other."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg

from tests.benchmarks import figures
from tests.benchmarks.figures import Sample
from tests.benchmarks.machine import Machine
from tests.benchmarks.runs import ask, say, write
from tests.end_to_end.installation import Installation

BEGIN, END = "<!-- desk: begin -->", "<!-- desk: end -->"
NAME = "renderdesk_bench_desk"
MEDIAN_AIM, MOST_AIM = 0.3, 1.0  # seconds; issue 6 of the project
REPEATS = 7


@dataclass(frozen=True)
class Timed:
    """One address: the page it belongs to, what of it, its answers in seconds and the queries of one of them."""

    page: str
    what: str
    address: str
    queries: int
    sample: Sample
    own: float  # median of the seconds that Python itself worked

    @classmethod
    def of(cls, found: dict[str, Any]) -> Timed:
        if found["status"] != 200:
            raise SystemExit(f"{found['address']} answered {found['status']}.")
        sample = Sample(tuple(found["seconds"]))
        return cls(
            found["page"],
            found["what"],
            found["address"],
            found["queries"],
            sample,
            Sample(tuple(found["own"])).median,
        )

    @property
    def most(self) -> float:
        return max(self.sample.values)


def report(here: Machine, server: str, repeats: int, *, is_kept: bool, keeps_database: bool) -> None:
    """Fill a database on *server*, time every page, print the tables; *is_kept*: also into docs/benchmarks.md."""
    if not server:
        say(
            "The desk of a large installation was not measured: no PostgreSQL answers (DATABASE_URL, or local)."
        )
        return
    with (
        tempfile.TemporaryDirectory(prefix="renderdesk-bench-") as folder,
        database(server, keeps_database) as url,
    ):
        desk = Installation(Path(folder), url)
        say("Filling a database with 1,000,000 assets, 200,000 jobs and 100,000 order lines")
        began = monotonic()
        rows = ask(desk, "rows", 0, "desk_inside")
        filled = monotonic() - began
        say(f"Timing every page of the desk, {repeats} times each; this takes minutes")
        began, load = monotonic(), os.getloadavg()[0]
        found = [Timed.of(one) for one in ask(desk, "pages", repeats, "desk_inside")]
        busy = (load + os.getloadavg()[0]) / 2
    told = [
        *here.lines(),
        f"- load average while it ran: {busy:.1f} on {here.cores} cores, of which it makes one to two by itself",
        f"- filled in {filled:.0f} s: {amounts(rows)}",
        f"- {verdict(found)}",
    ]
    text = "\n\n".join(("\n".join(told), table(found), slowest(found)))
    say("", text)
    if is_kept:
        write(text, BEGIN, END)


@contextmanager
def database(server: str, keeps: bool) -> Iterator[str]:
    """Yield the URL of an empty database on *server*; it is dropped in the end, unless it is to be kept."""
    base = server.rsplit("/", 1)[0]
    admin = f"{base.replace('postgres://', 'postgresql://')}/postgres"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{NAME}"')
    try:
        yield f"{base}/{NAME}"
    finally:
        if keeps:
            say(f"The database is kept: DATABASE_URL={base}/{NAME}")
        else:
            with psycopg.connect(admin, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)')


def amounts(rows: dict[str, int]) -> str:
    return ", ".join(
        f"{count:,} {label.rpartition('.')[2]}" for label, count in rows.items() if count >= 1000
    )


def verdict(found: Sequence[Timed]) -> str:
    """Say in a sentence how many addresses reach the aims."""
    slow = sum(one.sample.median >= MEDIAN_AIM for one in found)
    late = sum(one.most >= MOST_AIM for one in found)
    return (
        f"{len(found)} addresses: {len(found) - slow} have a median below {figures.seconds(MEDIAN_AIM)} "
        f"({'aim met' if not slow else f'{slow} miss the aim'}), {len(found) - late} never took "
        f"{figures.seconds(MOST_AIM)} ({'aim met' if not late else f'{late} miss the aim'})"
    )


def table(found: Sequence[Timed]) -> str:
    """Return a row for each page: how many addresses of it, the middle and the slowest one."""
    rows = []
    for page, group in groupby(sorted(found, key=lambda one: one.page), key=lambda one: one.page):
        those = list(group)
        worst = max(those, key=lambda one: one.sample.median)
        middle = Sample(tuple(one.sample.median for one in those)).median
        most = max(one.most for one in those)
        queries = max(one.queries for one in those)
        times = map(figures.seconds, (middle, worst.sample.median, worst.own, most))
        rows.append((page, str(len(those)), *times, str(queries), worst.what))
    header = (
        "page",
        "addresses",
        "median",
        "slowest median",
        "of it Python",
        "longest",
        "queries",
        "the slowest is",
    )
    return figures.table(header, rows)


def slowest(found: Sequence[Timed]) -> str:
    """Return what misses an aim, address by address; "" where nothing does."""
    missed = [one for one in found if one.sample.median >= MEDIAN_AIM or one.most >= MOST_AIM]
    rows = [
        (
            f"{one.page}, {one.what}".rstrip(", "),
            *map(figures.seconds, (one.sample.median, one.own, one.most)),
        )
        for one in sorted(missed, key=lambda one: -one.sample.median)
    ]
    said = figures.table(("page", "median", "of it Python", "longest"), rows)
    return f"What misses an aim:\n\n{said}" if rows else ""
