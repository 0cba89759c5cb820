"""The page of the system settings, which are one row."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from gpu.admin import sender
from gpu.admin.versions import VersionedAdmin
from gpu.models import SystemSettings
from gpu.probing.overview import overview

# Rules for files that may be deleted, each with an age and an amount.
PRUNED = ("superseded", "master", "geometry", "usd", "document", "frames")


@admin.register(SystemSettings)
class SystemSettingsAdmin(VersionedAdmin):
    """The only row: the list opens it directly."""

    form = sender.SystemSettingsForm
    fieldsets = (
        (
            _("Device"),
            {
                "description": _("What Cycles renders on. Environment variables override this page."),
                "fields": ("policy_in_force", "cycles_device", "keeps_light_gpu", "light_lane_max_px"),
            },
        ),
        (_("Queue"), {"fields": ("fair_shares",)}),
        (_("GPU probe"), {"fields": ("gpu_probe_last_at", "last_probe", "probe_interval_minutes")}),
        (
            _("Limits"),
            {
                "description": _(
                    "A conversion or render that exceeds these limits fails with its own error code."
                ),
                "fields": (
                    ("tessellation_wall_seconds", "tessellation_memory_mb"),
                    ("render_wall_seconds", "render_memory_mb"),
                    "hang_seconds",
                    "upload_max_mb",
                ),
            },
        ),
        (_("Warm Blender"), {"fields": (("session_jobs", "session_memory_mb"),)}),
        (
            _("Disk"),
            {
                "description": _(
                    "What the rules let go is on the page Storage, with the reason and what it would cost to make "
                    "again. What a current picture, an open share link or a live job needs always stays."
                ),
                "fields": (
                    ("disk_floor_mb", "prune_daily"),
                    *((f"{name}_days", f"{name}_gb") for name in PRUNED),
                ),
            },
        ),
        (
            _("Rights"),
            {
                "description": _("What each picture and film says of itself."),
                "fields": ("creator", "copyright", "verify_public"),
            },
        ),
        (
            _("Share pages"),
            {
                "description": _("What people outside see at the top of a share link's page."),
                "fields": ("sender_name", "logo", ("new_logo", "remove_logo")),
            },
        ),
        (
            _("Alerts"),
            {
                "description": _(
                    "Lanes without a worker, lost GPUs and a disk below what is kept free are always watched: see the "
                    "page Alerts."
                ),
                "fields": ("alert_emails", ("alert_queue_minutes", "alert_failure_percent")),
            },
        ),
        (
            _("Old rows"),
            {
                "description": _("Older rows of these are deleted every day."),
                "fields": (
                    ("history_days", "attempt_days"),
                    ("notification_days", "probe_days"),
                    ("message_days", "login_days"),
                ),
            },
        ),
    )
    readonly_fields = ("policy_in_force", "gpu_probe_last_at", "last_probe", "logo")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_safe(sender.logo))
        return [path("logo/", view, name="gpu_systemsettings_logo"), *super().get_urls()]

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

    @admin.display(description=_("policy in force"))
    def policy_in_force(self, row: SystemSettings) -> str:
        return gettext("%(policy)s (set by: %(source)s)") % {
            "policy": row.device_policy.label,
            "source": gettext(row.device_policy_source),
        }

    @admin.display(description=_("logo"))
    def logo(self, row: SystemSettings) -> SafeString:
        return sender.shown()

    @admin.display(description=_("last GPU probe"))
    def last_probe(self, row: SystemSettings) -> SafeString:
        return render_to_string("gpu/settings/last_results.html", overview())
