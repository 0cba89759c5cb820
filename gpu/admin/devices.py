"""GPUs: found by the probe; an operator chooses lanes and queue."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from gpu.admin.bounded import BoundedAdmin, BoundedChangeList
from gpu.admin.device_form import GpuDeviceForm
from gpu.models import GpuDevice
from gpu.queues import out_of_service
from gpu.workers import status
from gpu.workers.status import WorkSlot


@admin.register(GpuDevice)
class GpuDeviceAdmin(BoundedAdmin):
    """Found by the probe; an operator chooses lanes and queue. Running workers follow within seconds."""

    empty_words = _(
        "The GPUs of all hosts, each with its queue. Start the workers of a host, or probe its GPUs: what "
        "they find appears here."
    )
    form = GpuDeviceForm
    list_display = ("name", "host", "state", "memory_mb", "lanes", "serves_queue", "last_seen")
    list_filter = ("host", "backend", "enabled", ("lost_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "host", "vendor_id")
    fieldsets = (
        (None, {"fields": ("enabled", ("serves_heavy", "serves_light"), "queue", "service_words")}),
        (
            _("Device"),
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
            raise PermissionDenied(gettext("You may not put GPUs back in service. Ask an administrator."))
        device = get_object_or_404(GpuDevice, pk=pk)
        self._put_back(request, device)
        return HttpResponseRedirect(reverse("admin:index"))

    @admin.action(permissions=["change"], description=_("Put back in service"))
    def back_in_service(self, request: HttpRequest, queryset: QuerySet[GpuDevice]) -> None:
        for device in queryset:
            self._put_back(request, device)

    def _put_back(self, request: HttpRequest, device: GpuDevice) -> None:
        lanes = out_of_service.put_back(device)
        if not lanes:
            told = gettext("%(gpu)s is already in service.") % {"gpu": device}
            self.message_user(request, told, messages.WARNING)
            return
        self.log_change(request, device, f"Back in service for {' and '.join(lanes)} renders.")
        named = get_text_list([out_of_service.label(lane) for lane in lanes], gettext("and"))
        told = gettext("%(gpu)s takes %(lanes)s renders again.") % {"gpu": device, "lanes": named}
        self.message_user(request, told)

    @admin.display(description=_("service"))
    def service_words(self, device: GpuDevice) -> str:
        return " ".join(out_of_service.words(device)) or gettext("In service for all its lanes.")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return GpuDeviceList

    @admin.display(description=_("state"), ordering="lost_at")
    def state(self, device: GpuDevice) -> SafeString:
        return render_to_string("gpu/devices/state.html", {"status": self._slot(device).status})

    @admin.display(description=_("lanes"))
    def lanes(self, device: GpuDevice) -> str:
        return self._slot(device).serves or "-"

    @admin.display(description=_("queue"), ordering="queue")
    def serves_queue(self, device: GpuDevice) -> str:
        queue = self._slot(device).queue
        return queue.name if queue else "-"

    def _slot(self, device: GpuDevice) -> WorkSlot:
        slot: WorkSlot | None = getattr(device, "slot", None)
        return slot or status.slots_of_devices()[device.pk]


class GpuDeviceList(BoundedChangeList):
    """The list of GPUs, each row with its status."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        slots = status.slots_of_devices()
        for device in self.result_list:
            device.slot = slots[device.pk]
