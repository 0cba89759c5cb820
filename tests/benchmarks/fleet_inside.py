"""A hundred GPUs inside an installation: `python -m tests.benchmarks.fleet_inside SECTION N` prints JSON."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import django

django.setup()

from django.db import connection
from django.db.models import Count

from gpu.queues import topology
from gpu.queues.topology import Lane
from rendering.models import Attempt, Job
from rendering.queue import claims
from tests.benchmarks.claims_inside import server_seconds
from tests.farm import catalog
from tests.rendering.queue import waiting_rows

GPUS, HOSTS, PROCESSES, SHARES = 100, 13, 8, 200
PACED_SECONDS = 20.0
LATE, LATE_SHARE = 10, 9_999


def fill(count: int) -> int:
    """Let *count* jobs of 200 persons wait for a hundred GPUs."""
    of_host = Counter(f"host{number % HOSTS}" for number in range(GPUS))
    catalog.gpus({host: [1.0] * gpus for host, gpus in of_host.items()})
    with connection.cursor() as cursor:
        waiting_rows.fill(count, SHARES)
        cursor.execute("VACUUM ANALYZE rendering_job")
    return count


def drive(seconds: int) -> dict[str, Any]:
    """Claim and end as fast as it goes. In the middle of it somebody new orders ten."""
    before, began = _counted(), time.monotonic()
    children = _started(float(seconds), 0.0)
    time.sleep(seconds / 2)
    late = _order_late()
    found = _ended(children) | {"seconds": time.monotonic() - began}
    after = _counted()
    count = len(found["claim"])
    return found | {
        "count": count,
        "rate": count / seconds,
        "shares": [row["count"] for row in _by_share()],
        "load": {
            "transactions": (after["commits"] - before["commits"]) / count,
            "wal_kb": (after["wal"] - before["wal"]) / count / 1000,
            "server_ms": 1000 * found["server"] / count,
            "client_ms": 1000 * found["client"] / count,
        },
        **_begun(late),
    }


def pace(rate: int) -> dict[str, Any]:
    """Claim and end so often a second, all GPUs together."""
    return _ended(_started(PACED_SECONDS, GPUS / rate))


def worker(index: int, seconds: float, each: float) -> dict[str, Any]:
    """Be every eighth GPU: claim and end in turn, each GPU once in *each* seconds."""
    mine = [queue for queue in topology.current().queues if queue.gpu][index::PROCESSES]
    due = {queue.name: time.monotonic() + random.random() * each for queue in mine}
    loaded = dict.fromkeys(due, "")
    taken = []
    client, server, until = time.process_time(), server_seconds(), time.monotonic() + seconds
    while (began := time.monotonic()) < until:
        queue = min(mine, key=lambda one: due[one.name])
        if due[queue.name] > began:
            time.sleep(min(due[queue.name], until) - began)
            continue
        claim = claims.claim(queue.name, f"{queue.host}:b:1:1", loaded[queue.name], queue.gpu)
        assert claim is not None
        taken.append(time.monotonic() - began)
        claims.succeed(claim)
        loaded[queue.name] = claim.job.geometry_key
        due[queue.name] = max(due[queue.name] + each, time.monotonic())
    return {"claim": taken, "client": time.process_time() - client, "server": server_seconds() - server}


def _started(seconds: float, each: float) -> list[subprocess.Popen[str]]:
    argv = [sys.executable, "-m", "tests.benchmarks.fleet_inside", "worker"]
    return [
        subprocess.Popen([*argv, str(index), str(seconds), str(each)], stdout=subprocess.PIPE, text=True)
        for index in range(PROCESSES)
    ]


def _ended(children: Sequence[subprocess.Popen[str]]) -> dict[str, Any]:
    found = [json.loads(child.communicate()[0]) for child in children]
    return {
        "claim": [seconds for one in found for seconds in one["claim"]],
        "client": sum(one["client"] for one in found),
        "server": sum(one["server"] for one in found),
    }


def _counted() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xact_commit, pg_current_wal_lsn() - '0/0' FROM pg_stat_database WHERE datname = current_database()"
        )
        commits, wal = cursor.fetchone()
    return {"commits": int(commits), "wal": int(wal)}


def _order_late() -> list[int]:
    """Let ten jobs of a new person wait, no more urgent than the most urgent of the others."""
    first = Job.objects.ready().order_by("-priority").values_list("priority", flat=True)[0]
    made = [
        Job(
            kind=Job.Kind.RENDER,
            recipe_key=uuid.uuid4().hex,
            priority=first,
            share=LATE_SHARE,
            lane=Lane.HEAVY,
            queue=topology.PRIMARY_QUEUE,
        )
        for _ in range(LATE)
    ]
    return [one.pk for one in Job.objects.bulk_create(made)]


def _begun(late: Sequence[int]) -> dict[str, float]:
    """How long those ten waited: in seconds, and in claims of anybody."""
    own = Attempt.objects.filter(job__in=late).order_by("started")
    last, ordered = own.last(), min(Job.objects.filter(pk__in=late).values_list("queued", flat=True))
    if last is None or own.count() < len(late):
        return {"late_seconds": float("inf"), "late_claims": -1}
    others = Attempt.objects.filter(started__gt=ordered, started__lt=last.started).count()
    return {"late_seconds": (last.started - ordered).total_seconds(), "late_claims": others}


def _by_share() -> list[dict[str, Any]]:
    rows = Attempt.objects.exclude(job__share=LATE_SHARE).order_by().values("job__share")
    return list(rows.annotate(count=Count("pk")))


SECTIONS: dict[str, Callable[..., Any]] = {"fill": fill, "drive": drive, "pace": pace, "worker": worker}


def main(argv: Sequence[str]) -> None:
    name, *numbers = argv
    json.dump(SECTIONS[name](int(float(numbers[0])), *map(float, numbers[1:])), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
