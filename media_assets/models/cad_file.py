"""Uploaded CAD files: their bytes, contents and conversion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.text import format_lazy, get_text_list
from django.utils.translation import gettext_lazy as _

from media_assets.formats.cad import CAD_FORMATS, CONVERTER_VERSION, without_unit
from media_assets.models.archivable import ARCHIVED, Archivable, ArchivableQuerySet
from media_assets.models.failing import Failing
from media_assets.recipes import recipe_key

NAMES_LIMIT = 8000
_CODE_PAGES = (
    "utf-8",
    "cp1251",
    "gbk",
    "latin-1",
    "cp1250",
    "shift-jis",
    "euc-kr",
    "big5",
    "cp1253",
    "cp1254",
)


def names_of_parts(tree: Mapping[str, Any]) -> str:
    """Return the names of a tree's parts and assemblies, each once, one a line, up to NAMES_LIMIT characters."""
    names: dict[str, None] = {}
    stack = [tree] if tree else []
    length = 0
    while stack and length < NAMES_LIMIT:
        node = stack.pop()
        name = " ".join(str(node.get("product") or node.get("name") or "").split())
        if name and name not in names:
            names[name] = None
            length += len(name) + 1
        stack.extend(reversed(node.get("children") or []))
    return "\n".join(names)[:NAMES_LIMIT]


def current_converter() -> int:
    """Return the version of the reader that new files are read with."""
    return CONVERTER_VERSION


class CadFileQuerySet(ArchivableQuerySet["CadFile"]):
    pass


class CadFile(Archivable, Failing):
    """An uploaded CAD file. Its bytes never change; the same bytes uploaded twice are one row."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        TESSELLATING = "tessellating", _("Tessellating")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    class CodePage(models.TextChoices):
        UTF_8 = "utf-8", _("Unicode (UTF-8)")
        CP1251 = "cp1251", _("Cyrillic (CP1251)")
        GBK = "gbk", _("Chinese (GBK)")
        LATIN_1 = "latin-1", _("Western European (Latin-1)")
        CP1250 = "cp1250", _("Central European (CP1250)")
        SHIFT_JIS = "shift-jis", _("Japanese (Shift-JIS)")
        EUC_KR = "euc-kr", _("Korean (EUC-KR)")
        BIG5 = "big5", _("Chinese, traditional (Big5)")
        CP1253 = "cp1253", _("Greek (CP1253)")
        CP1254 = "cp1254", _("Turkish (CP1254)")

    class Unit(models.TextChoices):
        MILLIMETER = "mm", _("Millimeter")
        CENTIMETER = "cm", _("Centimeter")
        METER = "m", _("Meter")
        INCH = "inch", _("Inch")

    class Up(models.TextChoices):
        X = "x", _("X axis")
        Y = "y", _("Y axis")
        MINUS_X = "-x", _("X axis, upside down")
        MINUS_Y = "-y", _("Y axis, upside down")
        MINUS_Z = "-z", _("Z axis, upside down")

    class Strays(models.TextChoices):
        KEEP = "keep", _("Keep them in the picture")

    sha256 = models.CharField("SHA-256", max_length=64, unique=True, editable=False)
    file = models.FileField(_("file"), max_length=200, editable=False)
    original_name = models.CharField(_("original name"), max_length=255, editable=False)
    bytes = models.PositiveBigIntegerField(_("bytes"), editable=False)
    format = models.CharField(
        _("format"), max_length=10, blank=True, editable=False, help_text=", ".join(CAD_FORMATS)
    )
    schema = models.CharField(
        _("schema"), max_length=100, blank=True, editable=False, help_text=_("e.g. AP214, AP242")
    )
    unit = models.CharField(
        _("unit"), max_length=20, blank=True, editable=False, help_text=_("Length unit of the file")
    )
    code_page = models.CharField(
        _("code page"),
        max_length=10,
        choices=CodePage,
        blank=True,
        help_text=_("Encoding of the names in the file. Empty: detected automatically."),
    )
    stated_unit = models.CharField(
        _("length unit"),
        max_length=5,
        choices=Unit,
        blank=True,
        help_text=format_lazy(
            _("The length unit of an {formats} file: such files do not contain it."),
            formats=lazy(get_text_list, str)(without_unit()),
        ),
    )
    up = models.CharField(
        _("up"),
        max_length=2,
        choices=Up,
        blank=True,
        help_text=_("The axis of the file that points up in pictures. Empty: Z, or Y for GLB."),
    )
    strays = models.CharField(
        _("stray parts"),
        max_length=4,
        choices=Strays,
        blank=True,
        help_text=_("Parts that lie far from the product. Empty: left out."),
    )
    waits_for_look = models.BooleanField(
        _("waits for a look"),
        default=False,
        db_default=False,
        editable=False,
        help_text=_("Nothing is rendered of it by itself until somebody has looked at how it was read"),
    )
    converter = models.PositiveSmallIntegerField(
        _("converter"),
        default=current_converter,
        editable=False,
        help_text=_(
            "The version of the reader that its pictures are made with; raised when it is read again"
        ),
    )
    source_system = models.CharField(
        _("CAD system"),
        max_length=200,
        blank=True,
        editable=False,
        help_text=_("As the header of the file names it"),
    )
    orientations = models.JSONField(
        _("orientations"),
        default=dict,
        blank=True,
        editable=False,
        help_text=_("Rotations by name, as found in the triangles: flat, upright, level"),
    )
    size_mm = models.JSONField(
        _("size (mm)"),
        default=None,
        null=True,
        blank=True,
        editable=False,
        help_text=_("[x, y, z], from the mesh"),
    )
    parts = models.PositiveIntegerField(
        _("parts"), null=True, editable=False, help_text=_("Distinct parts with geometry")
    )
    instances = models.PositiveIntegerField(
        _("instances"), null=True, editable=False, help_text=_("Placed parts")
    )
    triangles = models.PositiveIntegerField(_("triangles"), null=True, editable=False)
    tree = models.JSONField(_("product tree"), default=dict, blank=True, editable=False)
    tree_key = models.CharField(
        _("tree key"),
        max_length=64,
        blank=True,
        editable=False,
        help_text=_("SHA-256 of the tree; empty without one"),
    )
    part_names = models.TextField(
        _("names of parts"),
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text=_("Of the tree, one a line, for searches; up to 8,000 characters"),
    )
    report = models.JSONField(_("ingest report"), default=dict, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.UPLOADED, editable=False)
    error_code = models.CharField(_("error code"), max_length=40, blank=True, editable=False)
    error = models.TextField(_("error"), blank=True, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = CadFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("CAD file")
        verbose_name_plural = _("CAD files")
        ordering = ["-created", "-id"]
        permissions = [("archive_cadfile", "Can archive CAD files")]
        indexes = [
            models.Index(fields=["-created", "-id"], name="cadfile_archived", condition=ARCHIVED),
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
                condition=models.Q(code_page__in=["", *_CODE_PAGES]),
                name="cadfile_known_code_page",
            ),
            models.CheckConstraint(
                condition=models.Q(stated_unit__in=["", "mm", "cm", "m", "inch"]), name="cadfile_known_unit"
            ),
            models.CheckConstraint(
                condition=models.Q(up__in=["", "x", "y", "-x", "-y", "-z"]), name="cadfile_known_up"
            ),
            models.CheckConstraint(condition=models.Q(strays__in=["", "keep"]), name="cadfile_known_strays"),
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def asks_for_unit(self) -> bool:
        """Whether somebody has to say its unit before it can be read."""
        return self.error_code == "unit_unknown"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; the tree's key and the names of its parts go with the tree."""
        fields = kwargs.get("update_fields")
        if "tree" not in self.get_deferred_fields() and (fields is None or "tree" in fields):
            self.tree_key = recipe_key(self.tree) if self.tree else ""
            self.part_names = names_of_parts(self.tree)
            if fields is not None:
                kwargs["update_fields"] = {*fields, "tree_key", "part_names"}
        super().save(*args, **kwargs)
