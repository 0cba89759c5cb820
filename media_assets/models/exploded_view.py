"""What people said about the exploded view of a product; without a row it comes apart as computed."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from media_assets.models.product import Product
from media_assets.models.sight import SightManager


class ExplodedView(models.Model):
    """How a product is to come apart. ``changes`` are lists of part keys with their own moves (mm); they survive
    revisions, as far as these have the parts."""

    product = models.OneToOneField(Product, models.CASCADE, related_name="exploded_view")
    depth = models.PositiveSmallIntegerField(
        _("levels that open"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Of the product tree. Deeper subassemblies stay together. Empty: all open."),
    )
    spread = models.FloatField(
        _("distances"),
        default=1.0,
        validators=[MinValueValidator(0.2), MaxValueValidator(10)],
        help_text=_("1 as computed, 2 for gaps twice as wide"),
    )
    changes = models.JSONField(_("changed moves"), default=list, blank=True, editable=False)

    objects = SightManager["ExplodedView"]()

    class Meta:
        verbose_name = _("exploded view")
        verbose_name_plural = _("exploded views")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.product)
