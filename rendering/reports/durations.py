"""How long things take: stages of jobs, and waiting in the queues. Median and 95th percentile."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from media_assets.models import numbers
from rendering.models import Job
from rendering.reports.scope import Scope
from rendering.reports.table import Column, ColumnUnit, Table

CHUNK = 5000
MOST_JOBS = 10_000  # the percentiles of so many are those of all but for a hair
STRIDE, PARTS = 7919, 10_007  # primes: they scatter the ids, in whose last digits kinds of jobs would show
BARS = ("p50_seconds", "p95_seconds")


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which *share* (0 to 1) of ascending values lie, interpolated as PERCENTILE_CONT does."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def looked_at(jobs: QuerySet[Job]) -> tuple[QuerySet[Job], str]:
    """Return *jobs*, or as many scattered ones of them as are looked at, and in words how many that are."""
    count = jobs.count()
    if count <= MOST_JOBS:
        return jobs, ""
    some = jobs.annotate(place=F("id") * STRIDE % PARTS).filter(place__lt=PARTS * MOST_JOBS // count)
    words = _("Measured on about {most:,} of {count:,} jobs, chosen evenly.")
    return some, numbers.say(words, most=MOST_JOBS, count=count)


def stages(scope: Scope) -> Table:
    """Return seconds per kind of job and stage, of jobs that succeeded: two queries, read in batches.

    The stages lie in JSON and have no fixed names, so the percentiles are made here, the same on every database.
    """
    known: dict[tuple[str, str], array[float]] = defaultdict(lambda: array("d"))
    jobs, said = looked_at(scope.jobs().filter(state=Job.State.SUCCEEDED))
    for kind, seconds in jobs.values_list("kind", "seconds").iterator(chunk_size=CHUNK):
        for stage, spent in seconds.items():
            if stage != "wait" and isinstance(spent, (int, float)):
                known[kind, stage].append(spent)
    return Table(
        "stages",
        _("Durations by stage"),
        _(
            "Of jobs that succeeded. A stage may lie within another: “render” holds everything that "
            "Blender did. The stages of a film's frames are added up for each part."
        ),
        (Column("kind", _("Job")), Column("stage", _("Stage")), *_columns()),
        _figures(known),
        _("No job succeeded in this period."),
        bars=BARS,
        stacked=False,
        summary=said,
    )


def waits(scope: Scope) -> Table:
    """Return how long jobs of each lane waited in their queue before their last attempt: two queries.

    Of very many jobs some are looked at.
    """
    known: dict[tuple[str, str], array[float]] = defaultdict(lambda: array("d"))
    jobs, said = looked_at(scope.jobs().filter(started__isnull=False))
    rows = jobs.values_list("queue", "lane", "queued", "started")
    for queue, lane, queued, started in rows.iterator(chunk_size=CHUNK):
        if started is not None:
            known[queue, lane].append(max((started - queued).total_seconds(), 0.0))
    return Table(
        "waits",
        _("Waiting in the queues"),
        _("From when a job last began to wait until a worker took it, pauses included."),
        (Column("queue", _("Queue")), Column("lane", _("Lane")), *_columns()),
        _figures(known),
        _("No job ended in this period."),
        bars=BARS,
        stacked=False,
        summary=said,
    )


def _columns() -> tuple[Column, ...]:
    return (
        Column("count", _("Jobs"), ColumnUnit.COUNT),
        Column("p50_seconds", "p50", ColumnUnit.SECONDS),
        Column("p95_seconds", "p95", ColumnUnit.SECONDS),
        Column("most_seconds", _("Longest"), ColumnUnit.SECONDS),
    )


def _figures(
    known: Mapping[tuple[str, str], Iterable[float]],
) -> list[tuple[str, str, int, float, float, float]]:
    rows = []
    for (first, second), values in sorted(known.items()):
        ordered = sorted(values)
        rows.append(
            (first, second, len(ordered), percentile(ordered, 0.5), percentile(ordered, 0.95), ordered[-1])
        )
    return rows
