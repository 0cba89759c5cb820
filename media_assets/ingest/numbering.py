"""Which product a CAD file describes: a named one, or a new one with the next free number."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from media_assets.models import CadFile, Product, ProductRevision, sight
from media_assets.signals import Notice, product_revised

ATTEMPTS = 20
"""How often another import may take the same number in the same instant."""


def named(number: str) -> Product:
    """Return the product of this number, a new one (not saved) when there is none.

    Raises ValidationError for a number that is taken by what whoever acts may not see.
    """
    found: Product | None = sight.regardless(Product).filter(number=number).first()
    if found and not sight.sees(found):
        raise ValidationError(
            _("Product number {number!r} is taken. Choose another one.").format(number=number)
        )
    return found or Product(number=number)


def free(number: str) -> Product:
    """Return a new product (not saved) with this number, or the number with the next free counter behind it."""
    taken = set(sight.regardless(Product).filter(number__startswith=number).values_list("number", flat=True))
    names = [number, *(f"{number}-{count}" for count in range(2, len(taken) + 3))]
    return Product(number=next(name for name in names if name not in taken))


def revise(
    cad_file: CadFile,
    *,
    number: str,
    is_number_given: bool,
    name: str,
    other_name: str,
    is_new_file: bool,
    user: User | None,
    customer: int | None = None,
) -> tuple[Product, Notice | None]:
    """Make *cad_file* the current one of a product; return the product and the Notice of a listener, if any.

    The product is the one of this number when it was given, else a new one. *name* becomes its name, *other_name*
    only where it has none. *customer*: of a new product. Raises ValidationError.
    """
    product, is_revision = _saved(cad_file, number, is_number_given, name, other_name, user, customer)
    if not is_revision:
        return product, None
    with sight.of_everybody():
        answers = product_revised.send(
            Product, product=product, cad_file=cad_file, is_new_file=is_new_file, user=user
        )
    notices: list[object] = [answer for _receiver, answer in answers]
    return product, next((notice for notice in notices if isinstance(notice, Notice)), None)


def _saved(
    cad_file: CadFile,
    number: str,
    is_given: bool,
    name: str,
    other_name: str,
    user: User | None,
    customer: int | None,
) -> tuple[Product, bool]:
    """Save the product with its file; return it, and whether the file is another than before.

    Two imports may find the same number free: the later one looks again.
    """
    for attempt in range(ATTEMPTS):
        product = named(number) if is_given else free(number)
        product.name = name or product.name or other_name
        if product._state.adding:
            product.customer_id = sight.customer_of_new(customer)
        before = product.cad_file
        is_revision = product.cad_file_id != cad_file.pk
        if is_revision:
            product.cad_file, product.revised = cad_file, timezone.now()
            product.revisions += 1
        try:
            with transaction.atomic():
                product.save()
                for one in [before, cad_file] if is_revision else []:
                    _keep(product, one, user)
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
            continue
        return product, is_revision
    raise AssertionError  # the last attempt returned or raised


def _keep(product: Product, cad_file: CadFile | None, user: User | None) -> None:
    """Write down that the product has had this CAD file, and since when, if it is its current one."""
    if cad_file is None:
        return
    last = product.history.aggregate(last=Max("number"))["last"] or 0
    is_current = product.cad_file_id == cad_file.pk
    now = {"since": product.revised, "made_by": user} if is_current else {}
    first = now or {"since": cad_file.created}
    ProductRevision.objects.update_or_create(
        defaults=now, create_defaults={**first, "number": last + 1}, product=product, cad_file=cad_file
    )
