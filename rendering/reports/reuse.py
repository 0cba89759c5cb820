"""What was saved: renders that reuse made unnecessary, and bytes that formats saved against PNG."""

from __future__ import annotations

from django.db.models import BigIntegerField, Count, FloatField, Q, Sum, TextField, Value
from django.db.models.fields.json import KT, KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext, gettext_noop

from media_assets.models import numbers
from rendering.models import OrderLine
from rendering.reports.scope import Scope
from rendering.reports.table import Column, ColumnUnit, Table, size

LABELS = {
    OrderLine.Source.CACHED: gettext_noop("Existed already"),
    OrderLine.Source.DERIVED: gettext_noop("Derived from a picture"),
    OrderLine.Source.RENDERED: gettext_noop("Rendered"),
}


def cache(scope: Scope) -> Table:
    """Return the order lines that were done, by where their file came from, and the seconds saved: one query."""
    on_gpu = Q(device="GPU")
    found = (
        scope.lines()
        .annotate(
            took=Cast(KeyTextTransform("sample", KeyTransform("seconds", "asset__receipt")), FloatField()),
            device=Coalesce(
                KeyTextTransform("device_used", "asset__receipt"), Value(""), output_field=TextField()
            ),
        )
        .values("source")
        .annotate(lines=Count("pk"), gpu=Sum("took", filter=on_gpu), cpu=Sum("took", filter=~on_gpu))
    )
    by_source = {
        source: (lines, gpu or 0.0, cpu or 0.0)
        for source, lines, gpu, cpu in found.values_list("source", "lines", "gpu", "cpu")
    }
    total = sum(lines for lines, _, _ in by_source.values())
    rows: list[tuple[str, int, float, float | None, float | None]] = []
    hits, saved = 0, 0.0
    for source, name in LABELS.items():
        label = gettext(name)
        lines, gpu, cpu = by_source.get(source, (0, 0.0, 0.0))
        if source == OrderLine.Source.RENDERED:
            rows.append((label, lines, lines / total if total else 0.0, None, None))
        else:
            hits, saved = hits + lines, saved + gpu
            rows.append((label, lines, lines / total if total else 0.0, gpu, cpu))
    said = (
        numbers.say(
            # xgettext:no-python-format
            gettext("{percent:.0f} % of {total:,} order lines needed no render."),
            percent=100 * hits / total,
            total=total,
        )
        if total
        else ""
    )
    return Table(
        "cache",
        gettext("Cache hit rate"),
        gettext("Order lines that are done. Saved is the time that the renders of the reused pictures took."),
        (
            Column("source", gettext("Source")),
            Column("lines", gettext("Lines"), ColumnUnit.COUNT),
            Column("share", gettext("Share"), ColumnUnit.SHARE),
            Column("gpu_seconds_saved", gettext("GPU saved"), ColumnUnit.SECONDS),
            Column("cpu_seconds_saved", gettext("CPU saved"), ColumnUnit.SECONDS),
        ),
        rows if total else [],
        gettext("No order line was done in this period."),
        bars=("lines",),
        summary=said,
    )


def formats(scope: Scope) -> Table:
    """Return what each format saved against PNG, for pictures where that was measured: one query."""
    measured = scope.pictures().exclude(mime_type="image/png").filter(receipt__has_key="png_bytes")
    found = (
        measured.annotate(png=Cast(KT("receipt__png_bytes"), BigIntegerField()))
        .values("mime_type")
        .annotate(pictures=Count("pk"), total=Sum("bytes"), as_png=Sum("png"))
        .order_by("mime_type")
    )
    rows = [
        (mime, pictures, total, as_png, as_png - total, 1 - total / as_png if as_png else None)
        for mime, pictures, total, as_png in found.values_list("mime_type", "pictures", "total", "as_png")
    ]
    saved = sum(row[4] for row in rows)
    return Table(
        "formats",
        gettext("Bytes saved compared with PNG"),
        gettext("Pictures made in this period, each compared with the same picture as PNG."),
        (
            Column("mime_type", gettext("Format")),
            Column("pictures", gettext("Pictures"), ColumnUnit.COUNT),
            Column("bytes", gettext("Bytes"), ColumnUnit.BYTES),
            Column("png_bytes", gettext("As PNG"), ColumnUnit.BYTES),
            Column("bytes_saved", gettext("Saved"), ColumnUnit.BYTES),
            Column("share_saved", gettext("Saved"), ColumnUnit.SHARE),
        ),
        rows,
        gettext("No picture of this period was compared with PNG."),
        bars=("bytes", "png_bytes"),
        stacked=False,
        summary=_against_png(saved) if rows else "",
    )


def _against_png(saved: int) -> str:
    words = gettext("{bytes} less than as PNG.") if saved >= 0 else gettext("{bytes} more than as PNG.")
    return words.format(bytes=size(abs(saved)))
