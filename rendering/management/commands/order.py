"""Order output types of a product."""

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
    output_types,
    products,
    wait_for,
)
from rendering.models import Order, Workflow, WorkflowVersion
from rendering.models.order import DEFAULT_PRIORITY
from rendering.orders import workflows
from rendering.orders.foresight import foresee, foresee_run


class Command(DeskCommand):
    help = _(
        "Order pictures. Existing ones are reused, those that can be derived are derived, and the "
        "rest is rendered."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--product", nargs="+", required=True, metavar="NUMBER")
        parser.add_argument("--output-type", nargs="+", default=[], metavar="SLUG")
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
        product: list[str],
        output_type: list[str],
        workflow: str,
        dry_run: bool,
        priority: int,
        wait: bool,
        timeout: float,
        **options: Any,
    ) -> Report:
        if not (output_type or workflow):
            raise UsageError(_("Say what to order: --output-type or --workflow is required."))
        types, items = output_types(output_type), products(product)
        wishes = [orders.Wish(item, kind) for item in items for kind in types]
        run = orders.Run(version_of(workflow), items) if workflow else None
        if dry_run:
            return dry(wishes, run)
        order = orders.place(wishes, trigger=Order.Trigger.COMMAND, priority=priority, run=run)
        if wait:
            wait_for(order, self, timeout)
        return order_report(order, waited=wait)


def version_of(slug: str) -> WorkflowVersion:
    """Return the present version of a workflow; UsageError names those there are."""
    found = Workflow.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Workflow.objects.values_list("slug", flat=True)) or "none"
        raise UsageError(
            _("There is no workflow {slug!r}. There are: {known}.").format(slug=slug, known=known)
        )
    return workflows.current(found)


def dry(wishes: list[orders.Wish], run: orders.Run | None) -> Report:
    """What would be ordered, and which steps of a workflow would be skipped and why."""
    lines: list[dict[str, Any]] = [
        {
            "product": wish.product.number,
            "step": None,
            "makes": wish.output_type.slug,
            "outlook": outlook.value,
        }
        for wish, outlook in zip(wishes, foresee(wishes), strict=True)
    ]
    for one in foresee_run(run) if run else []:
        outlook = one.outlook.value if one.outlook else one.verdict.value
        row = {"product": one.product.number, "step": one.number, "makes": one.step.makes, "outlook": outlook}
        lines.append({**row, "reason": one.reason or None})
    text = ["  ".join(str(value) for value in one.values() if value is not None) for one in lines]
    return Report({"order": None, "would": lines}, text)
