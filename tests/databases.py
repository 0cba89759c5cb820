"""Migrated databases: migrated once, then copied, also in later test runs (tests.kept).

A migration from nothing takes 12 s of processor time, a copy some milliseconds. Migrations themselves are tested in
tests/rendering/test_migrations.py.
"""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests import kept
from tests.paths import PROJECT

RUN = "RENDERDESK_TEST_RUN"  # a folder that all processes of one test run share


def begin() -> Path:
    """Return the folder of this test run. The first process that asks makes it, and at its end cleans up."""
    if RUN not in os.environ:
        os.environ[RUN] = tempfile.mkdtemp(prefix="renderdesk-tests-")
        atexit.register(_clean_up, Path(os.environ[RUN]))
    return Path(os.environ[RUN])


@contextmanager
def database(folder: Path, server: str) -> Iterator[str]:
    """Yield the URL of a migrated database: on the PostgreSQL server of that URL, else a SQLite file in *folder*."""
    if not server.startswith("postgres"):
        path = folder / "db.sqlite3"
        shutil.copyfile(migrated_file(), path)
        yield f"sqlite:///{path}"
        return
    base, options = _parts(server)
    name = f"renderdesk_{uuid.uuid4().hex[:12]}"
    _on_server(base, f'CREATE DATABASE "{name}" TEMPLATE "{migrated_template(server)}"')
    try:
        # No test cuts the server's power: a commit need not wait for its disk.
        _on_server(base, f'ALTER DATABASE "{name}" SET synchronous_commit = off')
        yield f"{base}/{name}{options}"
    finally:
        _drop(base, name)


def migrated_file() -> Path:
    """Return a migrated SQLite file to copy."""
    path = begin() / "db.sqlite3"
    with _alone():
        if not path.exists():
            part = path.with_suffix(".part")
            known = kept.FOLDER / "db.sqlite3"
            if kept.is_good(known):
                shutil.copyfile(known, part)
            else:
                files = _migrate(f"sqlite:///{part}")
                kept.keep(part, known, files)
            part.rename(path)
    return path


def migrated_template(server: str) -> str:
    """Return the name of a migrated database on the PostgreSQL server of that URL, for CREATE DATABASE ... TEMPLATE."""
    base, options = _parts(server)
    name = f"renderdesk_{begin().name.rpartition('-')[2].lower()}_template"
    note = begin() / "postgresql"
    with _alone():
        if not note.exists():
            note.write_text(f"{base}\n{name}")
            _on_server(base, f'CREATE DATABASE "{name}" TEMPLATE template1')
            known = kept.FOLDER / "db.sql"
            if not (kept.is_good(known) and _psql(f"{base}/{name}", known)):
                files = _migrate(f"{base}/{name}{options}")
                if _pg_dump(f"{base}/{name}", dump := begin() / "db.sql"):
                    kept.keep(dump, known, files)
    return name


@contextmanager
def _alone() -> Iterator[None]:
    with (begin() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _clean_up(folder: Path) -> None:
    note = folder / "postgresql"
    if note.exists():
        _drop(*note.read_text().split("\n"))
    shutil.rmtree(folder, ignore_errors=True)


def _migrate(url: str) -> list[str]:
    """Migrate a database; return which files of the project took part."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "PYTEST"))}
    done = subprocess.run(
        [sys.executable, "-m", "tests.kept"],
        cwd=PROJECT,
        env=own | {"DATABASE_URL": url, "RENDERDESK_VAR_DIR": str(begin() / "var")},
        check=True,
        timeout=120,
        stdout=subprocess.PIPE,
    )
    files: list[str] = json.loads(done.stdout)
    return files


def _pg_dump(url: str, target: Path) -> bool:
    """Write a database into a file, where PostgreSQL's programs for that are here and not older than the server."""
    if not (shutil.which("pg_dump") and shutil.which("psql")):
        return False
    argv = ["pg_dump", "--no-owner", "--no-privileges", "--file", str(target), url]
    return subprocess.run(argv, check=False, capture_output=True).returncode == 0


def _psql(url: str, source: Path) -> bool:
    """Fill an empty database from that file, all or nothing."""
    if not shutil.which("psql"):
        return False
    argv = [
        "psql",
        "--no-psqlrc",
        "--single-transaction",
        "--set",
        "ON_ERROR_STOP=1",
        "--file",
        str(source),
        url,
    ]
    return subprocess.run(argv, check=False, capture_output=True).returncode == 0


def _parts(server: str) -> tuple[str, str]:
    """The URL up to the database's name, and what follows the name."""
    base, _, name = server.rpartition("/")
    return base, "".join(name.partition("?")[1:])


def _drop(base: str, name: str) -> None:
    _on_server(base, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _on_server(base: str, statement: str) -> None:
    address = f"{base.replace('postgres://', 'postgresql://')}/postgres"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)
