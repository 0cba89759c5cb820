"""The routings in numbers: every mix on 1, 2, 4 and 8 GPUs, and whether ours is the best."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.benchmarks import figures
from tests.benchmarks.routing import ONE, OURS, ROUTINGS, UNRESERVED, Outcome, simulate
from tests.benchmarks.routing_mixes import MIXES, mixes

COUNTS = (1, 2, 4, 8)
EQUAL = 1.01  # figures that are this near to the best one count as equal to it


@dataclass(frozen=True)
class Score:
    """A routing in one mix on so many GPUs, over all seeds: seconds, and thumbnails that waited behind turntables."""

    makespan: float
    p95: float
    behind: int


def score(outcomes: Sequence[Outcome]) -> Score:
    """Return the mean makespan, the p95 of all thumbnails together, and how many waited behind turntables."""
    together = Outcome(0.0, tuple(wait for one in outcomes for wait in one.thumbnail_waits), 0)
    return Score(
        statistics.fmean(one.makespan for one in outcomes),
        together.p95,
        sum(one.behind for one in outcomes),
    )


def compare(
    seeds: int, names: Iterable[str] = tuple(MIXES), counts: Sequence[int] = COUNTS
) -> list[dict[str, Any]]:
    """Return one row for each mix and number of GPUs: the score of every routing as JSON."""
    rows = []
    for name in names:
        instances = [next(mix for mix in mixes(seed) if mix.name == name) for seed in range(1, seeds + 1)]
        for gpus in counts:
            scores = {}
            for routing in ROUTINGS:
                if gpus == 1 and routing in (ONE, UNRESERVED):
                    continue  # the same as ours
                scores[routing] = score([simulate(mix, routing, gpus) for mix in instances])
            if gpus == 1:
                scores |= {ONE: scores[OURS], UNRESERVED: scores[OURS]}
            rows.append({"mix": name, "gpus": gpus, **{key: vars(one) for key, one in scores.items()}})
    return rows


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows of `compare` as Markdown; a star marks thumbnails that waited behind turntables."""
    cells = [
        (
            row["mix"],
            str(row["gpus"]),
            *(cell(Score(**row[name])) for name in ROUTINGS),
            verdict({name: Score(**row[name]) for name in ROUTINGS}),
        )
        for row in rows
    ]
    return figures.table(("mix", "GPUs", *ROUTINGS, "best is"), cells)


def cell(one: Score) -> str:
    return f"{one.makespan / 60:.0f} min, {one.p95:.0f} s{'*' if one.behind else ''}"


def verdict(scores: dict[str, Score]) -> str:
    """Say that ours is best or equal, or which routing is better in what, and how ours stands without a light GPU."""
    beaten = losses(scores, OURS)
    if not beaten:
        return "ours"
    without = losses(scores, UNRESERVED)
    if scores[UNRESERVED] == scores[OURS]:
        return beaten
    return f"{beaten}. No light GPU: {without or 'best'}"


def losses(scores: dict[str, Score], name: str) -> str:
    """Return in what another routing beats this one of ours; "" when it is best or equal in both figures."""
    ours = scores[name]
    rivals = {name: one for name, one in scores.items() if name not in (OURS, UNRESERVED)}
    words = []
    for what in ("makespan", "p95"):
        best = min(rivals, key=lambda name: getattr(rivals[name], what))
        rival = rivals[best]
        if getattr(ours, what) <= getattr(rival, what) * EQUAL:
            continue
        price = "*" if rival.behind and not ours.behind else ""
        words.append(f"{what} of {best}{price} {getattr(rival, what) / getattr(ours, what):.2f} times it")
    return "; ".join(words)
