"""Rows by the hundred thousand: INSERT ... SELECT in PostgreSQL, with Django's own defaults for what is not said."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Model
from psycopg import sql

CONSTRAINTS = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype IN ('f', 'u') AND conrelid = ANY (%s::regclass[]) ORDER BY contype DESC
"""
INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = ANY (%s::regclass[]) AND NOT indisprimary
"""


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def literal(value: Any) -> str:
    """Return *value* as SQL; mappings and lists as jsonb."""
    if isinstance(value, (dict, list)):
        return f"{literal(json.dumps(value))}::jsonb"
    if isinstance(value, uuid.UUID):
        return f"'{value}'::uuid"
    return sql.Literal(value).as_string(connection.connection)


def fill(model: type[Model], rows: str, /, **columns: str) -> None:
    """Insert one row of *model* for each of *rows* (what follows FROM): SQL by field; the rest its default."""
    fields = [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]
    known = {field.name: field for field in fields}
    assert columns.keys() <= known.keys(), columns.keys() - known.keys()
    chosen = [field for field in fields if field.name in columns or not field.primary_key]
    values = [columns.get(field.name) or literal(field.get_default()) for field in chosen]
    names = ", ".join(f'"{field.column}"' for field in chosen)
    execute(f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {", ".join(values)} FROM {rows}')


@contextmanager
def without_indexes(models: Sequence[type[Model]]) -> Iterator[None]:
    """Take the indexes and constraints of these tables away, and make them again from whole tables: far quicker."""
    tables = [f'"{model._meta.db_table}"' for model in models]
    execute("SET maintenance_work_mem = '512MB'; SET synchronous_commit = off")
    with connection.cursor() as cursor:
        cursor.execute(CONSTRAINTS, [tables])
        constraints = cursor.fetchall()
        for table, name, _ in constraints:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name} CASCADE")
        cursor.execute(INDEXES, [tables])
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    for _, definition in indexes:
        execute(definition)
    for table, name, definition in constraints:
        execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def settle(models: Sequence[type[Model]]) -> None:
    """Let the next ids follow the last ones, and do what autovacuum does to tables that were filled."""
    for statement in connection.ops.sequence_reset_sql(no_style(), list(models)):
        execute(statement)
    execute("VACUUM ANALYZE")
