"""How busy each GPU was: the part of the period in which a worker of its own held a job."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, DateTimeField, DurationField, ExpressionWrapper, F, Sum, Value
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils import timezone
from django.utils.translation import gettext as _

from gpu.models import GpuDevice
from rendering.models import Attempt
from rendering.reports.scope import Scope
from rendering.reports.table import Column, ColumnUnit, Table


def utilization(scope: Scope) -> Table:
    """Return busy seconds by GPU and queue, and their share of the time since jobs were first run: three queries."""
    now = timezone.now()
    first = Attempt.objects.order_by("id").values_list("started", flat=True).first()
    begin, end = scope.begin, min(scope.end, now)
    length = (end - max(begin, first or begin)).total_seconds()

    def moment(value: datetime) -> Value:
        return Value(value, output_field=DateTimeField())

    span = ExpressionWrapper(
        Least(Coalesce("finished", moment(now)), moment(end)) - Greatest(F("started"), moment(begin)),
        output_field=DurationField(),
    )
    tries = scope.attempts().filter(started__lt=end).annotate(span=span).filter(span__gte=timedelta())
    found = tries.values("gpu", "queue").annotate(attempts=Count("pk"), busy=Sum("span"))
    known = {
        (gpu, queue): (attempts, busy.total_seconds())
        for gpu, queue, attempts, busy in found.values_list("gpu", "queue", "attempts", "busy")
    }
    rows: list[tuple[str, str, int, float, float | None]] = []
    gpus = list(GpuDevice.objects.order_by("host", "id"))
    for gpu in gpus:
        mine = [key for key in known if key[0] == gpu.vendor_id]
        if not mine and gpu.enabled:
            rows.append((str(gpu), gpu.queue or "–", 0, 0.0, 0.0))
        for key in sorted(mine):
            attempts, busy = known.pop(key)
            rows.append((str(gpu), key[1], attempts, busy, busy / length if length > 0 else None))
    for (vendor_id, queue), (attempts, busy) in sorted(known.items()):
        share = busy / length if vendor_id and length > 0 else None
        rows.append((vendor_id or _("CPU workers"), queue, attempts, busy, share))
    return Table(
        "gpus",
        _("How busy each GPU was"),
        _(
            "Time in which its worker had a job, loading and saving included. The share is of the "
            "period, counted from the first job of this installation. CPU workers have no share, "
            "because several of them serve one queue."
        ),
        (
            Column("device", _("Device")),
            Column("queue", _("Queue")),
            Column("attempts", _("Attempts"), ColumnUnit.COUNT),
            Column("busy_seconds", _("Busy"), ColumnUnit.SECONDS),
            Column("share", _("Share of the period"), ColumnUnit.SHARE),
        ),
        rows,
        _("No worker held a job in this period, and no GPU is known."),
        bars=("busy_seconds",),
    )
