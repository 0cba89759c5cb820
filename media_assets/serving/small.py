"""Small pictures for lists: made from a large one when it is first viewed, and kept as its poster."""

from __future__ import annotations

import io
from threading import BoundedSemaphore

from django.db import transaction
from django.utils.translation import gettext, gettext_noop
from PIL import Image, ImageCms

from media_assets import storage
from media_assets.models import MediaAsset

SMALL_PX = 384  # longest side
QUALITY = 82
MIME_TYPE = "image/webp"  # of posters too
LARGEST_PX = 80_000_000  # pixels of a picture that the web process decodes: about 320 MB
# Decoding takes memory, and a grid asks for fifty pictures at once.
_decoding = BoundedSemaphore(2)


class NoSmallPicture(Exception):
    """This file has no small picture."""

    words = gettext_noop(
        "There is no small picture of this file: it is too large to be decoded here, damaged or missing. Open the file "
        "itself."
    )

    def __init__(self) -> None:
        super().__init__(gettext(self.words))


def keep(asset: MediaAsset) -> bytes | None:
    """Make the small picture of an asset and keep it as its poster; return its bytes where the storage takes none.

    Raises NoSmallPicture.
    """
    content = made_of(asset)
    try:
        with transaction.atomic():
            stored = storage.store_bytes(content, "poster", ".webp")
            # The file may have been rendered again or pruned meanwhile: then this is not its picture.
            same = MediaAsset.objects.kept().filter(pk=asset.pk, sha256=asset.sha256, poster="")
            same.update(poster=stored.name)
    except storage.StorageError:
        return content
    asset.poster.name = stored.name
    return None


def made_of(asset: MediaAsset) -> bytes:
    """Return a WebP of the asset's picture with SMALL_PX on its longest side, its first frame if it moves."""
    try:
        with _decoding, storage.open_stored(asset.file) as stream, Image.open(stream) as image:
            if image.width * image.height > LARGEST_PX:
                raise NoSmallPicture()
            has_alpha = image.has_transparency_data
            image.thumbnail((SMALL_PX, SMALL_PX), Image.Resampling.LANCZOS, reducing_gap=2.0)
            out = io.BytesIO()
            shown = _on_screen(image) if image.mode == "CMYK" else image
            shown.convert("RGBA" if has_alpha else "RGB").save(out, format="WEBP", quality=QUALITY, method=4)
    except (
        OSError,
        ValueError,
        KeyError,
        SyntaxError,
        ImageCms.PyCMSError,
        Image.DecompressionBombError,
    ) as error:
        raise NoSmallPicture() from error
    return out.getvalue()


def _on_screen(image: Image.Image) -> Image.Image:
    """Return a picture in the inks of a press as its profile says that it looks."""
    press = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    shown = ImageCms.profileToProfile(image, press, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert shown is not None
    return shown
