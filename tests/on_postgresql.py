"""Run the tests that use the database once more on PostgreSQL, when one answers: python -m tests.on_postgresql.

The server is that of TEST_DATABASE_URL, else the one at the standard local socket. Its role must be allowed to create
databases. Without one this says so in a line and succeeds: `make test` needs no service.
"""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg

LOCAL = "postgres:///postgres"


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


def main() -> int:
    url = os.environ.get("TEST_DATABASE_URL", LOCAL)
    if why := trouble(url):
        print(f"NOT RUN on PostgreSQL: {why}")
        return 0
    print("Once more on PostgreSQL: the tests that use the database", flush=True)
    arguments = [sys.executable, "-m", "pytest", "-m", "database", "--durations=5", *sys.argv[1:]]
    own = f"{url.rsplit('/', 1)[0]}/renderdesk_{os.getpid()}"  # another run at the same time has another name
    return subprocess.run(arguments, env={**os.environ, "DATABASE_URL": own}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
