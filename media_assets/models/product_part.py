"""What people say of the parts of a product."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from media_assets.models.product import Product
from media_assets.models.sight import SightManager

MOST_NUMBER = 99_999


class ProductPart(models.Model):
    """One row of a product's parts list. It keeps its key, number and texts when a revision changes the part."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="parts")
    key = models.CharField(
        _("key"), max_length=100, help_text=_("The same in all revisions of the product"), editable=False
    )
    number = models.PositiveIntegerField(
        _("number"),
        validators=[MinValueValidator(1), MaxValueValidator(MOST_NUMBER)],
        help_text=_("In the parts list and in balloons"),
    )
    article = models.CharField(
        _("part number"), max_length=100, blank=True, help_text=_("By which it can be ordered")
    )
    text = models.CharField(_("text"), max_length=255, blank=True, help_text=_("Instead of its name in CAD"))
    name = models.CharField(
        _("name in CAD"), max_length=255, blank=True, editable=False, help_text=_("As it was last seen")
    )
    shape = models.CharField(
        _("shape"), max_length=20, blank=True, editable=False, help_text=_("Fingerprint, as last seen")
    )
    places = models.JSONField(
        _("places"), default=list, editable=False, help_text=_("Some of its part keys, as last seen")
    )

    objects = SightManager["ProductPart"]()

    class Meta:
        default_permissions = ()
        verbose_name = _("part")
        verbose_name_plural = _("parts")
        ordering = ["number", "id"]
        constraints = [
            # A key is how pictures of a part are found again.
            models.UniqueConstraint(fields=["product", "key"], name="productpart_key"),
        ]

    def __str__(self) -> str:
        return self.text or self.name or self.key
