"""CAD files: several uploaded at once, each with its own answer; converted again; ordered."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from gpu.models import SystemSettings
from media_assets.models import CadFile, Product
from rendering import orders
from rendering.catalog import materials
from rendering.desk.cad_files import cells as cad_cells
from rendering.desk.cad_files import reading
from rendering.desk.cad_files.upload import Answer, UploadForm, take
from rendering.desk.materials import tree as material_tree
from rendering.desk.materials.tree import Viewer
from rendering.desk.media_base import CadFileAdmin
from rendering.desk.orders import placing
from rendering.desk.shared.control import ControlAdmin, operator, plural
from rendering.models import Job, OutputType
from rendering.models.errors import CODES
from rendering.models.order import DEFAULT_PRIORITY

admin.site.unregister(CadFile)

JSON = "application/json"
LISTED_PRODUCTS = 12
LIVE_LIMIT = 200  # files of one page that refresh themselves
LEVELS = {True: messages.SUCCESS, False: messages.ERROR}


@admin.register(CadFile)
class UploadCadFileAdmin(ControlAdmin, CadFileAdmin):
    actions = ("order_output_types", "convert_again")

    class Media:
        css = {"all": ("rendering/materials.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[CadFile]:
        return cad_cells.with_work(super().get_queryset(request))

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> CadFile | None:
        """Return the file with the ways out of its failure that this user has."""
        cad_file = super().get_object(request, *args, **kwargs)
        if cad_file is not None:
            reading_url = self._url("reading", cad_file.pk) if self.may_state(request) else ""
            again = "convert_again" if self.has_retry_permission(request) else ""
            cad_file.doors = {"again": again, "reading_url": reading_url}
            cad_file.viewer = material_tree.viewer(request, _product_of(request, cad_file))
        return cad_file

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("live/", view(require_safe(self.live_cells)), name="media_assets_cadfile_live"),
            path("<int:pk>/reading/", view(self.reading), name="media_assets_cadfile_reading"),
            *super().get_urls(),
        ]

    def live_cells(self, request: HttpRequest) -> HttpResponse:
        """Return the present cells of the CAD files ?id=..., for pages that refresh themselves."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        ids = [
            int(text) for text in request.GET.getlist("id")[:LIVE_LIMIT] if text.isdigit() and len(text) < 19
        ]
        files = self.get_queryset(request).filter(pk__in=ids)
        return HttpResponse("".join(cad_cells.picture_cell(one) + cad_cells.state_cell(one) for one in files))

    def reading(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show and save what the operator says about a file where its bytes do not."""
        if not self.may_state(request):
            raise PermissionDenied("You may not change how CAD files are read. Ask an administrator.")
        return reading.page(request, get_object_or_404(CadFile, pk=pk))

    def may_state(self, request: HttpRequest) -> bool:
        return request.user.has_perm("media_assets.change_cadfile")

    def links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        return [(self._url("reading", obj.pk), "Reading options…")] if self.may_state(request) else []

    @admin.display(description="picture")
    def picture(self, cad_file: CadFile) -> SafeString:
        return cad_cells.picture_cell(cad_file)

    @admin.display(description="state")
    def state_badge(self, cad_file: CadFile) -> SafeString:
        return cad_cells.state_cell(cad_file)

    @admin.display(description="product tree")
    def product_tree(self, cad_file: CadFile) -> SafeString:
        """Show the tree with the finish of each part, by the rules of one of the file's products."""
        viewer = getattr(cad_file, "viewer", Viewer(None))
        tree = material_tree.explained_tree(cad_file.tree, materials.load(), viewer)
        others = [one for one in cad_file.products.all() if one != viewer.product]
        context = {"tree": tree, "product": viewer.product, "others": others[:LISTED_PRODUCTS]}
        return render_to_string("desk/product_tree.html", context)

    def next_step(self, code: str) -> str:
        return CODES[code].next_step if code in CODES else ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("media_assets.add_cadfile")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Upload: each file gets its own message, and a bad one does not stop the others."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        wants_json = request.get_preferred_type(["text/html", JSON]) == JSON
        limit_mb = SystemSettings.load().upload_max_mb
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if request.method == "POST" and form.is_valid():
            answers = [
                take(
                    upload,
                    number=form.cleaned_data["product"],
                    user=operator(request),
                    max_mb=limit_mb,
                    unit=form.cleaned_data["unit"],
                )
                for upload in form.cleaned_data["cad_files"]
            ]
            if wants_json:
                return JsonResponse(self._told(request, answers[0]))
            for answer in answers:
                self.message_user(request, answer.text, LEVELS[answer.is_good])
            return HttpResponseRedirect(self._after(answers))
        if wants_json:
            words = " ".join(str(one) for errors in form.errors.values() for one in errors)
            told = {"is_good": False, "may_try_again": True, "text": words, "html": ""}
            return JsonResponse(told, status=HTTPStatus.BAD_REQUEST)
        context = {
            **self.admin_site.each_context(request),
            **(extra_context or {}),
            "title": "Upload CAD files",
            "opts": self.opts,
            "form": form,
            "media": form.media,
            "limit_mb": limit_mb,
        }
        return TemplateResponse(request, "desk/upload.html", context)

    def _told(self, request: HttpRequest, answer: Answer) -> dict[str, Any]:
        """Return the answer to one file for the page that sent it; its row follows the conversion from there."""
        cad_file = answer.cad_file
        may_look = cad_file is not None and self.has_view_permission(request)
        shown = self.get_queryset(request).get(pk=cad_file.pk) if cad_file and may_look else None
        cells = f"{cad_cells.picture_cell(shown)}{cad_cells.state_cell(shown)}" if shown else ""
        return {
            "is_good": answer.is_good,
            "is_kept": cad_file is not None,
            "may_try_again": answer.again,
            "text": answer.text,
            "url": self._url("change", shown.pk) if shown else "",
            "html": cells,
        }

    def _after(self, answers: list[Answer]) -> str:
        """One file: its own page; several: the list; nothing usable: the upload page again."""
        kept = [answer.cad_file for answer in answers if answer.cad_file]
        if not kept:
            return self._url("add")
        return self._url("change", kept[0].pk) if len(answers) == 1 else self._url("changelist")

    @admin.action(permissions=["order"], description="Order output types…")
    def order_output_types(self, request: HttpRequest, queryset: QuerySet[CadFile]) -> HttpResponse | None:
        products = Product.objects.filter(cad_file__in=queryset.order_by().values("pk"))
        if not products:
            self.message_user(
                request, "No product has one of these as its current CAD file.", messages.WARNING
            )
            return None
        return placing.prefilled(request, products)

    @admin.action(permissions=["retry"], description="Convert again")
    def convert_again(self, request: HttpRequest, queryset: QuerySet[CadFile]) -> HttpResponse | None:
        """Retry failed conversions; a file that never had one gets its first."""
        failed = [cad_file for cad_file in queryset if cad_file.state == CadFile.State.FAILED]
        for cad_file in failed:
            _convert(cad_file)
        if failed:
            self.message_user(request, f"{plural(len(failed), 'CAD file')} queued for conversion.")
        rest = len(queryset) - len(failed)
        if rest:
            self.message_user(
                request, f"{plural(rest, 'CAD file')} left alone: not failed.", messages.WARNING
            )
        if len(failed) == 1:
            return HttpResponseRedirect(reverse("admin:media_assets_cadfile_change", args=[failed[0].pk]))
        return None

    def offers(self, action: str, obj: Any) -> bool:
        if action == "convert_again":
            return bool(obj.state == CadFile.State.FAILED)
        return bool(obj.products.exists())


def _product_of(request: HttpRequest, cad_file: CadFile) -> Product | None:
    """The product whose rules the page shows: ?product=ID, or the first that has the file."""
    products = list(cad_file.products.all())
    wanted = request.GET.get("product", "")
    return next((one for one in products if str(one.pk) == wanted), products[0] if products else None)


def _convert(cad_file: CadFile) -> None:
    last = cad_file.jobs.filter(kind=Job.Kind.TESSELLATE).first()
    if last is not None:
        orders.retry_job(last)
        return
    product = cad_file.products.first()
    orders.tessellate_job(cad_file, OutputType.Tessellation.STANDARD, DEFAULT_PRIORITY, product)
