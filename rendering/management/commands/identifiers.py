"""Set the identifiers of products from a table."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from rendering.management.console import DONE, FAILED, DeskCommand, Report, UsageError
from rendering.orders import identifiers
from rendering.orders.table import NotATable, decode


class Command(DeskCommand):
    help = _("Set GTIN, ASIN, SKU and other identifiers of products from a CSV file.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE", help=_("columns: product, gtin, asin, sku or others"))

    def report(self, *, file: str, **options: Any) -> Report:
        try:
            found = identifiers.take(decode(Path(file).read_bytes()))
        except NotATable as error:
            raise UsageError(str(error)) from error
        except OSError as error:
            raise UsageError(
                _("{path!r} can't be read ({error}): check its name.").format(path=file, error=error.strerror)
            ) from error
        errors = [{"row": one.row, "error": one.message} for one in found.errors]
        lines = [
            _("{count} products changed, {same} unchanged.").format(count=found.changed, same=found.unchanged)
        ]
        lines += [_("row {row}: {error}").format(**one) for one in errors]
        document = {"changed": found.changed, "unchanged": found.unchanged, "errors": errors}
        return Report(document, lines, FAILED if errors else DONE)
