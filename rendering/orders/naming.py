"""Finds what people and programs name: products by number, output types and workflows by slug."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from media_assets.models import Collection, Customer, Product, Tag
from media_assets.models.batches import batches
from rendering.models import OutputType, Workflow, WorkflowVersion
from rendering.orders import workflows
from rendering.orders.refused import OrderRefused


def products(numbers: Sequence[str]) -> list[Product]:
    """Return the products with these numbers; OrderRefused names the first that is unknown."""
    found: dict[str, Product] = {}
    for some in batches(sorted(set(numbers))):
        found |= {one.number: one for one in Product.objects.filter(number__in=some).with_cad()}
    for number in numbers:
        if number not in found:
            raise OrderRefused(
                _(
                    "There is no product {number!r}. 'manage.py import_cad FILE --product {number}' creates it."
                ).format(number=number)
            )
    return [found[number] for number in dict.fromkeys(numbers)]


def groups(*, customer: str = "", collection: str = "", tag: str = "") -> dict[str, str]:
    """Return the names that are not empty by kind; OrderRefused names the first that is unknown."""
    asked = {"customer": (Customer, customer), "collection": (Collection, collection), "tag": (Tag, tag)}
    for kind, (model, name) in asked.items():
        if name and not model._default_manager.filter(name=name).exists():
            raise OrderRefused(_("There is no {kind} {name!r}.").format(kind=kind, name=name))
    return {kind: name for kind, (_model, name) in asked.items() if name}


def output_types(slugs: Sequence[str]) -> list[OutputType]:
    """Return the output types with these slugs; OrderRefused names the first that is unknown, and those there are."""
    found = {output_type.slug: output_type for output_type in OutputType.objects.filter(slug__in=slugs)}
    for slug in slugs:
        if slug not in found:
            known = ", ".join(OutputType.objects.orderable().values_list("slug", flat=True))
            raise OrderRefused(
                _("There is no output type {slug!r}. There are: {known}.").format(slug=slug, known=known)
            )
    return [found[slug] for slug in dict.fromkeys(slugs)]


def workflow(slug: str) -> WorkflowVersion:
    """Return the present version of a workflow; OrderRefused names those there are."""
    found = Workflow.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Workflow.objects.values_list("slug", flat=True)) or _("none")
        raise OrderRefused(
            _("There is no workflow {slug!r}. There are: {known}.").format(slug=slug, known=known)
        )
    return workflows.current(found)
