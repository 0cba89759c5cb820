"""CAD files, the products they describe, and every file derived from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from media_assets.recipes import Recipe, recipe_key

PRODUCT_NUMBER = RegexValidator(
    r"^[\w][\w .+-]{0,98}\Z",
    "Use 1 to 99 letters, digits, blanks, dots, plus or minus signs and underscores, starting with a letter or digit.",
)


class CadFile(models.Model):
    """An uploaded CAD file. Its bytes never change; the same bytes uploaded twice are one row."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Uploaded"
        TESSELLATING = "tessellating", "Tessellating"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    class CodePage(models.TextChoices):
        UTF_8 = "utf-8", "Unicode (UTF-8)"
        CP1251 = "cp1251", "Cyrillic (CP1251)"
        GBK = "gbk", "Chinese (GBK)"
        LATIN_1 = "latin-1", "Western European (Latin-1)"

    class Unit(models.TextChoices):
        MILLIMETER = "mm", "Millimeter"
        CENTIMETER = "cm", "Centimeter"
        METER = "m", "Meter"
        INCH = "inch", "Inch"

    sha256 = models.CharField("SHA-256", max_length=64, unique=True, editable=False)
    file = models.FileField(max_length=200, editable=False)
    original_name = models.CharField(max_length=255, editable=False)
    bytes = models.PositiveBigIntegerField(editable=False)
    format = models.CharField(
        max_length=10, blank=True, editable=False, help_text="step, iges, brep, glb, stl, obj"
    )
    schema = models.CharField(max_length=100, blank=True, editable=False, help_text="e.g. AP214, AP242")
    unit = models.CharField(max_length=20, blank=True, editable=False, help_text="Length unit in the file")
    code_page = models.CharField(
        max_length=10,
        choices=CodePage,
        blank=True,
        help_text="Of the names in the file. Empty: found out by itself.",
    )
    stated_unit = models.CharField(
        "length unit",
        max_length=5,
        choices=Unit,
        blank=True,
        help_text="What one unit of an STL or OBJ file is: such files do not say it.",
    )
    size_mm = models.JSONField(
        "size (mm)", default=None, null=True, blank=True, editable=False, help_text="[x, y, z], from the mesh"
    )
    parts = models.PositiveIntegerField(null=True, editable=False, help_text="Distinct parts with geometry")
    instances = models.PositiveIntegerField(null=True, editable=False, help_text="Placed parts")
    triangles = models.PositiveIntegerField(null=True, editable=False)
    tree = models.JSONField("product tree", default=dict, blank=True, editable=False)
    tree_key = models.CharField(
        max_length=64, blank=True, editable=False, help_text="SHA-256 of the tree; empty without one"
    )
    report = models.JSONField("ingest report", default=dict, blank=True, editable=False)
    state = models.CharField(max_length=12, choices=State, default=State.UPLOADED, editable=False)
    error_code = models.CharField(max_length=40, blank=True, editable=False)
    error = models.TextField(blank=True, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "CAD file"
        ordering = ["-created", "-id"]
        indexes = [
            models.Index(fields=["state"], name="cadfile_state"),
            models.Index(fields=["-created", "-id"], name="cadfile_newest"),
        ]
        constraints = [
            # A failure without a reason leaves the operator with nothing to do next.
            models.CheckConstraint(
                condition=~models.Q(state="failed") | ~models.Q(error_code=""), name="cadfile_failed_has_code"
            ),
            # The converter knows these and no others.
            models.CheckConstraint(
                condition=models.Q(code_page__in=["", "utf-8", "cp1251", "gbk", "latin-1"]),
                name="cadfile_known_code_page",
            ),
            models.CheckConstraint(
                condition=models.Q(stated_unit__in=["", "mm", "cm", "m", "inch"]), name="cadfile_known_unit"
            ),
        ]

    def __str__(self) -> str:
        return self.original_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; the tree's key goes with the tree."""
        fields = kwargs.get("update_fields")
        if "tree" not in self.get_deferred_fields() and (fields is None or "tree" in fields):
            self.tree_key = recipe_key(self.tree) if self.tree else ""
            if fields is not None:
                kwargs["update_fields"] = {*fields, "tree_key"}
        super().save(*args, **kwargs)

    @property
    def path(self) -> Path:
        return Path(self.file.path)


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


class MediaAssetQuerySet(models.QuerySet["MediaAsset"]):
    def made_from(self, kind: str, recipe_key: str) -> MediaAssetQuerySet:
        """The one asset of this kind and recipe, if it exists."""
        return self.filter(kind=kind, recipe_key=recipe_key)


class MediaAsset(models.Model):
    """A derived file: what it is, what it was made from (recipe) and how it was really made (receipt)."""

    class Kind(models.TextChoices):
        GLTF_GEOMETRY = "gltf_geometry", "GLB geometry"
        USD_MASTER = "usd_master", "USD master"
        CAD_DOCUMENT = "cad_document", "CAD document"
        RENDER_MASTER = "render_master", "Render master"
        THUMBNAIL = "thumbnail", "Thumbnail"
        STILL = "still", "Still"
        TURNTABLE = "turntable", "Turntable"

    PICTURES = (Kind.THUMBNAIL, Kind.STILL, Kind.TURNTABLE)
    CPU, FALLBACK = "CPU", "CPU instead of GPU"  # in made_on; anything else there is a GPU's name

    kind = models.CharField(max_length=20, choices=Kind)
    file = models.FileField(max_length=200)
    mime_type = models.CharField("MIME type", max_length=60)
    bytes = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField(null=True, blank=True, help_text="px")
    height = models.PositiveIntegerField(null=True, blank=True, help_text="px")
    duration = models.FloatField(null=True, blank=True, help_text="s")
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    poster = models.FileField(max_length=200, blank=True, help_text="A film's small picture, for lists")
    recipe_key = models.CharField(max_length=64)
    view_key = models.CharField(
        max_length=64,
        blank=True,
        help_text="Recipe of the picture without its size: masters of one view share it",
    )
    recipe = models.JSONField(default=dict)
    receipt = models.JSONField(default=dict)
    made_on = models.CharField(
        max_length=200,
        default="",
        db_default="",
        blank=True,
        help_text="The receipt's device: a GPU's name, CPU, or CPU instead of GPU",
    )
    standing = models.CharField(
        max_length=8,
        default="",
        db_default="",
        blank=True,
        editable=False,
        help_text="Among delivered files: current, earlier, replaced. Written by whoever delivers them.",
    )
    cad_file = models.ForeignKey(CadFile, models.PROTECT, related_name="assets")
    product = models.ForeignKey(Product, models.SET_NULL, null=True, blank=True, related_name="assets")
    created = models.DateTimeField(default=timezone.now)
    produced = models.DateTimeField(default=timezone.now, help_text="When the present bytes were made")

    objects = MediaAssetQuerySet.as_manager()

    class Meta:
        ordering = ["-produced", "-id"]
        indexes = [
            models.Index(fields=["kind", "view_key", "-width"], name="asset_view"),
            models.Index(fields=["cad_file", "kind", "-produced"], name="asset_cad_kind"),
            models.Index(fields=["-produced", "-id"], name="asset_newest"),
            # What the list is filtered by, in its order: a page of a rare kind is found without its many neighbors.
            models.Index(fields=["made_on", "-produced", "-id"], name="asset_made_on"),
            models.Index(fields=["standing", "-produced", "-id"], name="asset_standing"),
            models.Index(fields=["mime_type", "-produced", "-id"], name="asset_format"),
            models.Index(fields=["kind", "-produced", "-id"], name="asset_kind"),
            models.Index(fields=["recipe_key"], name="asset_recipe"),
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
    def device_of(cls, receipt: Recipe) -> str:
        """Return what `made_on` says of a receipt; "" where it names no device."""
        if receipt.get("gpu_fallback"):
            return cls.FALLBACK
        used = str(receipt.get("device_used") or "")
        return used if used in ("", cls.CPU) else str(receipt.get("device_name") or used)[:200]

    @property
    def path(self) -> Path:
        return Path(self.file.path)

    @property
    def against_png(self) -> str:
        """What the format saved against PNG for this very picture, as measured; "" where nobody measured."""
        png = self.receipt.get("png_bytes")
        if not png or self.mime_type == "image/png":
            return ""
        share = 1 - self.bytes / png
        return (
            f"{100 * share:.0f} % smaller than PNG" if share >= 0 else f"{-100 * share:.0f} % larger than PNG"
        )

    @property
    def warnings(self) -> list[str]:
        """What looked wrong before it was published, each with what to do."""
        return [warning["text"] for warning in self.receipt.get("warnings", [])]

    @property
    def is_image(self) -> bool:
        return self.mime_type.startswith("image/") and self.mime_type not in ("image/x-exr", "image/tiff")

    @property
    def is_film(self) -> bool:
        return self.mime_type.startswith("video/")

    def as_dict(self) -> dict[str, Any]:
        """Return the asset as the commands print it."""
        return {
            "id": self.pk,
            "kind": self.kind,
            "path": str(self.path),
            "mime_type": self.mime_type,
            "width": self.width,
            "height": self.height,
            "duration": self.duration,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "recipe_key": self.recipe_key,
            "receipt": self.receipt,
        }
