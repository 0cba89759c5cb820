"""The deliverables matrix: products by output types; orders, cancels and retries for ticked cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gpu.admin.bounded import bounded, say_what_is_left_out
from media_assets.formats.files import shown_types
from media_assets.models import MediaAsset, Product
from media_assets.serving import html
from media_assets.serving.links import picture_url
from rendering import history, orders
from rendering.desk.orders import archive
from rendering.desk.shared.control import operator
from rendering.desk.shared.large import LargePaginator
from rendering.models import HistoryEntry, Order, OrderLine, OutputType
from rendering.models.roles import may
from rendering.orders.matrix import Cell, CellState, chosen, matrix, newest_lines

PER_PAGE = 40
SMALL_PX = 640  # larger pictures are named, not loaded
CAN_BE_RETRIED = (OrderLine.State.FAILED, OrderLine.State.CANCELED)
NO_GEOMETRY = (CellState.NO_CAD, CellState.CAD_FAILED)
CAN_FOLLOW = (CellState.MISSING, CellState.STALE, CellState.FAILED)


def answer(request: HttpRequest) -> HttpResponseBase:
    """Show the matrix; a POST does one verb with what is ticked and shows it again."""
    if not request.user.has_perms(("rendering.view_order", "media_assets.view_product")):
        raise PermissionDenied
    output_types = list(OutputType.objects.orderable())
    if request.method == "POST":
        return _acted(request, output_types)
    return TemplateResponse(request, "desk/deliverables/matrix.html", _context(request, output_types))


def _products(query: str) -> Any:
    found = Product.objects.unarchived().with_cad().defer("cad_file__tree", "cad_file__report")
    found = found.order_by("number")
    if query:
        found = found.filter(Q(number__icontains=query) | Q(name__icontains=query))
    return found


def _context(request: HttpRequest, output_types: Sequence[OutputType]) -> dict[str, Any]:
    query = bounded(request.GET.get("q", ""))[0]
    say_what_is_left_out(request, request.GET.get("q", ""))
    found = _products(query).annotate(picture=html.newest_picture("cad_file"))
    page = LargePaginator(found, PER_PAGE).get_page(request.GET.get("p", "1"))
    rows = matrix(list(page), output_types)
    user = request.user
    return {
        **admin.site.each_context(request),
        "title": _("Deliverables"),
        "opts": Order._meta,
        "query": query,
        "page": page,
        "earlier": _address(query, page.previous_page_number()) if page.has_previous() else "",
        "later": _address(query, page.next_page_number()) if page.has_next() else "",
        "address": _address(query, page.number),
        "output_types": output_types,
        "rows": [
            {
                "product": product,
                "thumb": html.thumb(product.picture, ""),
                "cells": [_shown(cell) for cell in row],
            }
            for product, row in zip(page, rows, strict=True)
        ],
        "counts": _counts(rows),
        "may_order": may(user, "order"),
        "may_cancel": may(user, "cancel"),
        "may_retry": may(user, "retry"),
        "may_download": archive.may_download(request),
        "may_act": archive.may_download(request)
        or any(may(user, verb) for verb in ("order", "cancel", "retry")),
    }


def _counts(rows: Sequence[Sequence[Cell]]) -> list[tuple[str, str, int]]:
    counts = Counter(cell.state for row in rows for cell in row)
    return [(one.value, str(one.label), counts[one]) for one in CellState if counts[one]]


def _shown(cell: Cell) -> dict[str, Any]:
    """Return what the template shows of a cell."""
    asset = cell.asset
    return {
        "cell": cell,
        "words": f"{cell.state.label}: {cell.why}" if cell.why else cell.state.label,
        "source": picture_url(asset.pk, str(asset.file.name)) if asset and _is_small(asset) else "",
        "percent": round(100 * cell.progress),
        "is_live": cell.state in (CellState.RUNNING, CellState.WAITING, CellState.PAUSED, CellState.HELD),
    }


def _is_small(asset: MediaAsset) -> bool:
    return asset.mime_type in shown_types() and max(asset.width or 0, asset.height or 0) <= SMALL_PX


def _address(query: str, page: int) -> str:
    words = {name: value for name, value in (("q", query), ("p", page if page > 1 else "")) if value}
    return reverse("admin:rendering_matrix") + (f"?{urlencode(words)}" if words else "")


def _acted(request: HttpRequest, output_types: Sequence[OutputType]) -> HttpResponseBase:
    if request.POST.get("verb") == "zip":
        return archive.for_cells(request, _ticked(request, output_types))
    verb = VERBS.get(request.POST.get("verb", ""))
    if verb is None:
        return HttpResponseRedirect(reverse("admin:rendering_matrix"))
    needed, act = verb
    if not may(request.user, needed):
        raise PermissionDenied(_("You may not do this. Ask an administrator for the permission."))
    if ticked := _ticked(request, output_types):
        act(request, ticked)
    else:
        messages.warning(request, _("Nothing is selected. Select cells, rows or columns first."))
    page = request.POST.get("page", "1")
    number = int(page) if page.isdecimal() and len(page) < 19 else 1
    return HttpResponseRedirect(_address(bounded(request.POST.get("q", ""))[0], number))


def _ticked(request: HttpRequest, output_types: Sequence[OutputType]) -> list[Cell]:
    ids = [text for text in request.POST.getlist("shown")[:PER_PAGE] if text.isdecimal() and len(text) < 19]
    rows = matrix(list(_products("").filter(pk__in=ids)), output_types)
    return chosen(
        rows,
        set(request.POST.getlist("cell")),
        set(request.POST.getlist("row")),
        set(request.POST.getlist("column")),
    )


def _order(request: HttpRequest, ticked: Sequence[Cell]) -> None:
    """Order what is missing, stale or failed; what is current or on its way needs nothing."""
    _place(request, [cell for cell in ticked if cell.state in CAN_FOLLOW], len(ticked), force=False)


def _render_again(request: HttpRequest, ticked: Sequence[Cell]) -> None:
    """Order all of it anew, though it is current."""
    _place(request, [cell for cell in ticked if cell.state not in NO_GEOMETRY], len(ticked), force=True)


def _place(request: HttpRequest, cells: Sequence[Cell], count: int, *, force: bool) -> None:
    wanted = [cell for cell in cells if cell.product.cad_file_id]
    if wanted:
        wishes = [orders.Wish(cell.product, cell.output_type, force) for cell in wanted]
        trigger = Order.Trigger.RERENDER if force else Order.Trigger.OPERATOR
        try:
            order = orders.place(wishes, trigger=trigger, user=operator(request))
        except orders.OrderRefused as error:
            messages.error(request, str(error))
            return
        messages.success(
            request,
            ngettext(
                "%(order)s placed: %(count)d picture.", "%(order)s placed: %(count)d pictures.", len(wanted)
            )
            % {"order": order, "count": len(wanted)},
        )
    if rest := count - len(wanted):
        skipped = ngettext(
            "%(count)d cell skipped: already current, in progress, or without a usable CAD file.",
            "%(count)d cells skipped: already current, in progress, or without a usable CAD file.",
            rest,
        )
        messages.warning(request, skipped % {"count": rest})


def _cancel(request: HttpRequest, ticked: Sequence[Cell]) -> None:
    """Cancel what is on its way, whoever ordered it."""
    pairs = {(cell.product.pk, cell.output_type.pk) for cell in ticked}
    live = OrderLine.objects.live().filter(product__in={one for one, _ in pairs})
    live = live.select_related("order", "product")
    wanted = [line for line in live if (line.product_id, line.output_type_id) in pairs]
    count = orders.cancel_lines(wanted)
    _note(HistoryEntry.Verb.CANCEL, wanted, count)
    done = ngettext("%(count)d line canceled.", "%(count)d lines canceled.", count)
    _report(request, count, done, _("Nothing selected is in progress."))


def _retry(request: HttpRequest, ticked: Sequence[Cell]) -> None:
    """Start the newest lines again that failed or were canceled."""
    newest = newest_lines({cell.product for cell in ticked}, {cell.output_type for cell in ticked})
    keys = {(cell.product.pk, cell.output_type.pk) for cell in ticked}
    ids = [line.pk for key, line in newest.items() if key in keys]
    lines = OrderLine.objects.filter(pk__in=ids).select_related("order", "product", "output_type", "cad_file")
    wanted = [line for line in lines if line.state in CAN_BE_RETRIED]
    count = orders.retry_lines(wanted)
    _note(HistoryEntry.Verb.RETRY, wanted, count)
    done = ngettext("%(count)d line started again.", "%(count)d lines started again.", count)
    _report(request, count, done, _("Nothing selected has failed or been canceled."))


def _note(verb: str, lines: Sequence[OrderLine], count: int) -> None:
    """Keep what was done to lines in the history of their orders and products."""
    if count:
        rows = [*{line.order_id: line.order for line in lines}.values(), *{line.product for line in lines}]
        name = ngettext("%(count)d line", "%(count)d lines", count) % {"count": count}
        history.record(verb, rows, count=count, name=name, words=_("Under Deliverables."))


def _report(request: HttpRequest, count: int, done: str, nothing: str) -> None:
    if count:
        messages.success(request, done % {"count": count})
    else:
        messages.warning(request, nothing)


VERBS: dict[str, tuple[str, Callable[[HttpRequest, Sequence[Cell]], None]]] = {
    "order": ("order", _order),
    "render_again": ("order", _render_again),
    "cancel": ("cancel", _cancel),
    "retry": ("retry", _retry),
}
