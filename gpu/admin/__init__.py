"""System settings as one page; GPUs, probes and workers as they are."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from gpu.admin.device_form import GpuDeviceForm
from gpu.models import GpuDevice, GpuProbe, SystemSettings, Worker
from gpu.probing import life
from gpu.probing.overview import describe, overview, with_words
from gpu.queues import out_of_service
from gpu.workers import status
from gpu.workers.status import Post


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that only the system writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def badge(state: str, label: str) -> SafeString:
    return render_to_string("desk/badge.html", {"state": state, "label": label})


@admin.register(SystemSettings)
class SystemSettingsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The one row: the list leads straight to it."""

    fieldsets = (
        (
            "Device",
            {
                "description": "On what Cycles renders. The environment wins over this page.",
                "fields": ("policy_in_force", "cycles_device", "keeps_light_gpu", "light_lane_max_px"),
            },
        ),
        ("GPU probe", {"fields": ("gpu_probe_last_at", "last_probe", "probe_interval_minutes")}),
        (
            "Limits",
            {
                "description": "Beyond these, a conversion or a render is ended with an error of its own.",
                "fields": (
                    ("tessellation_wall_seconds", "tessellation_memory_mb"),
                    ("render_wall_seconds", "render_memory_mb"),
                    "hang_seconds",
                    "upload_max_mb",
                ),
            },
        ),
        ("Warm Blender", {"fields": (("session_jobs", "session_memory_mb"),)}),
        ("Disk", {"fields": ("disk_floor_mb",)}),
    )
    readonly_fields = ("policy_in_force", "gpu_probe_last_at", "last_probe")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SystemSettings | None = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        row = SystemSettings.load()
        return HttpResponseRedirect(reverse("admin:gpu_systemsettings_change", args=[row.pk]))

    def save_model(self, request: HttpRequest, obj: SystemSettings, form: Any, change: bool) -> None:
        """Save what the page shows and no more: a probe may have ended since it was opened."""
        SystemSettings.load()
        obj.save(update_fields=form.cleaned_data.keys())

    @admin.display(description="rules now")
    def policy_in_force(self, row: SystemSettings) -> str:
        return f"{row.device_policy.label} (from the {row.device_policy_source})"

    @admin.display(description="last GPU probe")
    def last_probe(self, row: SystemSettings) -> SafeString:
        return render_to_string("gpu/last_results.html", overview())


@admin.register(GpuDevice)
class GpuDeviceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Found by the probe; an operator chooses lanes and queue. Running workers follow within seconds."""

    form = GpuDeviceForm
    list_display = ("name", "host", "state", "memory_mb", "lanes", "serves_queue", "last_seen")
    list_filter = ("host", "backend", "enabled", ("lost_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "host", "vendor_id")
    fieldsets = (
        (None, {"fields": ("enabled", ("serves_heavy", "serves_light"), "queue", "service_words")}),
        (
            "The device",
            {
                "fields": (
                    ("name", "state"),
                    ("host", "backend"),
                    ("vendor_id", "pci_address", "cycles_id"),
                    ("memory_mb", "driver"),
                    ("last_seen", "lost_at"),
                )
            },
        ),
    )
    readonly_fields = (
        *("service_words", "name", "state", "host", "backend", "vendor_id", "pci_address", "cycles_id"),
        *("memory_mb", "driver", "last_seen", "lost_at"),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    actions = ("back_in_service",)

    def get_urls(self) -> list[Any]:
        back = self.admin_site.admin_view(require_POST(self.back_view))
        return [path("<int:pk>/back/", back, name="gpu_gpudevice_back"), *super().get_urls()]

    def back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put one GPU back in service, for the desk's button."""
        if not self.has_change_permission(request):
            raise PermissionDenied("You may not put GPUs back in service. Ask an administrator.")
        device = get_object_or_404(GpuDevice, pk=pk)
        self._put_back(request, device)
        return HttpResponseRedirect(reverse("admin:index"))

    @admin.action(permissions=["change"], description="Back in service")
    def back_in_service(self, request: HttpRequest, queryset: QuerySet[GpuDevice]) -> None:
        for device in queryset:
            self._put_back(request, device)

    def _put_back(self, request: HttpRequest, device: GpuDevice) -> None:
        lanes = " and ".join(out_of_service.put_back(device))
        if not lanes:
            self.message_user(request, f"{device} was in service.", messages.WARNING)
            return
        self.log_change(request, device, f"Back in service for {lanes} renders.")
        self.message_user(request, f"{device} takes {lanes} renders again.")

    @admin.display(description="service")
    def service_words(self, device: GpuDevice) -> str:
        return " ".join(out_of_service.words(device)) or "In service for all its lanes."

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return GpuDeviceList

    @admin.display(description="state", ordering="lost_at")
    def state(self, device: GpuDevice) -> SafeString:
        stands = self._post(device).standing
        return render_to_string("gpu/device_state.html", {"standing": stands})

    @admin.display(description="lanes")
    def lanes(self, device: GpuDevice) -> str:
        return self._post(device).serves or "-"

    @admin.display(description="queue", ordering="queue")
    def serves_queue(self, device: GpuDevice) -> str:
        queue = self._post(device).queue
        return queue.name if queue else "-"

    def _post(self, device: GpuDevice) -> Post:
        post: Post | None = getattr(device, "post", None)
        return post or status.posts_of_devices()[device.pk]


class GpuDeviceList(ChangeList):
    """The list of GPUs, each row with how its GPU stands."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        posts = status.posts_of_devices()
        for device in self.result_list:
            device.post = posts[device.pk]


@admin.register(GpuProbe)
class GpuProbeAdmin(ReadOnlyAdmin):
    """The probe's page: a button, each host's last result as it changes, and the history below."""

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
        context = {**overview(), "may_probe": self.may_probe(request), "title": "GPU probe"}
        return super().changelist_view(request, context | (extra_context or {}))

    def start_view(self, request: HttpRequest) -> HttpResponse:
        if not self.may_probe(request):
            raise PermissionDenied("You may not probe the GPUs. Ask an administrator for the permission.")
        rows = life.request_everywhere(GpuProbe.Trigger.OPERATOR, request.user)
        hosts = ", ".join(row.host for row in rows if row.host)
        if hosts:
            self.message_user(request, f"Asked for a probe of {hosts}.", messages.SUCCESS)
        else:
            words = "No host is alive. The probe is made when 'manage.py run_workers' starts on one."
            self.message_user(request, words, messages.WARNING)
        return HttpResponseRedirect(reverse("admin:gpu_gpuprobe_changelist"))

    def live_view(self, request: HttpRequest) -> HttpResponse:
        """Return the hosts' results alone, for the page that refreshes itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        ids = [int(one) for one in request.GET.getlist("id")[:100] if one.isdecimal() and len(one) < 19]
        asked = [with_words(probe) for probe in GpuProbe.objects.filter(pk__in=ids)]
        return TemplateResponse(request, "gpu/live.html", {**overview(), "asked": asked})

    @admin.display(description="state", ordering="state")
    def state_badge(self, probe: GpuProbe) -> SafeString:
        return badge(probe.state, probe.get_state_display())

    @admin.display(description="state", ordering="state")
    def state_and_words(self, probe: GpuProbe) -> SafeString:
        return render_to_string("gpu/probe_state.html", {"probe": with_words(probe)})

    @admin.display(description="seconds")
    def seconds(self, probe: GpuProbe) -> str:
        if probe.started is None or probe.finished is None:
            return "-"
        return f"{(probe.finished - probe.started).total_seconds():.1f}"

    @admin.display(description="result")
    def found(self, probe: GpuProbe) -> SafeString | str:
        result = life.parsed(probe.result)
        return render_to_string("gpu/result.html", describe(result)) if result else "-"


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    list_display = ("queue", "alive", "host", "pid", "device", "busy", "started", "heartbeat")
    list_filter = ("queue", "host")
    search_fields = ("host", "queue", "device")
    fields = (
        ("queue", "alive", "busy"),
        "device",
        ("host", "pid"),
        ("started", "heartbeat", "kicked"),
        "drain_until",
        "identity",
    )
    readonly_fields = ("alive", "busy")

    @admin.display(description="alive")
    def alive(self, worker: Worker) -> SafeString:
        if not worker.is_alive:
            return badge("dead", "No sign of life")
        return badge("draining", "Draining") if worker.drain_until else badge("alive", "Alive")

    @admin.display(description="works on")
    def busy(self, worker: Worker) -> str:
        return worker.busy_with or "idle"
