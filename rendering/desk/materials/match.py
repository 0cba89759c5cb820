"""Which parts of a product a rule fits, and for which of them it decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blender_scripts.finish_choice import Chooser
from blender_scripts.finish_rules import because
from media_assets.models import Product
from rendering.catalog import materials
from rendering.catalog.materials import parts_of
from rendering.desk.materials.swatches import swatch
from rendering.models import MaterialRule

MOST_ROWS = 300


class ProductForm(forms.Form):
    """The product to look at, by its number."""

    product = forms.CharField(
        label=gettext_lazy("Product"), max_length=100, help_text=gettext_lazy("Product number")
    )


@dataclass
class Row:
    """Parts of one name, and the rule that decides for them."""

    name: str
    key: str
    color: str
    why: str
    first: MaterialRule | None
    is_decided: bool
    places: int = 1


@dataclass
class Match:
    """What a rule does to one product."""

    product: Product
    rows: list[Row]
    parts: int = 0
    fits: int = 0
    decides: int = 0

    @property
    def is_cut(self) -> bool:
        return len(self.rows) == MOST_ROWS


def match(rule: MaterialRule, product: Product) -> Match:
    """Return the parts of *product* that *rule* fits, whether or not it is active, and which rule goes first there."""
    book = materials.load()
    variant = rule.variant_id if rule.product_id == product.pk else None
    rows, chooser = book.rows(product.pk, variant), book.chooser(product.pk, variant)
    form = rule.as_form()
    alone = Chooser([form])
    found = Match(product, [])
    known: dict[tuple[Any, ...], Row] = {}
    for part in parts_of(product.cad_file.tree if product.cad_file else {}):
        found.parts += 1
        if alone.choose(part) != 0:
            continue
        found.fits += 1
        number = chooser.choose(part)
        winner = rows[number] if number < len(rows) else None
        is_decided = winner is not None and winner.pk == rule.pk
        found.decides += is_decided
        group = (part.name, part.product, part.color, number)
        if group in known:
            known[group].places += 1
        elif len(found.rows) < MOST_ROWS:
            why = ", ".join(because(form, part)) or _("any part")
            first = None if is_decided else winner
            known[group] = Row(part.name, part.key, part.color[:7], why, first, is_decided)
            found.rows.append(known[group])
    return found


def page(request: HttpRequest, rule: MaterialRule) -> HttpResponse:
    """Show what *rule* does to the product ?product=NUMBER; at first its own, or the newest that was converted."""
    form = ProductForm(request.GET) if "product" in request.GET else ProductForm(initial=_initial(rule))
    number = form.data.get("product") if form.is_bound else form.initial.get("product", "")
    product = Product.objects.filter(number=number).select_related("cad_file").first() if number else None
    if form.is_bound and form.is_valid() and product is None:
        form.add_error("product", _("There is no product with this number."))
    context = {
        **admin.site.each_context(request),
        "title": _("Parts that %(rule)s matches") % {"rule": rule.label},
        "opts": MaterialRule._meta,
        "rule": rule,
        "swatch": swatch(rule.finish.as_form()),
        "form": form,
        "match": match(rule, product) if product else None,
    }
    return TemplateResponse(request, "desk/materials/match.html", context)


def _initial(rule: MaterialRule) -> dict[str, str]:
    newest = (
        Product.objects.unarchived().exclude(cad_file=None).exclude(cad_file__tree_key="").order_by("-pk")
    )
    product = rule.product or newest.first()
    return {"product": product.number if product else ""}
