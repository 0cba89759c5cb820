"""The page that uploads CAD files: each file gets its own result, and a bad one does not stop the others."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from gpu.admin.bounded import is_key_of
from gpu.models import SystemSettings
from media_assets.ingest.text import visible
from media_assets.models import Product
from rendering.desk.cad_files import cells
from rendering.desk.cad_files.upload import Answer, UploadForm, take
from rendering.desk.shared.control import ControlAdmin, operator
from rendering.models.roles import may

JSON = "application/json"
LEVELS = {True: messages.SUCCESS, False: messages.ERROR}


def answer(page: ControlAdmin, request: HttpRequest, extra_context: dict[str, Any]) -> HttpResponse:
    """Take in the files of a POST, or show the form. A script that wants JSON sends one file a request."""
    wants_json = request.get_preferred_type(["text/html", JSON]) == JSON
    row = SystemSettings.load()
    revised = revised_product(request)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*sent, revised=revised, may_order=may(request.user, "order"))
    if request.method == "POST" and form.is_valid():
        answers = [
            answer
            for upload in form.cleaned_data["cad_files"]
            for answer in take(
                upload,
                number=form.number,
                user=operator(request),
                row=row,
                unit=form.cleaned_data["unit"],
                look_first=form.cleaned_data["look_first"],
                render_stale=form.cleaned_data.get("render_stale", False),
                customer=form.cleaned_data.get("customer"),
            )
        ]
        if wants_json:
            for one in answers if revised else ():
                if one.is_good:  # the script leads to the product's page, which says so
                    page.message_user(request, one.text, messages.SUCCESS)
            return JsonResponse(_as_json(page, request, answers))
        for one in answers:
            page.message_user(request, one.text, LEVELS[one.is_good])
        return HttpResponseRedirect(_after(page, request, answers))
    if wants_json:
        words = visible(" ".join(str(one) for errors in form.errors.values() for one in errors))
        refusal = {"is_good": False, "may_try_again": True, "text": words, "html": ""}
        return JsonResponse(refusal, status=HTTPStatus.BAD_REQUEST)
    context = {
        **page.admin_site.each_context(request),
        **extra_context,
        "title": _("New revision of %(product)s") % {"product": revised}
        if revised
        else _("Upload CAD files"),
        "revised": revised,
        "opts": page.opts,
        "form": form,
        "media": form.media,
        "limit_mb": row.upload_max_mb,
    }
    return TemplateResponse(request, "desk/cad_files/upload.html", context)


def revised_product(request: HttpRequest) -> Product | None:
    """Return the product whose page led here to upload a new revision of it. Raises Http404 for one that is gone."""
    asked = request.POST.get("revision_of") or request.GET.get("revision_of", "")
    if not asked:
        return None
    if not request.user.has_perm("media_assets.view_product") or not is_key_of(Product, asked):
        raise Http404
    return get_object_or_404(Product.objects.unarchived(), pk=asked)


def _as_json(page: ControlAdmin, request: HttpRequest, answers: list[Answer]) -> dict[str, Any]:
    """Return the answer to one file for the page that sent it; its row follows the conversion from there.

    Of an archive that became several products the list has the rows.
    """
    if len(answers) > 1:
        return {
            "is_good": all(one.is_good for one in answers),
            "is_kept": any(one.cad_file for one in answers),
            "may_try_again": any(one.again for one in answers),
            "text": " ".join(one.text for one in answers),
            "url": _after(page, request, answers),
            "html": "",
        }
    (taken,) = answers
    cad_file = taken.cad_file
    may_look = cad_file is not None and page.has_view_permission(request)
    shown = page.get_queryset(request).get(pk=cad_file.pk) if cad_file and may_look else None
    return {
        "is_good": taken.is_good,
        "asks": taken.superseded is not None or (cad_file is not None and cad_file.asks_for_unit),
        "is_kept": cad_file is not None,
        "may_try_again": taken.again,
        "text": taken.text,
        "url": _after(page, request, answers) if shown or taken.superseded or taken.archived else "",
        "html": f"{cells.picture_cell(shown)}{cells.state_cell(shown)}" if shown else "",
    }


def archived_url(request: HttpRequest, taken: Answer) -> str:
    """Return the page that brings back what a file was refused for; "" where this user may not see it."""
    row = taken.archived
    if row is None or not request.user.has_perm(f"media_assets.view_{row._meta.model_name}"):
        return ""
    return reverse(f"admin:media_assets_{row._meta.model_name}_change", args=[row.pk])


def asked_url(page: ControlAdmin, request: HttpRequest, taken: Answer) -> str:
    """Return the page on which somebody says what becomes of a file that was not taken; "" without one."""
    if taken.superseded:
        return page.url("superseded", taken.superseded.pk)
    return archived_url(request, taken)


def _after(page: ControlAdmin, request: HttpRequest, answers: list[Answer]) -> str:
    """One file: the page of its product, or where a question about it is answered.

    Several: the list; nothing usable: the upload page again.
    """
    if len(answers) == 1 and (address := asked_url(page, request, answers[0])):
        return address
    if (revised := revised_product(request)) and any(one.cad_file for one in answers):
        return reverse("admin:media_assets_product_change", args=[revised.pk])
    kept = [one for one in answers if one.cad_file]
    if not kept:
        return page.url("add")
    return _url(page, request, kept[0]) if len(answers) == 1 else page.url("changelist")


def _url(page: ControlAdmin, request: HttpRequest, taken: Answer) -> str:
    """Return where an upload is looked at: its product, or how it is read, where that waits for this user's answer.

    The CAD file itself where it has no product that this user may see.
    """
    assert taken.cad_file is not None
    asks = taken.cad_file.waits_for_look or taken.cad_file.asks_for_unit
    if asks and request.user.has_perm("media_assets.change_cadfile"):
        return page.url("reading", taken.cad_file.pk)
    if taken.product and request.user.has_perm("media_assets.view_product"):
        return reverse("admin:media_assets_product_change", args=[taken.product.pk])
    return page.url("change", taken.cad_file.pk)
