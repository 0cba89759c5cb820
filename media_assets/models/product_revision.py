"""The CAD files that a product has had."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from media_assets.models.cad_file import CadFile
from media_assets.models.product import Product
from media_assets.models.sight import SightManager


class ProductRevision(models.Model):
    """One CAD file of a product. It keeps its number when it becomes the current one again."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="history")
    cad_file = models.ForeignKey(CadFile, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    since = models.DateTimeField(
        _("since"), default=timezone.now, help_text=_("When it became the current one, the last time")
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = SightManager["ProductRevision"]()

    class Meta:
        default_permissions = ()
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-number"]
        constraints = [
            # The same file again is the same revision.
            models.UniqueConstraint(fields=["product", "cad_file"], name="productrevision_once"),
            models.UniqueConstraint(fields=["product", "number"], name="productrevision_number"),
        ]

    def __str__(self) -> str:
        return gettext("Revision {number}").format(number=self.number)
