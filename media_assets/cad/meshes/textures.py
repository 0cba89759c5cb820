"""Images of textures: decoded, checked, bounded and written again as PNG. Runs in the child process only."""

from __future__ import annotations

import hashlib
import io
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

MOST_BYTES = 100_000_000
MOST_SIDE = 4096  # px; larger images are scaled down
MOST_PIXELS = 1 << 27  # of all images of a file
MOST_DECODED = 1 << 27  # px of one image before it is scaled down
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "TGA")

Levels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Picture:
    """An image as PNG (8 bits, RGB or RGBA), and its average color (sRGB from 0 to 1)."""

    png: bytes
    average: tuple[float, float, float]


class Pictures:
    """The images of one file, each decoded once. ``reduced`` says whether one of them was scaled down."""

    def __init__(self) -> None:
        self.reduced = False
        self._pixels = 0
        self._known: dict[tuple[str, ...], Picture | None] = {}

    def picture(self, content: bytes, *, has_alpha: bool = True) -> Picture | None:
        """Return an image file; None for one that can't be read or is too large. Without alpha, it is left out."""
        return self.made(
            lambda levels: levels if has_alpha else levels[..., :3], content, name=str(has_alpha)
        )

    def made(self, make: Callable[..., Levels], *contents: bytes | None, name: str) -> Picture | None:
        """Return what ``make`` makes of image files (each (h, w, 4), of one size, None for None); ``name`` is its."""
        key = (name, *(hashlib.sha256(one).hexdigest() if one is not None else "" for one in contents))
        if key not in self._known:
            self._known[key] = self._made(make, contents)
        return self._known[key]

    def _made(self, make: Callable[..., Levels], contents: tuple[bytes | None, ...]) -> Picture | None:
        images = [_decoded(one) if one is not None else None for one in contents]
        found = [one for one in images if one is not None]
        if len(found) < sum(one is not None for one in contents):
            return None
        width, height = (max(one.size[axis] for one in found) for axis in (0, 1))
        share = min(1.0, MOST_SIDE / max(width, height))
        size = (max(1, round(width * share)), max(1, round(height * share)))
        self._pixels += size[0] * size[1]
        if self._pixels > MOST_PIXELS:
            return None
        self.reduced = self.reduced or share < 1.0
        levels = make(*(None if one is None else np.asarray(_sized(one, size)) for one in images))
        if levels.shape[2] == 4 and (levels[..., 3] == 255).all():
            levels = levels[..., :3]
        # From bare numbers, so that nothing of the file but its pixels gets into the new one.
        out = io.BytesIO()
        # Three times as fast as zlib's own way, for no larger a file: PNG's filters have found what there is to find.
        image = Image.fromarray(np.ascontiguousarray(levels))
        image.save(out, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
        red, green, blue = (float(one) / 255 for one in levels[..., :3].reshape(-1, 3).mean(axis=0))
        return Picture(out.getvalue(), (red, green, blue))


def _sized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.BOX)


def _decoded(content: bytes) -> Image.Image | None:
    """Return an image as RGBA; None for what is none, or is too large."""
    if len(content) > MOST_BYTES:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                if image.size[0] * image.size[1] > MOST_DECODED:
                    return None
                if image.mode.startswith("I"):
                    deep = np.asarray(image).astype(np.int64)
                    return Image.fromarray((deep >> 8).clip(0, 255).astype(np.uint8)).convert("RGBA")
                return image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        return None
