"""Order output types of products; show an order."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from rendering import orders
from rendering.management.console import (
    DeskCommand,
    Report,
    UsageError,
    order_report,
    row_id,
    wait_for,
)
from rendering.models import Order
from rendering.models.order import DEFAULT_PRIORITY
from rendering.orders import documents, naming, parts, variants
from rendering.orders.channels import profiles


class Command(DeskCommand):
    help = _(
        "Order pictures. Existing ones are reused, those that can be derived are derived, and the "
        "rest is rendered."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("verb", nargs="?", choices=["place", "show"], default="place")
        parser.add_argument("id", nargs="?", type=row_id, help=_("of the order to show"))
        parser.add_argument("--product", nargs="+", action="extend", default=[], metavar="NUMBER")
        parser.add_argument("--output-type", nargs="+", action="extend", default=[], metavar="SLUG")
        parser.add_argument(
            "--channel",
            nargs="+",
            action="extend",
            default=[],
            metavar="SLUG",
            help=_("all outputs of this channel"),
        )
        parser.add_argument(
            "--variant",
            nargs="+",
            action="extend",
            default=[],
            metavar="SLUG",
            help=_("variants of the products; all: every variant, none: the product itself (default)"),
        )
        parser.add_argument(
            "--workflow", default="", metavar="SLUG", help=_("run this workflow as well, or alone")
        )
        parser.add_argument(
            "--dry-run", action="store_true", help=_("show what would be ordered, and order nothing")
        )
        parser.add_argument(
            "--priority",
            type=int,
            default=DEFAULT_PRIORITY,
            help=_("higher goes first (default %(default)s)"),
        )
        parser.add_argument(
            "--wait", action="store_true", help=_("return when every picture is done or has failed")
        )
        parser.add_argument(
            "--timeout", type=float, default=0.0, metavar="SECONDS", help=_("wait no longer than this")
        )

    def report(
        self,
        *,
        verb: str,
        id: int | None,
        product: list[str],
        output_type: list[str],
        channel: list[str],
        variant: list[str],
        workflow: str,
        dry_run: bool,
        priority: int,
        wait: bool,
        timeout: float,
        **options: Any,
    ) -> Report:
        if verb == "show":
            order = Order.objects.filter(pk=id or 0).first()
            if order is None:
                raise UsageError(_("There is no order {id}.").format(id=id))
            return order_report(order, waited=False)
        if not product:
            raise UsageError(_("Say for which products: --product is required."))
        if not (output_type or channel or workflow):
            raise UsageError(_("Say what to order: --output-type, --channel or --workflow is required."))
        of_channels = profiles.outputs_of(profiles.profiles(channel))
        types = list({one.pk: one for one in (*naming.output_types(output_type), *of_channels)}.values())
        items = naming.products(product)
        wishes = parts.each_part(variants.wishes(items, types, variant))
        run = orders.Run(naming.workflow(workflow), items) if workflow else None
        if dry_run:
            would = documents.foreseen(wishes, run)
            text = ["  ".join(str(value) for value in one.values() if value is not None) for one in would]
            return Report({"order": None, "would": would}, text)
        order = orders.place(wishes, trigger=Order.Trigger.COMMAND, priority=priority, run=run)
        if wait:
            wait_for(order, self, timeout)
        return order_report(order, waited=wait)
