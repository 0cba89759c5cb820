"""GPU probes: a button, the latest results as they change, the history."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from gpu.admin.base import ReadOnlyAdmin, badge
from gpu.models import GpuProbe
from gpu.probing import life
from gpu.probing.overview import describe, overview, with_words


@admin.register(GpuProbe)
class GpuProbeAdmin(ReadOnlyAdmin):
    """The page of probes: a button, each host's latest result as it changes, and the history below."""

    empty_words = _(
        "A probe asks which GPUs of a host Blender can use. The workers of a host ask when they start."
    )
    change_list_template = "admin/gpu/gpuprobe/change_list.html"
    list_display = ("created", "host", "trigger", "state_and_words", "requested_by", "seconds")
    list_filter = ("state", "trigger", "host")
    list_select_related = ("requested_by",)
    fields = (
        "state_badge",
        "host",
        "trigger",
        "requested_by",
        "created",
        "started",
        "finished",
        "error",
        "found",
    )
    readonly_fields = ("state_badge", "found")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: GpuProbe | None = None) -> bool:
        return super().has_view_permission(request, obj) or self.may_probe(request)

    def may_probe(self, request: HttpRequest) -> bool:
        return request.user.has_perm("gpu.probe_gpu")

    def get_urls(self) -> list[Any]:
        site = self.admin_site
        return [
            path("start/", site.admin_view(require_POST(self.start_view)), name="gpu_gpuprobe_start"),
            path("live/", site.admin_view(require_safe(self.live_view)), name="gpu_gpuprobe_live"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {**overview(), "may_probe": self.may_probe(request), "title": gettext("GPU probe")}
        return super().changelist_view(request, context | (extra_context or {}))

    def start_view(self, request: HttpRequest) -> HttpResponse:
        if not self.may_probe(request):
            raise PermissionDenied(
                gettext("You may not probe GPUs. Ask an administrator for the permission.")
            )
        rows = life.request_everywhere(GpuProbe.Trigger.OPERATOR, request.user)
        hosts = ", ".join(row.host for row in rows if row.host)
        if hosts:
            self.message_user(
                request, gettext("Probe requested: %(hosts)s.") % {"hosts": hosts}, messages.SUCCESS
            )
        else:
            words = gettext(
                "No host is alive. The probe will run when 'manage.py run_workers' starts on one."
            )
            self.message_user(request, words, messages.WARNING)
        return HttpResponseRedirect(reverse("admin:gpu_gpuprobe_changelist"))

    def live_view(self, request: HttpRequest) -> HttpResponse:
        """Return the hosts' results alone, for the page that refreshes itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        ids = [int(one) for one in request.GET.getlist("id")[:100] if one.isdecimal() and len(one) < 19]
        asked = [with_words(probe) for probe in GpuProbe.objects.filter(pk__in=ids)]
        return TemplateResponse(request, "gpu/probes/live.html", {**overview(), "asked": asked})

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, probe: GpuProbe) -> SafeString:
        return badge(probe.state, probe.get_state_display())

    @admin.display(description=_("state"), ordering="state")
    def state_and_words(self, probe: GpuProbe) -> SafeString:
        return render_to_string("gpu/probes/state.html", {"probe": with_words(probe)})

    @admin.display(description=_("seconds"))
    def seconds(self, probe: GpuProbe) -> str:
        if probe.started is None or probe.finished is None:
            return "-"
        return f"{(probe.finished - probe.started).total_seconds():.1f}"

    @admin.display(description=_("result"))
    def found(self, probe: GpuProbe) -> SafeString | str:
        result = life.parsed(probe.result)
        return render_to_string("gpu/probes/result.html", describe(result)) if result else "-"
