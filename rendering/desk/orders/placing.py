"""The page that places orders, also opened from products and CAD files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from media_assets.models import Product
from rendering import orders
from rendering.desk.orders import outlook as order_outlook
from rendering.desk.orders.form import OrderForm
from rendering.desk.shared import placed
from rendering.desk.shared.control import operator
from rendering.models import Order, Workflow


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
        return _page(request, OrderForm(initial={"products": "\n".join(request.GET.getlist("product"))}))
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
        )
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


def _page(request: HttpRequest, form: OrderForm, outlook: dict[str, Any] | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Order pictures"),
        "opts": Order._meta,
        "form": form,
        "action": reverse("admin:rendering_order_add"),
        "media": form.media,
        "outlook": outlook,
    }
    return TemplateResponse(request, "desk/orders/form.html", context)
