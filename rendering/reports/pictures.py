"""What was made each day: pictures by kind, and renders by the device that really made them."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

from django.db.models import Count, Q
from django.db.models.fields.json import KT
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from media_assets.models import numbers
from rendering.pictures.kinds import KINDS
from rendering.reports.scope import Scope
from rendering.reports.table import Column, ColumnUnit, Table, Value


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
        _("Pictures per day"),
        _("Files that were made for orders. Files that existed already are not counted."),
        (
            Column("day", _("Day"), ColumnUnit.DAY),
            *(Column(kind.name, _(kind.plural), ColumnUnit.COUNT) for kind in KINDS.values()),
            Column("total", _("Total"), ColumnUnit.COUNT),
        ),
        rows,
        _("No picture was made in this period."),
        bars=list(KINDS),
        summary=numbers.say(
            ngettext(
                "{total:,} file on {count} of {days} days.",
                "{total:,} files on {count} of {days} days.",
                total,
            ),
            total=total,
            count=len(rows),
            days=(scope.until - scope.since).days + 1,
        )
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
    words = _("{fallbacks:,} of {total:,} renders ran on the CPU though a GPU was expected.")
    said = numbers.say(words, fallbacks=fallbacks, total=total)
    return Table(
        "devices",
        _("Renders per day, by device"),
        _(
            "The device that Cycles actually used. A fallback is a render on the CPU where a GPU was "
            "expected. A film counts once for each of its parts."
        ),
        (
            Column("day", _("Day"), ColumnUnit.DAY),
            Column("gpu", "GPU", ColumnUnit.COUNT),
            Column("cpu", "CPU", ColumnUnit.COUNT),
            Column("fallback", _("CPU instead of a GPU"), ColumnUnit.COUNT),
        ),
        rows,
        _("Nothing was rendered in this period."),
        bars=("gpu", "cpu", "fallback"),
        summary=said if rows else "",
    )
