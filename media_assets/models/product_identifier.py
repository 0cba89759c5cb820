"""What a product is called elsewhere: GTIN, ASIN, SKU and whatever else a channel asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from media_assets.models.product import Product
from media_assets.models.sight import SightManager

GTIN_LENGTHS = (8, 12, 13, 14)
ASIN = re.compile(r"[A-Z0-9]{10}\Z")
ETIM = re.compile(r"(?:(ETIM-\d{1,2}\.\d) )?(EC\d{6})\Z")
SHOWN = {"gtin": "GTIN", "asin": "ASIN", "sku": "SKU", "etim": "ETIM"}
CLASSES = ("etim",)
"""Schemes that say what kind of thing a product is: many products have the same."""


def gtin(text: str) -> str:
    """Return a GTIN without spaces and hyphens. Raises ValidationError for a wrong length or check digit.

    The check digit is that of the GS1 General Specifications, 7.9: weights 3 and 1 from the right, modulo 10.
    """
    digits = re.sub(r"[\s-]", "", text)
    if not (digits.isascii() and digits.isdecimal()) or len(digits) not in GTIN_LENGTHS:
        raise ValidationError(
            gettext("A GTIN has 8, 12, 13 or 14 digits, not {text!r}.").format(text=text[:60])
        )
    total = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits[:-1]))
    )
    if (check := -total % 10) != int(digits[-1]):
        raise ValidationError(
            gettext(
                "The check digit of GTIN {gtin} is {check}, not {last}. Look for a mistyped digit."
            ).format(gtin=digits, check=check, last=digits[-1])
        )
    return digits


def asin(text: str) -> str:
    """Return an ASIN in capitals. Raises ValidationError."""
    found = text.strip().upper()
    if not ASIN.match(found):
        raise ValidationError(
            gettext("An ASIN has 10 letters and digits, not {text!r}.").format(text=text[:60])
        )
    return found


def etim(text: str) -> str:
    """Return the code of an ETIM class, after its release where that is named. Raises ValidationError."""
    found = " ".join(text.upper().split())
    if not ETIM.match(found):
        raise ValidationError(
            gettext(
                "An ETIM class is EC and six digits, such as EC001049 or ETIM-9.0 EC001049, not {text!r}."
            ).format(text=text[:60])
        )
    return found


CHECKS = {"gtin": gtin, "asin": asin, "etim": etim}


class ProductIdentifier(models.Model):
    """One identifier of a product, by the scheme that it belongs to."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="identifiers")
    scheme = models.CharField(
        _("scheme"),
        max_length=40,
        validators=[
            RegexValidator(
                r"^[a-z][a-z0-9_]*\Z", _("Use small letters, digits and underscores, starting with a letter.")
            )
        ],
        help_text=_("gtin, asin, sku, etim, or any other name"),
    )
    value = models.CharField(_("value"), max_length=100)

    objects = SightManager["ProductIdentifier"]()

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        ordering = ["scheme"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "scheme"],
                name="productidentifier_once_per_scheme",
                violation_error_message=_("A product has one identifier of each scheme."),
            ),
            # File names and shops tell products apart by it.
            models.UniqueConstraint(
                fields=["scheme", "value"],
                condition=~models.Q(scheme__in=CLASSES),
                name="productidentifier_of_one_product",
                violation_error_message=_("Another product has this identifier."),
            ),
        ]

    def __str__(self) -> str:
        return f"{SHOWN.get(self.scheme, self.scheme)} {self.value}"

    def clean(self) -> None:
        """Check the value as its scheme asks for, and keep it as it is written there."""
        self.value = self.value.strip()
        if not self.value.isprintable():
            raise ValidationError({"value": gettext("An identifier has no control characters.")})
        if check := CHECKS.get(self.scheme):
            try:
                self.value = check(self.value)
            except ValidationError as error:
                raise ValidationError({"value": error.messages}) from error


@transaction.atomic
def identify(product: Product, values: Mapping[str, str]) -> bool:
    """Set identifiers by scheme, "" removes one; return whether anything changed. Raises ValidationError."""
    known = {one.scheme: one for one in product.identifiers.all()}
    has_changed = False
    for scheme, value in values.items():
        one = known.get(scheme)
        if not value.strip():
            if one:
                one.delete()
                has_changed = True
            continue
        made: Any = one or ProductIdentifier(product=product, scheme=scheme)
        before, made.value = made.value, value
        made.full_clean()
        if made.value != before:
            made.save()
            has_changed = True
    return has_changed
