"""What run_workers costs a host that has nothing to do, and how long a job's row waits for a worker that sleeps."""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

from tests.benchmarks import figures
from tests.benchmarks.figures import Row, Sample
from tests.benchmarks.runs import ask, say
from tests.end_to_end.installation import Installation, installation
from tests.redis_server import PROGRAM, redis_server

SETTLE_SECONDS = 20.0  # by then the workers have given their connections back
ASLEEP = 6  # wake-ups of a worker that has no connection any more
CPU_AIM, PROCESSES_AIM, MEMORY_AIM, COMMITS_AIM, CONNECTIONS_AIM = 1.0, 8, 250.0, 2.0, 4
WAKE_AIM, SQLITE_WAKE_AIM, START_AIM = 0.020, 0.300, 2.0  # seconds; issue 17 of the project


@dataclass(frozen=True)
class Idleness:
    """A host for some seconds: % of a core, processes, PSS in MB; of PostgreSQL, commits a second and connections."""

    cpu: float
    processes: int
    memory: float
    commits: float | None = None
    connections: int | None = None

    def rows(self, where: str) -> list[Row]:
        found = [
            ("CPU", f"{self.cpu:.2f} % of a core", self.cpu, CPU_AIM),
            ("processes", str(self.processes), self.processes, PROCESSES_AIM),
            ("memory (PSS)", f"{self.memory:.0f} MB", self.memory, MEMORY_AIM),
        ]
        if self.commits is not None and self.connections is not None:
            found += [
                ("transactions a second", f"{self.commits:.2f}", self.commits, COMMITS_AIM),
                ("connections, at most", str(self.connections), self.connections, CONNECTIONS_AIM),
            ]
        return [
            Row(
                f"idle host: {what}", where, value, f"aim {limit:g}: {'met' if number <= limit else 'missed'}"
            )
            for what, value, number, limit in found
        ]


def report(databases: dict[str, str], seconds: float, kicks: int) -> list[Row]:
    """Measure each broker that is here."""
    rows: list[Row] = []
    for name, server in databases.items():
        rows += _one(name, server, seconds, kicks, SQLITE_WAKE_AIM if name == "SQLite" else WAKE_AIM)
    if PROGRAM and "PostgreSQL" in databases:
        with (
            tempfile.TemporaryDirectory(prefix="renderdesk-redis-") as folder,
            redis_server(Path(folder)) as one,
        ):
            rows += _one(
                "PostgreSQL, Redis", databases["PostgreSQL"], seconds, kicks, WAKE_AIM, REDIS_URL=one.url
            )
    return rows


def _one(name: str, server: str, seconds: float, kicks: int, limit: float, **environment: str) -> list[Row]:
    say(f"Watching idle workers for {seconds:g} s on {name}")
    with (
        tempfile.TemporaryDirectory(prefix="renderdesk-idle-") as folder,
        installation(Path(folder), server) as desk,
    ):
        del desk.environment["RENDERDESK_HEARTBEAT_SECONDS"]
        desk.environment |= environment
        desk.shell(WAITING)
        began = time.time()
        supervisor = psutil.Process(desk.start_workers().pid)
        desk.wait_until(lambda: desk.shell(CLAIMED) != "None", "what waited is claimed", 120)
        claimed, spent = float(desk.shell(CLAIMED)) - began, _spent(supervisor)
        desk.wait_until(lambda: desk.shell(ALIVE) == "True", "every queue has a worker that answered", 120)
        desk.shell("from rendering.models import Job\nJob.objects.all().delete()")
        desk.forget_console()
        time.sleep(SETTLE_SECONDS)
        rows = watch(desk, supervisor, seconds).rows(name)
        rows.append(
            Row(
                "start of run_workers to the first claim",
                name,
                f"{figures.seconds(claimed)} (once)",
                f"{figures.aim(claimed, START_AIM)}; {figures.seconds(spent)} of processor time, its looks included",
            )
        )
        for what, section, count in (("idle", "kicks", kicks), ("asleep", "kicks_asleep", ASLEEP)):
            sample = Sample(tuple(ask(desk, section, count)))
            value = figures.spread(sample)
            rows.append(
                Row(
                    f"a job's row to its claim ({what} worker)",
                    name,
                    value,
                    figures.aim(sample.median, limit),
                )
            )
    return rows


WAITING = (
    "from rendering.models import Job\nfrom rendering.queue import claims\n"
    "claims.create(kind=Job.Kind.RENDER, recipe_key='first', priority=50, lane='heavy', queue='asset_pipeline', "
    "spec={'geometry': 0})"
)
CLAIMED = (
    "from rendering.models import Attempt\nfirst = Attempt.objects.order_by('pk').first()\n"
    "print(first and first.started.timestamp())"
)
ALIVE = (
    "from gpu.models import Worker\n"
    "print(Worker.objects.alive().filter(kicked__isnull=False).values('queue').distinct().count() == 3)"
)


def watch(desk: Installation, supervisor: psutil.Process, seconds: float) -> Idleness:
    """Watch a supervisor and all below it. Processes that come and go meanwhile are counted by their parents."""
    url = desk.environment["DATABASE_URL"]
    before, commits = _spent(supervisor), _commits(url)
    began = time.monotonic()
    counts, memory, connections = [], [], []
    while (left := began + seconds - time.monotonic()) > 0:
        time.sleep(min(left, 5.0))
        family = [supervisor, *supervisor.children(recursive=True)]
        counts.append(len(family))
        memory.append(sum(one.memory_full_info().pss for one in family) / 1e6)
        connections.append(_connections(url))
    spent = time.monotonic() - began
    return Idleness(
        cpu=100 * (_spent(supervisor) - before) / spent,
        processes=max(counts),
        memory=statistics.median(memory),
        commits=(_commits(url) - commits) / spent if commits else None,
        connections=max(connections) if commits else None,
    )


def _spent(supervisor: psutil.Process) -> float:
    """Seconds of processor time of a supervisor and all below it."""
    return sum(sum(one.cpu_times()[:4]) for one in [supervisor, *supervisor.children(recursive=True)])


def _commits(url: str) -> int:
    return int(_ask(url, "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = %s"))


def _connections(url: str) -> int:
    return int(_ask(url, "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"))


def _ask(url: str, question: str) -> Any:
    """Ask PostgreSQL about a database from another one; 0 for SQLite."""
    if not url.startswith("postgres"):
        return 0
    base, _, name = url.partition("?")[0].rpartition("/")
    with psycopg.connect(f"{base.replace('postgres://', 'postgresql://')}/postgres") as connection:
        return connection.execute(question, [name]).fetchone()[0]  # type: ignore[index, arg-type]
