"""Print one report: a table for people, JSON or CSV for programs."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import date
from typing import Any

from rendering.management.console import DeskCommand, Report, UsageError, output_types, products
from rendering.reports import REPORTS, Scope, ScopeError
from rendering.reports.scope import DEFAULT_DAYS, TOP

FORMATS = ("table", "json", "csv")


class Command(DeskCommand):
    help = "Show a report over pictures, render time, reuse, failures or GPUs. See docs/reports.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name", metavar="NAME", choices=list(REPORTS), help=", ".join(REPORTS))
        parser.add_argument("--format", choices=FORMATS, default="table", help="table (default), json or csv")
        parser.add_argument(
            "--since",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help=f"first day (default: {DEFAULT_DAYS} days in all)",
        )
        parser.add_argument(
            "--until", type=date.fromisoformat, metavar="YYYY-MM-DD", help="last day (default: today)"
        )
        parser.add_argument("--product", metavar="NUMBER", help="only this product")
        parser.add_argument("--output-type", metavar="SLUG", help="only this output type")
        parser.add_argument("--top", type=int, default=TOP, help=f"rows of a ranking (default: {TOP})")

    def handle(self, *args: Any, **options: Any) -> None:
        options["as_json"] = options["as_json"] or options["format"] == "json"
        super().handle(*args, **options)

    def report(
        self,
        *,
        name: str,
        since: date | None,
        until: date | None,
        product: str | None,
        output_type: str | None,
        top: int,
        **options: Any,
    ) -> Report:
        asked = products([product])[0] if product else None
        kind = output_types([output_type])[0] if output_type else None
        try:
            scope = Scope.of(since, until, asked, kind, top)
        except ScopeError as error:
            raise UsageError(str(error)) from error
        table = REPORTS[name](scope)
        document = {"since": scope.since.isoformat(), "until": scope.until.isoformat(), **table.to_json()}
        lines: Sequence[str] = table.to_lines()
        if options["format"] == "csv":
            lines = table.to_csv().splitlines()
        return Report(document, lines)
