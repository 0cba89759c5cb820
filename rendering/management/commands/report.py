"""Print one report: a table for people, JSON or CSV for programs."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from rendering.management.console import DeskCommand, Report, UsageError
from rendering.orders import naming
from rendering.reports import REPORTS, Scope, ScopeError
from rendering.reports.scope import DEFAULT_DAYS, TOP

FORMATS = ("table", "json", "csv")


class Command(DeskCommand):
    help = _("Show a report over pictures, render time, reuse, failures or GPUs. See docs/reports.md.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name", metavar="NAME", choices=list(REPORTS), help=", ".join(REPORTS))
        parser.add_argument(
            "--format", choices=FORMATS, default="table", help=_("table (default), json or csv")
        )
        parser.add_argument(
            "--since",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help=_("first day (default: {days} days in all)").format(days=DEFAULT_DAYS),
        )
        parser.add_argument(
            "--until", type=date.fromisoformat, metavar="YYYY-MM-DD", help=_("last day (default: today)")
        )
        parser.add_argument("--product", metavar="NUMBER", help=_("only this product"))
        parser.add_argument("--output-type", metavar="SLUG", help=_("only this output type"))
        parser.add_argument(
            "--customer", default="", metavar="NAME", help=_("only products of this customer")
        )
        parser.add_argument(
            "--collection", default="", metavar="NAME", help=_("only products of this collection")
        )
        parser.add_argument("--tag", default="", metavar="NAME", help=_("only products with this tag"))
        parser.add_argument(
            "--top", type=int, default=TOP, help=_("rows of a ranking (default: {count})").format(count=TOP)
        )

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
        asked = naming.products([product])[0] if product else None
        kind = naming.output_types([output_type])[0] if output_type else None
        belongs = naming.groups(**{name: options[name] for name in ("customer", "collection", "tag")})
        try:
            scope = Scope.of(since, until, asked, kind, top, **belongs)
        except ScopeError as error:
            raise UsageError(str(error)) from error
        table = REPORTS[name](scope)
        document = {"since": scope.since.isoformat(), "until": scope.until.isoformat(), **table.to_json()}
        lines: Sequence[str] = table.to_lines()
        if options["format"] == "csv":
            lines = table.to_csv().splitlines()
        return Report(document, lines)
