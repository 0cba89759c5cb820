"""The form of an output type: what its constraints refuse stands at the field that mends it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext as _

from gpu.admin.versions import VersionedForm
from rendering.catalog.counting import MUST_BE_EMPTY
from rendering.models import OutputType
from rendering.pictures.kinds import KINDS

# Where the mistake of each constraint is seen; the fields of the others have validators of their own.
AT = {
    "outputtype_format_fits_kind": "format",
    "outputtype_frames_only_for_turntables": "frames",
    "outputtype_size_in_range": "width",
    "outputtype_samples_in_range": "samples",
    "outputtype_quality_in_range": "quality",
    "outputtype_opaque_format_has_background": "background",
    "outputtype_lossless_only_where_known": "lossless",
    "outputtype_exr_is_transparent": "background",
    "outputtype_16_bit_only_where_known": "bit_depth",
    "outputtype_panorama_only_for_custom_lighting": "environment",
    "outputtype_mp4_has_even_size": "width",
    "outputtype_f_stop_in_range": "f_stop",
    "outputtype_effort_in_range": "effort",
    "outputtype_section_offset_in_range": "section_offset",
}


class OutputTypeForm(VersionedForm):
    """Django reports a constraint above the form; here its words stand at their field."""

    def clean(self) -> dict[str, Any]:
        """Ask for what a turn needs: to a database an empty number breaks no constraint."""
        data = super().clean()
        if kind := KINDS.get(data.get("kind", "")):
            for name in MUST_BE_EMPTY:
                if kind.has(name) and name in data and data[name] is None:
                    self.add_error(name, _("This kind of file needs this number."))
        return data

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        words = {
            str(one.get_violation_error_message()): AT[one.name]
            for one in OutputType._meta.constraints
            if one.name in AT
        }
        found = self.errors.as_data().pop(NON_FIELD_ERRORS, [])
        self.errors.pop(NON_FIELD_ERRORS, None)
        for error in found:
            name = words.get(str(error.message), "")
            self.add_error(name if name in self.fields else None, error)
