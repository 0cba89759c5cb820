"""Panoramas: uploaded one at a time, read completely before they are kept, shown as a small picture."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from rendering.catalog.images.panoramas import PANORAMA
from rendering.desk.images.admin import ImageAdmin
from rendering.desk.images.form import ImageForm
from rendering.models import Environment, OutputType


class EnvironmentForm(ImageForm):
    kind = PANORAMA
    panorama = forms.FileField(
        label=_("Panorama"),
        help_text=format_lazy(
            _(
                "Radiance (.hdr) or OpenEXR (.exr), equirectangular (twice as wide as high), 64 to 8192 px wide, "
                "up to {megabytes} MB. 2048 or 4096 px are enough for lighting."
            ),
            megabytes=PANORAMA.largest_mb,
        ),
        widget=forms.FileInput(attrs={"accept": ",".join(PANORAMA.suffixes)}),
    )

    class Meta:
        model = Environment
        fields = ("name", "license")


@admin.register(Environment)
class EnvironmentAdmin(ImageAdmin):
    empty_words = _(
        "A panorama lights products as the place where it was taken would. Add one, then choose it as the "
        "lighting of an output type."
    )
    kind = PANORAMA
    upload_form = EnvironmentForm
    use = "outputtype"
    purpose = format_lazy(
        _("Lights pictures of output types with the lighting “{lighting}”."),
        lighting=OutputType.Lighting("custom").label,
    )

    def uses(self, count: int) -> str:
        return ngettext("%(count)d output type", "%(count)d output types", count) % {"count": count}
