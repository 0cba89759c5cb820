"""Variants of a product: the same CAD file with other finishes or fewer parts, ordered and delivered under a name."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from media_assets.models import Product
from media_assets.models.sight import SightManager

LONGEST = 60
ALL, NONE = "all", "none"  # how an order names every variant, and the product itself


class Variant(models.Model):
    """One variant of a product. Its own material rules are asked before those of the product; it may hide parts."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="variants")
    name = models.CharField(max_length=LONGEST)
    slug = models.SlugField(
        max_length=LONGEST,
        allow_unicode=True,
        blank=True,
        help_text=_("Used in file names, tables and the API; it stays as it is when the name changes."),
    )
    hidden = models.JSONField(
        default=list,
        blank=True,
        help_text=_("Parts that are not shown: {words, part_key}, as conditions of material rules"),
    )
    created = models.DateTimeField(default=timezone.now, editable=False)

    objects = SightManager["Variant"]()

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["product", "pk"]
        default_permissions = ()
        constraints = [
            # Tables and the API find a variant by either.
            models.UniqueConstraint(
                fields=["product", "slug"],
                name="variant_slug_once",
                violation_error_message=_("This product has a variant of this name already."),
            ),
            models.UniqueConstraint(
                fields=["product", "name"],
                name="variant_name_once",
                violation_error_message=_("This product has a variant of this name already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Derive the slug of a new variant. Raises ValidationError for a name that gives none."""
        self.name = " ".join(self.name.split())
        self.slug = self.slug or slugify(self.name, allow_unicode=True)[:LONGEST]
        if not self.slug or {self.slug, self.name.lower()} & {ALL, NONE}:
            raise ValidationError(
                {"name": gettext("Choose a name with letters or digits, but not “all” or “none”.")}
            )


def name_of(product: Product, variant: Variant | None, part: str = "") -> str:
    """Return the number of a product, with the names of the variant and of the part."""
    return " · ".join(filter(None, (product.number, str(variant or ""), part)))
