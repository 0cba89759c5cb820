"""The lines of one order as its page shows them: counted, filtered by state, paged, with what the order costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.db.models.fields.json import KeyTextTransform
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from media_assets.serving import html
from rendering.catalog.parts.pieces import pieces_of
from rendering.desk.assets.filters import format_label
from rendering.desk.jobs.cells import duration, preview_url
from rendering.desk.orders import steps
from rendering.farm import previews
from rendering.models import Job, Order, OrderLine
from rendering.models.errors import problem_of
from rendering.orders.figures import Figures
from rendering.pictures.kinds import Source

PER_PAGE = 50
STATES: dict[str, tuple[str, ...]] = {
    "": tuple(OrderLine.State.values),
    "live": OrderLine.LIVE,
    "done": (OrderLine.State.DONE,),
    "failed": (OrderLine.State.FAILED,),
    "canceled": (OrderLine.State.CANCELED,),
}
NAMES = {
    "": gettext_lazy("All"),
    "live": gettext_lazy("In progress"),
    "done": gettext_lazy("Done"),
    "failed": gettext_lazy("Failed"),
    "canceled": gettext_lazy("Canceled"),
}


@dataclass(frozen=True)
class Asked:
    """Which lines the address asks for: those of a group of states, and a page of them."""

    show: str = ""
    page: str = "1"

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        show = query.get("show", "")
        return cls(show if show in STATES else "", query.get("page", "1"))

    def query(self, **other: str) -> str:
        """Return the end of an address that asks for the same but *other*."""
        words = {"show": self.show, "page": self.page, **other}
        return "?" + urlencode({name: value for name, value in words.items() if value not in ("", "1")})


def context(order: Any, asked: Asked) -> dict[str, Any]:
    """Return what the template shows of *order*: as many queries for 1,000 lines as for 10."""
    jobs = previews.with_film(Job.objects.all()).defer("log", "spec", "cad_file")
    lines = order.lines.filter(state__in=STATES[asked.show])
    lines = lines.select_related("product", "output_type", "variant", "asset__product")
    lines = lines.prefetch_related(Prefetch("jobs", jobs)).defer("asset__recipe").order_by("id")
    lines = lines.annotate(format_name=KeyTextTransform("format", "asset__recipe"))
    page = Paginator(lines, PER_PAGE).get_page(asked.page)
    parts = _names_of_parts(page)
    return {
        "order": order,
        "rows": [_row(line, parts) for line in page],
        "page": page,
        "earlier": asked.query(page=str(page.previous_page_number())) if page.has_previous() else "",
        "later": asked.query(page=str(page.next_page_number())) if page.has_next() else "",
        "views": [_view(order, asked, show) for show in STATES],
        "sums": _sums(order),
        "steps": steps.shown(order),
        "is_live": bool(order.live_count) or order.is_live,
        "live_url": reverse("admin:rendering_order_live", args=[order.pk]) + asked.query(),
    }


def _names_of_parts(lines: Iterable[OrderLine]) -> Mapping[tuple[int, int, str], str]:
    """Return what the parts of these lines are called, by CAD file, product and key."""
    owners = {
        (line.cad_file_id, line.product_id)
        for line in lines
        if line.part and line.cad_file_id and line.product_id
    }
    return {
        (*owner, one.key): one.kind.name
        for owner, found in (pieces_of(owners) if owners else {}).items()
        for one in found
    }


def _source(line: OrderLine) -> str:
    """Return in words where the file of a line came from."""
    if line.source == OrderLine.Source.DERIVED and line.output_type:
        row = line.output_type.kind_row
        if row.source is Source.FILES:
            return _("Bound from other files")
        if not row.is_rendered:
            return _("Made of the geometry")
    return line.get_source_display()


def _row(line: Any, parts: Mapping[tuple[int, int, str], str]) -> dict[str, Any]:
    jobs = list(line.jobs.all())  # newest first
    why = next((job.why for job in jobs if job.why), "")
    live = next(filter(None, map(preview_url, jobs)), "") if line.asset is None else ""
    return {
        "line": line,
        "part": parts.get((line.cad_file_id or 0, line.product_id or 0, line.part), line.part),
        "source": _source(line),
        "preview": "" if live else html.preview(line.asset),
        "format": format_label(line.asset, line.format_name) if line.asset else "",
        "live": live,
        "job": next(iter(jobs), None),
        "held": next((problem_of(job) for job in jobs if job.held_since), None),
        "why": why,
        "problem": problem_of(line) if line.state == OrderLine.State.FAILED else None,
        "canceled": problem_of(line).message if line.state == OrderLine.State.CANCELED else "",
    }


def _view(order: Any, asked: Asked, show: str) -> dict[str, Any]:
    counts = {
        "": order.line_count,
        "live": order.live_count,
        "done": order.done_count,
        "failed": order.failed_count,
        "canceled": order.canceled_count,
    }
    return {
        "name": NAMES[show],
        "count": counts[show] or 0,
        "url": asked.query(show=show, page=""),
        "is_chosen": show == asked.show,
    }


def _sums(order: Order) -> list[tuple[str, str, str]]:
    """Return (name, value, tone) of the order's figures in words."""
    figures = Figures.of(order)
    rows: list[tuple[str, str, str]] = []
    if figures.finished:
        rows.append((_("Finished"), date_format(timezone.localtime(figures.finished), "DATETIME_FORMAT"), ""))
    elif figures.forecast.seconds is not None:
        left = duration(timedelta(seconds=figures.forecast.seconds))
        rows.append((_("Time left"), _("about %(time)s") % {"time": left}, ""))
    elif figures.forecast.why:
        rows.append((_("Time left"), _("unknown: %(reason)s") % {"reason": figures.forecast.why}, "warn"))
    if order.due:
        words = {None: "", True: _("late"), False: _("on time")}[figures.is_late]
        rows.append((_("Due"), f"{date_format(order.due)} {words}".strip(), "bad" if figures.is_late else ""))
    if figures.gpu_seconds:
        rows.append((_("Rendered on the GPU"), duration(timedelta(seconds=figures.gpu_seconds)), ""))
    if figures.cpu_seconds:
        rows.append((_("Rendered on the CPU"), duration(timedelta(seconds=figures.cpu_seconds)), ""))
    if figures.reused:
        saved = duration(timedelta(seconds=figures.saved_seconds))
        words = ngettext("%(time)s (%(count)d picture)", "%(time)s (%(count)d pictures)", figures.reused)
        rows.append((_("Saved by reuse"), words % {"time": saved, "count": figures.reused}, "good"))
    return rows
