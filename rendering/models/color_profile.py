"""ICC profiles of printing presses, for pictures in CMYK: an operator's own, known by their bytes."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ColorProfileManager(models.Manager["ColorProfile"]):
    def get_queryset(self) -> models.QuerySet[ColorProfile]:
        """Return the profiles; their bytes are read when they are asked for."""
        return super().get_queryset().defer("icc")


class ColorProfile(models.Model):
    """A CMYK profile of an output device; immutable. Small enough to be a column: 0.5 to 3 MB."""

    name = models.CharField(max_length=100, unique=True)
    icc = models.BinaryField(editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True, editable=False)
    description = models.CharField(
        max_length=200, editable=False, help_text=_("What the profile says of itself")
    )
    created = models.DateTimeField(default=timezone.now, editable=False)

    objects = ColorProfileManager()

    class Meta:
        verbose_name_plural = _("color profiles")
        verbose_name = _("color profile")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
