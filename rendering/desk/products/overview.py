"""What the page of a product shows of its work: deliverables, orders, and the conversion of its CAD file."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest

from media_assets.models import CadFile, Product
from media_assets.serving.links import cad_url, list_url
from rendering.desk.assets.filters import format_label
from rendering.desk.cad_files import cells
from rendering.models import Approval, Order, OrderLine, OutputType
from rendering.models.errors import problem_of
from rendering.orders.matrix import CellState, matrix

ORDERS = 10  # shown


def deliverables(product: Product) -> list[dict[str, Any]]:
    """Return the cells of the matrix for this product and its variants, without those that were never ordered.

    Pictures of its parts are on the page of its parts.
    """
    rows = matrix([product], list(OutputType.objects.orderable()))
    silent = (CellState.MISSING, CellState.NO_CAD, CellState.CAD_FAILED)
    return [
        {
            "cell": cell,
            "source": list_url(cell.asset) if cell.asset else "",
            "format": format_label(cell.asset, cell.asset.recipe.get("format")) if cell.asset else "",
            "percent": round(100 * cell.progress),
            "approval": Approval(cell.approval) if cell.approval else None,
        }
        for row in rows
        if row.part is None
        for cell in row.cells
        if cell.state not in silent or cell.order
    ]


def orders_of(product: Product) -> list[Order]:
    """Return the newest orders with lines of this product, with the counts of these lines."""
    mine = Q(lines__product=product)
    counted = {
        "line_count": Count("lines", filter=mine),
        "done_count": Count("lines", filter=mine & Q(lines__state=OrderLine.State.DONE)),
        "failed_count": Count("lines", filter=mine & Q(lines__state=OrderLine.State.FAILED)),
        "canceled_count": Count("lines", filter=mine & Q(lines__state=OrderLine.State.CANCELED)),
        "live_count": Count("lines", filter=mine & Q(lines__state__in=OrderLine.LIVE)),
    }
    newest = OrderLine.objects.filter(product=product).order_by("-order").values_list("order", flat=True)
    ids = list(newest.distinct()[:ORDERS])
    found = Order.objects.filter(pk__in=ids).select_related("ordered_by").annotate(**counted)
    return list(found.order_by("-pk"))


def conversion(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Return the live state of the product's CAD file, and its problem with the ways out that this user has."""
    if product.cad_file_id is None:
        return {}
    rows = cells.with_work(CadFile.objects.defer("tree", "report").filter(pk=product.cad_file_id))
    cad_file = cells.with_picture(request, rows).get()
    return {
        "file": cad_file,
        "picture": cells.picture_cell(cad_file),
        "state": cells.state_cell(cad_file),
        "problem": problem_of(cad_file) if cad_file.state == CadFile.State.FAILED else None,
        "source_url": cad_url(cad_file),
    }
