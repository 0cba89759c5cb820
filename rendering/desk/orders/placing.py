"""The page that places orders, also opened from products and CAD files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from gpu.admin.bounded import bounded
from media_assets.models import CadFile, Product
from media_assets.serving import html
from rendering import orders
from rendering.desk.orders import outlook as order_outlook
from rendering.desk.orders.form import OrderForm
from rendering.desk.search import find
from rendering.desk.shared import placed
from rendering.desk.shared.base import picture_of, sees_pictures
from rendering.desk.shared.control import operator
from rendering.models import Order, Workflow

PICKED = 12  # products of one search
CHOSEN_SHOWN = 48  # chosen products that are shown with their pictures


def prefilled(
    request: HttpRequest,
    products: Iterable[Product],
    *,
    force: bool = False,
    workflow: Workflow | None = None,
) -> HttpResponse:
    """Return the page with these products filled in; it is sent to the page's own address."""
    numbers = "\n".join(dict.fromkeys(product.number for product in products))
    return _page(request, OrderForm(initial={"products": numbers, "force": force, "workflow": workflow}))


def answer(request: HttpRequest) -> HttpResponse:
    """Answer the page's own address: show it, or place the order and go to it."""
    if request.method != "POST":
        wanted = {
            "products": "\n".join(request.GET.getlist("product")),
            "channels": request.GET.getlist("channel"),
            "variants": ", ".join(request.GET.getlist("variant")),
        }
        return _page(request, OrderForm(initial=wanted))
    form = OrderForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    if "_preview" in request.POST:
        return _previewed(request, form)
    force = form.cleaned_data["force"]
    try:
        order = orders.place(
            form.wishes(),
            trigger=Order.Trigger.RERENDER if force else Order.Trigger.OPERATOR,
            priority=form.cleaned_data["priority"],
            user=operator(request),
            run=form.run(),
            wants_email=form.cleaned_data["wants_email"],
            due=form.cleaned_data["due"],
            note=form.cleaned_data["note"],
            form_token=form.cleaned_data["form_token"],
        )
    except orders.AlreadyOrdered as error:
        sent = request.POST.copy()
        sent["form_token"] = str(uuid4())
        return _page(request, OrderForm(sent), already=error.order)
    except orders.OrderRefused as error:
        form.add_error(None, str(error))
        return _page(request, form)
    messages.success(request, placed.placed(order, order.lines.count()))
    return HttpResponseRedirect(reverse("admin:rendering_order_change", args=[order.pk]))


def _previewed(request: HttpRequest, form: OrderForm) -> HttpResponse:
    """Return the page with the preview, skipped steps included; nothing is ordered."""
    try:
        return _page(request, form, order_outlook.outlook(form.wishes(), form.run()))
    except orders.OrderRefused as error:
        form.add_error(None, str(error))
        return _page(request, form)


def pick(request: HttpRequest) -> HttpResponse:
    """Return products that can be ordered, with their pictures: those that ?q finds, or those of ?number."""
    if not request.user.has_perms(("rendering.add_order", "media_assets.view_product")):
        raise PermissionDenied
    text = " ".join(bounded(request.GET.get("q", ""))[0].split())
    rows: QuerySet[Product] = Product.objects.unarchived()
    if numbers := request.GET.getlist("number")[:CHOSEN_SHOWN]:
        rows = rows.filter(number__in=numbers)
    else:
        rows = find.matching_products(
            rows.exclude(cad_file=None).exclude(cad_file__state=CadFile.State.FAILED), text
        )
    picture = html.newest_picture("cad_file") if sees_pictures(request) else html.NO_PICTURE
    found = rows.select_related("customer").annotate(picture_of=picture)[: len(numbers) or PICKED + 1]
    shown = [{"product": one, "picture": html.thumb(picture_of(one), "")} for one in found]
    context = {"rows": shown if numbers else shown[:PICKED], "is_more": not numbers and len(shown) > PICKED}
    return TemplateResponse(request, "desk/orders/pick.html", {**context, "text": text})


def _page(
    request: HttpRequest,
    form: OrderForm,
    outlook: dict[str, Any] | None = None,
    *,
    already: Order | None = None,
) -> HttpResponse:
    """Return the page; *already*: the order that was placed with the form before it got a new token."""
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Order pictures"),
        "opts": Order._meta,
        "form": form,
        "action": reverse("admin:rendering_order_add"),
        "media": form.media,
        "outlook": outlook,
        "already": already,
        "pick_limit": CHOSEN_SHOWN,
    }
    headers = {"Cache-Control": "private, no-cache"}
    return TemplateResponse(request, "desk/orders/form.html", context, headers=headers)
