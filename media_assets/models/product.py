"""Products: what is sold, and the CAD file that describes it now."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from media_assets.models.archivable import ARCHIVED, Archivable, ArchivableQuerySet
from media_assets.models.cad_file import CadFile
from media_assets.models.grouping import Collection, Customer, Tag
from media_assets.models.sight import UniqueForAll
from media_assets.models.turns import TURNS

PRODUCT_NUMBER = RegexValidator(
    r"^[\w][\w .+-]{0,98}\Z",
    _(
        "Use 1 to 99 letters, digits, spaces, dots, plus signs, hyphens and underscores, starting with a letter or "
        "digit."
    ),
)


class ProductQuerySet(ArchivableQuerySet["Product"]):
    def with_cad(self) -> ProductQuerySet:
        return self.select_related("cad_file")


class Product(UniqueForAll, Archivable):
    """What is sold: a number, a name, and the CAD file that describes it now."""

    class Orientation(models.TextChoices):
        FILE = "file", _("The file's axes")
        Y_UP = "y", _("The file's Y axis up")
        FLAT = "flat", _("Lying on its largest flat face")
        UPRIGHT = "upright", _("Turning axis upright")
        LEVEL = "level", _("Turning axis level")

    number = models.CharField(_("number"), max_length=100, unique=True, validators=[PRODUCT_NUMBER])
    name = models.CharField(_("name"), max_length=255, blank=True)
    cad_file = models.ForeignKey(
        CadFile,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
        verbose_name=_("current CAD file"),
    )
    customer = models.ForeignKey(
        Customer,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="products",
        verbose_name=_("customer"),
    )
    collection = models.ForeignKey(
        Collection,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="products",
        verbose_name=_("collection"),
    )
    tags: models.ManyToManyField[Tag, models.Model] = models.ManyToManyField(
        Tag, blank=True, related_name="products", verbose_name=_("tags")
    )
    orientation = models.CharField(
        _("orientation"),
        max_length=8,
        choices=Orientation,
        blank=True,
        help_text=_("How it stands in pictures. Empty: as the CAD system of its file usually has it."),
    )
    turn = models.CharField(
        _("turned by hand"),
        max_length=6,
        choices=TURNS,
        blank=True,
        help_text=_("Quarter turns on top of that: which of its axes point right, back and up."),
    )
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    revised = models.DateTimeField(
        _("revised"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When it got its current CAD file"),
    )
    revisions = models.PositiveIntegerField(
        _("revisions"),
        default=0,
        db_default=0,
        editable=False,
        help_text=_("How many CAD files it has had; 1: its first"),
    )
    paused_since = models.DateTimeField(
        _("paused since"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("No new jobs are started for it."),
    )
    paused_by = models.CharField(
        _("paused by"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text=_("Name of the user or program"),
    )

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["number"]
        permissions = [("archive_product", "Can archive products")]
        constraints = [
            # Recipes know these and no others.
            models.CheckConstraint(
                condition=models.Q(orientation__in=["", "file", "y", "flat", "upright", "level"]),
                name="product_known_orientation",
            ),
            models.CheckConstraint(
                condition=models.Q(turn="") | models.Q(turn__in=list(TURNS)), name="product_known_turn"
            ),
        ]
        indexes = [
            models.Index(fields=["number"], name="product_archived", condition=ARCHIVED),
            # Whether any product is paused is asked at each claim.
            models.Index(
                fields=["id"], name="product_paused", condition=models.Q(paused_since__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.number if self.name in ("", self.number) else f"{self.number} {self.name}"
