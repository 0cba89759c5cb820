"""Measured figures and the table they make."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """Repeated measurements of one thing, in one unit."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def p90(self) -> float:
        """The value that nine of ten stay below (nearest rank)."""
        ordered = sorted(self.values)
        return ordered[max(0, -(-len(ordered) * 9 // 10) - 1)]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    where: str
    value: str
    remark: str = ""


def seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


def spread(sample: Sample) -> str:
    """The median; with several values also p90 and how many there were."""
    count = len(sample.values)
    if count == 1:
        return f"{seconds(sample.median)} (once)"
    return f"{seconds(sample.median)} (p90 {seconds(sample.p90)}, n = {count})"


def aim(value: float, limit: float) -> str:
    """What was aimed for, and whether it was reached."""
    return (
        f"aim < {seconds(limit)}: {'met' if value < limit else f'missed, {value / limit:.1f} times as long'}"
    )


def ratio(value: float, base: float, name: str) -> str:
    return f"{value / base:.2f} times {name}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table whose columns also line up in a terminal."""
    widths = [max(len(row[index]) for row in (header, *rows)) for index in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"

    return "\n".join([line(header), line(["-" * width for width in widths]), *map(line, rows)])


def main_table(rows: Sequence[Row]) -> str:
    return table(
        ("measured", "database", "median", "remark"),
        [(row.what, row.where, row.value, row.remark) for row in rows],
    )


@dataclass(frozen=True)
class Comparison:
    """One line of a table of pairs: ours beside theirs; `is_met` says whether the aim was, None without an aim."""

    what: str
    against: str
    ours: str
    theirs: str
    ratio: str
    aim: str = ""
    is_met: bool | None = None
    remark: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        verdict = {True: "met", False: "**missed**", None: ""}[self.is_met]
        return (self.what, self.against, self.ours, self.theirs, self.ratio, self.aim, verdict, self.remark)


def comparison_table(found: Sequence[Comparison]) -> str:
    return table(
        ("what", "against", "ours", "theirs", "ratio", "aim", "", "remark"), [one.cells for one in found]
    )


def comparison_line(one: Comparison) -> str:
    return " | ".join(filter(None, one.cells))
