"""The desk of 0.1.0, loaded into a database of its own; made_by_0_1_0.py says how it was made."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

FOLDER = Path(__file__).parent

Schema = dict[str, tuple[set[Any], list[str]]]


@contextmanager
def old_desk(folder: Path) -> Iterator[str]:
    """Yield the name of a database with the schema and the rows of 0.1.0, of the kind that the tests run on."""
    if connection.vendor == "sqlite":
        name = str(folder / f"desk_{uuid.uuid4().hex}.sqlite3")
        with connected(name):
            load()
        yield name
        return
    name = f"renderdesk_old_{uuid.uuid4().hex[:12]}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        with connected(name):
            load()
        yield name
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def connected(name: str) -> Iterator[None]:
    """Let Django's connection lead to the database *name* meanwhile."""
    usual = connection.settings_dict["NAME"]
    _lead_to(name)
    try:
        yield
    finally:
        _lead_to(usual)


def _lead_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()


def load() -> None:
    """Make the schema of 0.1.0 in the empty database here, and fill it."""
    schema = (FOLDER / f"schema_{connection.vendor}.sql").read_text(encoding="utf-8")
    rows = (FOLDER / "rows.sql").read_text(encoding="utf-8")
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        connection.connection.executescript(f"PRAGMA foreign_keys = OFF; BEGIN; {schema} {rows} COMMIT;")
        return
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
    ):  # keys of rows that come later are asked for at its end
        cursor.execute(schema)
        cursor.execute(rows)
        cursor.execute("SELECT table_name FROM information_schema.columns WHERE is_identity = 'YES'")
        for (table,) in cursor.fetchall():
            sequence = f"""pg_get_serial_sequence('"{table}"', 'id')"""
            cursor.execute(f'SELECT setval({sequence}, max(id)) FROM "{table}" HAVING max(id) > 0')


def counts() -> dict[str, int]:
    """Return how many rows each table here has."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found


def schema() -> Schema:
    """Return the columns of each table here, in any order, and its indexes and constraints with their names."""
    inspect, found = connection.introspection, {}
    with connection.cursor() as cursor:
        for table in inspect.table_names(cursor):
            columns = {
                (one.name, one.type_code, one.display_size, one.null_ok, one.default)
                for one in inspect.get_table_description(cursor, table)
            }
            constraints = inspect.get_constraints(cursor, table).items()
            found[table] = (
                columns,
                sorted(
                    f"{'' if name.startswith('__') else name} {sorted(facts.items())}"
                    for name, facts in constraints
                ),
            )
    return found
