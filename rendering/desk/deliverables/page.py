"""The deliverables matrix: products by output types; orders, cancels and retries for ticked cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gpu.admin.bounded import say_what_is_left_out
from media_assets.models import MediaAsset
from media_assets.serving import html
from media_assets.serving.links import list_url
from rendering import history, orders
from rendering.desk.assets.filters import format_label
from rendering.desk.deliverables.choice import MatrixChoice
from rendering.desk.deliverables.rows import PER_PAGE, products, rows_of
from rendering.desk.orders import archive
from rendering.desk.shared.control import operator
from rendering.models import Approval, DeliverablesView, HistoryEntry, Order, OrderLine, OutputType, Review
from rendering.models.roles import may
from rendering.orders import approving
from rendering.orders.lines import WHOLE
from rendering.orders.matrix import Cell, CellState, MatrixRow, chosen, matrix, newest_lines

CAN_BE_RETRIED = (OrderLine.State.FAILED, OrderLine.State.CANCELED)
NO_GEOMETRY = (CellState.NO_CAD, CellState.CAD_FAILED)
CAN_FOLLOW = (CellState.MISSING, CellState.STALE, CellState.FAILED)


def answer(request: HttpRequest) -> HttpResponseBase:
    """Show the matrix; a POST does one verb with what is ticked and shows it again."""
    if not request.user.has_perms(("rendering.view_order", "media_assets.view_product")):
        raise PermissionDenied
    output_types = list(OutputType.objects.orderable())
    choice = MatrixChoice.of(request.GET, output_types)
    if request.method == "POST":
        return _acted(request, choice, choice.shown(output_types))
    return TemplateResponse(request, "desk/deliverables/matrix.html", _context(request, choice, output_types))


def _context(request: HttpRequest, choice: MatrixChoice, every: Sequence[OutputType]) -> dict[str, Any]:
    say_what_is_left_out(request, request.GET.get("q", ""))
    output_types = choice.shown(every)
    found = rows_of(choice, output_types)
    user = request.user
    views = list(DeliverablesView.objects.filter(user=operator(request)))
    return {
        **admin.site.each_context(request),
        "title": _("Deliverables"),
        "opts": Order._meta,
        "choice": choice,
        "query": choice.query,
        "found": found,
        "page": found.page,
        "columns": [
            {"label": one, "is_on": one.pk in choice.columns, "address": choice.with_column(one.pk).address}
            for one in every
        ],
        "output_types": output_types,
        "rows": [
            {
                "row": row,
                "product": row.product,
                "thumb": (
                    "" if row.variant or row.part else html.thumb(getattr(row.product, "picture", None), "")
                ),
                "cells": _shown_cells(row, output_types, choice),
            }
            for row in found.rows
        ],
        "chips": _chips(choice, [row.cells for row in found.rows]),
        "views": [
            {"view": one, "address": MatrixChoice.kept_as(one).address, "is_now": one.pk == choice.view}
            for one in views
        ],
        "view_name": next((one.name for one in views if one.pk == choice.view), ""),
        "may_order": may(user, "order"),
        "may_cancel": may(user, "cancel"),
        "may_retry": may(user, "retry"),
        "may_approve": may(user, "approve"),
        "may_download": archive.may_download(request),
        "may_act": archive.may_download(request)
        or any(may(user, verb) for verb in ("order", "cancel", "retry", "approve")),
    }


def _chips(choice: MatrixChoice, rows: Sequence[Sequence[Cell]]) -> list[dict[str, Any]]:
    """Return each state as a filter, with how many cells of the page are in it."""
    asks = OutputType.objects.orderable().filter(needs_approval=True).exists()
    counts = Counter(state for row in rows for cell in row for state in cell.states)
    return [
        {
            "state": state,
            "label": label,
            "count": counts[state],
            "is_on": state in choice.states,
            "address": choice.toggled(state).address,
        }
        for state, label in (*CellState.choices, *Approval.choices)
        if state in CellState.values or asks or counts[state] or state in choice.states
    ]


def _shown_cells(
    row: MatrixRow, output_types: Sequence[OutputType], choice: MatrixChoice
) -> list[dict[str, Any] | None]:
    """Return what the template shows in each column; None where the row has nothing of this type."""
    cells = {cell.output_type.pk: cell for cell in row.cells}
    return [
        _shown(cell, is_chosen=choice.has(cell)) if (cell := cells.get(output_type.pk)) else None
        for output_type in output_types
    ]


def _shown(cell: Cell, *, is_chosen: bool) -> dict[str, Any]:
    """Return what the template shows of a cell."""
    asset = cell.asset
    return {
        "cell": cell,
        "words": f"{cell.state.label}: {cell.why}" if cell.why else cell.state.label,
        "source": list_url(asset) if asset else "",
        "file": _words(asset) if asset else "",
        "percent": round(100 * cell.progress),
        "is_chosen": is_chosen,
        "approval": Approval(cell.approval) if cell.approval else None,
    }


def _words(asset: MediaAsset) -> str:
    """Return what stands for a file that has no picture."""
    return f"{asset.width} px" if asset.width else format_label(asset, asset.recipe.get("format"))


def _acted(
    request: HttpRequest, choice: MatrixChoice, output_types: Sequence[OutputType]
) -> HttpResponseBase:
    if request.POST.get("verb") == "zip":
        return archive.for_cells(request, _ticked(request, choice, output_types))
    verb = VERBS.get(request.POST.get("verb", ""))
    if verb is None:
        return HttpResponseRedirect(reverse("admin:rendering_matrix"))
    needed, act = verb
    if not may(request.user, needed):
        raise PermissionDenied(_("You may not do this. Ask an administrator for the permission."))
    if ticked := _ticked(request, choice, output_types):
        act(request, ticked)
    else:
        messages.warning(request, _("Nothing is selected. Select cells, rows or columns first."))
    return HttpResponseRedirect(choice.address)


def _ticked(request: HttpRequest, choice: MatrixChoice, output_types: Sequence[OutputType]) -> list[Cell]:
    """Return the ticked cells: those by themselves, and those of the chosen states in ticked rows and columns."""
    shown = list(dict.fromkeys(request.POST.getlist("shown")))
    ids = [text for text in shown[:PER_PAGE] if text.isdecimal() and len(text) < 19]
    rows = matrix(list(products("").filter(pk__in=ids)), output_types)
    cells = set(request.POST.getlist("cell"))
    found = chosen(rows, cells, set(request.POST.getlist("row")), set(request.POST.getlist("column")))
    return [cell for cell in found if cell.key in cells or choice.has(cell)]


def _order(request: HttpRequest, ticked: Sequence[Cell]) -> None:
    """Order what is missing, stale or failed; what is current or on its way needs nothing."""
    _place(request, [cell for cell in ticked if cell.state in CAN_FOLLOW], len(ticked), force=False)


def _render_again(request: HttpRequest, ticked: Sequence[Cell]) -> None:
    """Order all of it anew, though it is current."""
    _place(request, [cell for cell in ticked if cell.state not in NO_GEOMETRY], len(ticked), force=True)


def _place(request: HttpRequest, cells: Sequence[Cell], count: int, *, force: bool) -> None:
    wanted = [cell for cell in cells if cell.product.cad_file_id]
    if wanted:
        wishes = [cell.wish(force=force) for cell in wanted]
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
    keys = {cell.wish().key for cell in ticked}
    live = OrderLine.objects.live().filter(product__in={cell.product.pk for cell in ticked})
    wanted = [line for line in live.select_related("order", "product") if line.key in keys]
    count = orders.cancel_lines(wanted)
    _note(HistoryEntry.Verb.CANCEL, wanted, count)
    done = ngettext("%(count)d line canceled.", "%(count)d lines canceled.", count)
    _report(request, count, done, _("Nothing selected is in progress."))


def _retry(request: HttpRequest, ticked: Sequence[Cell]) -> None:
    """Start the newest lines again that failed or were canceled."""
    newest = newest_lines({cell.product for cell in ticked}, {cell.output_type for cell in ticked})
    keys = {cell.wish().key for cell in ticked}
    ids = [line.pk for key, line in newest.items() if key in keys]
    lines = OrderLine.objects.filter(pk__in=ids).select_related(*WHOLE)
    wanted = [line for line in lines if line.state in CAN_BE_RETRIED]
    count = orders.retry_lines(wanted)
    _note(HistoryEntry.Verb.RETRY, wanted, count)
    done = ngettext("%(count)d line started again.", "%(count)d lines started again.", count)
    _report(request, count, done, _("Nothing selected has failed or been canceled."))


def _approve(request: HttpRequest, ticked: Sequence[Cell]) -> None:
    _judge(request, ticked, approving.approve)


def _reject(request: HttpRequest, ticked: Sequence[Cell]) -> None:
    _judge(request, ticked, approving.reject)


def _judge(request: HttpRequest, ticked: Sequence[Cell], verb: Callable[..., Review | None]) -> None:
    """Approve or reject what is shown of the ticked cells, with the note of the page."""
    assets = {cell.asset.pk: cell.asset for cell in ticked if cell.asset}
    note, user = request.POST.get("note", ""), operator(request)
    count, refused = 0, ""
    for asset in assets.values():
        try:
            count += (
                verb(asset, user=user, note=note, seen=request.POST.get(f"seen-{asset.pk}", "")) is not None
            )
        except approving.VerdictRefused as error:
            refused = str(error)
    if verb is approving.approve:
        done = ngettext("%(count)d picture approved.", "%(count)d pictures approved.", count)
    else:
        done = ngettext("%(count)d picture rejected.", "%(count)d pictures rejected.", count)
    if refused:
        messages.error(request, refused)
    if count or not refused:
        _report(request, count, done, _("Nothing selected has a picture without this verdict."))


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
    "approve": ("approve", _approve),
    "reject": ("approve", _reject),
}
