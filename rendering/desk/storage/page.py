"""What the media take by kind, what the rules would let go, and the button that deletes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from gpu.models import SystemSettings
from media_assets import storage
from media_assets.models import CadFile, MediaAsset, numbers
from rendering import history
from rendering.catalog.freshness import IN_USE
from rendering.farm import pruning
from rendering.farm.pruning import Going, Outcome, Plan, Total
from rendering.models import HistoryEntry
from rendering.models.roles import may
from rendering.queue import schedules
from rendering.reports.table import duration, size

PERMISSION = "gpu.view_systemsettings"
SHOWN = 200  # files of the preview
MOST = 2_000  # files of each rule that are counted for it
BAR = 100  # units of a bar's width


@dataclass(frozen=True)
class KindRow:
    """One kind of files: how much there is, how much there may be, and what of it goes. *rule*: "" for what stays."""

    label: str
    files: int
    size: str
    rule: str = ""
    days: int | None = None
    limit: str = ""
    is_over: bool = False
    goes: str = ""
    bar: float = 0.0  # what there is, of BAR
    bar_goes: float = 0.0  # what of that goes


def page(request: HttpRequest) -> HttpResponse:
    """Show the storage to whoever may see the system settings."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    row = SystemSettings.load()
    plan = pruning.make_plan(row, MOST)
    space = storage.media_space()
    last = pruning.last_outcome(row)
    context = {
        **admin.site.each_context(request),
        "title": _("Storage"),
        "row": row,
        "is_bucket": storage.is_bucket(),
        "free": size(space.free),
        "total": size(space.total),
        "floor": size(row.disk_floor_mb * 1_000_000),
        "kinds": [*(_kind(plan, total) for total in plan.totals.values()), *_staying()],
        "going": [_going(one) for one in plan.going[:SHOWN]],
        "going_count": len(plan.going),
        "going_size": size(plan.bytes),
        "going_time": duration(plan.seconds),
        "has_more": plan.has_more,
        "rest": max(0, len(plan.going) - SHOWN),
        "last": _outcome(last) if last else None,
        "is_running": row.prune_requested_at is not None,
        "next_run": schedules.next_prune() if row.prune_daily else None,
        "may_prune": may(request.user, "prune"),
        "may_change": request.user.has_perm("gpu.change_systemsettings"),
        "settings_url": reverse("admin:gpu_systemsettings_change", args=[row.pk]),
    }
    return TemplateResponse(request, "desk/storage/page.html", context)


@require_POST
def prune(request: HttpRequest) -> HttpResponse:
    """Ask for a prune and go back to the page."""
    if not may(request.user, "prune"):
        raise PermissionDenied(_("You may not delete files. Ask an administrator for the permission."))
    if pruning.request(request.user.get_username()):
        history.record(HistoryEntry.Verb.OTHER, [], name=_("Storage"), count=1, words=_("Prune requested."))
        messages.success(
            request,
            _(
                "Pruning has been requested. The control cluster of run_workers does it; this page shows how far."
            ),
        )
    else:
        messages.warning(request, _("Pruning was already requested and is not done yet."))
    return HttpResponseRedirect(reverse("admin:storage"))


def _kind(plan: Plan, total: Total) -> KindRow:
    files, goes = plan.of(total.rule.name)
    most = max(total.bytes, total.limit or 0) or 1
    return KindRow(
        label=str(total.rule.label),
        files=total.files,
        size=size(total.bytes),
        rule=total.rule.name,
        days=total.days,
        limit="" if total.limit is None else size(total.limit),
        is_over=total.limit is not None and total.bytes > total.limit,
        goes=_files(files, goes) if files else "",
        bar=round(BAR * total.bytes / most, 2),
        bar_goes=round(BAR * goes / most, 2),
    )


def _staying() -> list[KindRow]:
    """Return what no rule touches: pictures that are in use, and what was uploaded."""
    counted: dict[str, Any] = {"files": Count("pk"), "bytes": Sum("bytes", default=0)}
    pictures = MediaAsset.objects.kept().filter(kind__in=MediaAsset.PICTURES, delivery_state__in=IN_USE)
    found = (
        (_("Pictures in use"), pictures.order_by().aggregate(**counted)),
        (_("CAD files"), CadFile.objects.order_by().aggregate(**counted)),
    )
    return [KindRow(label, one["files"], size(one["bytes"])) for label, one in found]


def _files(count: int, total: int) -> str:
    words = ngettext("%(count)s file, %(size)s", "%(count)s files, %(size)s", count)
    return words % {"count": numbers.grouped(count), "size": size(total)}


def _going(one: Going) -> dict[str, Any]:
    kinds = dict(MediaAsset.Kind.choices)
    return {
        "label": kinds.get(one.kind) or pruning.RULES[one.rule].label,
        "product": one.product,
        "url": reverse("admin:media_assets_mediaasset_change", args=[one.asset]) if one.asset else "",
        "size": size(one.bytes),
        "last_used": one.last_used,
        "reason": str(one.reason),
        "cost": _("unknown") if one.seconds is None else duration(one.seconds),
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "by": _("the schedule") if outcome.by == pruning.BY_SCHEDULE else outcome.by,
        "ended": outcome.ended,
        "gone": _files(outcome.all_files, outcome.all_bytes),
        "time": duration(outcome.seconds),
        "rows": sum(outcome.rows.values()),
        "trouble": outcome.trouble,
    }
