"""What panoramas, textures and studios have in common: an operator's own file, known by its bytes."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Uploaded(models.Model):
    """What was read completely before it was kept, stored under its content's name; immutable."""

    name = models.CharField(max_length=100, unique=True)
    file = models.FileField(max_length=200, editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True, editable=False)
    original_name = models.CharField(max_length=255, editable=False)
    license = models.CharField(max_length=200, blank=True, help_text=_("Where it is from and who may use it"))
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class UploadedImage(Uploaded):
    """An image that was read to its last pixel."""

    width = models.PositiveIntegerField(editable=False, help_text="px")
    height = models.PositiveIntegerField(editable=False, help_text="px")

    class Meta(Uploaded.Meta):
        abstract = True
