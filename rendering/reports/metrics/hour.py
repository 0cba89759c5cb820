"""What ended since the hour began, as counters and histograms that only grow until then.

They are the same in every web process, and cost the same whatever the history: each process keeps what it has counted
and reads only what ended since. `rate` and `increase` of Prometheus allow for counters that begin anew.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from math import inf

from django.db.models import Count
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.utils import floatToGoString

from rendering.models import Attempt, Job, OrderLine
from rendering.models.errors import ERRORS

# What ended longer ago than this is committed, by whichever host's clock; until then it is counted anew each time.
SETTLED = timedelta(minutes=2)
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 14400)  # seconds


@dataclass
class Spread:
    """One histogram: how many values are within each bucket and above all of them, and their sum."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(BUCKETS, value)] += 1
        self.total += value

    def buckets(self) -> list[tuple[str, float]]:
        bounds = [*BUCKETS, inf]
        return [
            (floatToGoString(bound), total)  # type: ignore[no-untyped-call]
            for bound, total in zip(bounds, accumulate(self.counts), strict=True)
        ]


@dataclass
class Tally:
    """What ended from *since* until *until*."""

    since: datetime
    until: datetime
    attempts: Counter[tuple[str, str]] = field(default_factory=Counter)  # kind, outcome
    errors: Counter[str] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)  # by source
    lookups: Counter[tuple[str, str]] = field(default_factory=Counter)  # what, hit or miss
    stages: defaultdict[tuple[str, str], Spread] = field(default_factory=lambda: defaultdict(Spread))
    jobs: defaultdict[str, Spread] = field(default_factory=lambda: defaultdict(Spread))

    def read(self, until: datetime) -> None:
        """Add what ended up to *until*. Nothing that is counted ends twice: another try is another attempt."""
        if until <= self.until:
            return
        period = {"finished__gte": self.until, "finished__lt": until}
        ended = Attempt.objects.filter(**period).exclude(outcome=Attempt.Outcome.RUNNING).order_by()
        groups = ended.values_list("job__kind", "outcome", "error_code").annotate(count=Count("pk"))
        for kind, outcome, code, count in groups:
            self.attempts[kind, outcome] += count
            if code:
                self.errors[code] += count
        done = OrderLine.objects.filter(state=OrderLine.State.DONE, **period).order_by()
        self.lines.update(dict(done.values_list("source").annotate(count=Count("pk"))))
        rows = Job.objects.filter(state=Job.State.SUCCEEDED, **period).order_by()
        columns = rows.values_list("kind", "started", "finished", "seconds", "reuse")
        for kind, started, finished, seconds, reuse in columns.iterator(chunk_size=2000):
            if started and finished:
                self.jobs[kind].add((finished - started).total_seconds())
            for stage, took in seconds.items():
                if isinstance(took, int | float):
                    self.stages[kind, stage].add(took)
            for what, found in reuse.items():
                self.lookups[what, "hit" if found.get("hit") else "miss"] += 1
        self.until = until


_lock = threading.Lock()
_settled: Tally | None = None


def tally(now: datetime | None = None) -> Tally:
    """Return what ended since the hour of *now* began."""
    global _settled
    now = now or timezone.now()
    full = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    with _lock:
        if _settled is None or _settled.since != full:
            _settled = Tally(full, full)
        _settled.read(now - SETTLED)
        whole = deepcopy(_settled)
    whole.read(now)
    return whole


def families() -> Iterator[Metric]:
    """Yield the counters and histograms. What has not happened yet is 0: else its first time would be no increase."""
    found = tally()
    kinds = Job.Kind.values
    yield _counter(
        "renderdesk_attempts",
        "Attempts of jobs that ended in this hour, by kind of job and outcome",
        ("kind", "outcome"),
        (
            ((kind, outcome), found.attempts[kind, outcome])
            for kind in kinds
            for outcome in Attempt.Outcome.values
            if outcome != Attempt.Outcome.RUNNING
        ),
    )
    yield _counter(
        "renderdesk_attempt_errors",
        "Attempts of jobs that ended with an error in this hour, by its code",
        ("error_code",),
        (((code,), found.errors[code]) for code in sorted({*ERRORS, *found.errors})),
    )
    yield _counter(
        "renderdesk_leases_lost",
        "Attempts whose worker died or lost its lease in this hour",
        (),
        [((), sum(found.attempts[kind, Attempt.Outcome.LOST] for kind in kinds))],
    )
    yield _counter(
        "renderdesk_order_lines_done",
        "Order lines done in this hour, by where their file came from: cached, derived or rendered",
        ("source",),
        (((source,), found.lines[source]) for source in OrderLine.Source.values),
    )
    sought = sorted({"geometry", "document", "render master", *(what for what, _ in found.lookups)})
    yield _counter(
        "renderdesk_lookups",
        "What jobs looked for before making it in this hour: hit or miss",
        ("what", "result"),
        (((what, result), found.lookups[what, result]) for what in sought for result in ("hit", "miss")),
    )
    yield _histogram(
        "renderdesk_stage_seconds",
        "Seconds of each stage of the jobs that succeeded in this hour",
        ("kind", "stage"),
        sorted(found.stages.items()),
    )
    yield _histogram(
        "renderdesk_job_seconds",
        "Seconds from the last claim to the end of the jobs that succeeded in this hour",
        ("kind",),
        (((kind,), found.jobs[kind]) for kind in kinds),
    )


def _counter(
    name: str, words: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
) -> Metric:
    family = CounterMetricFamily(name, words, labels=labels)
    for key, value in values:
        family.add_metric(key, value)
    return family


def _histogram(
    name: str, words: str, labels: tuple[str, ...], spreads: Iterable[tuple[tuple[str, ...], Spread]]
) -> Metric:
    family = HistogramMetricFamily(name, words, labels=labels)
    for key, spread in spreads:
        family.add_metric(key, spread.buckets(), spread.total)
    return family
