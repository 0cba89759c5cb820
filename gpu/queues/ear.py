"""How the supervisor of a host hears of messages: PostgreSQL tells it, a SQLite file is watched, Redis needs no ear.

One ear serves all workers of a host, so an idle host has one connection that listens, however many GPUs it has.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Collection
from typing import Any, Protocol

import psycopg
from django.conf import settings
from django.db import connection

from gpu.queues.brokers import CHANNEL

log = logging.getLogger("renderdesk.queue")

AGAIN_SECONDS = 5.0  # between two tries to listen
POOLED_POLL_SECONDS = 1.0  # behind a pooler nobody can listen
QUIET_SECONDS = 30.0  # without a change a SQLite file is looked at less often
QUIET_POLL_SECONDS = 0.2
EVERYTHING = None  # any queue may have messages
KEEPALIVE: dict[str, Any] = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "connect_timeout": 5,
}


class Ear(Protocol):
    """What the supervisor listens with. A closed one opens itself again."""

    def fileno(self) -> int | None:
        """Return what to wait for; None where there is only time."""

    def pause(self) -> float:
        """Return how many seconds to wait at most before the next `heard`."""

    def heard(self) -> Collection[str] | None:
        """Return the queues that may have messages; EVERYTHING after a time in which some were missed."""

    def close(self) -> None:
        """Let go of what must not cross a fork."""


class Deaf:
    """For messages that workers fetch themselves."""

    def fileno(self) -> int | None:
        return None

    def pause(self) -> float:
        return 60.0

    def heard(self) -> Collection[str] | None:
        return ()

    def close(self) -> None: ...


class Listening:
    """PostgreSQL's LISTEN on a connection of its own. Behind a pooler that can't work: it only keeps a pace there."""

    def __init__(self) -> None:
        self._line: psycopg.Connection[Any] | None = None
        self._next_try = self._next_poll = 0.0
        self.is_pooled = False

    def fileno(self) -> int | None:
        return self._line.fileno() if self._line is not None else None

    def pause(self) -> float:
        if self._line is not None:
            return 60.0
        return max(0.0, (self._next_poll if self.is_pooled else self._next_try) - time.monotonic())

    def heard(self) -> Collection[str] | None:
        if self._line is None:
            return self._reopen()
        try:
            return {note.payload for note in self._line.notifies(timeout=0)}
        except psycopg.Error as error:
            log.warning("PostgreSQL rings no longer (%s); listening again.", str(error).strip())
            self.close()
            return self._reopen()

    def _reopen(self) -> Collection[str] | None:
        now = time.monotonic()
        if self.is_pooled:
            if now < self._next_poll:
                return ()
            self._next_poll = now + POOLED_POLL_SECONDS
            return EVERYTHING
        if now < self._next_try:
            return ()
        self._next_try = now + AGAIN_SECONDS
        try:
            line = _connect()
        except psycopg.Error as error:
            log.warning("PostgreSQL can't be listened to (%s).", str(error).strip())
            return ()
        if line.execute("SELECT pg_backend_pid()").fetchone()[0] != line.info.backend_pid:  # type: ignore[index]
            line.close()
            self.is_pooled, self._next_poll = True, now + POOLED_POLL_SECONDS
            log.warning(
                "A pooler is before PostgreSQL: new messages are looked for every %g s. RENDERDESK_DIRECT_DATABASE_URL "
                "with an address that bypasses it lets workers wake at once.",
                POOLED_POLL_SECONDS,
            )
            return EVERYTHING
        line.execute(f"LISTEN {CHANNEL}")
        self._line = line
        return EVERYTHING

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line, self._next_try = None, 0.0


def _connect() -> psycopg.Connection[Any]:
    if settings.DIRECT_DATABASE_URL:
        return psycopg.connect(settings.DIRECT_DATABASE_URL, autocommit=True, **KEEPALIVE)
    return psycopg.connect(**{**KEEPALIVE, **connection.get_connection_params(), "autocommit": True})


class Watching:
    """SQLite's data_version: another number once any other connection has committed. No lock, some microseconds."""

    def __init__(self) -> None:
        self._file: sqlite3.Connection | None = None
        self._version = -1
        self._changed = time.monotonic()

    def fileno(self) -> int | None:
        return None

    def pause(self) -> float:
        is_quiet = time.monotonic() - self._changed > QUIET_SECONDS
        return max(settings.POLL_SECONDS, QUIET_POLL_SECONDS) if is_quiet else float(settings.POLL_SECONDS)

    def heard(self) -> Collection[str] | None:
        try:
            self._file = self._file or sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
            (version,) = self._file.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error as error:
            log.warning("The database file can't be watched (%s).", error)
            return ()
        if version == self._version:
            return ()
        self._version, self._changed = version, time.monotonic()
        return EVERYTHING

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file, self._version = None, -1


def make_ear() -> Ear:
    """Return the ear for this installation's broker and database."""
    if settings.REDIS_URL:
        return Deaf()
    return Listening() if connection.vendor == "postgresql" else Watching()
