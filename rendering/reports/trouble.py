"""What failed: attempts by error code, kind of job and device."""

from __future__ import annotations

from django.db.models import Count, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _

from rendering.models import Attempt, Job
from rendering.reports.scope import Scope
from rendering.reports.table import Column, ColumnUnit, Table

BAD = (Attempt.Outcome.FAILED, Attempt.Outcome.LOST)


def failures(scope: Scope) -> Table:
    """Return failed and lost attempts by error code, kind of job and device: one query."""
    empty = Value("")
    device = Coalesce(
        NullIf("device_name", empty), NullIf("gpu", empty), NullIf("device_used", empty), Value(_("unknown"))
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
        _("Failures by code and device"),
        _(
            "Attempts that failed or were lost. A job that succeeded on another attempt counts as a "
            "job, but not as “not recovered”."
        ),
        (
            Column("error_code", _("Error")),
            Column("kind", _("Job")),
            Column("device", _("Device")),
            Column("attempts", _("Attempts"), ColumnUnit.COUNT),
            Column("jobs", _("Jobs"), ColumnUnit.COUNT),
            Column("failed_jobs", _("Not recovered"), ColumnUnit.COUNT),
        ),
        rows,
        _("Nothing failed in this period."),
        bars=("attempts",),
    )
