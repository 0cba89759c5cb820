"""Who stores a file and who deletes it never do so at once: each holds the file's name in the database.

A name belongs to bytes, not to a row: whoever stores the same bytes again finds them there and writes a row for them,
while somebody deletes them because their last row has gone. On PostgreSQL the name is an advisory lock until the
transaction ends; on SQLite every transaction excludes all others (`transaction_mode` IMMEDIATE).
"""

from __future__ import annotations

import hashlib

from django.db import connection


def hold(name: str) -> None:
    """Let nobody discard the file of this name until the transaction ends; others may hold it as well."""
    if _is_shared():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_key(name)])


def hold_alone(name: str) -> bool:
    """Let nobody store the file of this name until the transaction ends; return False where somebody is storing it."""
    if not _is_shared():
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_key(name)])
        return bool(cursor.fetchone()[0])


def _is_shared() -> bool:
    return connection.vendor == "postgresql"


def _key(name: str) -> int:
    """Return the name as a signed number of 64 bits, which is what PostgreSQL locks."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
