"""The ONE registry of the kinds of uploaded images."""

from __future__ import annotations

from rendering.catalog.images.panoramas import PANORAMA
from rendering.catalog.images.textures import TEXTURE

KINDS = (PANORAMA, TEXTURE)
