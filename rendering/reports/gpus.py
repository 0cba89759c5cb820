"""How busy each GPU was: the part of the period in which a worker of its own held a job."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, DateTimeField, DurationField, ExpressionWrapper, F, Sum, Value
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils import timezone

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
        rows.append((vendor_id or "CPU workers", queue, attempts, busy, share))
    return Table(
        "gpus",
        "How busy each GPU was",
        "Time in which its worker held a job: loading and saving are part of it. The share is of the period, "
        "counted from the first job of this installation. Several CPU workers serve one queue, so theirs has no share.",
        (
            Column("device", "Device"),
            Column("queue", "Queue"),
            Column("attempts", "Attempts", ColumnUnit.COUNT),
            Column("busy_seconds", "Busy", ColumnUnit.SECONDS),
            Column("share", "Of the period", ColumnUnit.SHARE),
        ),
        rows,
        "No worker held a job in this period, and no GPU is known.",
        bars=("busy_seconds",),
    )
