"""Panoramas: uploaded one at a time, read completely before they are kept, shown as a small picture."""

from __future__ import annotations

import tempfile
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
from django.views.decorators.http import require_safe

from media_assets import storage
from media_assets.storage import StorageFull, StorageReadOnly
from rendering.catalog import panoramas
from rendering.desk.cad_files.upload_guard import RefusedUpload
from rendering.models import Environment

A_DAY = 86_400  # seconds


class EnvironmentForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new panorama: its file is read while the form is checked, so that errors are shown beside it."""

    panorama = forms.FileField(
        help_text="Radiance (.hdr) or OpenEXR (.exr), equirectangular (twice as wide as high), 64 to 8192 px wide, "
        f"up to {panoramas.LARGEST_MB} MB. 2048 or 4096 px are plenty for light.",
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
        except (StorageFull, StorageReadOnly) as error:
            self.add_error("panorama", str(error))
        return data


def _taken(upload: UploadedFile[Any], name: str, license: str) -> Environment:
    if isinstance(upload, RefusedUpload):
        raise ValidationError(upload.why)
    if isinstance(upload, TemporaryUploadedFile):
        source = Path(upload.temporary_file_path())
        return panoramas.receive(source, upload.name or "", name=name, license=license)
    with tempfile.NamedTemporaryFile(prefix="upload-") as copy:
        for chunk in upload.chunks():
            copy.write(chunk)
        copy.flush()
        return panoramas.receive(Path(copy.name), upload.name or "", name=name, license=license)


@admin.register(Environment)
class EnvironmentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
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
            words = "Lights pictures of output types whose lighting is “Panorama of your own”."
            return [(None, {"description": words, "fields": ("name", "panorama", "license")})]
        facts = ("size", "file_size", "original_name", "sha256", "created")
        return [(None, {"fields": ("large", "name", "license", "used_by")}), ("File", {"fields": facts})]

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
            raise Http404("This panorama has no preview.")
        headers = {"Cache-Control": f"private, max-age={A_DAY}"}
        return FileResponse(storage.open_stored(name), content_type="image/webp", headers=headers)

    def delete_model(self, request: HttpRequest, obj: Environment) -> None:
        panoramas.remove(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Environment]) -> None:
        for one in queryset:
            panoramas.remove(one)

    @admin.display(description="picture")
    def small(self, environment: Environment) -> SafeString:
        return _picture(environment, "panorama-small")

    @admin.display(description="preview")
    def large(self, environment: Environment) -> SafeString:
        return _picture(environment, "panorama-large")

    @admin.display(description="size (px)", ordering="width")
    def size(self, environment: Environment) -> str:
        return f"{environment.width} × {environment.height}"

    @admin.display(description="bytes")
    def file_size(self, environment: Environment) -> str:
        exists = storage.exists(environment.file)
        return (
            filesizeformat(storage.size(environment.file)) if exists else "The file is gone: upload it again."
        )

    @admin.display(description="used by", ordering="output_types")
    def used_by(self, environment: Environment) -> str:
        count = getattr(environment, "output_types", 0)
        kept = "; it can't be deleted while they use it" if count else ""
        return f"{count} output type{'' if count == 1 else 's'}{kept}"


def _picture(environment: Environment, style: str) -> SafeString:
    source = reverse("admin:rendering_environment_preview", args=[environment.pk])
    return render_to_string(
        "desk/panoramas/picture.html", {"source": source, "alt": f"Panorama {environment}", "style": style}
    )
