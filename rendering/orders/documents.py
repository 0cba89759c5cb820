"""Orders as JSON documents: what the commands print and the API answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rendering.models import Job, Order, OrderLine, OrderStep
from rendering.orders.drafting import Wish
from rendering.orders.foresight import foresee, foresee_run
from rendering.orders.steps import Run


def lines_of(order: Order) -> list[OrderLine]:
    """Return the lines of *order* with what their documents say."""
    lines = OrderLine.objects.filter(order=order).select_related("product", "output_type", "asset")
    return list(lines.prefetch_related("jobs"))


def order_document(order: Order, lines: Sequence[OrderLine]) -> dict[str, Any]:
    """Return an order with these lines, and with the steps of its workflow where it has one."""
    document = {**order.as_dict(), "lines": [line.as_dict() for line in lines]}
    if version := order.workflow_version:
        rows = order.steps.select_related("product", "job")
        steps = [_step(row, version.steps[row.number - 1].makes) for row in rows]
        document |= {"workflow": str(version), "steps": steps}
    return document


def has_failed_conversion(order: Order) -> bool:
    """Whether a conversion that the order's workflow asked for has failed."""
    return order.steps.filter(job__state=Job.State.FAILED).exists()


def _step(row: OrderStep, makes: str) -> dict[str, Any]:
    return {
        "product": row.product.number,
        "step": row.number,
        "makes": makes,
        "state": row.state,
        "reason": row.reason or None,
        "job": row.job_id,
    }


def foreseen(wishes: Sequence[Wish], run: Run | None) -> list[dict[str, Any]]:
    """Return what an order would do, a document for each picture and step; nothing is written. Raises OrderRefused."""
    rows: list[dict[str, Any]] = [
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
        rows.append({**row, "reason": one.reason or None})
    return rows
