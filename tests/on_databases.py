"""Run the tests on SQLite, then what uses the database on PostgreSQL: python -m tests.on_databases [PYTEST OPTIONS].

An installation takes many seconds to start, so a test of one that uses the database runs once: on PostgreSQL, and on
SQLite where no server answers. RENDERDESK_TEST_DATABASES=sqlite or postgresql runs all tests of that one alone.

The server is that of TEST_DATABASE_URL, else the one at the standard local socket. Its role must be allowed to create
databases. Without one this says so in a line and succeeds: `make test` needs no service.
"""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg

LOCAL = "postgres:///postgres"
BOTH = "sqlite postgresql"


def trouble(url: str) -> str:
    """Return why the tests can't use this server, in one line; "" when they can."""
    try:
        with psycopg.connect(url.replace("postgres://", "postgresql://"), connect_timeout=3) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.Error as error:
        return str(error).strip().splitlines()[0]
    return "" if row and row[0] else "its role may not create databases (ALTER ROLE ... CREATEDB)"


def run(title: str, which: str, database_url: str = "") -> int:
    """Run the tests that the marker expression *which* names, and return pytest's exit code."""
    print(title, flush=True)
    arguments = [sys.executable, "-m", "pytest", *(["-m", which] if which else []), *sys.argv[1:]]
    own = {"DATABASE_URL": database_url} if database_url else {}
    return subprocess.run(arguments, env={**os.environ, **own}, check=False).returncode


def main() -> int:
    wanted = os.environ.get("RENDERDESK_TEST_DATABASES", BOTH).split()
    url = os.environ.get("TEST_DATABASE_URL", LOCAL)
    why = "" if "postgresql" not in wanted else trouble(url)
    on_both = "postgresql" in wanted and not why
    codes = []
    if "sqlite" in wanted:
        codes.append(run("On SQLite", "not (cluster and database)" if on_both else ""))
    if on_both:
        # Another run at the same time has another name.
        own = f"{url.rsplit('/', 1)[0]}/renderdesk_{os.getpid()}"
        codes.append(run("On PostgreSQL: the tests that use the database", "database", own))
    elif "postgresql" in wanted:
        print(f"NOT RUN on PostgreSQL: {why}")
    return max(codes, default=0)


if __name__ == "__main__":
    sys.exit(main())
