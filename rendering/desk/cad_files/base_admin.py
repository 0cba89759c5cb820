"""CAD files: a list with pictures, a page that says what is in a file and what became of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from media_assets.ingest.problems import describe
from media_assets.ingest.report import FORMATS, StageTime, document, summarize
from media_assets.ingest.text import size_mm
from media_assets.models import CadFile, MediaAsset
from media_assets.serving import html
from media_assets.serving.links import cad_url
from rendering.desk.cad_files.tree_view import bounded
from rendering.desk.shared.base import ASSETS_JS, RecordAdmin, picture_of, sees_pictures

TONES = 6  # colors of the style sheet's stage-N


class CadFormatFilter(admin.SimpleListFilter):
    """The file format: those that can be read, not those that a look at every row would find."""

    title = "format"
    parameter_name = "format"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(FORMATS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[CadFile]) -> QuerySet[CadFile]:
        return queryset.filter(format=self.value()) if self.value() in FORMATS else queryset


@admin.register(CadFile)
class CadFileAdmin(RecordAdmin):
    list_display = (
        "picture",
        "original_name",
        "state_badge",
        "contents",
        "size",
        "products_column",
        "created",
    )
    list_display_links = ("original_name",)
    list_filter = ("state", CadFormatFilter, "created")
    search_fields = ("original_name", "^sha256", "products__number", "products__name")
    list_per_page = 50
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "picture_large",
                    "geometry",
                    "state_badge",
                    "problem",
                    "products_column",
                    "download",
                )
            },
        ),
        ("Ingest report", {"fields": ("report_rows",)}),
        ("Product tree", {"fields": ("product_tree",)}),
        (
            "The file",
            {"fields": ("original_name", "file_size", "uploaded_by", "created", "sha256")},
        ),
    )
    readonly_fields = (
        "picture_large",
        "geometry",
        "state_badge",
        "problem",
        "products_column",
        "download",
        "product_tree",
        "report_rows",
        "file_size",
    )

    class Media:
        css = {"all": ("rendering/assets.css",)}
        js = (ASSETS_JS,)

    def get_fieldsets(self, request: HttpRequest, obj: CadFile | None = None) -> Any:
        """Leave out the problem where there is none, and geometry that this user's browser would not get."""
        (title, first), *rest = super().get_fieldsets(request, obj)
        left_out = {"problem": obj is not None and not obj.error_code, "geometry": not sees_pictures(request)}
        fields = [name for name in first["fields"] if not left_out.get(str(name))]
        return [(title, {**first, "fields": fields}), *rest]

    def get_urls(self) -> list[Any]:
        report = self.admin_site.admin_view(require_safe(self.report_json))
        return [
            path("<int:pk>/report.json", report, name="media_assets_cadfile_report"),
            *super().get_urls(),
        ]

    def report_json(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the ingest report and the product tree of one CAD file as JSON."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        cad_file = get_object_or_404(CadFile.objects.prefetch_related("products"), pk=pk)
        return JsonResponse(document(cad_file), json_dumps_params={"ensure_ascii": False, "indent": 1})

    def get_queryset(self, request: HttpRequest) -> QuerySet[CadFile]:
        picture = html.newest_picture("pk") if sees_pictures(request) else html.NO_PICTURE
        rows: QuerySet[CadFile] = super().get_queryset(request)
        light = rows.defer("tree", "report").select_related("uploaded_by").prefetch_related("products")
        return light.annotate(picture_of=picture)

    @admin.display(description="picture")
    def picture(self, cad_file: CadFile) -> SafeString:
        link = reverse("admin:media_assets_cadfile_change", args=[cad_file.pk])
        return html.thumb(picture_of(cad_file), str(cad_file), link)

    @admin.display(description="picture")
    def picture_large(self, cad_file: CadFile) -> SafeString:
        picture = picture_of(cad_file)
        return html.preview(MediaAsset.objects.get(pk=picture["id"]) if picture else None, large=True)

    @admin.display(description="geometry")
    def geometry(self, cad_file: CadFile) -> SafeString | str:
        newest = html.newest_geometry(cad_file)
        return html.viewer(newest, alt=str(cad_file)) if newest else "-"

    @admin.display(description="state")
    def state_badge(self, cad_file: CadFile) -> SafeString:
        return html.badge(cad_file.state, cad_file.get_state_display())

    @admin.display(description="problem")
    def problem(self, cad_file: CadFile) -> SafeString:
        context = {
            "problem": describe(cad_file.error_code, cad_file.error, self.next_step(cad_file.error_code)),
            "source_url": cad_url(cad_file),
            **getattr(cad_file, "doors", {}),
        }
        return render_to_string("desk/cad_problem.html", context)

    def next_step(self, code: str) -> str:
        """Return what to do about an error code, where the message does not say it; for the app above."""
        return ""

    @admin.display(description="contents", ordering="instances")
    def contents(self, cad_file: CadFile) -> SafeString:
        return render_to_string(
            "desk/contents.html", {"file": cad_file, "triangles": f"{cad_file.triangles or 0:,}"}
        )

    @admin.display(description="products")
    def products_column(self, cad_file: CadFile) -> SafeString | str:
        links = (
            (reverse("admin:media_assets_product_change", args=[product.pk]), product.number)
            for product in cad_file.products.all()
        )
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "-"

    @admin.display(description="download")
    def download(self, cad_file: CadFile) -> SafeString:
        return format_html('<a href="{}" download>{}</a>', cad_url(cad_file), cad_file.original_name)

    @admin.display(description="size (mm)")
    def size(self, cad_file: CadFile) -> str:
        return size_mm(cad_file.size_mm) or "-"

    @admin.display(description="file size", ordering="bytes")
    def file_size(self, cad_file: CadFile) -> str:
        return filesizeformat(cad_file.bytes)

    @admin.display(description="product tree")
    def product_tree(self, cad_file: CadFile) -> SafeString:
        return render_to_string("desk/product_tree.html", {"tree": bounded(cad_file.tree)})

    @admin.display(description="report")
    def report_rows(self, cad_file: CadFile) -> SafeString:
        summary = summarize(cad_file.report)
        context = {
            "summary": summary,
            "bars": [_bar(number, stage) for number, stage in enumerate(summary.stages)],
            "facts": html.facts(
                {name: value for name, value in cad_file.report.items() if name != "warnings"}
            ),
            "json_url": reverse("admin:media_assets_cadfile_report", args=[cad_file.pk]),
            **getattr(cad_file, "doors", {}),
        }
        return render_to_string("desk/report.html", context)


def _bar(number: int, stage: StageTime) -> dict[str, Any]:
    """Return a stage as a piece of a bar that is 1000 wide."""
    return {
        "stage": stage,
        "tone": number % TONES,
        "x": f"{1000 * stage.start:.1f}",
        "width": f"{1000 * stage.share:.1f}",
        "seconds": f"{stage.seconds:.2f} s" if stage.seconds >= 0.01 else "< 0.01 s",
    }
