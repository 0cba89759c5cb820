"""A pooler such as PgBouncer before PostgreSQL, which gives each transaction another connection of its own."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper


def stands_before(connection: BaseDatabaseWrapper) -> bool:
    """Whether one does: then the process that answers is not the one that was named at the log-in."""
    if connection.vendor != "postgresql":
        return False
    connection.ensure_connection()
    ours = connection.connection
    return bool(ours.execute("SELECT pg_backend_pid()").fetchone()[0] != ours.info.backend_pid)


def on_connected(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Where one does, fetch results as a whole and keep no plans: both would be left on another connection."""
    if stands_before(connection):
        connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"] = True
        connection.connection.prepare_threshold = None
