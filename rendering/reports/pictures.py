"""What was made each day: pictures by kind, and renders by the device that really made them."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

from django.db.models import Count, Q
from django.db.models.fields.json import KT
from django.db.models.functions import TruncDate

from rendering.models import OutputType
from rendering.reports.scope import Scope
from rendering.reports.table import Column, ColumnUnit, Table, Value

KINDS = tuple(OutputType.Kind)


def pictures_per_day(scope: Scope) -> Table:
    """Return the files that were made each day, by kind: one query. A file that existed already counts as none."""
    made = scope.files().annotate(day=TruncDate("finished"), made_kind=KT("spec__recipe__kind"))
    days: dict[date, Counter[str]] = defaultdict(Counter)
    for day, kind, count in made.values_list("day", "made_kind").annotate(count=Count("pk")):
        days[day][kind or ""] += count
    rows: list[list[Value]] = [
        [day, *(counts[kind] for kind in KINDS), counts.total()] for day, counts in sorted(days.items())
    ]
    total = sum(counts.total() for counts in days.values())
    return Table(
        "pictures",
        "Pictures per day",
        "Files that were made for orders. A file that existed already is not made again and does not count.",
        (
            Column("day", "Day", ColumnUnit.DAY),
            *(Column(kind.value, f"{kind.label}s", ColumnUnit.COUNT) for kind in KINDS),
            Column("total", "All", ColumnUnit.COUNT),
        ),
        rows,
        "No picture was made in this period.",
        bars=[kind.value for kind in KINDS],
        summary=f"{total:,} {'file' if total == 1 else 'files'} on {len(rows)} of "
        f"{(scope.until - scope.since).days + 1} days."
        if rows
        else "",
    )


def renders_per_day(scope: Scope) -> Table:
    """Return renders per day by device: GPU, CPU as planned, CPU though a GPU was expected. One query."""
    on_cpu = ~Q(device_used="GPU")
    days = scope.renders().values(day=TruncDate("finished"))
    found = days.annotate(
        on_gpu=Count("pk", filter=Q(device_used="GPU")),
        on_cpu=Count("pk", filter=on_cpu & Q(gpu_fallback=False)),
        fallbacks=Count("pk", filter=on_cpu & Q(gpu_fallback=True)),
    )
    rows = sorted(found.values_list("day", "on_gpu", "on_cpu", "fallbacks"))
    fallbacks, total = sum(row[3] for row in rows), sum(sum(row[1:]) for row in rows)
    said = f"{fallbacks:,} of {total:,} renders ran on the CPU though a GPU was expected."
    return Table(
        "devices",
        "Renders per day, by device",
        "The device that Cycles really used. A fallback is a render on the CPU where a GPU was expected; "
        "a film counts as one for each of its parts.",
        (
            Column("day", "Day", ColumnUnit.DAY),
            Column("gpu", "GPU", ColumnUnit.COUNT),
            Column("cpu", "CPU", ColumnUnit.COUNT),
            Column("fallback", "CPU instead of a GPU", ColumnUnit.COUNT),
        ),
        rows,
        "Nothing was rendered in this period.",
        bars=("gpu", "cpu", "fallback"),
        summary=said if rows else "",
    )
