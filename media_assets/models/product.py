"""Products: what is sold, and the CAD file that describes it now."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from media_assets.models.cad_file import CadFile

PRODUCT_NUMBER = RegexValidator(
    r"^[\w][\w .+-]{0,98}\Z",
    "Use 1 to 99 letters, digits, blanks, dots, plus or minus signs and underscores, starting with a letter or digit.",
)


class ProductQuerySet(models.QuerySet["Product"]):
    def with_cad(self) -> ProductQuerySet:
        return self.select_related("cad_file")


class Product(models.Model):
    """What is sold: a number, a name, and the CAD file that describes it now."""

    number = models.CharField(max_length=100, unique=True, validators=[PRODUCT_NUMBER])
    name = models.CharField(max_length=255, blank=True)
    cad_file = models.ForeignKey(
        CadFile,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
        verbose_name="current CAD file",
    )
    created = models.DateTimeField(default=timezone.now, editable=False)
    revised = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the current CAD file became the current one"
    )
    revisions = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="How many CAD files it has had; 1: its first"
    )
    paused_since = models.DateTimeField(
        "paused since", null=True, blank=True, editable=False, help_text="Nothing is started for it"
    )
    paused_by = models.CharField(
        max_length=200, blank=True, default="", db_default="", editable=False, help_text="Who, in words"
    )

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        indexes = [
            # Whether any product is paused is asked at each claim.
            models.Index(
                fields=["id"], name="product_paused", condition=models.Q(paused_since__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.number if self.name in ("", self.number) else f"{self.number} {self.name}"
