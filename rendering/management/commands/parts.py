"""Print the parts list of a product."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from media_assets.models import Product
from rendering.catalog.parts.documents import document
from rendering.catalog.parts.listing import parts_list
from rendering.management.console import DeskCommand, Report, UsageError
from rendering.reports.parts import parts_table


class Command(DeskCommand):
    help = _("Print the parts list of a product: counts, finishes, sizes, masses.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("product", metavar="NUMBER")

    def report(self, *, product: str, **options: Any) -> Report:
        found = Product.objects.with_cad().filter(number=product).first()
        if found is None:
            raise UsageError(_("There is no product with the number {number!r}.").format(number=product))
        listed = parts_list(found)
        return Report({"product": found.number, **document(listed)}, parts_table(found, listed).to_lines())
