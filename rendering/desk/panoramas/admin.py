"""Panoramas: uploaded one at a time, read completely before they are kept, shown as a small picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db.models import Count, QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from blender_scripts.children.folders import temporary_folder
from gpu.admin.bounded import BoundedAdmin
from media_assets import storage
from media_assets.storage import StorageError
from rendering.catalog import panoramas
from rendering.desk.cad_files.upload_guard import RefusedUpload
from rendering.models import Environment, OutputType

A_DAY = 86_400  # seconds


class EnvironmentForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new panorama: its file is read while the form is checked, so that errors are shown beside it."""

    panorama = forms.FileField(
        label=gettext_lazy("Panorama"),
        help_text=format_lazy(
            gettext_lazy(
                "Radiance (.hdr) or OpenEXR (.exr), equirectangular (twice as wide as high), 64 to 8192 px wide, "
                "up to {megabytes} MB. 2048 or 4096 px are enough for lighting."
            ),
            megabytes=panoramas.LARGEST_MB,
        ),
        widget=forms.FileInput(attrs={"accept": ".hdr,.exr"}),
    )

    class Meta:
        model = Environment
        fields = ("name", "license")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        upload = data.get("panorama")
        if upload is None or self.errors:
            return data
        try:
            self.instance = _taken(upload, data["name"], data.get("license", ""))
        except ValidationError as error:
            self.add_error("name" if getattr(error, "code", "") == "name" else "panorama", error)
        except StorageError as error:
            self.add_error("panorama", str(error))
        return data


def _taken(upload: UploadedFile[Any], name: str, license: str) -> Environment:
    if isinstance(upload, RefusedUpload):
        raise ValidationError(upload.why)
    if isinstance(upload, TemporaryUploadedFile):
        source = Path(upload.temporary_file_path())
        return panoramas.receive(source, upload.name or "", name=name, license=license)
    with temporary_folder() as folder:
        copy = folder / "upload"
        with copy.open("wb") as out:
            out.writelines(upload.chunks())
        return panoramas.receive(copy, upload.name or "", name=name, license=license)


@admin.register(Environment)
class EnvironmentAdmin(BoundedAdmin):
    list_display = ("small", "name", "size", "license", "used_by", "created")
    list_display_links = ("name",)
    search_fields = ("name", "license", "original_name")
    readonly_fields = ("large", "size", "file_size", "original_name", "sha256", "used_by", "created")

    class Media:
        css = {"all": ("rendering/panoramas/panoramas.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Environment]:
        rows: QuerySet[Environment] = super().get_queryset(request)
        return rows.annotate(output_types=Count("outputtype"))

    def get_fieldsets(self, request: HttpRequest, obj: Environment | None = None) -> Any:
        if obj is None:
            words = _("Lights pictures of output types with the lighting “%(lighting)s”.")
            words %= {"lighting": OutputType.Lighting("custom").label}
            return [(None, {"description": words, "fields": ("name", "panorama", "license")})]
        facts = ("size", "file_size", "original_name", "sha256", "created")
        return [(None, {"fields": ("large", "name", "license", "used_by")}), (_("File"), {"fields": facts})]

    def get_readonly_fields(self, request: HttpRequest, obj: Environment | None = None) -> Any:
        return self.readonly_fields if obj else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(
            request, obj, change, **(kwargs if obj else {**kwargs, "form": EnvironmentForm})
        )

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_safe(self.preview))
        return [path("<int:pk>/preview/", view, name="rendering_environment_preview"), *super().get_urls()]

    def preview(self, request: HttpRequest, pk: int) -> FileResponse:
        """Return the small picture of a panorama; its content never changes."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        name = panoramas.preview_name(get_object_or_404(Environment, pk=pk).sha256)
        if not storage.exists(name):
            raise Http404(_("This panorama has no preview."))
        headers = {"Cache-Control": f"private, max-age={A_DAY}"}
        return FileResponse(storage.open_stored(name), content_type="image/webp", headers=headers)

    def delete_model(self, request: HttpRequest, obj: Environment) -> None:
        panoramas.remove(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Environment]) -> None:
        for one in queryset:
            panoramas.remove(one)

    @admin.display(description=gettext_lazy("picture"))
    def small(self, environment: Environment) -> SafeString:
        return _picture(environment, "panorama-small")

    @admin.display(description=gettext_lazy("preview"))
    def large(self, environment: Environment) -> SafeString:
        return _picture(environment, "panorama-large")

    @admin.display(description=gettext_lazy("size (px)"), ordering="width")
    def size(self, environment: Environment) -> str:
        return f"{environment.width} × {environment.height}"

    @admin.display(description=gettext_lazy("file size"))
    def file_size(self, environment: Environment) -> str:
        exists = storage.exists(environment.file)
        return (
            filesizeformat(storage.size(environment.file))
            if exists
            else _("The file is missing. Upload it again.")
        )

    @admin.display(description=gettext_lazy("used by"), ordering="output_types")
    def used_by(self, environment: Environment) -> str:
        count = getattr(environment, "output_types", 0)
        words = ngettext("%(count)d output type", "%(count)d output types", count) % {"count": count}
        if not count:
            return words
        return _("%(output_types)s; it can't be deleted while it is in use") % {"output_types": words}


def _picture(environment: Environment, style: str) -> SafeString:
    source = reverse("admin:rendering_environment_preview", args=[environment.pk])
    return render_to_string(
        "desk/panoramas/picture.html",
        {"source": source, "alt": _("Panorama %(name)s") % {"name": environment}, "style": style},
    )
