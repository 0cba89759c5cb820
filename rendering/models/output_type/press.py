"""Print: resolution, color profile and clipping path."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy

from rendering.models.color_profile import ColorProfile
from rendering.models.output_type.limits import usual, within


class PressFields(models.Model):
    """What printers and layout programs are told."""

    class Intent(models.TextChoices):
        RELATIVE = "relative", gettext_lazy("Relative colorimetric")
        PERCEPTUAL = "perceptual", gettext_lazy("Perceptual")

    dpi = models.PositiveSmallIntegerField(
        gettext_lazy("resolution (dpi)"),
        null=True,
        blank=True,
        validators=within(1, 9600),
        help_text=gettext_lazy("Written into the file for print programs. Empty: none."),
    )
    color_profile = models.ForeignKey(
        ColorProfile,
        models.PROTECT,
        to_field="sha256",
        null=True,
        blank=True,
        verbose_name=gettext_lazy("CMYK profile"),
        help_text=gettext_lazy("For print: colors are converted to this press. Empty: sRGB."),
    )
    intent = models.CharField(
        gettext_lazy("rendering intent"), max_length=10, choices=Intent, default=Intent.RELATIVE
    )
    black_point = models.BooleanField(
        gettext_lazy("black point compensation"),
        **usual(True),
        help_text=gettext_lazy("Keeps detail in dark parts that the press can't print as dark."),
    )
    clipping_path = models.BooleanField(
        gettext_lazy("clipping path"),
        **usual(False),
        help_text=gettext_lazy(
            "The outline of the product as a path in the file, by which layout programs cut it out."
        ),
    )

    class Meta:
        abstract = True
