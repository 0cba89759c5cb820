"""Color profiles for print: uploaded one at a time, tried before they are kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy, ngettext

from gpu.admin.bounded import BoundedAdmin
from rendering.catalog import color_profiles
from rendering.desk.cad_files.upload_guard import RefusedUpload
from rendering.models import ColorProfile


class ColorProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new profile: its file is tried while the form is checked, so that errors are shown beside it."""

    profile = forms.FileField(
        label=gettext_lazy("ICC profile"),
        help_text=format_lazy(
            gettext_lazy("The CMYK profile that your printer names (.icc), up to {megabytes} MB."),
            megabytes=color_profiles.LARGEST_MB,
        ),
        widget=forms.FileInput(attrs={"accept": ".icc,.icm"}),
    )

    class Meta:
        model = ColorProfile
        fields = ("name",)

    def clean_profile(self) -> Any:
        upload = self.cleaned_data["profile"]
        if isinstance(upload, RefusedUpload):
            raise ValidationError(upload.why)
        if upload.size > color_profiles.LARGEST_MB * 1_000_000:
            raise ValidationError(gettext_lazy("The file is too large to be a color profile."))
        self.instance = color_profiles.receive(upload.read(), name=self.cleaned_data.get("name", ""))
        return upload


@admin.register(ColorProfile)
class ColorProfileAdmin(BoundedAdmin):
    empty_words = gettext_lazy(
        "A color profile (ICC) describes a printing press. Add one, then choose it in an output type to get "
        "CMYK files."
    )
    list_display = ("name", "description", "used_by", "created")
    search_fields = ("name", "description")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ColorProfile]:
        rows: QuerySet[ColorProfile] = super().get_queryset(request)
        return rows.annotate(output_types=Count("outputtype"))

    def get_fields(self, request: HttpRequest, obj: ColorProfile | None = None) -> Any:
        return ("name", "description", "sha256", "used_by", "created") if obj else ("name", "profile")

    def get_readonly_fields(self, request: HttpRequest, obj: ColorProfile | None = None) -> Any:
        return ("description", "sha256", "used_by", "created") if obj else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(
            request, obj, change, **(kwargs if obj else {**kwargs, "form": ColorProfileForm})
        )

    @admin.display(description=gettext_lazy("used by"), ordering="output_types")
    def used_by(self, profile: ColorProfile) -> str:
        count = getattr(profile, "output_types", 0)
        return ngettext("%(count)d output type", "%(count)d output types", count) % {"count": count}
