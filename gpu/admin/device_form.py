"""What an operator may choose for a GPU: its lanes and its queue. Invalid choices are refused with the reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gpu.models import GpuDevice, SystemSettings
from gpu.queues.topology import LANES, LIGHT_QUEUE, build

LANE_FIELDS = {row.field: row.on_light_gpu for row in reversed(LANES.values()) if row.field}
"""The fields that say which lanes a GPU serves, and whether the light one serves it."""


class GpuDeviceForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = GpuDevice
        fields = ("enabled", *LANE_FIELDS, "queue")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not any(data.get(name) for name in LANE_FIELDS):
            raise forms.ValidationError(_("A GPU that serves no lane does nothing. Disable it instead."))
        name = data.get("queue") or ""
        others = GpuDevice.objects.exclude(pk=self.instance.pk)
        namesake = others.filter(queue=name).first() if name else None
        if namesake is not None:
            self.add_error(
                "queue",
                _("%(gpu)s already has this queue. A queue name can be used only once. Choose another one.")
                % {"gpu": namesake},
            )
        usable = list(others.filter(enabled=True, lost_at=None).order_by("id"))
        if name == LIGHT_QUEUE and not usable:
            self.add_error(
                "queue", _("%(queue)s needs a second GPU that takes the heavy work.") % {"queue": LIGHT_QUEUE}
            )
        elif name == LIGHT_QUEUE and any(
            data.get(name) != is_light for name, is_light in LANE_FIELDS.items()
        ):
            self.add_error(
                "queue",
                _("%(queue)s takes only light work. Select only the light lane.") % {"queue": LIGHT_QUEUE},
            )
        if not self.errors:
            self._leave_no_lane_to_nobody(data, usable)
        return data

    def _leave_no_lane_to_nobody(self, data: dict[str, Any], usable: list[GpuDevice]) -> None:
        fields = {
            name: getattr(self.instance, name) for name in ("host", "backend", "vendor_id", "memory_mb")
        }
        chosen = GpuDevice(**fields, **{name: data[name] for name in GpuDeviceForm.Meta.fields})
        is_there = self.instance.lost_at is None and data["enabled"]
        keeps = SystemSettings.load().keeps_light_gpu
        after = build([*usable, *([chosen] if is_there else [])], cpu_workers=1, keeps_light_gpu=keeps)
        if after.unserved:
            lanes = get_text_list([_(lane.facts.label) for lane in after.unserved], _("and"))
            raise forms.ValidationError(
                ngettext(
                    "No GPU would be left for the %(lanes)s lane, and its renders would wait forever. "
                    "Let another GPU serve it first.",
                    "No GPU would be left for the %(lanes)s lanes, and their renders would wait forever. "
                    "Let another GPU serve them first.",
                    len(after.unserved),
                )
                % {"lanes": lanes}
            )
