"""Orders as JSON documents: what the commands print and the API answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet

from media_assets.models import MediaAsset
from media_assets.serving.links import asset_name, whole
from rendering.models import Job, Order, OrderLine, OrderStep, OutputType
from rendering.models.review import approvals_of
from rendering.orders.drafting import Wish
from rendering.orders.foresight import foresee, foresee_run
from rendering.orders.steps import Run


def lines_of(order: Order) -> list[OrderLine]:
    """Return the lines of *order* with what their documents say."""
    lines = list(with_documents(OrderLine.objects.filter(order=order)))
    note_approvals_of(lines)
    return lines


def note_approvals_of(lines: Sequence[OrderLine]) -> None:
    """Look up the approval of what these lines delivered, for their documents."""
    note_approvals([line.asset for line in lines if line.asset])


def note_approvals(assets: Sequence[MediaAsset]) -> None:
    """Look up the approval of these assets, all in one query, for their documents."""
    found = approvals_of(asset.pk for asset in assets)
    for asset in assets:
        asset.approval = found.get(asset.pk, "")  # type: ignore[attr-defined]


def with_documents(lines: QuerySet[OrderLine]) -> QuerySet[OrderLine]:
    """Return the same lines with all that their documents say: four queries, however many there are."""
    kinds = Prefetch("output_type", OutputType.objects.only("slug"))
    jobs = Prefetch("jobs", Job.objects.only("pk").order_by())
    rows = lines.select_related("product", "variant", "asset").prefetch_related(kinds, "asset__product", jobs)
    return rows.defer("asset__recipe")


def order_document(order: Order, lines: Sequence[OrderLine]) -> dict[str, Any]:
    """Return an order with these lines, and with the steps of its workflow where it has one."""
    document = {**order.as_dict(), "lines": [line_document(line) for line in lines]}
    if version := order.workflow_version:
        rows = order.steps.select_related("product", "job")
        steps = [_step(row, version.steps[row.number - 1].makes) for row in rows]
        document |= {"workflow": str(version), "steps": steps}
    return document


def line_document(line: OrderLine) -> dict[str, Any]:
    """Return a line with its asset."""
    return {**line.as_dict(), "asset": asset_document(line.asset) if line.asset else None}


def asset_document(asset: MediaAsset) -> dict[str, Any]:
    """Return an asset with what its file is called and where the API has it."""
    if not hasattr(asset, "approval"):
        note_approvals([asset])
    url = whole(
        f"/api/v1/assets/{asset.pk}/file"
    )  # without the addresses of the web, which take a second to load
    return {
        **asset.as_dict(),
        "file_name": asset_name(asset),
        "url": url,
        "approval": getattr(asset, "approval", "") or None,
    }


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
            "variant": wish.variant.slug if wish.variant else None,
            "part": wish.part or None,
            "step": None,
            "makes": wish.output_type.slug,
            "outlook": outlook.value,
        }
        for wish, outlook in zip(wishes, foresee(wishes), strict=True)
    ]
    for one in foresee_run(run) if run else []:
        outlook = one.outlook.value if one.outlook else one.verdict.value
        row = {"product": one.product.number, "step": one.number, "makes": one.step.makes, "outlook": outlook}
        rows.append({**row, "reason": one.reason.for_programs if one.reason else None})
    return rows
