"""The geometry of the charts: rectangles in a box of 100 by 100 that the page stretches. Nothing here knows HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rendering.reports.scope import Scope
from rendering.reports.table import Table, Value

FULL = 100.0
GAP = 0.2  # of a day's width


@dataclass(frozen=True)
class ChartBox:
    """One rectangle: place and size in hundredths of the chart, and which column it shows."""

    series: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Days:
    """Stacked columns along time, with the top of the scale and the days at its foot."""

    boxes: Sequence[ChartBox]
    most: int
    days: Sequence[date]


def days(table: Table, scope: Scope) -> Days:
    """Return the chart of a daily report over all days of the period, those without a row included."""
    count = (scope.until - scope.since).days + 1
    columns = [table.values(key) for key in table.bars]
    sums = [sum(map(number, each)) for each in zip(*columns, strict=True)]
    most = max(sums, default=0.0) or 1.0
    width = FULL / count
    boxes = []
    for row, day in enumerate(table.values(table.columns[0].key)):
        if not isinstance(day, date):
            continue
        x, top = (day - scope.since).days * width, FULL
        for series, column in enumerate(columns):
            height = FULL * number(column[row]) / most
            top -= height
            if height:
                boxes.append(
                    ChartBox(
                        series,
                        rounded(x + width * GAP / 2),
                        rounded(top),
                        rounded(width * (1 - GAP)),
                        rounded(height),
                    )
                )
    middle = scope.since + (scope.until - scope.since) / 2
    return Days(boxes, round(most), sorted({scope.since, middle, scope.until}))


def bars(table: Table) -> list[list[ChartBox]]:
    """Return the bar of each row: stacked parts side by side, others over each other, the longest below."""
    columns = [table.values(key) for key in table.bars]
    rows = [[number(value) for value in each] for each in zip(*columns, strict=True)]
    most = max((sum(row) if table.stacked else max(row) for row in rows), default=0.0) or 1.0
    return [_stacked(row, most) if table.stacked else _laid_over(row, most) for row in rows]


def _stacked(row: Sequence[float], most: float) -> list[ChartBox]:
    boxes, x = [], 0.0
    for series, value in enumerate(row):
        width = FULL * value / most
        if width:
            boxes.append(ChartBox(series, rounded(x), 0.0, rounded(width), FULL))
        x += width
    return boxes


def _laid_over(row: Sequence[float], most: float) -> list[ChartBox]:
    longest_first = sorted(enumerate(row), key=lambda one: (-one[1], -one[0]))
    return [
        ChartBox(series, 0.0, 0.0, rounded(FULL * value / most), FULL)
        for series, value in longest_first
        if value
    ]


def number(value: Value) -> float:
    """Return a cell as a length; words and gaps have none."""
    return float(value) if isinstance(value, (int, float)) else 0.0


def rounded(value: float) -> float:
    return round(value, 3)
