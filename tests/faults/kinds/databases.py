"""A database that loses connections, or is gone."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from random import Random

from tests.faults.registry import Missed, kind
from tests.faults.site import Site, send

OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@kind(excuses="lost", holds="database")
def cut_connections(site: Site, draw: Random) -> None:
    """All connections to the database, pg_terminate_backend"""
    with site.postgres.connection() as connection:
        if not connection.execute(f"SELECT pg_terminate_backend(pid) {OTHERS}").fetchall():
            raise Missed("nobody was connected")


@kind(excuses="lost", holds="database")
def cut_connection(site: Site, draw: Random) -> None:
    """One connection, one in a transaction if there is any"""
    with site.postgres.connection() as connection:
        found = connection.execute(f"SELECT pid, xact_start IS NOT NULL {OTHERS}").fetchall()
        busy = [pid for pid, is_busy in found if is_busy] or [pid for pid, _ in found]
        if not busy:
            raise Missed("nobody was connected")
        connection.execute("SELECT pg_terminate_backend(%s)", [draw.choice(sorted(busy))])


@kind(excuses="lost", holds="database")
def kill_backend(site: Site, draw: Random) -> None:
    """A process of PostgreSQL, SIGKILL: it ends all connections and recovers"""
    _main, *others = site.postgres.processes() or [0]
    if not others:
        raise Missed("it was not running")
    send(draw.choice(others), signal.SIGKILL)


@kind(excuses="lost", holds="database")
def restart_database(site: Site, draw: Random) -> None:
    """PostgreSQL, pg_ctl stop -m immediate, and started at once"""
    site.postgres.stop()
    site.postgres.start()


@kind(excuses="lost", holds="database")
def database_away(site: Site, draw: Random) -> Iterator[float]:
    """PostgreSQL is down, 2 to 20 s"""
    site.postgres.stop()
    yield draw.uniform(2, 20)
    site.postgres.start()
