"""A report as plain rows, the same for the page, for people at a terminal, for JSON and for CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from media_assets.models import numbers

Value = str | int | float | date | None


class ColumnUnit(StrEnum):
    """What a column holds. Shares are 0 to 1, seconds and bytes plain numbers."""

    TEXT = "text"
    DAY = "day"
    COUNT = "count"
    SECONDS = "seconds"
    SHARE = "share"
    BYTES = "bytes"


@dataclass(frozen=True)
class Column:
    """One column: its key in JSON and CSV, its heading, its unit."""

    key: str
    label: str
    unit: ColumnUnit = ColumnUnit.TEXT

    @property
    def is_number(self) -> bool:
        return self.unit not in (ColumnUnit.TEXT, ColumnUnit.DAY)


@dataclass(frozen=True)
class Table:
    """One report. *bars* names the columns that its chart draws; *stacked* ones add up, others lie over each other.

    Rows that begin with a day are drawn along time, others as a bar in each row. *empty* is shown if there is no row.
    """

    name: str
    title: str
    about: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    empty: str
    bars: Sequence[str] = ()
    stacked: bool = True
    summary: str = ""

    @property
    def is_daily(self) -> bool:
        return self.columns[0].unit == ColumnUnit.DAY

    def values(self, key: str) -> list[Value]:
        """Return one column."""
        place = [column.key for column in self.columns].index(key)
        return [row[place] for row in self.rows]

    def to_json(self) -> dict[str, Any]:
        """Return the report as one JSON document."""
        keys = [column.key for column in self.columns]
        return {
            "report": self.name,
            "title": self.title,
            "about": self.about,
            "units": {column.key: column.unit.value for column in self.columns},
            "rows": [dict(zip(keys, map(plain, row), strict=True)) for row in self.rows],
        }

    def to_csv(self) -> str:
        """Return the report as CSV: keys first, raw numbers, days as YYYY-MM-DD."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([column.key for column in self.columns])
        writer.writerows([[_harmless(plain(value)) for value in row] for row in self.rows])
        return out.getvalue()

    def to_lines(self) -> list[str]:
        """Return the report for people: aligned columns, or the words that say why there are none."""
        lines = [self.title, *([self.summary] if self.summary else [])]
        if not self.rows:
            return [*lines, self.empty]
        cells = [
            [column.label for column in self.columns],
            *(
                [words(value, column.unit) for value, column in zip(row, self.columns, strict=True)]
                for row in self.rows
            ),
        ]
        widths = [max(map(len, texts)) for texts in zip(*cells, strict=True)]
        for row in cells:
            parts = [
                text.rjust(width) if column.is_number else text.ljust(width)
                for text, width, column in zip(row, widths, self.columns, strict=True)
            ]
            lines.append("  " + "  ".join(parts).rstrip())
        return lines


def plain(value: Value) -> Value:
    """Return a value as JSON and CSV hold it."""
    if isinstance(value, date):
        return value.isoformat()
    return round(value, 4) if isinstance(value, float) else value


def _harmless(value: Value) -> Value:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def words(value: Value, unit: ColumnUnit) -> str:
    """Return a value for people: 1,234; 12.3 s; 2 h 05 min; 45 %; 3.2 MB; "–" for none."""
    if value is None:
        return "–"
    if isinstance(value, (str, date)):
        return str(value)
    match unit:
        case ColumnUnit.SECONDS:
            return duration(float(value))
        case ColumnUnit.SHARE:
            return numbers.local(f"{100 * value:.{0 if abs(value) >= 0.1 or not value else 1}f} %")
        case ColumnUnit.BYTES:
            return size(float(value))
    return numbers.grouped(value)


def duration(seconds: float) -> str:
    """Return seconds in the largest units that fit."""
    if not seconds:
        return "0 s"
    if seconds < 0.9995:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 59.95:
        return numbers.local(f"{seconds:.1f} s")
    minutes = round(seconds / 60) if seconds >= 3570 else 0
    if minutes >= 60:
        return f"{numbers.grouped(minutes // 60)} h {minutes % 60:02} min"
    return f"{round(seconds) // 60} min {round(seconds) % 60:02} s"


def size(count: float) -> str:
    """Return bytes in decimal units."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(count) < 999.5:
            return numbers.local(f"{count:.{0 if unit == 'B' or abs(count) >= 100 else 1}f} {unit}")
        count /= 1000
    return numbers.local(f"{count:,.1f} TB")
