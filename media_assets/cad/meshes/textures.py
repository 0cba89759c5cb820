"""The average color of a texture, which stands for it: finishes are chosen by part. Runs in the child process only."""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np
from PIL import Image

from media_assets.cad.meshes.gltf import Gltf, integer, is_integer, listed
from media_assets.cad.meshes.scene import Floats

MOST_BYTES = 100_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "TGA")


def average_color(content: bytes) -> tuple[float, float, float] | None:
    """Return the average color (sRGB from 0 to 1) of an image file; None for one that can't be read."""
    if len(content) > MOST_BYTES:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                pixel = image.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        return None
    red, green, blue = pixel  # type: ignore[misc]
    return red / 255, green / 255, blue / 255


def texture_color(gltf: Gltf, reference: Any) -> Floats | None:
    """Return the average color (sRGB) of a texture in a GLB; None for one that is not in it or can't be read."""
    textures = listed(gltf.document, "textures")
    number: Any = reference.get("index") if isinstance(reference, dict) else None
    if not is_integer(number) or not 0 <= number < len(textures) or not isinstance(textures[number], dict):
        return None
    source: Any = textures[number].get("source")
    if not is_integer(source):
        return None
    view = gltf.entry("images", source).get("bufferView")
    if not is_integer(view):
        return None
    entry = gltf.entry("bufferViews", view)
    start, length = integer(entry, "byteOffset", 0), integer(entry, "byteLength")
    average = average_color(bytes(gltf.binary[start : start + length]))
    return None if average is None else np.array(average)
