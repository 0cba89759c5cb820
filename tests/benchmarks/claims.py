"""Claims with up to a million jobs waiting: one worker, eight, thirty-two, and beside a transaction that stays open."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks import figures
from tests.benchmarks.figures import Row, Sample
from tests.benchmarks.runs import ask, say
from tests.end_to_end.installation import installation

DEPTHS = {"SQLite": (1_000, 10_000, 100_000), "PostgreSQL": (1_000, 10_000, 100_000, 1_000_000)}
CLAIM_AIM, BOTH_AIM, P95_AIM, RATE_AIM = (
    0.005,
    0.010,
    0.020,
    200,
)  # s, s, s, a second; issue 17 of the project
PLANNED = 100_000  # rows from which reading all of them is wrong; PostgreSQL rightly reads 1,000 at once
SEVERAL = (8, 32)  # workers: as fast as they can; 100 claims a second together
DEAD = 60_000  # taken since a transaction was opened: ten minutes of 100 claims a second


def rows(databases: dict[str, str]) -> list[Row]:
    found: list[Row] = []
    for name, server in databases.items():
        with (
            tempfile.TemporaryDirectory(prefix="renderdesk-bench-") as folder,
            installation(Path(folder), server) as desk,
        ):

            def measure(section: str, number: int, desk: Any = desk) -> Any:
                return ask(desk, section, number, "claims_inside")

            for depth in DEPTHS[name]:
                say(f"Claims on {name} with {depth:,} waiting")
                measure("fill", depth)
                waiting = f"{depth:,} waiting"
                if name == "PostgreSQL":
                    sorted_ = Sample(tuple(measure("before", 0)))
                    found.append(
                        Row(f"the sort of a claim until 0.2, {waiting}", name, figures.spread(sorted_))
                    )
                    if depth >= PLANNED and (wrong := measure("plans", 0)):
                        raise SystemExit(f"With {waiting} a claim sorts or reads all of it:\n{wrong[0]}")
                found += _alone(waiting, name, measure("alone", 0))
                if name == "PostgreSQL" and depth >= 100_000:
                    found += _several(waiting, name, measure)
                    if depth == 100_000:
                        words = f"{waiting}, {DEAD:,} taken in an open transaction's time"
                        found += _alone(words, name, measure("held_open", DEAD))
    return found


def _alone(waiting: str, name: str, found: dict[str, Any]) -> list[Row]:
    claim, both = Sample(tuple(found["claim"])), Sample(tuple(found["both"]))
    spent = f"{1000 * found['client']:.1f} ms of CPU here, {1000 * found['server']:.1f} ms in the server"
    return [
        Row(
            f"claim (one worker), {waiting}",
            name,
            figures.spread(claim),
            figures.aim(claim.median, CLAIM_AIM),
        ),
        Row(
            f"claim and end (one worker), {waiting}",
            name,
            figures.spread(both),
            f"{figures.aim(both.median, BOTH_AIM)}; {spent}",
        ),
    ]


def _several(waiting: str, name: str, measure: Any) -> list[Row]:
    quick, many = SEVERAL
    fast, paced = measure("together", quick), measure("offered", many)
    claim = Sample(tuple(paced["claim"]))
    p95 = sorted(claim.values)[int(len(claim.values) * 0.95)]
    met = "met" if fast["rate"] >= RATE_AIM else "missed"
    return [
        Row(
            f"claims and ends a second ({quick} workers), {waiting}",
            name,
            f"{fast['rate']:.0f}",
            f"aim {RATE_AIM}: {met}; one claim {figures.spread(Sample(tuple(fast['claim'])))}",
        ),
        Row(
            f"claim, p95 ({many} workers offer 100 a second), {waiting}",
            name,
            figures.seconds(p95),
            f"{figures.aim(p95, P95_AIM)}; {paced['rate']:.0f} a second done",
        ),
    ]
