"""The form of an output type: what its constraints refuse stands at the field that mends it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blender_scripts.contract import CAMERA_VIEWS
from blender_scripts.finish_rules import problems
from gpu.admin.versions import VersionedForm
from rendering.catalog.counting import MUST_BE_EMPTY
from rendering.models import OutputType
from rendering.pictures import formats
from rendering.pictures.kinds import KINDS

MM_OF_AN_INCH = 25.4

# Where the mistake of each constraint is seen; the fields of the others have validators of their own.
AT = {
    "outputtype_format_fits_kind": "format",
    "outputtype_frames_only_for_turntables": "frames",
    "outputtype_rows_in_range": "rows",
    "outputtype_rows_rise": "highest_row",
    "outputtype_size_in_range": "width",
    "outputtype_samples_in_range": "samples",
    "outputtype_quality_in_range": "quality",
    "outputtype_opaque_format_has_background": "background",
    "outputtype_lossless_only_where_known": "lossless",
    "outputtype_exr_is_transparent": "background",
    "outputtype_16_bit_only_where_known": "bit_depth",
    "outputtype_panorama_only_for_custom_lighting": "environment",
    "outputtype_studio_only_for_its_lighting": "studio",
    "outputtype_mp4_has_even_size": "width",
    "outputtype_f_stop_in_range": "f_stop",
    "outputtype_effort_in_range": "effort",
    "outputtype_section_offset_in_range": "section_offset",
    "outputtype_parts_are_named": "part_words",
    "outputtype_opacity_in_range": "rest_opacity",
}


class OutputTypeForm(VersionedForm):
    """Django reports a constraint above the form; here its words stand at their field.

    A size on paper is not kept: it sets width and height in px.
    """

    print_width = forms.FloatField(label=gettext_lazy("width on paper"), min_value=0.1, required=False)
    print_height = forms.FloatField(label=gettext_lazy("height on paper"), min_value=0.1, required=False)
    print_unit = forms.ChoiceField(
        label=gettext_lazy("unit"),
        choices=[("mm", "mm"), ("inch", gettext_lazy("inch"))],
        required=False,
        help_text=gettext_lazy("Sets width and height in px by the resolution when you save."),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for what a turn needs: to a database an empty number breaks no constraint."""
        data = super().clean()
        if kind := KINDS.get(data.get("kind", "")):
            for name in MUST_BE_EMPTY:
                if kind.has(name) and name in data and data[name] is None:
                    self.add_error(name, _("This kind of file needs this number."))
        self._set_size(data)
        self._fit_studio(data)
        for name, problem in problems(data.get("part_words", ""), data.get("part_key", ""), "", "").items():
            if problem:
                self.add_error({"words": "part_words", "key": "part_key"}[name], problem)
        return data

    def _fit_studio(self, data: dict[str, Any]) -> None:
        """Refuse views that the studio of one's own is not made for."""
        studio = data.get("studio")
        if studio is None or data.get("camera") not in OutputType.Camera.values:
            return
        kind = KINDS.get(data.get("kind", ""))
        if kind and kind.has("rows") and (data.get("rows") or 1) > 1:
            elevations = {name: data.get(name) for name in ("lowest_row", "highest_row")}
        elif data["camera"] == OutputType.Camera.CUSTOM:
            elevations = {"elevation": data.get("elevation")}
        else:
            elevations = {"camera": CAMERA_VIEWS[data["camera"]][1]}
        focal_length = None if data.get("orthographic") else data.get("focal_length")
        found = {
            (field if name == "elevation" else name, words)
            for field, elevation in elevations.items()
            for name, words in studio.refusals(elevation or 0.0, focal_length)
        }
        for field, words in sorted(found):
            self.add_error(field, words)

    def _set_size(self, data: dict[str, Any]) -> None:
        """Turn a size on paper into px."""
        sizes = {"width": data.get("print_width"), "height": data.get("print_height")}
        if not any(sizes.values()):
            return
        if not data.get("dpi"):
            self.add_error("dpi", _("A size on paper needs the resolution: 300 dpi is usual."))
            return
        for name, size in sizes.items():
            if not size:
                self.add_error(f"print_{name}", _("Enter width and height on paper, or neither."))
                continue
            inches = size if data.get("print_unit") == "inch" else size / MM_OF_AN_INCH
            data[name] = round(inches * data["dpi"])
            if data[name] > formats.MAX_PX:
                words = _("That is {px} px at {dpi} dpi, more than {most}. Choose a lower resolution.")
                self.add_error(
                    f"print_{name}", words.format(px=data[name], dpi=data["dpi"], most=formats.MAX_PX)
                )

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
