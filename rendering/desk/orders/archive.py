"""The page before a download of many pictures: how the files are named, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from media_assets.models import Product
from rendering import history
from rendering.catalog.channels import names
from rendering.delivery import archives
from rendering.models import ChannelProfile, HistoryEntry, Order, OutputType
from rendering.orders.matrix import Cell, matrix

PREVIEWED = 5
MISSING_SHOWN = 20


class PatternForm(forms.Form):
    """How the files are named."""

    pattern = forms.CharField(
        label=gettext_lazy("Naming pattern"),
        max_length=200,
        initial=names.DEFAULT_PATTERN,
        widget=forms.TextInput(attrs={"class": "vTextField", "spellcheck": "false", "autocapitalize": "off"}),
        help_text=format_lazy(
            gettext_lazy("Fields: {fields}."), fields=", ".join(f"{{{one}}}" for one in names.FIELDS)
        ),
    )

    channel = forms.ModelChoiceField(
        ChannelProfile.objects.all(),
        label=gettext_lazy("For a channel"),
        required=False,
        to_field_name="slug",
        help_text=gettext_lazy("With the names that it asks for, and only what is ready for it"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not ChannelProfile.objects.exists():
            del self.fields["channel"]

    def clean_pattern(self) -> names.Pattern:
        try:
            return names.Pattern.of(self.cleaned_data["pattern"])
        except names.BadPattern as error:
            raise forms.ValidationError(str(error)) from error


def may_download(request: HttpRequest) -> bool:
    """Return whether the user may look at orders and at pictures."""
    return request.user.has_perms(("rendering.view_order", "media_assets.view_mediaasset"))


def links(request: HttpRequest, pk: int) -> list[tuple[str, str]]:
    """Return (address, words) of the page for one order; nothing for those who may not download."""
    return (
        [(reverse("admin:rendering_order_zip", args=[pk]), _("Download all"))]
        if may_download(request)
        else []
    )


def of_order(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Answer for all lines of one order: the page, or on its button the archive."""
    _refuse_strangers(request)
    order = get_object_or_404(Order, pk=pk)
    page = {
        "action": reverse("admin:rendering_order_zip", args=[pk]),
        "order": order,
        "of": _("order %(number)d") % {"number": pk},
    }
    return _answer(request, archives.of_order(order), page, f"order-{pk}.zip")


@require_POST
def of_cells(request: HttpRequest) -> HttpResponseBase:
    """Answer for the cells that the page itself carries."""
    _refuse_strangers(request)
    keys = set(request.POST.get("cells", "").split())
    ids = {one.partition(":")[0].partition(".")[0] for one in keys}
    products = Product.objects.unarchived().with_cad().filter(pk__in=[one for one in ids if _is_id(one)])
    products = products.defer("cad_file__tree", "cad_file__report").order_by("number")
    rows = matrix(list(products), list(OutputType.objects.orderable()))
    return for_cells(request, [cell for row in rows for cell in row.cells if cell.key in keys])


def for_cells(request: HttpRequest, cells: Sequence[Cell]) -> HttpResponseBase:
    """Answer for what was ticked in the matrix."""
    _refuse_strangers(request)
    if not cells:
        messages.warning(request, _("Nothing is selected. Select cells, rows or columns first."))
        return HttpResponseRedirect(reverse("admin:rendering_matrix"))
    page = {
        "action": reverse("admin:rendering_matrix_zip"),
        "cells": " ".join(cell.key for cell in cells),
        "of": _("the selected cells"),
    }
    return _answer(request, archives.of_cells(cells), page, "deliverables.zip")


def _refuse_strangers(request: HttpRequest) -> None:
    if not may_download(request):
        raise PermissionDenied(_("You may not download pictures. Ask an administrator for the permission."))


def _is_id(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


def _answer(
    request: HttpRequest, wanted: Sequence[archives.Wanted], page: dict[str, Any], archive: str
) -> HttpResponseBase:
    form = PatternForm(request.POST) if "pattern" in request.POST else PatternForm()
    packing = None
    if not form.is_bound:
        packing = archives.Packing.of(wanted, names.Pattern.of(names.DEFAULT_PATTERN))
    elif form.is_valid():
        if channel := form.cleaned_data.get("channel"):
            products = {one.product.pk: one.product for one in wanted if one.product}
            fit = archives.of_channel(channel, list(products.values()))
            try:
                packing = archives.packed_for(channel, fit)
            except names.BadPattern as error:
                form.add_error("channel", str(error))
            if packing and not packing.entries:
                reason = next((one.reason for one in fit if one.reason), "")
                words = _("Nothing of this is ready for %(channel)s: %(reason)s.")
                form.add_error("channel", words % {"channel": channel, "reason": reason.rstrip(".")})
            if form.errors or packing is None:
                return _page(request, form, None, wanted, page)
            wanted, archive = fit, f"{channel.slug}-{archive}"
        else:
            packing = archives.Packing.of(wanted, form.cleaned_data["pattern"])
        if "_download" in request.POST and packing.entries:
            own = {one.product.pk: one.product for one in wanted if one.asset and one.product}
            rows = [page["order"]] if "order" in page else list(own.values())
            count = len(packing.entries)
            name = ngettext("%(count)d file of %(what)s", "%(count)d files of %(what)s", count)
            name %= {"count": count, "what": page["of"]}
            history.record(HistoryEntry.Verb.DOWNLOAD, rows, count=count, name=name)
            return archives.response(packing, archive)
    return _page(request, form, packing, wanted, page)


def _page(
    request: HttpRequest,
    form: PatternForm,
    packing: archives.Packing | None,
    wanted: Sequence[archives.Wanted],
    page: dict[str, Any],
) -> HttpResponse:
    missing = [(one, one.reason) for one in wanted if one.asset is None]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        **page,
        "title": _("Download %(what)s") % {"what": page["of"]},
        "opts": Order._meta,
        "form": form,
        "media": form.media,
        "count": len(wanted) - len(missing),
        "size": sum(one.asset.bytes for one in wanted if one.asset),
        "stale": sum(one.is_stale for one in wanted),
        "names": [entry.name for entry in packing.entries[:PREVIEWED]] if packing else [],
        "more": max(0, len(wanted) - len(missing) - PREVIEWED),
        "missing": missing[:MISSING_SHOWN],
        "missing_count": len(missing),
        "missing_more": max(0, len(missing) - MISSING_SHOWN),
    }
    return TemplateResponse(request, "desk/orders/archive.html", context)
