"""The variants of a product on the page of its finishes: chosen, made as copies, renamed, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from media_assets.models import Product
from media_assets.serving import html
from rendering.models import OrderLine, Variant
from rendering.models.roles import may
from rendering.orders import OrderRefused, variants

VERBS = ("_add", "_rename", "_delete")


def chosen(request: HttpRequest, product: Product) -> Variant | None:
    """Return the variant that the address names; None: the product itself, also where the variant is gone."""
    slug = request.GET.get("variant", "")
    return product.variants.filter(slug=slug).first() if slug else None


def address(product: Product, name: str, variant: Variant | None, **query: str) -> str:
    """Return a page of the finishes of a product or of one of its variants."""
    asked = {**({"variant": variant.slug} if variant else {}), **query}
    place = reverse(f"admin:media_assets_product_{name}", args=[product.pk])
    return f"{place}?{urlencode(asked)}" if asked else place


def act(request: HttpRequest, product: Product, variant: Variant | None) -> Variant | None:
    """Add, rename or delete a variant, and say what was done; return the one to show then."""
    name = request.POST.get("name", "")
    try:
        if "_add" in request.POST:
            made = variants.add(product, name, variant)
            messages.success(request, _("Variant %(variant)s was added.") % {"variant": made})
            return made
        if variant is None:
            messages.warning(request, _("This variant is no longer there."))
        elif "_rename" in request.POST:
            variant.name = name
            variant.full_clean()
            variant.save(update_fields=["name"])
            messages.success(request, _("The variant is now called %(variant)s.") % {"variant": variant})
        else:
            variants.delete(variant)
            words = _("Variant %(variant)s was deleted. What was delivered of it stays.")
            messages.success(request, words % {"variant": variant})
            return None
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except OrderRefused as error:
        messages.error(request, str(error))
    return Variant.objects.filter(pk=variant.pk).first() if variant else None


def hide(variant: Variant, conditions: dict[str, str], *, is_hidden: bool) -> int:
    """Hide the parts of these conditions, or show them; return how many entries said so before."""
    variant.refresh_from_db(fields=["hidden"])
    others = [one for one in variant.hidden if one != conditions]
    before = len(variant.hidden) - len(others)
    variant.hidden = [*others, conditions] if is_hidden else others
    if is_hidden or before:
        variant.save(update_fields=["hidden"])
    return before


def context(request: HttpRequest, product: Product, variant: Variant | None) -> dict[str, Any]:
    """Return what the template shows of the variants."""
    known = list(product.variants.order_by("pk"))
    order = {"product": product.number, **({"variant": variant.slug} if variant else {})}
    return {
        "variant": variant,
        "variants": links(product, known, variant),
        "order": f"{reverse('admin:rendering_order_add')}?{urlencode(order)}"
        if may(request.user, "order")
        else "",
    }


def links(product: Product, known: Sequence[Variant], now: Variant | None = None) -> list[dict[str, Any]]:
    """Return the product itself and its variants, each with its address and the newest picture of it; [] for none."""
    if not known:
        return []
    done = OrderLine.objects.filter(
        html.is_shown("asset__"), product=product, state=OrderLine.State.DONE, variant_slug=""
    )
    pictures: dict[int | None, dict[str, Any]] = dict(
        done.order_by("pk").values_list("variant", html.shown("asset__"))
    )
    return [
        {
            "name": one.name if one else _("Product itself"),
            "address": address(product, "assign", one),
            "thumb": html.thumb(pictures.get(one.pk if one else None), ""),
            "is_now": one == now,
        }
        for one in (None, *known)
    ]
