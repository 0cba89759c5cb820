"""The ONE registry of the kinds of files that light pictures and cover parts."""

from __future__ import annotations

from rendering.catalog.images.panoramas import PANORAMA
from rendering.catalog.images.studios import STUDIO
from rendering.catalog.images.textures import TEXTURE

KINDS = (PANORAMA, STUDIO, TEXTURE)
