"""Every file derived from a CAD file, with its recipe and its receipt."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from media_assets import storage
from media_assets.formats.files import GLB, shown_types
from media_assets.models.archivable import ARCHIVED, Archivable, ArchivableQuerySet
from media_assets.models.batches import batches
from media_assets.models.cad_file import CadFile
from media_assets.models.product import Product
from media_assets.models.sight import ProductKey
from media_assets.recipes.receipt import Receipt

USE_NOTED = timedelta(days=1)  # uses closer together than this are one, and write nothing


class MediaAssetQuerySet(ArchivableQuerySet["MediaAsset"]):
    def made_from(self, kind: str, recipe_key: str) -> MediaAssetQuerySet:
        """The one asset of this kind and recipe, if it exists."""
        return self.filter(kind=kind, recipe_key=recipe_key)

    def kept(self) -> MediaAssetQuerySet:
        """Those whose file has not been pruned."""
        return self.filter(pruned=None)

    def use(self, assets: Collection[MediaAsset]) -> set[int]:
        """Note that these are used now; return the ids of those that were pruned in this instant.

        At most one write a day for each. Whoever goes on with the others in the same transaction finds their files:
        what was used within two days is never pruned.
        """
        due = sorted({asset.pk for asset in assets if asset.is_use_due})
        gone: set[int] = set()
        for pks in batches(due):
            some = self.filter(pk__in=pks)
            with transaction.atomic():
                # Locked in the same order everywhere, so that two orders of the same things can't wait for each other.
                held = some.order_by("pk").select_for_update(no_key=True)
                gone |= {pk for pk, pruned in held.values_list("pk", "pruned") if pruned}
                some.kept().update(last_used=timezone.now())
        return gone


class MediaAsset(Archivable):
    """A derived file: what it is, what it was made from (recipe) and how it was really made (receipt)."""

    class Kind(models.TextChoices):
        GLTF_GEOMETRY = "gltf_geometry", _("GLB geometry")
        USD_MASTER = "usd_master", _("USD master")
        CAD_DOCUMENT = "cad_document", _("CAD document")
        DERIVED_GEOMETRY = "derived_geometry", _("Section, exploded view or lines")
        RENDER_MASTER = "render_master", _("Render master")
        THUMBNAIL = "thumbnail", _("Thumbnail")
        STILL = "still", _("Still")
        TURNTABLE = "turntable", _("Turntable")
        SPIN = "spin", _("360° spin")
        MODEL = "model", _("3-D model")
        DRAWING = "drawing", _("Line drawing")
        SHADOW = "shadow", _("Shadow")
        PASSES = "passes", _("Render pass")
        BALLOONS = "balloons", _("Picture with balloons")
        BOOK = "book", _("Spare-parts book")

    PICTURES = (
        *(Kind.THUMBNAIL, Kind.STILL, Kind.TURNTABLE, Kind.SPIN, Kind.MODEL, Kind.DRAWING),
        *(Kind.SHADOW, Kind.PASSES, Kind.BALLOONS, Kind.BOOK),
    )
    CPU, FALLBACK = "CPU", "CPU instead of GPU"  # in made_on; anything else there is a GPU's name

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    file = models.FileField(_("file"), max_length=200)
    mime_type = models.CharField(_("MIME type"), max_length=60)
    bytes = models.PositiveBigIntegerField(_("bytes"))
    width = models.PositiveIntegerField(_("width"), null=True, blank=True, help_text="px")
    height = models.PositiveIntegerField(_("height"), null=True, blank=True, help_text="px")
    duration = models.FloatField(_("duration"), null=True, blank=True, help_text="s")
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    poster = models.FileField(
        _("poster"), max_length=200, blank=True, help_text=_("Small picture of a film, for lists")
    )
    recipe_key = models.CharField(_("recipe key"), max_length=64)
    view_key = models.CharField(
        _("view key"),
        max_length=64,
        blank=True,
        help_text=_("Recipe of the picture without its size: all masters of a view have the same"),
    )
    recipe = models.JSONField(_("recipe"), default=dict)
    receipt = models.JSONField(_("receipt"), default=dict)
    made_on = models.CharField(
        _("made on"),
        max_length=200,
        default="",
        db_default="",
        blank=True,
        help_text=_("The device in the receipt: name of a GPU, CPU, or CPU instead of GPU"),
    )
    delivery_state = models.CharField(
        _("delivery state"),
        max_length=8,
        default="",
        db_default="",
        blank=True,
        editable=False,
        help_text=_("Of delivered files: current, earlier or replaced"),
    )
    cad_file = models.ForeignKey(CadFile, models.PROTECT, related_name="assets", verbose_name=_("CAD file"))
    product = ProductKey(
        Product, models.SET_NULL, null=True, blank=True, related_name="assets", verbose_name=_("product")
    )
    created = models.DateTimeField(_("created"), default=timezone.now)
    produced = models.DateTimeField(
        _("produced"), default=timezone.now, help_text=_("When the current bytes were made")
    )
    last_used = models.DateTimeField(
        _("last used"),
        default=timezone.now,
        db_default=Now(),
        editable=False,
        help_text=_("To the day: made, worked from, downloaded, shared, or current until then"),
    )
    pruned = models.DateTimeField(
        _("pruned"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When its file was deleted to free space. Recipe and receipt stay."),
    )

    objects = MediaAssetQuerySet.as_manager()

    class Meta:
        verbose_name = _("media asset")
        verbose_name_plural = _("media assets")
        ordering = ["-produced", "-id"]
        permissions = [("archive_mediaasset", "Can archive pictures and films")]
        indexes = [
            models.Index(fields=["-produced", "-id"], name="asset_archived", condition=ARCHIVED),
            models.Index(fields=["kind", "view_key", "-width"], name="asset_view"),
            models.Index(fields=["cad_file", "kind", "-produced"], name="asset_cad_kind"),
            models.Index(fields=["-produced", "-id", "archived_at"], name="asset_newest"),
            # What the list is filtered by, in its order: a page of a rare kind is found without its many neighbors.
            models.Index(fields=["made_on", "-produced", "-id"], name="asset_made_on"),
            models.Index(fields=["delivery_state", "-produced", "-id"], name="asset_delivery_state"),
            models.Index(fields=["mime_type", "-produced", "-id"], name="asset_format"),
            models.Index(fields=["kind", "-produced", "-id"], name="asset_kind"),
            models.Index(fields=["recipe_key"], name="asset_recipe"),
            # Whether another row has the same small picture.
            models.Index(fields=["poster"], name="asset_poster", condition=models.Q(poster__gt="")),
        ]
        constraints = [
            # Never the same work twice: one recipe, one asset.
            models.UniqueConstraint(fields=["kind", "recipe_key"], name="asset_one_per_recipe"),
            models.CheckConstraint(condition=~models.Q(recipe_key=""), name="asset_has_recipe"),
            models.CheckConstraint(condition=models.Q(bytes__gt=0), name="asset_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @classmethod
    def device_of(cls, receipt: Receipt) -> str:
        """Return what `made_on` says of a receipt; "" where it names no device."""
        if receipt.gpu_fallback:
            return cls.FALLBACK
        used = receipt.device_used or ""
        return used if used in ("", cls.CPU) else (receipt.device_name or used)[:200]

    @property
    def is_use_due(self) -> bool:
        """Whether a use of it now is to be written down."""
        return timezone.now() - self.last_used > USE_NOTED

    @property
    def how_made(self) -> Receipt:
        """The receipt as a value."""
        return Receipt.from_json(self.receipt)

    @property
    def against_png(self) -> str:
        """What the format saved against PNG for this very picture, as measured; "" where nobody measured."""
        png = self.how_made.png_bytes
        if not png or self.mime_type == "image/png":
            return ""
        share = 1 - self.bytes / png
        told = gettext("%(share)s smaller than PNG") if share >= 0 else gettext("%(share)s larger than PNG")
        return told % {"share": f"{abs(100 * share):.0f} %"}

    @property
    def warnings(self) -> list[str]:
        """What looked wrong before it was published, each with what to do."""
        return [warning["text"] for warning in self.how_made.warnings]

    @property
    def is_image(self) -> bool:
        return self.mime_type in shown_types()

    @property
    def is_film(self) -> bool:
        return self.mime_type.startswith("video/")

    @property
    def is_turned_in_3d(self) -> bool:
        """Whether pages can show it in 3-D."""
        return self.mime_type == GLB.mime_type

    def as_dict(self) -> dict[str, Any]:
        """Return the asset as the commands print it; where its file is, only they tell."""
        return {
            "id": self.pk,
            "kind": self.kind,
            "product": self.product.number if self.product else None,
            "cad_file": self.cad_file_id,
            "path": storage.shown_path(self.file),
            "mime_type": self.mime_type,
            "width": self.width,
            "height": self.height,
            "duration": self.duration,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "delivery_state": self.delivery_state or None,
            "produced": self.produced.isoformat(),
            "pruned": self.pruned.isoformat() if self.pruned else None,
            "archived": self.archived_at.isoformat() if self.archived_at else None,
            "recipe_key": self.recipe_key,
            "receipt": self.receipt,
        }
