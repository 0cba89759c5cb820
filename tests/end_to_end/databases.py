"""Migrated databases for installations: migrated once in each test process, then copied.

A migration from nothing takes 4 s of processor time, a copy some milliseconds.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg

from tests.paths import PROJECT


@contextmanager
def database(folder: Path, server: str) -> Iterator[str]:
    """Yield the URL of a migrated database: on the PostgreSQL server of that URL, else a SQLite file in *folder*."""
    if not server.startswith("postgres"):
        path = folder / "db.sqlite3"
        shutil.copyfile(_migrated_file(), path)
        yield f"sqlite:///{path}"
        return
    base = server.rsplit("/", 1)[0]
    name = f"renderdesk_{uuid.uuid4().hex[:12]}"
    _create(base, name, template=_migrated_template(base))
    try:
        yield f"{base}/{name}"
    finally:
        _drop(base, name)


@cache
def _migrated_file() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="renderdesk-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "db.sqlite3"
    _migrate(f"sqlite:///{path}", folder)
    return path


@cache
def _migrated_template(base: str) -> str:
    name = f"renderdesk_template_{os.getpid()}"
    _drop(base, name)
    _create(base, name, template="template1")
    atexit.register(_drop, base, name)
    with tempfile.TemporaryDirectory() as folder:
        _migrate(f"{base}/{name}", Path(folder))
    return name


def _migrate(url: str, folder: Path) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "PYTEST"))}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=PROJECT,
        env=own | {"DATABASE_URL": url, "RENDERDESK_VAR_DIR": str(folder)},
        check=True,
        timeout=120,
    )


def _create(base: str, name: str, template: str) -> None:
    _on_server(base, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def _drop(base: str, name: str) -> None:
    _on_server(base, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _on_server(base: str, statement: str) -> None:
    address = f"{base.replace('postgres://', 'postgresql://')}/postgres"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)
