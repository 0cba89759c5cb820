"""Variants of products: made as copies, named by orders, deleted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from media_assets.models import Product
from media_assets.models.batches import batches
from rendering.catalog import freshness
from rendering.models import MaterialRule, OutputType, Variant
from rendering.models.variant import ALL, NONE
from rendering.orders.drafting import Wish
from rendering.orders.refused import OrderRefused


def variants_of(products: Collection[Product]) -> dict[int, list[Variant]]:
    """Return the variants of these products by the id of their product."""
    found: dict[int, list[Variant]] = defaultdict(list)
    for some in batches(sorted(product.pk for product in products)):
        for variant in Variant.objects.filter(product__in=some).order_by("pk"):
            found[variant.product_id].append(variant)
    return found


def named(product: Product, known: Sequence[Variant], names: Sequence[str]) -> list[Variant | None]:
    """Return what an order of *product* names: nothing or NONE is the product itself (None), ALL every variant.

    *known*: its variants; a product without any is itself what ALL of them are. Raises OrderRefused.
    """
    found: list[Variant | None] = []
    for name in names or (NONE,):
        if name.lower() == NONE:
            found.append(None)
        elif name.lower() == ALL:
            found += known or [None]
        else:
            found.append(_called(product, known, name))
    return list(dict.fromkeys(found))


def wishes(
    products: Sequence[Product],
    output_types: Sequence[OutputType],
    names: Sequence[str],
    *,
    force: bool = False,
) -> list[Wish]:
    """Return these products, as the variants that are named, in each of these output types. Raises OrderRefused."""
    known = variants_of(products) if names else {}
    return [
        Wish(product, output_type, force, variant=variant)
        for product in products
        for variant in named(product, known.get(product.pk, []), names)
        for output_type in output_types
    ]


def _called(product: Product, known: Sequence[Variant], name: str) -> Variant:
    for variant in known:
        if name.lower() in (variant.slug, variant.name.lower()):
            return variant
    there = ", ".join(variant.slug for variant in known) or _("none")
    words = _("Product {number!r} has no variant {name!r}. Its variants are: {known}.")
    raise OrderRefused(words.format(number=product.number, name=name, known=there))


def add(product: Product, name: str, like: Variant | None = None) -> Variant:
    """Make a variant of *product* that looks like another one, or at first like the product itself.

    Raises ValidationError for a name that is taken or can't be one.
    """
    variant = Variant(product=product, name=name, hidden=like.hidden if like else [])
    variant.full_clean()
    with transaction.atomic():
        variant.save()
        for rule in MaterialRule.objects.filter(variant=like) if like else ():
            rule.pk, rule.variant = None, variant
            rule.save(force_insert=True)
    return variant


def delete(variant: Variant) -> None:
    """Delete a variant; what it has delivered stays, under its name. Raises OrderRefused while an order makes it."""
    with transaction.atomic():
        Product.objects.select_for_update().get(pk=variant.product_id)  # whoever orders it waits
        lines = variant.order_lines.order_by()
        if lines.live().exists():
            raise OrderRefused(
                _("An order of {variant} is in progress. Wait for it, or cancel it.").format(variant=variant)
            )
        assets = set(lines.filter(asset__isnull=False).values_list("asset", flat=True))
        lines.update(variant=None, variant_slug=variant.slug)
        variant.delete()
        freshness.refresh(assets)
