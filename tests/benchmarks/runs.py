"""How benchmarks run inside private installations, and where their tables are written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.end_to_end.installation import Installation, installation
from tests.paths import PROJECT

PAGE = PROJECT / "docs" / "benchmarks.md"


def say(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)


def postgresql() -> dict[str, str]:
    """The PostgreSQL server of DATABASE_URL, else of the local socket, if it answers."""
    import psycopg

    url = os.environ.get("DATABASE_URL", "")
    url = url if url.startswith("postgres") else "postgres:///postgres"
    server = f"{url.rsplit('/', 1)[0].replace('postgres://', 'postgresql://')}/postgres"
    try:
        psycopg.connect(server, connect_timeout=3).close()
    except psycopg.OperationalError:
        return {}
    return {"PostgreSQL": url}


def run(server: str, section: str, count: int, *, with_workers: bool) -> Any:
    """Run one section of tests.benchmarks.inside in an installation of its own and return what it measured."""
    with (
        tempfile.TemporaryDirectory(prefix="renderdesk-bench-") as folder,
        installation(Path(folder), server) as desk,
    ):
        # As a user has it: the tests' quick heartbeat would be a load of its own.
        del desk.environment["RENDERDESK_HEARTBEAT_SECONDS"]
        if with_workers:
            desk.start_workers()
        return ask(desk, section, count)


def ask(desk: Installation, section: str, count: int, module: str = "inside") -> Any:
    """Run one section of a module of tests.benchmarks inside *desk*; return the JSON that it prints."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{module}", section, str(count)],
        cwd=PROJECT,
        env=desk.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{section} could not be measured:\n{done.stderr[-3000:]}\n{desk.logs()[-3000:]}")
    return json.loads(done.stdout)


def write(text: str, begin: str, end: str) -> None:
    """Replace what was measured between two marks of docs/benchmarks.md; the words around it stay."""
    before, _, rest = PAGE.read_text().partition(begin)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}")
