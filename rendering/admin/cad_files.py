"""CAD files: several uploaded at once, each with its own answer; converted again; ordered."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from gpu.models import SystemSettings
from media_assets.admin import CadFileAdmin
from media_assets.models import CadFile, Product
from rendering import orders
from rendering.admin import order_page
from rendering.admin.control import ControlAdmin, operator, plural
from rendering.admin.upload import Answer, UploadForm, take
from rendering.models import Job, OutputType
from rendering.models.order import DEFAULT_PRIORITY

admin.site.unregister(CadFile)

LEVELS = {True: messages.SUCCESS, False: messages.ERROR}


@admin.register(CadFile)
class UploadCadFileAdmin(ControlAdmin, CadFileAdmin):
    actions = ("order_output_types", "convert_again")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("media_assets.add_cadfile")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Upload: each file gets its own message, and a bad one does not stop the others."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        limit_mb = SystemSettings.load().upload_max_mb
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if request.method == "POST" and form.is_valid():
            answers = [
                take(upload, number=form.cleaned_data["product"], user=operator(request), max_mb=limit_mb)
                for upload in form.cleaned_data["cad_files"]
            ]
            for answer in answers:
                self.message_user(request, answer.text, LEVELS[answer.is_good])
            return HttpResponseRedirect(self._after(answers))
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
        return order_page.prefilled(request, products)

    @admin.action(permissions=["control"], description="Convert again")
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


def _convert(cad_file: CadFile) -> None:
    last = cad_file.jobs.filter(kind=Job.Kind.TESSELLATE).first()
    if last is not None:
        orders.retry_job(last)
        return
    product = cad_file.products.first()
    orders.tessellate_job(cad_file, OutputType.Tessellation.STANDARD, DEFAULT_PRIORITY, product)
