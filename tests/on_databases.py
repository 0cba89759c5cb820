"""Run the tests on SQLite, and what uses the database on PostgreSQL beside them: python -m tests.on_databases JOBS.

An installation takes many seconds to start, so a test of one that uses the database runs once: on PostgreSQL, and on
SQLite where no server answers. RENDERDESK_TEST_DATABASES=sqlite or postgresql runs all tests of that one alone.

The server is that of TEST_DATABASE_URL, else the one at the standard local socket. Its role must be allowed to create
databases. Without one this says so in a line and succeeds: `make test` needs no service.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import IO

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


def run(jobs: int, which: str, url: str = "", words: IO[str] | None = None) -> subprocess.Popen[str]:
    """Start the tests of a marker expression, so many files at a time, with their output to *words*."""
    several = (
        ["--numprocesses", str(jobs), "--dist", "loadfile", "--no-loadscope-reorder"] if jobs > 1 else []
    )
    argv = [sys.executable, "-m", "pytest", *several, *(["-m", which] if which else [])]
    own = {"DATABASE_URL": url} if url else {}
    return subprocess.Popen(argv, env=os.environ | own, stdout=words, stderr=words, text=True)


def main() -> int:
    jobs = int(sys.argv[1])
    wanted = os.environ.get("RENDERDESK_TEST_DATABASES", "sqlite postgresql").split()
    server = os.environ.get("TEST_DATABASE_URL", LOCAL)
    url = f"{server.rsplit('/', 1)[0]}/renderdesk_{os.getpid()}"  # another run at the same time has another name
    if "postgresql" in wanted and (why := trouble(server)):
        print(f"NOT RUN on PostgreSQL: {why}", flush=True)
        wanted.remove("postgresql")
    if wanted == ["postgresql"]:
        return run(jobs, "database", url).wait()
    if "postgresql" not in wanted:
        return run(jobs, "").wait() if wanted else 0
    # A test of an installation waits for much of its time: beside the others, the processors have room for these.
    with tempfile.TemporaryFile("w+") as words:
        here = run(jobs, "not (cluster and database)")
        if jobs == 1:
            here.wait()
        there = run(1, "database", url, words)
        codes = [here.wait(), there.wait()]
        words.seek(0)
        print(f"On PostgreSQL, the tests that use the database:\n{words.read()}", flush=True)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
