"""Effects of editing rules or finishes: products whose pictures became stale, and what each rule decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blender_scripts.finish_rules import Rule
from media_assets.models import Product, numbers
from media_assets.models.batches import batches
from media_assets.recipes import Recipe
from rendering.catalog import materials
from rendering.catalog.materials import FinishAsk
from rendering.models import OrderLine, OutputType, Variant

MOST_PRODUCTS = 2000
MOST_COUNTED = 500


Decisions = Mapping[tuple[int | None, int | None], Recipe]
"""What is decided for products and their variants, by their ids."""


def decisions() -> Decisions:
    """Return what is decided now for the newest products that have pictures with materials by rule."""
    lines = OrderLine.objects.filter(
        state=OrderLine.State.DONE,
        asset__isnull=False,
        output_type__materials=OutputType.Materials.RULES,
    )
    products = list(
        Product.objects.unarchived()
        .filter(pk__in=lines.order_by().values("product"), cad_file__isnull=False)
        .select_related("cad_file")
        .defer("cad_file__tree", "cad_file__report")
        .order_by("-pk")[:MOST_PRODUCTS]
    )
    wanted = _wanted(products)
    chosen = materials.load().choices(wanted)
    return {(one.product, one.variant): choice.recipe for one, choice in zip(wanted, chosen, strict=True)}


def _wanted(products: Sequence[Product]) -> list[FinishAsk]:
    """Return these products and their variants."""
    variants: dict[int, list[int | None]] = {product.pk: [None] for product in products}
    for some in batches(list(variants)):
        for product, pk in Variant.objects.filter(product__in=some).values_list("product", "pk"):
            variants[product].append(pk)
    return [
        FinishAsk(product.cad_file, product.pk, variant)
        for product in products
        if product.cad_file
        for variant in variants[product.pk]
    ]


def show_effect(request: HttpRequest, before: Decisions) -> None:
    """Show how many products' pictures an edit made stale, or that it made none stale."""
    now = decisions()
    stale = len(
        {product for (product, one), recipe in now.items() if before.get((product, one), recipe) != recipe}
    )
    if not stale:
        messages.info(request, _("Products with pictures keep their finishes: no picture became stale."))
        return
    if len({product for product, _ in now}) < MOST_PRODUCTS:
        products = ngettext("%(count)d product", "%(count)d products", stale)
    else:
        products = ngettext(
            "%(count)d of the newest %(limit)s products", "%(count)d of the newest %(limit)s products", stale
        )
    words = _(
        "Pictures of %(products)s are now stale, because parts get other finishes. "
        "Nothing has been deleted. Re-render what you need in the list of products."
    )
    counts = {"count": stale, "limit": numbers.grouped(MOST_PRODUCTS)}
    messages.warning(request, words % {"products": products % counts})


@dataclass(frozen=True)
class Counts:
    """For how many products each rule decides (by its id), out of how many that were looked at."""

    by_rule: Mapping[int, int]
    products: int


def counts() -> Counts:
    """Return that for the newest products with a converted CAD file."""
    products = list(
        Product.objects.unarchived()
        .exclude(cad_file=None)
        .exclude(cad_file__tree_key="")
        .select_related("cad_file")
        .defer("cad_file__tree", "cad_file__report")
        .order_by("-pk")[:MOST_COUNTED]
    )
    book = materials.load()
    wanted = _wanted(products)
    found: dict[int, set[int | None]] = defaultdict(set)
    forms: dict[int, Rule] = {}
    for one, choice in zip(wanted, book.choices(wanted), strict=True):
        winners = set(choice.rules)
        for row in book.rows(one.product, one.variant):
            form = forms.get(row.pk) or forms.setdefault(row.pk, row.as_form())
            found[row.pk] |= {one.product} if form in winners else set()
    return Counts({rule: len(products) for rule, products in found.items()}, len(products))
