"""Which customer and collection a product belongs to, and its tags, by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from media_assets.models import Collection, Customer, Grouping, Product, Tag, sight
from media_assets.models.grouping import GROUP_NAME

Kind = TypeVar("Kind", bound=Grouping)


def belong(
    product: Product,
    *,
    customer: str | None = None,
    collection: str | None = None,
    tags: Sequence[str] | None = None,
) -> None:
    """Say where a product belongs; names that are new are made. None leaves it as it is, "" takes it away.

    Raises ValidationError for a name that none may have, or a customer whose products whoever acts does not see.
    """
    with transaction.atomic():
        if customer is not None:
            product.customer = _customer(customer)
        if collection is not None:
            product.collection = _named(Collection, collection) if collection else None
        product.save(update_fields=["customer", "collection"])
        if tags is not None:
            product.tags.set([_named(Tag, name) for name in tags])


def within(prefix: str = "", *, customer: str = "", collection: str = "", tag: str = "") -> Q:
    """Return the condition that a product belongs there ("" asks nothing); *prefix* leads to it ("product__")."""
    wanted = {"customer__name": customer, "collection__name": collection, "tags__name": tag}
    return Q(**{f"{prefix}{name}": value for name, value in wanted.items() if value})


def _named(model: type[Kind], name: str) -> Kind:
    GROUP_NAME(name)
    with sight.of_everybody():
        return model._default_manager.get_or_create(name=name)[0]


def _customer(name: str) -> Customer | None:
    if sight.now() is None:
        return _named(Customer, name) if name else None
    found = Customer.objects.filter(name=name).first()
    if found is None:
        raise ValidationError(_("Name one of the customers whose products you see."))
    return found
