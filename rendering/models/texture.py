"""Textures: pictures of a surface that finishes repeat over parts, and of labels."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from rendering.models.uploaded_image import UploadedImage


class Texture(UploadedImage):
    """A picture in sRGB colors."""

    color = models.CharField(
        _("mean color"),
        max_length=7,
        editable=False,
        help_text=_("Shown where there is no texture: in web models"),
    )

    is_clear = models.BooleanField(
        _("transparent"),
        default=False,
        db_default=False,
        editable=False,
        help_text=_("In places; for labels alone"),
    )

    class Meta(UploadedImage.Meta):
        verbose_name_plural = _("textures")
        verbose_name = _("texture")
