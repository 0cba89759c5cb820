"""The shown parts: some of the product's, and what the others look like."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from rendering.models.output_type.limits import COLOR, in_range, usual, within


class PartsFields(models.Model):
    """What the picture is about."""

    class Parts(models.TextChoices):
        SOME = "some", gettext_lazy("These parts")
        EACH = "each", gettext_lazy("One part of each kind")

    class Rest(models.TextChoices):
        HIDDEN = "hidden", gettext_lazy("Hidden")
        GHOST = "ghost", gettext_lazy("Gray ghost")
        GLASS = "glass", gettext_lazy("Clear glass")
        OUTLINE = "outline", gettext_lazy("Outline")

    parts = models.CharField(
        max_length=4,
        choices=Parts,
        blank=True,
        **usual(""),
        help_text=gettext_lazy(
            "What the picture is about. Empty: the whole product. One part of each kind: a picture for every row of "
            "the parts list, of the part by itself, or where it is with the other parts shown."
        ),
    )
    part_words = models.CharField(
        gettext_lazy("parts with these names"),
        max_length=1000,
        blank=True,
        **usual(""),
        help_text=gettext_lazy(
            "Words separated by commas, with * for any characters, ? for one and # for a digit"
        ),
    )
    part_key = models.CharField(
        gettext_lazy("parts in this place"),
        max_length=1000,
        blank=True,
        **usual(""),
        help_text=gettext_lazy("A part key of the product tree, with * for any characters"),
    )
    rest = models.CharField(gettext_lazy("other parts"), max_length=7, choices=Rest, **usual("hidden"))
    rest_opacity = models.FloatField(
        gettext_lazy("opacity of ghosts"), **usual(0.15), validators=within(0, 1)
    )
    part_color = models.CharField(
        gettext_lazy("color of the parts"),
        max_length=7,
        blank=True,
        **usual(""),
        validators=[COLOR],
        help_text=gettext_lazy("Marks them. Empty: as they are."),
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~Q(parts="some") | ~Q(part_words="", part_key=""),
                name="outputtype_parts_are_named",
                violation_error_message=gettext_lazy("Say which parts: by their names, or by their place."),
            ),
            in_range(
                "opacity", 0, 1, gettext_lazy("The opacity of ghosts is 0 to 1."), fields=("rest_opacity",)
            ),
        ]
