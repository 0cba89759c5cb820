"""System settings as one page; GPUs, probes and workers as they are."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from gpu import topology
from gpu.models import GpuDevice, GpuProbe, SystemSettings, Worker


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
                "fields": ("policy_in_force", "cycles_device", "light_lane_max_px"),
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

    @admin.display(description="rules now")
    def policy_in_force(self, row: SystemSettings) -> str:
        return f"{row.device_policy.label} (from the {row.device_policy_source})"

    @admin.display(description="last GPU probe")
    def last_probe(self, row: SystemSettings) -> SafeString:
        return render_to_string("desk/probe.html", {"result": row.gpu_probe_last_result})


@admin.register(GpuDevice)
class GpuDeviceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Found by the probe; an operator chooses lanes and queue."""

    list_display = ("name", "host", "backend", "memory_mb", "enabled", "lanes", "serves_queue", "last_seen")
    list_filter = ("host", "backend", "enabled")
    search_fields = ("name", "host", "vendor_id")
    fieldsets = (
        (None, {"fields": ("enabled", ("serves_heavy", "serves_light"), "queue")}),
        (
            "The device",
            {"fields": ("name", "host", "backend", "vendor_id", "memory_mb", "driver", "last_seen")},
        ),
    )
    readonly_fields = ("name", "host", "backend", "vendor_id", "memory_mb", "driver", "last_seen")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description="lanes")
    def lanes(self, device: GpuDevice) -> str:
        return ", ".join(sorted(topology.lanes_of(device))) or "none"

    @admin.display(description="queue", ordering="queue")
    def serves_queue(self, device: GpuDevice) -> str:
        return device.queue or "given by the topology"


@admin.register(GpuProbe)
class GpuProbeAdmin(ReadOnlyAdmin):
    list_display = ("created", "host", "trigger", "state_badge", "requested_by", "finished")
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

    @admin.display(description="state", ordering="state")
    def state_badge(self, probe: GpuProbe) -> SafeString:
        return badge(probe.state, probe.get_state_display())

    @admin.display(description="result")
    def found(self, probe: GpuProbe) -> SafeString:
        return render_to_string("desk/probe.html", {"result": probe.result})


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
