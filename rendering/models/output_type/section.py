"""The section: planes that cut the product open."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy

from rendering.models.output_type.limits import in_range, usual, within


class SectionFields(models.Model):
    """What a section takes away, and how the rest is shown."""

    class SectionKind(models.TextChoices):
        HALF = "half", gettext_lazy("Half section: one plane")
        QUARTER = "quarter", gettext_lazy("Quarter section: a quarter is taken away")

    class SectionFrom(models.TextChoices):
        FRONT = "front", gettext_lazy("Front")
        RIGHT = "right", gettext_lazy("Right")
        TOP = "top", gettext_lazy("Top")

    section = models.CharField(
        max_length=7,
        choices=SectionKind,
        blank=True,
        **usual(""),
        help_text=gettext_lazy("Cuts the product open. Empty: it is shown whole."),
    )
    section_from = models.CharField(
        gettext_lazy("section seen from"), max_length=5, choices=SectionFrom, **usual("front")
    )
    section_angle = models.FloatField(
        gettext_lazy("section angle (°)"),
        **usual(0.0),
        validators=within(-180, 180),
        help_text=gettext_lazy("Turns the planes about the upright axis, or tilts one seen from the top"),
    )
    section_offset = models.FloatField(
        gettext_lazy("section offset (%)"),
        **usual(0.0),
        validators=within(-50, 50),
        help_text=gettext_lazy(
            "From the middle toward the viewer, in percent of the product's length in this direction"
        ),
    )
    section_part = models.CharField(
        gettext_lazy("section through part"),
        max_length=200,
        blank=True,
        **usual(""),
        help_text=gettext_lazy(
            "Name or part key, with * for any characters: the planes go through the axis or the middle of this part. "
            "Empty: through the middle of the product."
        ),
    )
    section_other_side = models.BooleanField(gettext_lazy("take the other side away"), **usual(False))
    section_uncut = models.BooleanField(
        gettext_lazy("leave fasteners, shafts and balls whole"),
        **usual(True),
        help_text=gettext_lazy("As technical drawings have it. By name and by shape."),
    )
    section_hatched = models.BooleanField(
        gettext_lazy("hatch cut faces"),
        **usual(False),
        help_text=gettext_lazy("Lines in another direction for each part. Otherwise cut faces are plain."),
    )

    class Meta:
        abstract = True
        constraints = [
            in_range("section_offset", -50, 50, gettext_lazy("The offset of a section is -50 to 50 percent."))
        ]
