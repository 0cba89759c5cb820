"""From a render master to the picture of a file: resized, its background laid in, in 8 or 16 bits. Pure NumPy.

Everything between is float, with alpha multiplied in, one channel after the other: an 8k picture is large.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from rendering.pictures import sixteen_bit

Plane = npt.NDArray[np.float32]
Pixels = npt.NDArray[Any]

KEPT_BYTES = (
    64 << 20
)  # of the last master: seven files of one picture are decoded once. Larger ones are let go
TILE = 64  # px: side of the dither pattern

_last: dict[tuple[str, int, int], sixteen_bit.Deep] = {}


def master(path: Path) -> sixteen_bit.Deep:
    """Return the pixels of a master, kept until another one is asked for. Raises DamagedPng or OSError."""
    stat = path.stat()
    key = str(path), stat.st_mtime_ns, stat.st_size
    if key not in _last:
        _last.clear()
        pixels = sixteen_bit.read(path)
        pixels.flags.writeable = False
        if pixels.nbytes > KEPT_BYTES:
            return pixels
        _last[key] = pixels
    return _last[key]


def picture(
    pixels: sixteen_bit.Deep, width: int, height: int, background: Sequence[str], depth: int
) -> Pixels:
    """Return straight RGBA of 16 bits as the picture of a file: (height, width, 4), or 3 with a background.

    Sizes in px; *background* is nothing, a color (#rrggbb) or two from top to bottom; *depth* is 8 or 16 bits.
    """
    is_clear = not background and bool(pixels[..., 3].min() < sixteen_bit.FULL)
    made = np.empty((height, width, 4 if is_clear else 3), dtype=np.uint16 if depth == 16 else np.uint8)
    if not background and depth == 16 and made.shape[:2] == pixels.shape[:2]:
        made[...] = pixels[..., : made.shape[2]]
        return made
    alpha = alpha_of(pixels, width, height)
    for channel, plane in enumerate(_laid(pixels, alpha, background)):
        made[..., channel] = whole(plane, depth)
    if is_clear:
        made[..., 3] = np.rint(
            alpha * ((1 << depth) - 1)
        )  # noise in it is kept by every format, and costs 40 %
        made[made[..., 3] == 0] = 0
    return made


def alpha_of(pixels: sixteen_bit.Deep, width: int, height: int) -> Plane:
    """Return the alpha of a master at this size (px), from 0 to 1."""
    alpha: Plane = _resized(pixels[..., 3] / np.float32(sixteen_bit.FULL), width, height).clip(0.0, 1.0)
    return alpha


def _laid(pixels: sixteen_bit.Deep, alpha: Plane, background: Sequence[str]) -> Iterator[Plane]:
    """Yield red, green and blue, from 0 to 1: laid over *background*, or straight where there is none."""
    height, width = alpha.shape
    whole_alpha = pixels[..., 3]
    is_opaque = whole_alpha.min() == sixteen_bit.FULL
    for channel in range(3):
        weighted = pixels[..., channel] * np.float32(1 / sixteen_bit.FULL)
        if not is_opaque:
            weighted *= whole_alpha
            weighted *= np.float32(1 / sixteen_bit.FULL)
        plane: Plane = np.minimum(_resized(weighted, width, height).clip(0.0), alpha)  # Lanczos swings over
        if background:
            yield plane + behind(background, height, channel) * (1 - alpha)
        else:
            straight = np.zeros_like(plane)
            np.divide(plane, alpha, out=straight, where=alpha > 0)
            yield straight


def _resized(plane: Plane, width: int, height: int) -> Plane:
    if plane.shape == (height, width):
        return plane
    image = Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.LANCZOS))


def behind(background: Sequence[str], height: int, channel: int) -> Plane:
    """Return one channel of the background, from 0 to 1, as a column (height, 1): a color or a smooth gradient."""
    colors = [int(color[1 + 2 * channel : 3 + 2 * channel], 16) / 255 for color in background]
    share = (np.arange(height, dtype=np.float32) + 0.5) / height
    share = share * share * (3 - 2 * share)
    column: Plane = (colors[0] + (colors[-1] - colors[0]) * share).astype(np.float32)[:, None]
    return column


def whole(plane: Plane, depth: int) -> Pixels:
    """Return a plane from 0 to 1 in whole numbers of *depth* bits; 8 bits are dithered by a pattern that never changes.

    Values that are whole already stay what they are: white remains white.
    """
    if depth == 16:
        deepened: Pixels = np.rint(plane * sixteen_bit.FULL).astype(np.uint16)
        return deepened
    made = np.empty(plane.shape, dtype=np.uint8)
    tiles = np.tile(pattern(), (1, -(-plane.shape[1] // TILE)))[:, : plane.shape[1]]
    for start in range(
        0, plane.shape[0], TILE
    ):  # what is between takes many times the room of what comes out
        scaled = plane[start : start + TILE] * np.float32(255)
        nearest = np.rint(scaled)
        is_whole = np.abs(scaled - nearest) < 0.02
        dithered = np.where(is_whole, nearest, np.rint(scaled + tiles[: len(scaled)]))
        made[start : start + TILE] = dithered.clip(0, 255)
    return made


@cache
def pattern() -> Plane:
    """Return the dither, from -0.5 to 0.5: even and without patches, as neighbors differ (Roberts' R2 sequence)."""
    row, column = np.mgrid[0:TILE, 0:TILE]
    share = (0.7548776662466927 * column + 0.5698402909980532 * row) % 1.0
    return (np.where(share < 0.5, 2 * share, 2 - 2 * share) - 0.5).astype(np.float32)
