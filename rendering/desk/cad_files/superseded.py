"""The page that asks what becomes of an uploaded file that is an earlier revision of a product."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from media_assets.ingest import receive
from media_assets.models import CadFile, Product, ProductRevision
from rendering.desk.shared.control import operator
from rendering.orders import OrderRefused

MOST = 10  # products that it may have been a revision of


def page(request: HttpRequest, cad_file: CadFile) -> HttpResponse:
    """Ask; a POST makes it current for one of its products (revision=ID), or a new product of it (new=...)."""
    former = receive.superseded(cad_file)[:MOST]
    if request.method == "POST":
        return _answered(request, cad_file, former)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("An earlier revision"),
        "opts": CadFile._meta,
        "cad_file": cad_file,
        "former": former,
        "may_change": request.user.has_perm("media_assets.change_product"),
    }
    return TemplateResponse(request, "desk/cad_files/superseded.html", context)


def _answered(request: HttpRequest, cad_file: CadFile, former: list[ProductRevision]) -> HttpResponse:
    chosen = next((one for one in former if str(one.pk) == request.POST.get("revision")), None)
    try:
        if chosen and request.user.has_perm("media_assets.change_product"):
            receive.assign(chosen.product, cad_file, operator(request))
            words = _("%(revision)s is the current one of product %(product)s again.")
            messages.success(request, words % {"revision": chosen, "product": chosen.product.number})
            return _to(chosen.product)
        if "new" in request.POST:
            product = receive.new_product(cad_file, operator(request))
            messages.success(request, _("Product %(product)s is new.") % {"product": product.number})
            return _to(product)
    except OrderRefused as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(request.path)


def _to(product: Product) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:media_assets_product_change", args=[product.pk]))
