"""Order again what was ordered before."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from rendering import orders
from rendering.management.console import DeskCommand, Report, UsageError, order_report, row_id, wait_for
from rendering.models import Order
from rendering.orders import naming
from rendering.orders.deliverables import Deliverable, deliverables


class Command(DeskCommand):
    help = _("Bring ordered pictures up to date: those that are current are kept unless --force is given.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--product", nargs="+", action="extend", default=[], metavar="NUMBER")
        parser.add_argument("--asset", nargs="+", action="extend", type=row_id, default=[], metavar="ID")
        parser.add_argument("--output-type", nargs="+", action="extend", default=[], metavar="SLUG")
        parser.add_argument("--stale", action="store_true", help=_("only pictures that are stale"))
        parser.add_argument("--force", action="store_true", help=_("render again even if current"))
        parser.add_argument(
            "--dry-run", action="store_true", help=_("show what would be ordered, and order nothing")
        )
        parser.add_argument("--wait", action="store_true")
        parser.add_argument(
            "--timeout", type=float, default=0.0, metavar="SECONDS", help=_("wait no longer than this")
        )

    def report(
        self, *, stale: bool, force: bool, dry_run: bool, wait: bool, timeout: float, **options: Any
    ) -> Report:
        if not (options["product"] or options["asset"] or options["output_type"] or stale):
            raise UsageError(_("Say what to render again: --product, --asset, --output-type or --stale."))
        chosen = deliverables(
            products=naming.products(options["product"]),
            output_types=naming.output_types(options["output_type"]),
            assets=options["asset"],
        )
        if options["asset"] and not chosen:
            raise UsageError(
                _("No order led to asset {assets}: only ordered pictures can be rendered again.").format(
                    assets=", ".join(map(str, options["asset"]))
                )
            )
        if stale:
            chosen = [item for item in chosen if item.changed]
        if dry_run:
            return dry(chosen, force)
        if not chosen:
            return Report(
                {"order": None, "lines": []}, [_("Nothing to render again: everything is current.")]
            )
        wishes = [item.wish(force=force) for item in chosen]
        order = orders.place(wishes, trigger=Order.Trigger.RERENDER)
        if wait:
            wait_for(order, self, timeout)
        return order_report(order, waited=wait)


SAID = ("product", "variant", "part", "output_type", "state")


def dry(chosen: list[Deliverable], force: bool) -> Report:
    """What would be ordered, and why: the recipe's fields that changed."""
    lines = [
        {
            "product": item.product.number,
            "variant": item.line.variant_code or None,
            "part": item.line.part or None,
            "output_type": item.output_type.slug,
            "state": "planned" if force or item.changed else "current",
            "source": None,
            "asset": None,
            "jobs": [],
            "error_code": None,
            "error": None,
            "changed": item.changed,
        }
        for item in chosen
    ]
    text = [
        "  ".join(str(word) for word in (*(line[name] for name in SAID), ", ".join(item.changed)) if word)
        for line, item in zip(lines, chosen, strict=True)
    ]
    return Report({"order": None, "lines": lines}, text or [_("Nothing would be rendered again.")])
