"""A hundred GPUs on thirteen hosts with a million jobs waiting: the real claims, renders that take no time."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import mean, median
from typing import Any

from tests.benchmarks.runs import ask, postgresql, say
from tests.end_to_end.installation import installation

WAITING = 1_000_000
PICTURE_SECONDS = 5.0  # of one GPU: what claims take of that


def measure(seconds: float, waiting: int = WAITING) -> str:
    """Return what was measured in about so many seconds, most of them as fast as it goes, then at half of that rate."""
    servers = postgresql()
    if not servers:
        return "- no PostgreSQL answers: a hundred GPUs were not tried"
    with (
        tempfile.TemporaryDirectory(prefix="renderdesk-fleet-") as folder,
        installation(Path(folder), servers["PostgreSQL"]) as desk,
    ):

        def run(section: str, number: float) -> Any:
            say(f"A hundred GPUs: {section}")
            return ask(desk, section, int(number), "fleet_inside")

        run("fill", waiting)
        fast = run("drive", seconds * 2 / 3)
        paced = run("pace", fast["rate"] / 2)
    return "\n".join(words(waiting, fast, paced))


def words(waiting: int, fast: dict[str, Any], paced: dict[str, Any]) -> list[str]:
    load, shares = fast["load"], fast["shares"]
    fed, claim = 100 / fast["rate"], paced["claim"]
    part = 100 * mean(claim) / PICTURE_SECONDS
    return [
        f"- 100 GPUs on 13 hosts, {waiting:,} waiting, 200 persons, renders of no length: {fast['count']:,} claims and "
        f"ends in {fast['seconds']:.0f} s, {fast['rate']:.0f} a second. **The limit**: 100 GPUs are kept busy by "
        f"pictures of {fed:.1f} s and more, where one machine with two cores has the database and all the workers",
        f"- at half of that rate a claim takes {1000 * median(claim):.0f} ms, p95 {1000 * p95(claim):.0f} ms: "
        f"{part:.2f} % of a GPU's time with pictures of {PICTURE_SECONDS:g} s",
        f"- the database for each claim and end: {load['transactions']:.1f} transactions, {load['server_ms']:.1f} ms "
        f"of processor time, {load['wal_kb']:.1f} kB of log; {load['client_ms']:.1f} ms in the worker",
        f"- fairness: of 200 persons each got {min(shares)} to {max(shares)} pictures; ten of a new person, ordered "
        f"amid them, had all begun after {fast['late_claims']} claims ({fast['late_seconds']:.1f} s)",
    ]


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]
