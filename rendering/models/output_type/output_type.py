"""What can be ordered: how a picture is made and how it is delivered."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy

from media_assets.models import MediaAsset
from media_assets.models.archivable import Archivable, ArchivableQuerySet
from rendering.models.output_type.exploded import ExplodedFields
from rendering.models.output_type.file import FileFields
from rendering.models.output_type.limits import usual, within
from rendering.models.output_type.parts import PartsFields
from rendering.models.output_type.press import PressFields
from rendering.models.output_type.section import SectionFields
from rendering.models.output_type.view import ViewFields
from rendering.pictures import kinds
from rendering.pictures.kinds import OutputKind

TURNING = tuple(kinds.named(lambda row: row.has("frames") and row.has("fps")))
STEPPED = tuple(kinds.named(lambda row: row.has("frames") and not row.has("fps")))
MOST_FRAMES = 3600  # of all rows
MOST_ROWS = 36


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)


class OutputTypeQuerySet(ArchivableQuerySet["OutputType"]):
    def orderable(self) -> OutputTypeQuerySet:
        return self.unarchived().filter(is_active=True)


class OutputType(ViewFields, PartsFields, SectionFields, ExplodedFields, FileFields, PressFields, Archivable):
    """One kind of output: the picture (view, parts, section, exploded view) and the file (size, format, print)."""

    # Its members are the rows of the registry.
    Kind: Any = models.TextChoices(  # type: ignore[call-overload]
        "Kind", [(row.name.upper(), (row.name, gettext_lazy(row.label))) for row in kinds.KINDS.values()]
    )

    slug = models.SlugField(
        max_length=60, unique=True, help_text=gettext_lazy("Used by commands and in file names")
    )
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.STILL)
    is_active = models.BooleanField(gettext_lazy("can be ordered"), default=True)
    needs_approval = models.BooleanField(
        gettext_lazy("needs approval"),
        **usual(False),
        help_text=gettext_lazy(
            "Pictures are not released (downloads, share links, API, webhooks) until somebody approves them. "
            "This also applies to those that were delivered before."
        ),
    )
    instead_of = models.ForeignKey(
        MediaAsset,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="alternatives",
        help_text=gettext_lazy("The picture beside which these settings are tried"),
    )
    # turntables
    frames = models.PositiveIntegerField(
        null=True, blank=True, validators=within(2, MOST_FRAMES), help_text=gettext_lazy("Of one turn")
    )
    fps = models.PositiveSmallIntegerField(
        gettext_lazy("frames per second"), null=True, blank=True, validators=within(1, 120)
    )
    rows = models.PositiveSmallIntegerField(
        **usual(1),
        validators=within(1, MOST_ROWS),
        help_text=gettext_lazy(
            "Turns, each from a camera of its own height. With more than one, the camera moves on an arc around the "
            "product, at one distance."
        ),
    )
    lowest_row = models.FloatField(
        gettext_lazy("lowest row (°)"),
        **usual(0.0),
        validators=within(-90, 90),
        help_text=gettext_lazy("Elevation of its camera; below 0 there is no ground"),
    )
    highest_row = models.FloatField(
        gettext_lazy("highest row (°)"), **usual(60.0), validators=within(-90, 90)
    )

    objects = OutputTypeQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("output type")
        verbose_name_plural = gettext_lazy("output types")
        ordering = ["kind", "slug"]
        permissions = [("archive_outputtype", "Can archive output types")]
        constraints = [
            models.CheckConstraint(
                condition=_any(Q(kind__in=names, format__in=fit) for fit, names in kinds.by_formats()),
                name="outputtype_format_fits_kind",
                violation_error_message=gettext_lazy(
                    "Files of this kind can't have this format. Choose another one."
                ),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=TURNING, frames__gte=2, fps__gte=1)
                | Q(kind__in=STEPPED, frames__gte=2, fps__isnull=True)
                | (~Q(kind__in=(*TURNING, *STEPPED)) & Q(frames__isnull=True, fps__isnull=True)),
                name="outputtype_frames_only_for_turntables",
                violation_error_message=gettext_lazy(
                    "A turntable needs 2 or more frames and a frame rate, a spin only frames. "
                    "Other kinds have neither."
                ),
            ),
            models.CheckConstraint(
                condition=Q(rows__gte=1, rows__lte=MOST_ROWS)
                & (Q(frames__isnull=True) | Q(frames__lte=MOST_FRAMES / F("rows"))),
                name="outputtype_rows_in_range",
                violation_error_message=gettext_lazy(
                    "A spin has 1 to 36 rows and at most 3600 frames in all of them."
                ),
            ),
            models.CheckConstraint(
                condition=Q(lowest_row__gte=-90, highest_row__lte=90, lowest_row__lt=F("highest_row")),
                name="outputtype_rows_rise",
                violation_error_message=gettext_lazy(
                    "The highest row is above the lowest one; both are from -90° to 90°."
                ),
            ),
            *ViewFields._meta.constraints,
            *PartsFields._meta.constraints,
            *SectionFields._meta.constraints,
            *FileFields._meta.constraints,
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def can_be_ordered(self) -> bool:
        return self.is_active and not self.is_archived

    @property
    def kind_row(self) -> OutputKind:
        """The row of its kind in the registry."""
        return kinds.KINDS[self.kind]

    @property
    def all_frames(self) -> int | None:
        """How many frames are rendered, over all rows; None for kinds that do not turn."""
        return self.frames * self.rows if self.frames and self.kind_row.has("rows") else self.frames

    @property
    def elevations(self) -> list[float]:
        """The elevations of the cameras of all rows in degrees, from the lowest; none where there is one."""
        if self.rows == 1 or not self.kind_row.has("rows"):
            return []
        step = (self.highest_row - self.lowest_row) / (self.rows - 1)
        return [round(self.lowest_row + step * row, 3) for row in range(self.rows)]

    @property
    def duration(self) -> float | None:
        """How long one turn of a turntable takes, in s; None for the other kinds."""
        return self.frames / self.fps if self.frames and self.fps else None
