"""What the migrations put into the database, to be put there again after a test with real transactions.

Django writes it as JSON and saves row by row, which takes longer than most of these tests. This keeps the rows as the
database has them.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from django.db import transaction
from django.db.backends.base.creation import BaseDatabaseCreation

_rows: dict[str, dict[str, Any]] = {}  # of each database, by table: SQLite's rows, or PostgreSQL's own text


def install() -> None:
    """Use this where Django would keep and restore a test's database."""
    BaseDatabaseCreation.serialize_db_to_string = _keep  # type: ignore[method-assign]
    BaseDatabaseCreation.deserialize_db_from_string = _restore  # type: ignore[method-assign]


def _keep(creation: BaseDatabaseCreation) -> str:
    """Remember all rows that there are; return the name under which `_restore` knows them."""
    connection = creation.connection
    name = str(connection.settings_dict["NAME"])
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    found: dict[str, Any] = {}
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(name)) as plain:  # Django's own connection would convert what it reads
            for table in tables:
                found[table] = plain.execute(f'SELECT * FROM "{table}"').fetchall()
    else:
        with connection.cursor() as cursor:
            for table in tables:
                with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                    found[table] = b"".join(copy)
    _rows[name] = {table: rows for table, rows in found.items() if rows}
    return name


def _restore(creation: BaseDatabaseCreation, name: str) -> None:
    """Write those rows again, in place of what is in their tables. Foreign keys are checked at the end."""
    connection = creation.connection
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for table, rows in _rows[name].items():
            cursor.execute(f'DELETE FROM "{table}"')
            if connection.vendor == "sqlite":
                places = ", ".join("?" * len(rows[0]))
                connection.connection.executemany(f'INSERT INTO "{table}" VALUES ({places})', rows)
            else:
                with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                    copy.write(rows)
