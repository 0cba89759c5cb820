"""The list of worker processes, read-only."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from gpu.admin.base import ReadOnlyAdmin, badge
from gpu.models import Worker


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
