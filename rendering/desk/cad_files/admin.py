"""CAD files: upload, contents and report, conversion, reading options, orders."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from media_assets.formats import cad
from media_assets.ingest import conversions
from media_assets.ingest.report import StageTime, document, summarize
from media_assets.ingest.text import size_mm
from media_assets.models import CadFile, MediaAsset, Product, numbers
from media_assets.serving import html
from media_assets.serving.links import cad_url
from rendering import orders
from rendering.catalog import materials
from rendering.desk.cad_files import cells as cad_cells
from rendering.desk.cad_files import reading, superseded, upload_page
from rendering.desk.materials import tree as material_tree
from rendering.desk.materials.tree import Viewer
from rendering.desk.orders import placing
from rendering.desk.shared.archiving import ArchivedFilter, ArchivingAdmin
from rendering.desk.shared.base import ASSETS_JS, RecordAdmin, picture_of, sees_pictures
from rendering.models import Job, OutputType
from rendering.models.errors import problem_of
from rendering.models.order import DEFAULT_PRIORITY

TONES = 6  # colors of the style sheet's stage-N


class CadFormatFilter(admin.SimpleListFilter):
    """The file format: those that can be read, not those that a look at every row would find."""

    title = gettext_lazy("format")
    parameter_name = "format"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return cad.choices()

    def queryset(self, request: HttpRequest, queryset: QuerySet[CadFile]) -> QuerySet[CadFile]:
        return queryset.filter(format=self.value()) if self.value() in cad.CAD_FORMATS else queryset


LISTED_PRODUCTS = 12
LIVE_LIMIT = 200  # files of one page that refresh themselves


@admin.register(CadFile)
class CadFileAdmin(ArchivingAdmin, RecordAdmin):
    empty_words = gettext_lazy(
        "The files that products are made from: what each contains, and what was kept when it was read. "
        "Upload a CAD file: it becomes a product with a first picture."
    )
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
    list_filter = ("state", CadFormatFilter, "created", ArchivedFilter)
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
        (gettext_lazy("Ingest report"), {"fields": ("report_rows",)}),
        (gettext_lazy("Product tree"), {"fields": ("product_tree",)}),
        (
            gettext_lazy("File"),
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
    actions = ("order_output_types", "convert_again", *ArchivingAdmin.archiving)

    class Media:
        css = {"all": ("rendering/shared/media.css", "rendering/materials/materials.css")}
        js = (ASSETS_JS,)

    def get_fieldsets(self, request: HttpRequest, obj: CadFile | None = None) -> Any:
        """Leave out the problem where there is none, and geometry that this user's browser would not get."""
        (title, first), *rest = super().get_fieldsets(request, obj)
        left_out = {"problem": obj is not None and not obj.error_code, "geometry": not sees_pictures(request)}
        fields = [name for name in first["fields"] if not left_out.get(str(name))]
        return [(title, {**first, "fields": fields}), *rest]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("live/", view(require_safe(self.live_cells)), name="media_assets_cadfile_live"),
            path("<int:pk>/reading/", view(self.reading), name="media_assets_cadfile_reading"),
            path("<int:pk>/superseded/", view(self.superseded), name="media_assets_cadfile_superseded"),
            path(
                "<int:pk>/report.json",
                view(require_safe(self.report_json)),
                name="media_assets_cadfile_report",
            ),
            *super().get_urls(),
        ]

    def report_json(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the ingest report and the product tree of one CAD file as JSON."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        cad_file = get_object_or_404(CadFile.objects.prefetch_related("products"), pk=pk)
        return JsonResponse(document(cad_file), json_dumps_params={"ensure_ascii": False, "indent": 1})

    def get_queryset(self, request: HttpRequest) -> QuerySet[CadFile]:
        rows: QuerySet[CadFile] = super().get_queryset(request)
        light = rows.defer("tree", "report").select_related("uploaded_by").prefetch_related("products")
        return cad_cells.with_work(cad_cells.with_picture(request, light))

    @admin.display(description=gettext_lazy("picture"))
    def picture(self, cad_file: CadFile) -> SafeString:
        return cad_cells.picture_cell(cad_file)

    @admin.display(description=gettext_lazy("picture"))
    def picture_large(self, cad_file: CadFile) -> SafeString:
        picture = picture_of(cad_file)
        return html.preview(MediaAsset.objects.get(pk=picture["id"]) if picture else None, large=True)

    @admin.display(description=gettext_lazy("geometry"))
    def geometry(self, cad_file: CadFile) -> SafeString | str:
        newest = html.newest_geometry(cad_file)
        return html.viewer(newest, alt=str(cad_file)) if newest else "-"

    @admin.display(description=gettext_lazy("state"))
    def state_badge(self, cad_file: CadFile) -> SafeString:
        return cad_cells.state_cell(cad_file)

    @admin.display(description=gettext_lazy("problem"))
    def problem(self, cad_file: CadFile) -> SafeString:
        context = {
            "problem": problem_of(cad_file),
            "source_url": cad_url(cad_file),
            **getattr(cad_file, "doors", {}),
        }
        return render_to_string("desk/cad_files/problem.html", context)

    @admin.display(description=gettext_lazy("contents"), ordering="instances")
    def contents(self, cad_file: CadFile) -> SafeString:
        return render_to_string(
            "desk/cad_files/contents.html",
            {"file": cad_file, "triangles": numbers.grouped(cad_file.triangles or 0)},
        )

    @admin.display(description=gettext_lazy("products"))
    def products_column(self, cad_file: CadFile) -> SafeString | str:
        links = (
            (reverse("admin:media_assets_product_change", args=[product.pk]), product.number)
            for product in cad_file.products.all()
        )
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "-"

    @admin.display(description=gettext_lazy("download"))
    def download(self, cad_file: CadFile) -> SafeString:
        return format_html('<a href="{}" download>{}</a>', cad_url(cad_file), cad_file.original_name)

    @admin.display(description=gettext_lazy("size (mm)"))
    def size(self, cad_file: CadFile) -> str:
        return numbers.local(size_mm(cad_file.size_mm)) or "-"

    @admin.display(description=gettext_lazy("file size"), ordering="bytes")
    def file_size(self, cad_file: CadFile) -> str:
        return filesizeformat(cad_file.bytes)

    @admin.display(description=gettext_lazy("product tree"))
    def product_tree(self, cad_file: CadFile) -> SafeString:
        """Show the tree with the finish of each part, by the rules of one of the file's products."""
        viewer = getattr(cad_file, "viewer", Viewer(None))
        tree = material_tree.explained_tree(cad_file.tree, materials.load(), viewer)
        others = [one for one in cad_file.products.all() if one != viewer.product]
        context = {"tree": tree, "product": viewer.product, "others": others[:LISTED_PRODUCTS]}
        return render_to_string("desk/cad_files/product_tree.html", context)

    @admin.display(description=gettext_lazy("report"))
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
        return render_to_string("desk/cad_files/report.html", context)

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> CadFile | None:
        """Return the file with the ways out of its failure that this user has."""
        cad_file = super().get_object(request, *args, **kwargs)
        if cad_file is not None:
            reading_url = self.url("reading", cad_file.pk) if self.may_state(request) else ""
            reading_url = "" if cad_file.is_archived else reading_url
            may_retry = self.has_retry_permission(request) and not cad_file.is_archived
            again = "convert_again" if may_retry and not cad_file.asks_for_unit else ""
            cad_file.doors = {"again": again, "reading_url": reading_url}
            cad_file.viewer = material_tree.viewer(request, _product_of(request, cad_file))
        return cad_file

    def live_cells(self, request: HttpRequest) -> HttpResponse:
        """Return the present cells of the CAD files ?id=..., for pages that refresh themselves."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        ids = [
            int(text)
            for text in request.GET.getlist("id")[:LIVE_LIMIT]
            if text.isdecimal() and len(text) < 19
        ]
        files = self.get_queryset(request).filter(pk__in=ids)
        return HttpResponse("".join(cad_cells.picture_cell(one) + cad_cells.state_cell(one) for one in files))

    def reading(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show and save what the operator says about a file where its bytes do not."""
        if not self.may_state(request):
            raise PermissionDenied(_("You may not change how CAD files are read. Ask an administrator."))
        cad_file = get_object_or_404(CadFile, pk=pk)
        if cad_file.is_archived:
            return HttpResponseRedirect(self.url("change", pk))  # which says so
        return reading.page(request, cad_file)

    def superseded(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask what becomes of an earlier revision that was uploaded again."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return superseded.page(request, get_object_or_404(CadFile.objects.unarchived(), pk=pk))

    def may_state(self, request: HttpRequest) -> bool:
        return request.user.has_perm("media_assets.change_cadfile")

    def links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        offered = self.may_state(request) and not obj.is_archived
        return [(self.url("reading", obj.pk), _("Reading options…"))] if offered else []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("media_assets.add_cadfile")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return upload_page.answer(self, request, extra_context or {})

    @admin.action(permissions=["order"], description=gettext_lazy("Order output types…"))
    def order_output_types(self, request: HttpRequest, queryset: QuerySet[CadFile]) -> HttpResponse | None:
        products = Product.objects.filter(cad_file__in=queryset.order_by().values("pk"))
        if not products:
            self.message_user(
                request, _("None of these is the current CAD file of a product."), messages.WARNING
            )
            return None
        return placing.prefilled(request, products)

    @admin.action(permissions=["retry"], description=gettext_lazy("Convert again"))
    def convert_again(self, request: HttpRequest, queryset: QuerySet[CadFile]) -> HttpResponse | None:
        """Retry failed conversions; a file that never had one gets its first."""
        failed = [one for one in queryset if one.state == CadFile.State.FAILED and not one.is_archived]
        for cad_file in failed:
            _convert(cad_file)
        if failed:
            done = ngettext(
                "%(count)d CAD file queued for conversion.",
                "%(count)d CAD files queued for conversion.",
                len(failed),
            )
            self.message_user(request, done % {"count": len(failed)})
        rest = len(queryset) - len(failed)
        if rest:
            skipped = ngettext(
                "%(count)d CAD file skipped: its conversion has not failed, or it is archived.",
                "%(count)d CAD files skipped: their conversion has not failed, or they are archived.",
                rest,
            )
            self.message_user(request, skipped % {"count": rest}, messages.WARNING)
        if len(failed) == 1:
            return HttpResponseRedirect(reverse("admin:media_assets_cadfile_change", args=[failed[0].pk]))
        return None

    def offers_unarchived(self, action: str, obj: Any) -> bool:
        if action == "convert_again":
            return obj.state == CadFile.State.FAILED and not obj.asks_for_unit
        return bool(obj.products.exists())


def _bar(number: int, stage: StageTime) -> dict[str, Any]:
    """Return a stage as a piece of a bar that is 1000 wide."""
    return {
        "stage": stage,
        "tone": number % TONES,
        "x": f"{1000 * stage.start:.1f}",
        "width": f"{1000 * stage.share:.1f}",
        "seconds": numbers.local(f"{stage.seconds:.2f} s" if stage.seconds >= 0.01 else "< 0.01 s"),
    }


def _product_of(request: HttpRequest, cad_file: CadFile) -> Product | None:
    """The product whose rules the page shows: ?product=ID, or the first that has the file."""
    products = list(cad_file.products.all())
    wanted = request.GET.get("product", "")
    return next((one for one in products if str(one.pk) == wanted), products[0] if products else None)


def _convert(cad_file: CadFile) -> None:
    made = cad_file.jobs.filter(kind=Job.Kind.TESSELLATE)
    last = next((job for job in made if not conversions.is_derived(job.spec["recipe"])), None)
    if last is not None:
        orders.retry_job(last)
        return
    product = cad_file.products.first()
    orders.tessellate_job(cad_file, OutputType.Tessellation.STANDARD, DEFAULT_PRIORITY, product)
