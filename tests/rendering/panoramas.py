"""Panoramas made by hand, in the formats that are taken in."""

from __future__ import annotations

import math
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

needs_reader = pytest.mark.skipif(
    find_spec("OpenImageIO") is None,
    reason="OpenImageIO, which reads panoramas, has no wheel for this Python",
)

Light = tuple[float, float, float]


def write_hdr(
    path: Path, width: int = 64, height: int = 32, *, light: Light = (0.4, 0.5, 0.6), rle: bool = True
) -> Path:
    """Write a Radiance file of one color and return its path."""
    header = f"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {height} +X {width}\n".encode()
    pixel = _rgbe(light)
    if rle:
        runs = b"".join(
            bytes([128 + min(127, width - start), one]) for one in pixel for start in range(0, width, 127)
        )
        row = bytes([2, 2, width >> 8, width & 255]) + runs
    else:
        row = bytes(pixel) * width
    path.write_bytes(header + row * height)
    return path


def write_exr(
    path: Path,
    width: int = 64,
    height: int = 32,
    *,
    light: Light = (0.4, 0.5, 0.6),
    lamp: tuple[float, float] | None = None,
    names: str = "RGB",
) -> Path:
    """Write an OpenEXR file of one color, with a lamp at (u, v) from its left top, and return its path."""
    planes = [np.full((height, width), level, np.float32) for level in light]
    if lamp is not None:
        x, y = round(lamp[0] * width), round(lamp[1] * height)
        for plane in planes:
            plane[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3] = 400.0
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, dict(zip(names, planes, strict=True))).write(str(path))
    return path


def _rgbe(light: Light) -> list[int]:
    mantissa, exponent = math.frexp(max(light))
    scale = mantissa * 256 / max(light)
    return [*(int(level * scale) for level in light), exponent + 128]
