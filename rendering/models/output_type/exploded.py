"""The exploded view: the product taken apart."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy

from rendering.models.output_type.limits import usual, within


class ExplodedFields(models.Model):
    """How far the product is taken apart, and what shows it."""

    class ExplodedKind(models.TextChoices):
        APART = "apart", gettext_lazy("As far as it comes apart")
        FORCED = "forced", gettext_lazy("Interlocked parts as well, through each other")

    class Motion(models.TextChoices):
        TURN = "turn", gettext_lazy("Turn the exploded product")
        ASSEMBLY = "assembly", gettext_lazy("Take it apart, turn it, put it together")

    exploded = models.CharField(
        gettext_lazy("exploded view"),
        max_length=6,
        choices=ExplodedKind,
        blank=True,
        **usual(""),
        help_text=gettext_lazy("Takes the product apart. Empty: it is shown assembled."),
    )
    exploded_depth = models.PositiveSmallIntegerField(
        gettext_lazy("levels that open"),
        null=True,
        blank=True,
        validators=within(1, 100),
        help_text=gettext_lazy(
            "Of the product tree. Deeper subassemblies stay together. Empty: as the product says, or all."
        ),
    )
    exploded_lines = models.BooleanField(
        gettext_lazy("leader lines"), **usual(True), help_text=gettext_lazy("Along the ways of the parts")
    )
    exploded_motion = models.CharField(gettext_lazy("film"), max_length=8, choices=Motion, **usual("turn"))

    class Meta:
        abstract = True
