"""Measures a finished picture for the channels: white, fill, margins, size, bytes, profile and metadata.

Pure: pixels and bytes in, facts out. The silhouette comes from the render master, as a file without transparency does
not say where its product ends.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from rendering.catalog.channels.facts import PictureFacts
from rendering.pictures import derive, formats, outline, press
from rendering.pictures.gate import OPAQUE, Bytes, bits_of

Mask = npt.NDArray[np.bool_]
WHITE = 255
X_RESOLUTION = 282  # TIFF 6.0
MOST_LOOKED_AT = 2_000_000  # pixels that are not white; of more, a regular part of them says how far they lie
IDENTIFIER = re.compile(r"<rdf:li>([a-z0-9_]+):([^<]*)</rdf:li>")


def measure(path: Path, product: Mask | None, quality: int | None = None) -> PictureFacts:
    """Return what the image in *path* is; *product*: where its pixels show the product, None where nobody knows.

    Raises OSError for what can't be read.
    """
    with Image.open(path) as image:
        image.load()
        shown = press.on_screen(image) if image.mode == "CMYK" else image
        picture = np.asarray(shown.convert("RGBA" if _has_alpha(image) else "RGB"))
        info, name, bits = dict(image.info), (image.format or "").lower(), bits_of(path, image)
        dpi, has_path = _dpi(image), _has_path(image)
    height, width = picture.shape[:2]
    box = None if product is None else _box(product)
    fill = box and max((box[2] - box[0]) / width, (box[3] - box[1]) / height)
    distance, color = _off_white(picture, product) if box and product is not None else (None, None)
    return PictureFacts(
        format=next((row.name for row in formats.OUTPUT_FORMATS.values() if _is(row, name)), name),
        width=width,
        height=height,
        bytes=path.stat().st_size,
        bits=bits,
        has_alpha=picture.shape[2] == 4 and bool(picture[..., 3].min() < WHITE),
        profile=_profile(info.get("icc_profile")),
        dpi=dpi,
        identifiers=_identifiers(info.get("xmp") or info.get("XML:com.adobe.xmp")),
        quality=quality,
        fill=round(fill, 5) if fill else None,
        margins=(box[0], box[1], width - box[2], height - box[3]) if box else None,
        off_white_px=distance,
        off_white=color,
        clipping_path=has_path or None,
    )


def silhouette(master: Path, recipe: Mapping[str, Any]) -> Mask:
    """Return where the file of *recipe* shows the product: what is opaque in its master, at the file's size."""
    alpha = derive.alpha_of(derive.master(master), recipe["width"], recipe["height"])
    found: Mask = alpha >= OPAQUE / WHITE
    return found


def _is(row: formats.OutputFormat, name: str) -> bool:
    return not row.is_film and str(row.pillow.get("format", "")).lower() == name


def _has_alpha(image: Image.Image) -> bool:
    return "A" in image.getbands() or "transparency" in image.info


def _box(product: Mask) -> tuple[int, int, int, int] | None:
    rows, columns = np.flatnonzero(product.any(axis=1)), np.flatnonzero(product.any(axis=0))
    if not rows.size:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _off_white(picture: Bytes, product: Mask) -> tuple[int, tuple[int, int, int] | None]:
    """Return how far (px, the larger of both axes) the farthest pixel that is not white lies, and its color.

    A box sum says whether the product is within a distance, so each step of the search is one look at the pixels that
    are still in question.
    """
    seen = picture[..., :3].min(axis=2) < WHITE
    if picture.shape[2] == 4:
        seen |= picture[..., 3] < WHITE
    places = np.flatnonzero(seen & ~product)
    if not places.size:
        return 0, None
    rows, columns = np.divmod(places[:: 1 + places.size // MOST_LOOKED_AT], product.shape[1])
    height, width = product.shape
    sums = np.zeros((height + 1, width + 1), dtype=np.int32)
    np.cumsum(np.cumsum(product, axis=0, dtype=np.int32), axis=1, out=sums[1:, 1:])
    near, far = 0, max(height, width)  # nothing in question within near; all of it within far
    while far - near > 1:
        middle = (near + far) // 2
        top, left = np.maximum(rows - middle, 0), np.maximum(columns - middle, 0)
        bottom, right = np.minimum(rows + middle + 1, height), np.minimum(columns + middle + 1, width)
        within = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        beyond = within == 0
        if beyond.any():
            near, rows, columns = middle, rows[beyond], columns[beyond]
        else:
            far = middle
    darkest = picture[rows, columns, :3].sum(axis=1, dtype=np.int64).argmin()
    red, green, blue = (int(value) for value in picture[rows[darkest], columns[darkest], :3])
    return far, (red, green, blue)


def _profile(icc: bytes | None) -> str:
    if not icc:
        return ""
    try:
        return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(icc))).strip()[:100]
    except (ImageCms.PyCMSError, OSError):
        return "?"


def _dpi(image: Image.Image) -> float | None:
    """Return the resolution that the file itself says; Pillow makes one up for those that say none."""
    if image.format == "JPEG" and image.info.get("jfif_unit") != 1:  # dots per inch
        return None
    if image.format == "TIFF" and X_RESOLUTION not in getattr(image, "tag_v2", {}):
        return None
    said = image.info.get("dpi")
    return round(float(said[0]), 2) if said else None


def _has_path(image: Image.Image) -> bool:
    """Whether the file names a path as its clipping path (8BIM resource 2999)."""
    if image.format == "TIFF":
        return outline.CLIPPING_MARK in bytes(getattr(image, "tag_v2", {}).get(34377, b""))
    return outline.CLIPPING_PATH in image.info.get("photoshop", {})


def _identifiers(xmp: bytes | str | None) -> dict[str, str] | None:
    text = xmp.decode("utf-8", "replace") if isinstance(xmp, bytes) else xmp
    return {scheme: unescape(value) for scheme, value in IDENTIFIER.findall(text or "")} or None
