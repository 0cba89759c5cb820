"""The list of worker processes, read-only."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gpu.admin.base import ReadOnlyAdmin, badge
from gpu.models import Worker


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    empty_words = _(
        "The processes that convert and render. Start them on each host with “manage.py run_workers”."
    )
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

    @admin.display(description=_("alive"))
    def alive(self, worker: Worker) -> SafeString:
        if not worker.is_alive:
            return badge("dead", gettext("No heartbeat"))
        if worker.drain_until:
            return badge("draining", gettext("Draining"))
        return badge("alive", gettext("Alive"))

    @admin.display(description=_("working on"))
    def busy(self, worker: Worker) -> str:
        return worker.busy_with or gettext("idle")
