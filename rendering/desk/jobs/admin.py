"""Jobs: live progress, cancel, retry. Only rendering.queue.claims writes their rows."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.html import format_html
from django.utils.http import quote_etag
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy
from django.views.decorators.http import require_safe

from media_assets.serving import html
from rendering import orders
from rendering.desk.jobs import cells
from rendering.desk.shared.base import RecordAdmin, sees_pictures
from rendering.desk.shared.control import ControlAdmin
from rendering.desk.shared.work_filters import ErrorFilter, QueueFilter
from rendering.farm import previews
from rendering.models import Job
from rendering.models.errors import problem_of
from rendering.models.order import PRIORITIES
from rendering.models.sentence import Sentence
from rendering.queue import claims, waiting

PRIORITY_STEP = 10
LIVE_LIMIT = 200  # rows of one page that refresh themselves
NOTHING = base64.b64decode(  # a transparent PNG of one pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNgYAAAAAMAASsJTYQAAAAASUVORK5CYII="
)
ENDED_BADLY = (Job.State.FAILED, Job.State.CANCELED)


class DeviceFilter(admin.SimpleListFilter):
    """What really renders or rendered a job."""

    title = gettext_lazy("device")
    parameter_name = "device"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("GPU", "GPU"), ("CPU", "CPU"), ("fallback", _("CPU instead of GPU"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        match self.value():
            case None:
                return queryset
            case "fallback":
                return queryset.filter(gpu_fallback=True)
            case device:
                return queryset.filter(device_used=device)


class HeldFilter(admin.SimpleListFilter):
    """What waits for disk space, the storage or a file."""

    title = gettext_lazy("held")
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Held"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(held_since__isnull=False) if self.value() == "yes" else queryset


@admin.register(Job)
class JobAdmin(ControlAdmin, RecordAdmin):
    empty_words = gettext_lazy(
        "A job is one piece of work: a conversion, a render or an encoding, with its progress, log and "
        "errors. Uploads and orders make jobs."
    )
    list_display = (
        "job_name",
        "state_cell",
        "makes",
        "device_cell",
        "time_cell",
    )
    list_filter = (
        "state",
        HeldFilter,
        "kind",
        DeviceFilter,
        "output_type",
        QueueFilter,
        ErrorFilter,
        "created",
    )
    search_fields = (
        "=id",
        "product__number",
        "product__name",
        "cad_file__original_name",
        "^recipe_key",
        "error",
    )
    actions = ("cancel", "try_now", "retry", "raise_priority")
    list_per_page = 50
    search_only: ClassVar[Mapping[str, Q]] = {"error": Q(state=Job.State.FAILED)}
    fieldsets = (
        (None, {"fields": ("live",)}),
        (
            gettext_lazy("Result"),
            {"fields": ("result", "kind", "product", "output_type", "cad_file", "orders")},
        ),
        (gettext_lazy("Attempts"), {"fields": ("attempts_table",)}),
        (
            gettext_lazy("Where and when"),
            {
                "fields": (
                    ("queue", "lane", "priority"),
                    "worker",
                    ("created", "started", "finished"),
                    "stages",
                )
            },
        ),
        (gettext_lazy("Recipe"), {"fields": ("recipe_key", "spec_rows"), "classes": ("collapse",)}),
    )
    readonly_fields = ("live", "result", "orders", "attempts_table", "stages", "spec_rows")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        rows: QuerySet[Job] = super().get_queryset(request)
        return cells.light(rows, pictures=sees_pictures(request))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("live/", view(require_safe(self.live_cells)), name="rendering_job_live"),
            path("<int:pk>/live/", view(require_safe(self.live_page)), name="rendering_job_live_page"),
            path("<int:pk>/preview/", view(require_safe(self.preview)), name="rendering_job_preview"),
            *super().get_urls(),
        ]

    def live_cells(self, request: HttpRequest) -> HttpResponse:
        """Return the present cells of the jobs ?id=..., for a list that refreshes itself."""
        self._must_see(request)
        ids = [
            int(text)
            for text in request.GET.getlist("id")[:LIVE_LIMIT]
            if text.isdecimal() and len(text) < 19
        ]
        jobs = cells.light(Job.objects.filter(pk__in=ids))
        return HttpResponse("".join(cells.all_cells(job) for job in jobs))

    def live_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return what of one job's page changes while it runs: state, progress, device, log, attempts, result."""
        self._must_see(request)
        job = self.get_queryset(request).filter(pk=pk).first()
        if job is None:
            raise Http404(_("This job is no longer there."))
        parts = (self.live(job), self.attempts_table(job), self.result(job))
        return HttpResponse("".join(map(str, parts)))

    def preview(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Return what a running render shows of itself: its coarse picture, or the newest frame of a film.

        An empty picture when that is gone: a page that is just shown must not break by it.
        """
        self._must_see(request)
        if not sees_pictures(request):
            raise PermissionDenied
        job = previews.with_film(Job.objects.filter(pk=pk)).first()
        if job is None:
            raise Http404(_("This job is no longer there."))
        shown = previews.shown(job)
        try:
            stream = shown.open() if shown else None
        except OSError:
            stream = None
        if shown is None or stream is None:  # it ended after its page was made
            return HttpResponse(NOTHING, content_type="image/png")
        etag = quote_etag(shown.version)
        response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
        if response is None:
            response = FileResponse(stream, content_type="image/png", headers={"ETag": etag})
        else:
            stream.close()
        patch_cache_control(response, private=True, no_cache=True)
        return response

    def _must_see(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    @admin.action(permissions=["cancel"], description=gettext_lazy("Cancel"))
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self.report(
            request,
            [orders.cancel_job(job) for job in queryset],
            ngettext_lazy(
                "%(count)d job canceled. If it is running, it stops within 2 seconds.",
                "%(count)d jobs canceled. Those that are running stop within 2 seconds.",
                "count",
            ),
            ngettext_lazy("%(count)d job had already ended.", "%(count)d jobs had already ended.", "count"),
        )

    @admin.action(permissions=["retry"], description=gettext_lazy("Try now"))
    def try_now(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self.report(
            request,
            [orders.try_now(job) for job in queryset],
            ngettext_lazy(
                "%(count)d job is tried now. It is held again if what it needs is still missing.",
                "%(count)d jobs are tried now. They are held again if what they need is still missing.",
                "count",
            ),
            ngettext_lazy(
                "%(count)d job skipped: it is not held.",
                "%(count)d jobs skipped: they are not held.",
                "count",
            ),
        )

    @admin.action(permissions=["retry"], description=gettext_lazy("Retry"))
    def retry(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self.report(
            request,
            [job.state in ENDED_BADLY and orders.retry_job(job).is_live for job in queryset],
            ngettext_lazy("%(count)d job queued again.", "%(count)d jobs queued again.", "count"),
            ngettext_lazy(
                "%(count)d job skipped: only failed and canceled jobs can be retried.",
                "%(count)d jobs skipped: only failed and canceled jobs can be retried.",
                "count",
            ),
        )

    @admin.action(permissions=["prioritize"], description=gettext_lazy("Raise priority"))
    def raise_priority(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        """Let waiting jobs go before others: each gets a priority that is 10 higher."""
        jobs = list(queryset)
        wanted = {
            job.pk: min(PRIORITIES[-1], job.priority + PRIORITY_STEP)
            for job in jobs
            if job.state == Job.State.QUEUED
        }
        count = claims.set_priority(wanted)
        if count:
            done = ngettext(
                "Priority of %(count)d job raised by %(step)d.",
                "Priority of %(count)d jobs raised by %(step)d.",
                count,
            )
            self.message_user(request, done % {"count": count, "step": PRIORITY_STEP})
        if rest := len(jobs) - count:
            skipped = ngettext(
                "%(count)d job skipped: only waiting jobs below %(most)d can be raised.",
                "%(count)d jobs skipped: only waiting jobs below %(most)d can be raised.",
                rest,
            )
            self.message_user(request, skipped % {"count": rest, "most": PRIORITIES[-1]}, messages.WARNING)

    def offers(self, action: str, obj: Any) -> bool:
        match action:
            case "cancel":
                return obj.is_live and not obj.cancel_requested
            case "try_now":
                return obj.held_since is not None
            case "raise_priority":
                return bool(obj.state == Job.State.QUEUED)
        return obj.state in ENDED_BADLY

    @admin.display(description=gettext_lazy("job"), ordering="id")
    def job_name(self, job: Job) -> str:
        return str(job)

    @admin.display(description=gettext_lazy("state"))
    def state_cell(self, job: Job) -> SafeString:
        return cells.cell(job, "state")

    @admin.display(description=gettext_lazy("device"))
    def device_cell(self, job: Job) -> SafeString:
        return cells.cell(job, "device")

    @admin.display(description=gettext_lazy("time"))
    def time_cell(self, job: Job) -> SafeString:
        return cells.cell(job, "time")

    @admin.display(description=gettext_lazy("makes"))
    def makes(self, job: Job) -> SafeString:
        return render_to_string("desk/jobs/makes.html", {"job": job})

    @admin.display(description=gettext_lazy("status"))
    def live(self, job: Job) -> SafeString:
        return render_to_string("desk/jobs/live.html", _page(job))

    @admin.display(description=gettext_lazy("result"))
    def result(self, job: Job) -> SafeString:
        context = {"job": job, "preview": html.preview(job.asset) if job.asset else ""}
        return render_to_string("desk/jobs/result.html", context)

    @admin.display(description=gettext_lazy("ordered by"))
    def orders(self, job: Job) -> SafeString:
        lines = job.lines.select_related("order", "product", "output_type", "variant").order_by("-id")
        return render_to_string("desk/jobs/lines.html", {"lines": lines[:20], "count": lines.count()})

    @admin.display(description=gettext_lazy("attempts"))
    def attempts_table(self, job: Job) -> SafeString:
        rows = [
            {
                "attempt": one,
                "took": cells.duration(one.finished - one.started) if one.finished else "",
                "problem": problem_of(one),
                "paused": Sentence.from_json(one.error_details) if "english" in one.error_details else "",
            }
            for one in job.attempts.all()
        ]
        return render_to_string("desk/jobs/attempts.html", {"rows": rows, "job": job})

    @admin.display(description=gettext_lazy("seconds per stage"))
    def stages(self, job: Job) -> SafeString:
        return html.facts(job.seconds)

    @admin.display(description=gettext_lazy("spec"))
    def spec_rows(self, job: Job) -> SafeString:
        return format_html(
            "<pre>{}</pre>", json.dumps(job.spec, indent=2, ensure_ascii=False, sort_keys=True)
        )


def _page(job: Job) -> dict[str, Any]:
    page_url = reverse("admin:rendering_job_live_page", args=[job.pk])
    return {**cells.describe(job), "page_url": page_url, "waits": waiting.why(job)}
