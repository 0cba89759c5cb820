"""Uploaded CAD files: their bytes, contents and conversion."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from media_assets.formats.cad import CAD_FORMATS, without_unit
from media_assets.models.failing import Failing
from media_assets.recipes import recipe_key


class CadFile(Failing):
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
    format = models.CharField(max_length=10, blank=True, editable=False, help_text=", ".join(CAD_FORMATS))
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
        help_text=format_lazy(
            gettext_lazy("What one unit of an {formats} file is: such files do not say it."),
            formats=" or ".join(without_unit()),
        ),
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
