"""What the pages of panoramas, studios and textures share: an upload that can't be changed, its preview, its uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from gpu.admin.bounded import BoundedAdmin
from media_assets import storage
from rendering.catalog.images.kind import ImageKind
from rendering.catalog.images.receiving import preview_name, remove
from rendering.desk.images.form import ImageForm
from rendering.models.uploaded_image import Uploaded, UploadedImage

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

A_DAY = 86_400  # seconds


class ImageAdmin(BoundedAdmin):
    """One kind of uploaded images; `use` is the name of the rows that may use one, as queries know them."""

    kind: ClassVar[ImageKind[Any]]
    upload_form: ClassVar[type[ImageForm]]
    use: ClassVar[str]
    purpose: ClassVar[StrPromise]
    facts: ClassVar[tuple[str, ...]] = ("size", "file_size", "original_name", "sha256", "created")

    list_display = ("small", "name", "size", "license", "used_by", "created")
    list_display_links = ("name",)
    search_fields = ("name", "license", "original_name")

    class Media:
        css = {"all": ("rendering/images/images.css",)}

    def shown_size(self, image: Any) -> tuple[int, int]:
        """Return width and height (px) whose proportions the preview has."""
        return image.width, image.height

    def uses(self, count: int) -> str:
        """Return how many rows use an image, in words."""
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> QuerySet[Uploaded]:
        rows: QuerySet[Uploaded] = super().get_queryset(request)
        return rows.annotate(use_count=Count(self.use, distinct=True))

    def get_fieldsets(self, request: HttpRequest, obj: Uploaded | None = None) -> Any:
        if obj is None:
            return [(None, {"description": self.purpose, "fields": ("name", self.kind.name, "license")})]
        return [
            (None, {"fields": ("large", "name", "license", "used_by")}),
            (_("File"), {"fields": self.facts}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Uploaded | None = None) -> Any:
        return ("large", "used_by", *self.facts) if obj else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(
            request, obj, change, **(kwargs if obj else {**kwargs, "form": self.upload_form})
        )

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_safe(self.preview))
        return [path("<int:pk>/preview/", view, name=self._preview_address()), *super().get_urls()]

    def _preview_address(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_preview"

    def preview(self, request: HttpRequest, pk: int) -> FileResponse:
        """Return the small picture of an image; its content never changes."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        name = preview_name(self.kind, get_object_or_404(self.kind.model, pk=pk).sha256)
        if not storage.exists(name):
            raise Http404(_("There is no preview of it."))
        headers = {"Cache-Control": f"private, max-age={A_DAY}"}
        return FileResponse(storage.open_stored(name), content_type="image/webp", headers=headers)

    def delete_model(self, request: HttpRequest, obj: Uploaded) -> None:
        remove(self.kind, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Uploaded]) -> None:
        for one in queryset:
            remove(self.kind, one)

    @admin.display(description=gettext_lazy("picture"))
    def small(self, image: Uploaded) -> SafeString:
        return self._picture(image, "uploaded-small")

    @admin.display(description=gettext_lazy("preview"))
    def large(self, image: Uploaded) -> SafeString:
        return self._picture(image, "uploaded-large")

    def _picture(self, image: Uploaded, style: str) -> SafeString:
        width, height = self.shown_size(image)
        context = {
            "source": reverse(f"admin:{self._preview_address()}", args=[image.pk]),
            "alt": f"{capfirst(self.opts.verbose_name)} {image}",
            "style": style,
            "width": width,
            "height": height,
        }
        return render_to_string("desk/images/picture.html", context)

    @admin.display(description=gettext_lazy("size (px)"), ordering="width")
    def size(self, image: UploadedImage) -> str:
        return f"{image.width} × {image.height}"

    @admin.display(description=gettext_lazy("file size"))
    def file_size(self, image: Uploaded) -> str:
        exists = storage.exists(image.file)
        return (
            filesizeformat(storage.size(image.file)) if exists else _("The file is missing. Upload it again.")
        )

    @admin.display(description=gettext_lazy("used by"), ordering="use_count")
    def used_by(self, image: Uploaded) -> str:
        count = getattr(image, "use_count", 0)
        words = self.uses(count)
        return self.in_use(words) if count else words

    def in_use(self, words: str) -> str:
        """Return what uses an image, with what follows from it."""
        return _("%(uses)s; it can't be deleted while it is in use") % {"uses": words}
