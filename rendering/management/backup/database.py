"""The database of one moment in a file, and back: SQLite by its online backup, PostgreSQL by its own programs.

Both go on working meanwhile, and both come back as a whole or not at all.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

from django.db import DatabaseError, connection, connections, transaction
from django.utils.translation import gettext as _

from rendering.management.backup.errors import BackupError
from rendering.queue import pooler

NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
COPY = "backup"  # the alias of a SQLite file that is being backed up
LOCK_SECONDS = 30.0  # how long a restore waits for those who use the database
PROGRAMS = ("pg_dump", "pg_restore", "psql")


def size() -> int:
    """Return how many bytes the database has: at most so many does its backup take."""
    sqlite = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    with connection.cursor() as cursor:
        cursor.execute(
            sqlite if connection.vendor == "sqlite" else "SELECT pg_database_size(current_database())"
        )
        return int(cursor.fetchone()[0])


def prepare() -> None:
    """Raise BackupError where this database can't be backed up and restored here, with what to install."""
    if connection.vendor not in NAMES:
        raise BackupError("unsupported", _("Only SQLite and PostgreSQL can be backed up."))
    if pooler.stands_before(connection):
        # pg_dump and psql change their session, and the next one who gets that connection would find no tables.
        raise BackupError(
            "pooled",
            _(
                "A connection pooler such as PgBouncer stands before the database, which can't be backed up or "
                "restored through it. Set DATABASE_URL to the server itself for this command."
            ),
        )
    missing = (
        [name for name in PROGRAMS if not shutil.which(name)] if connection.vendor == "postgresql" else []
    )
    if missing:
        raise BackupError(
            "programs_missing",
            _("{programs} is missing. {install}").format(programs=", ".join(missing), install=_install()),
        )


def _install() -> str:
    major = connection.get_database_version()[0]
    return _(
        "Install the client of the server's version: 'sudo apt-get install postgresql-client-{major}'. Where your "
        "distribution has no such package, add apt.postgresql.org: 'sudo apt-get install postgresql-common && sudo "
        "/usr/share/postgresql-common/pgdg/apt.postgresql.org.sh'."
    ).format(major=major)


@contextmanager
def snapshot(folder: Path) -> Iterator[tuple[Path, str]]:
    """Write the database as it is at one moment into *folder*; yield the file, and the alias that reads that moment."""
    target = folder / NAMES[connection.vendor]
    target.touch(mode=0o600)
    with (_sqlite if connection.vendor == "sqlite" else _postgresql)(target) as alias:
        yield target, alias


def load(source: Path) -> None:
    """Put a database that `snapshot` wrote in the place of this one, in one transaction. Raises BackupError."""
    (_load_sqlite if connection.vendor == "sqlite" else _load_postgresql)(source)
    connection.close()


@contextmanager
def _sqlite(target: Path) -> Iterator[str]:
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        _sqlite_copy(connection.connection, copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, not three
        if (found := copy.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise BackupError("damaged", _("The database is damaged: {found}.").format(found=found))
    own = {"NAME": str(target), "OPTIONS": {}, "CONN_MAX_AGE": 0}
    connections.databases[COPY] = {**connection.settings_dict, **own}
    try:
        yield COPY
    finally:
        connections[COPY].close()
        del connections[COPY]
        del connections.databases[COPY]


@contextmanager
def _postgresql(target: Path) -> Iterator[str]:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        moment = cursor.fetchone()[0]
        argv = ["pg_dump", "--format=custom", "--no-password", f"--snapshot={moment}", f"--file={target}"]
        # A migration that runs now has tables locked.
        done = _run([*argv, "--lock-wait-timeout=60000", "--dbname", _name()])
        if done.returncode:
            words = done.stderr.strip()
            hint = _install() if "version mismatch" in words else ""
            raise BackupError("dump_failed", f"{words} {hint}".strip())
        yield connection.alias


def _load_sqlite(source: Path) -> None:
    connection.ensure_connection()
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro&immutable=1", uri=True)) as copy:
            _sqlite_copy(copy, connection.connection)
    except sqlite3.Error as error:
        raise BackupError("restore_failed", str(error)) from error


def _sqlite_copy(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Copy a whole database in one step, as it is at one moment. Raises BackupError where others keep it locked."""
    end = time.monotonic() + LOCK_SECONDS

    def give_up(status: int, *_pages: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > end:
            raise TimeoutError  # without an end Python would wait for ever

    try:
        source.backup(target, progress=give_up)
    except TimeoutError as error:
        raise BackupError("in_use", _in_use("")) from error


def _load_postgresql(source: Path) -> None:
    """Let psql run what pg_restore writes. It commits at the end of its input, so after an error it gets no end."""
    known = connection.introspection.django_table_names(only_existing=True)
    tables = ", ".join(connection.ops.quote_name(name) for name in [*known, "django_migrations"])
    connection.close()  # psql needs the locks of its tables
    unpack = ["pg_restore", "--file=-", "--no-owner", "--no-privileges", "--no-comments", str(source)]
    run = ["psql", "--no-psqlrc", "--quiet", "--no-password", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    run += [f"--command=SET LOCAL lock_timeout = '{LOCK_SECONDS:.0f}s'"]
    run += [f"--command=DROP TABLE IF EXISTS {tables} CASCADE", "--file=-", "--dbname", _name()]
    options: dict[str, Any] = {"env": _environment()}
    with (
        subprocess.Popen(unpack, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options) as reader,
        subprocess.Popen(
            run, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options
        ) as psql,
    ):
        assert reader.stdout and reader.stderr and psql.stdin and psql.stderr
        words = ""
        try:
            shutil.copyfileobj(reader.stdout, psql.stdin, 1 << 20)
            if reader.wait():
                words = reader.stderr.read().decode(errors="replace").strip()
        except BrokenPipeError:
            reader.kill()  # psql has ended: its own words say why
        except BaseException:
            reader.kill()
            psql.kill()
            raise
        if words:
            psql.kill()
        _close(psql.stdin)
        told = psql.stderr.read().decode(errors="replace").strip()
        if psql.wait() or words:
            raise BackupError("restore_failed", _in_use(told) if "lock timeout" in told else words or told)


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except BrokenPipeError:
        pass


def _in_use(words: str) -> str:
    told = _("The database is in use. Stop the web server and everything else that uses it, then try again.")
    return f"{told} {words}".strip()


def _run(argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, env=_environment(), capture_output=True, text=True, check=False)


def _name() -> str:
    return str(connection.settings_dict["NAME"] or "")


def _environment() -> dict[str, str]:
    """Return the environment by which PostgreSQL's programs find the server: a password is on no command line."""
    own = connection.settings_dict
    options = own.get("OPTIONS", {})
    given = {
        "PGHOST": own["HOST"],
        "PGPORT": own["PORT"],
        "PGUSER": own["USER"],
        "PGPASSWORD": own["PASSWORD"],
        "PGSSLMODE": options.get("sslmode"),
        "PGSSLROOTCERT": options.get("sslrootcert"),
        "PGSSLCERT": options.get("sslcert"),
        "PGSSLKEY": options.get("sslkey"),
        "PGSERVICEFILE": options.get("servicefile"),
        "PGSERVICE": options.get("service"),
        "PGPASSFILE": options.get("passfile"),
    }
    return os.environ | {name: str(value) for name, value in given.items() if value}


def has_tables() -> bool:
    """Return whether there is anything of ours in the database."""
    try:
        return "django_migrations" in connection.introspection.table_names()
    except DatabaseError as error:
        raise BackupError("database", str(error).strip()) from error
