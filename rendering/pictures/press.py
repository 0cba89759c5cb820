"""Colors of a printing press by its ICC profile, and how they look on a screen."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageCms

INTENTS = {
    "perceptual": ImageCms.Intent.PERCEPTUAL,
    "relative": ImageCms.Intent.RELATIVE_COLORIMETRIC,
}


def separated(image: Image.Image, icc: bytes, asked: Mapping[str, Any]) -> Image.Image:
    """Return an sRGB picture in the inks of a press. Raises ImageCms.PyCMSError."""
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION if asked["black_point"] else ImageCms.Flags.NONE
    made = ImageCms.profileToProfile(
        image,
        ImageCms.createProfile("sRGB"),
        ImageCms.ImageCmsProfile(io.BytesIO(icc)),
        renderingIntent=INTENTS[asked["intent"]],
        outputMode="CMYK",
        flags=flags,
    )
    assert made is not None
    return made


def on_screen(image: Image.Image) -> Image.Image:
    """Return a CMYK picture as its embedded profile says that it looks on paper, the paper being white."""
    icc = image.info.get("icc_profile")
    if not icc:
        return image.convert("RGB")
    made = ImageCms.profileToProfile(
        image,
        ImageCms.ImageCmsProfile(io.BytesIO(icc)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
    )
    assert made is not None
    return made
