"""Order output types of a product."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from rendering import orders
from rendering.console import DeskCommand, Report, order_report, output_types, products, wait_for
from rendering.models import Order
from rendering.models.order import DEFAULT_PRIORITY


class Command(DeskCommand):
    help = "Order pictures. What exists already is handed out, what can be derived is derived, the rest is rendered."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--product", nargs="+", required=True, metavar="NUMBER")
        parser.add_argument("--output-type", nargs="+", required=True, metavar="SLUG")
        parser.add_argument(
            "--priority", type=int, default=DEFAULT_PRIORITY, help="higher goes first (default %(default)s)"
        )
        parser.add_argument(
            "--wait", action="store_true", help="return when every picture is there or has failed"
        )
        parser.add_argument(
            "--timeout", type=float, default=0.0, metavar="SECONDS", help="wait no longer than this"
        )

    def report(
        self,
        *,
        product: list[str],
        output_type: list[str],
        priority: int,
        wait: bool,
        timeout: float,
        **options: Any,
    ) -> Report:
        types = output_types(output_type)
        wishes = [orders.Wish(item, kind) for item in products(product) for kind in types]
        order = orders.place(wishes, trigger=Order.Trigger.COMMAND, priority=priority)
        if wait:
            wait_for(order, self, timeout)
        return order_report(order, waited=wait)
