"""Reads a panorama to its last pixel: `python panorama_reader.py FILE PREVIEW`, in a process of its own with limits.

An untrusted file may crash its decoder or fill its memory, so the web process starts this program and only reads its
answer: a small tone-mapped preview as WebP and a line of JSON with `suffix`, `width` and `height`
(px); or with a code as `refused` and what a sentence about it needs. It uses no Django.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
from PIL import Image

SUFFIXES = {b"#?": ".hdr", b"\x76\x2f\x31\x01": ".exr"}
"""The first bytes of Radiance and OpenEXR files (OpenEXR's magic number is 20000630, little-endian)."""

SMALLEST, LARGEST = 64, 8192
PREVIEW = (512, 256)
BRIGHTEST = 65504.0  # the largest half float
FROM_TOP_LEFT = 1  # the orientation of TIFF and Exif


class Refused(Exception):
    """The file is no panorama that can light a picture: a code, and what a sentence about it needs."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.answer = {"refused": code, **details}


def main(source: Path, preview: Path) -> None:
    """Print what *source* is and write *preview*."""
    try:
        named = preview.with_name(
            f"panorama{suffix_of(source)}"
        )  # a link to it, with the name that its reader wants
        width, height, light = read(named)
        tone_mapped(light).save(preview, "WEBP", quality=85)
    except Refused as why:
        answer = why.answer
    else:
        answer = {"suffix": named.suffix, "width": width, "height": height}
    sys.stdout.write(json.dumps(answer) + "\n")


def suffix_of(source: Path) -> str:
    """Return what the name of such a file ends with, by its first bytes. Raises Refused."""
    with source.open("rb") as file:
        head = file.read(4)
    for magic, suffix in SUFFIXES.items():
        if head.startswith(magic):
            return suffix
    raise Refused("format")


def read(source: Path) -> tuple[int, int, Any]:
    """Return width and height (px) and a small copy (rows, columns, RGB) in linear light. Raises Refused."""
    oiio.attribute("threads", 1)
    oiio.attribute("try_all_readers", 0)
    image = oiio.ImageInput.open(str(source))
    if image is None:
        raise Refused("damaged", reason=_words(oiio.geterror(), source))
    spec = image.spec()
    check_size(spec.width, spec.height)
    if spec.get_int_attribute("Orientation", FROM_TOP_LEFT) != FROM_TOP_LEFT:
        raise Refused("orientation")
    names = list(spec.channelnames)
    if not {"R", "G", "B"} <= set(names):
        raise Refused("channels")
    columns = [names.index(name) for name in "RGB"]
    pixels = image.read_image(0, max(columns) + 1, oiio.UNKNOWN)  # as the file has it
    if pixels is None:
        raise Refused("damaged", reason=_words(image.geterror(), source))
    step = max(1, spec.width // PREVIEW[0])
    small = np.nan_to_num(pixels[::step, ::step, columns].astype(np.float32), posinf=BRIGHTEST)
    return spec.width, spec.height, np.clip(small, 0, BRIGHTEST)


def check_size(width: int, height: int) -> None:
    """Raise Refused unless the size is that of an equirectangular panorama."""
    if width != 2 * height:
        raise Refused("shape", width=width, height=height)
    if not SMALLEST <= width <= LARGEST:
        raise Refused("size", width=width, smallest=SMALLEST, largest=LARGEST)


def tone_mapped(light: Any) -> Image.Image:
    """Return linear light as a picture to look at: exposed to its average, bright places rolled off, sRGB."""
    shades = np.sort(light.mean(axis=2), axis=None)
    exposed = light * (0.35 / max(1e-6, shades[: shades.size * 95 // 100].mean()))
    rolled = np.minimum(exposed / (1 + exposed) * 1.25, 1)  # Reinhard's curve, a little brighter
    image = Image.fromarray(np.rint(255 * rolled ** (1 / 2.2)).astype(np.uint8))
    return image.resize(PREVIEW, Image.Resampling.LANCZOS)


def _words(problem: str, source: Path) -> str:
    return " ".join(problem.replace(str(source), source.name).split())[:200]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
