"""Another picture beside one that was rejected: a copy of its output type with other settings, ordered when saved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rendering import orders
from rendering.desk.shared import placed
from rendering.desk.shared.control import operator
from rendering.models import Order, OrderLine, OutputType
from rendering.models.roles import may

PARAMETER = "beside"
MOST = 60  # characters of a slug


def asked(request: HttpRequest) -> OrderLine | None:
    """Return the line that delivered the picture which the address names; None where it names none."""
    text = request.GET.get(PARAMETER, "")
    if not text.isdecimal() or len(text) > 18:
        return None
    if not may(request.user, "order"):
        raise PermissionDenied(_("You may not order pictures. Ask an administrator for the permission."))
    lines = OrderLine.objects.filter(
        asset=int(text), state=OrderLine.State.DONE, product__isnull=False, output_type__isnull=False
    )
    return lines.select_related("product", "output_type", "variant", "asset").order_by("-pk").first()


def initial(line: OrderLine) -> dict[str, Any]:
    """Return the settings to begin with: those of the picture, under a free name."""
    settings = model_to_dict(line.output_type, exclude=["id"])
    number = 2
    while OutputType.objects.filter(slug=(slug := _numbered(line.output_type.slug, number))).exists():
        number += 1
    return {**settings, "slug": slug, "name": f"{line.output_type.name[:90]} ({number})", "is_active": True}


def ordered(request: HttpRequest, line: OrderLine, output_type: OutputType) -> HttpResponse:
    """Order the product in the new output type, and show the order."""
    try:
        wishes = [orders.Wish(line.product, output_type, variant=line.variant, part=line.part)]
        order = orders.place(wishes, trigger=Order.Trigger.OPERATOR, user=operator(request))
    except orders.OrderRefused as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("admin:rendering_outputtype_change", args=[output_type.pk]))
    messages.success(request, placed.placed(order, 1))
    return HttpResponseRedirect(reverse("admin:rendering_order_change", args=[order.pk]))


def _numbered(slug: str, number: int) -> str:
    tail = f"-{number}"
    return f"{slug[: MOST - len(tail)]}{tail}"
