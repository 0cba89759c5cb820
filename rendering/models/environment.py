"""Panoramas (HDRI) that light pictures."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rendering.models.uploaded_image import UploadedImage


class Environment(UploadedImage):
    """An equirectangular panorama in scene-linear light."""

    class Meta(UploadedImage.Meta):
        verbose_name_plural = _("panoramas")
        verbose_name = _("panorama")
