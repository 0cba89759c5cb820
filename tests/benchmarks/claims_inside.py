"""Claims and ends, timed inside an installation: `python -m tests.benchmarks.claims_inside SECTION N` prints JSON."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import connection, connections, transaction

from gpu.queues.topology import PRIMARY_QUEUE, Lane
from rendering.models import Job
from rendering.queue import claims
from tests.rendering.queue import waiting_rows

ALONE = 150  # claims of one worker
SECONDS = 8.0  # of several workers
OFFERED = 100.0  # claims a second of all workers together
GEOMETRY = "k.geometry_key = md5('7')"
# The claim until 0.2: what waits was sorted, for each.
SORTED = f"""
    SELECT k.id FROM rendering_job k WHERE k.state = 'queued' AND NOT k.held AND k.held_since IS NULL
        AND (k.not_before IS NULL OR k.not_before <= now()) AND k.lane IN ('light', 'heavy')
        AND NOT EXISTS (SELECT 1 FROM gpu_queuepause p WHERE p.queue = 'asset_pipeline')
    ORDER BY k.priority DESC, CASE WHEN k.queue = 'asset_pipeline' THEN 0 ELSE 1 END,
        CASE WHEN {GEOMETRY} THEN 0 ELSE 1 END, k.queued, k.id LIMIT 1 FOR UPDATE SKIP LOCKED
"""


def fill(count: int) -> int:
    """Let *count* jobs wait, and nothing else."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("TRUNCATE rendering_job CASCADE")
            waiting_rows.fill(count)
            cursor.execute("VACUUM ANALYZE rendering_job")
        else:
            Job.objects.all().delete()
            Job.objects.bulk_create(
                (
                    Job(
                        kind=Job.Kind.RENDER,
                        recipe_key=uuid.uuid4().hex,
                        priority=40 + number % 20,
                        share=1 + number // 7 % 5,
                        lane=Lane.HEAVY if number % 2 else Lane.LIGHT,
                        queue=PRIMARY_QUEUE,
                        geometry_key=f"{number % 2000}",
                    )
                    for number in range(count)
                ),
                batch_size=2000,
            )
            cursor.execute("ANALYZE")
    return count


def server_seconds() -> float:
    """Processor time of this connection's process, where it runs on this machine; it does not depend on other load."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    fields = stat.read_text().rpartition(")")[2].split() if stat.exists() else ["0"] * 13
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def alone(_: int) -> dict[str, Any]:
    """Seconds of each claim of one worker, and of the claim with its end; processor time of both, here and there."""
    found: dict[str, Any] = {"claim": [], "both": []}
    geometry = ""
    for number in range(ALONE + 10):
        if number == 10:
            here, there = time.process_time(), server_seconds()
        began = time.perf_counter()
        claim = claims.claim(PRIMARY_QUEUE, "bench:b:1:1", geometry)
        assert claim
        found["claim"].append(time.perf_counter() - began)
        claims.succeed(claim)
        found["both"].append(time.perf_counter() - began)
        geometry = claim.job.geometry_key
    found = {name: values[10:] for name, values in found.items()}
    spent = {"client": time.process_time() - here, "server": server_seconds() - there}
    return found | {name: seconds / ALONE for name, seconds in spent.items()}


def before(_: int) -> list[float]:
    """Seconds of the statement with which a claim found its job until 0.2, on the same rows."""
    taken = []
    for _round in range(7):
        with transaction.atomic(), connection.cursor() as cursor:
            began = time.perf_counter()
            cursor.execute(SORTED)
            taken.append(time.perf_counter() - began)
    return taken[2:]


def plans(_: int) -> list[str]:
    """The plans of a claim's statements that sort or read all that waits."""
    return waiting_rows.wrong_in(waiting_rows.plans_of_claims())


def worker(pace: float) -> list[list[float]]:
    """For some seconds, claim and end; every *pace* s if it is not 0. Return the seconds of claims and of both."""
    claim_times, both_times = [], []
    geometry = ""
    claims.claim(PRIMARY_QUEUE, "bench:b:1:1")
    print("ready", flush=True)
    sys.stdin.readline()
    start = time.perf_counter()
    due = start + random.random() * pace  # no two of them are in step
    while (now := time.perf_counter()) - start < SECONDS:
        if pace and due > now:
            time.sleep(due - now)
        due += pace
        began = time.perf_counter()
        claim = claims.claim(PRIMARY_QUEUE, "bench:b:1:1", geometry)
        if claim is None:
            break
        claim_times.append(time.perf_counter() - began)
        claims.succeed(claim)
        both_times.append(time.perf_counter() - began)
        geometry = claim.job.geometry_key
    return [claim_times, both_times]


def _together(count: int, pace: float) -> dict[str, Any]:
    argv = [sys.executable, "-m", "tests.benchmarks.claims_inside", "worker", str(pace)]
    children = [
        subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(count)
    ]
    for child in children:
        assert child.stdout
        child.stdout.readline()
    for child in children:
        assert child.stdin
        child.stdin.write("\n")
        child.stdin.flush()
    found: dict[str, Any] = {"claim": [], "both": []}
    for child in children:
        one, two = json.loads(child.communicate()[0])
        found["claim"] += one
        found["both"] += two
    found["rate"] = len(found["both"]) / SECONDS
    return found


def together(count: int) -> dict[str, Any]:
    """So many workers, as fast as they can."""
    return _together(count, 0.0)


def offered(count: int) -> dict[str, Any]:
    """So many workers that together want OFFERED claims a second."""
    return _together(count, count / OFFERED)


def held_open(count: int) -> dict[str, Any]:
    """One worker beside a transaction that is open since *count* jobs were taken: they can't be cleaned up."""
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT count(*) FROM rendering_job")
        with connection.cursor() as mine:
            mine.execute(
                "UPDATE rendering_job SET state = 'succeeded', finished = now() WHERE id IN ("
                "SELECT id FROM rendering_job WHERE state = 'queued' ORDER BY priority DESC, share, queued LIMIT %s)",
                [count],
            )
        found = alone(0)
        cursor.execute("ROLLBACK")
    other.close()
    return found


SECTIONS: dict[str, Callable[[Any], Any]] = {
    "fill": fill,
    "alone": alone,
    "before": before,
    "plans": plans,
    "worker": worker,
    "together": together,
    "offered": offered,
    "held_open": held_open,
}


def main(argv: Sequence[str]) -> None:
    number = float(argv[1])
    json.dump(SECTIONS[argv[0]](int(number) if number.is_integer() else number), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
