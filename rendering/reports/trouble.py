"""What failed: attempts by error code, kind of job and device."""

from __future__ import annotations

from django.db.models import Count, Q, Value
from django.db.models.functions import Coalesce, NullIf

from rendering.models import Attempt, Job
from rendering.reports.scope import Scope
from rendering.reports.table import Column, ColumnUnit, Table

BAD = (Attempt.Outcome.FAILED, Attempt.Outcome.LOST)


def failures(scope: Scope) -> Table:
    """Return failed and lost attempts by error code, kind of job and device: one query."""
    empty = Value("")
    device = Coalesce(
        NullIf("device_name", empty), NullIf("gpu", empty), NullIf("device_used", empty), Value("not known")
    )
    tries = (
        scope.attempts().filter(outcome__in=BAD, finished__lt=scope.end).exclude(job__spec__has_key="trial")
    )
    found = (
        tries.values("error_code", "job__kind", device=device)
        .annotate(
            attempts=Count("pk"),
            jobs=Count("job", distinct=True),
            final=Count("job", distinct=True, filter=Q(job__state=Job.State.FAILED)),
        )
        .order_by("-attempts", "error_code", "job__kind", "device")
    )
    rows = list(found.values_list("error_code", "job__kind", "device", "attempts", "jobs", "final"))
    return Table(
        "failures",
        "Failures by code and device",
        "Attempts that failed or were lost. A job that succeeded at another attempt is among the jobs, "
        "not among those that stayed failed.",
        (
            Column("error_code", "Error"),
            Column("kind", "Job"),
            Column("device", "Device"),
            Column("attempts", "Attempts", ColumnUnit.COUNT),
            Column("jobs", "Jobs", ColumnUnit.COUNT),
            Column("failed_jobs", "Stayed failed", ColumnUnit.COUNT),
        ),
        rows,
        "Nothing failed in this period.",
        bars=("attempts",),
    )
