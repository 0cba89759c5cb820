"""Reads a panorama to its last pixel: `python panorama_reader.py FILE PREVIEW`, in a process of its own with limits.

A stranger's file may be made to crash or to fill the memory whoever decodes it, so the web process starts this program
and only looks at its answer: a line of JSON with `width` and `height` (px), or with `refused`, and a small tone-mapped
preview as WebP. It uses no Django.
"""

from __future__ import annotations

import json
import mmap
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

SUFFIXES = {"hdr": b"#?", "exr": b"\x76\x2f\x31\x01"}
"""The formats and the first bytes of their files (OpenEXR's magic number is 20000630, little-endian)."""

SMALLEST, LARGEST = 64, 8192
PREVIEW = (512, 256)
MEMORY = 3 << 30
CPU_SECONDS = 90
_HEADER = 16_384
_RESOLUTION = re.compile(rb"-Y (\d{1,6}) \+X (\d{1,6})\n")

Row = list[tuple[float, float, float]]


class Refused(Exception):
    """The file is no panorama that can light a picture; the message says why and what to do."""


def main(source: Path, preview: Path) -> None:
    """Print what *source* is and write *preview*."""
    try:
        width, height, rows = read(source)
        tone_mapped(rows).save(preview, "WEBP", quality=85)
    except Refused as why:
        told: dict[str, object] = {"refused": str(why)}
    else:
        told = {"width": width, "height": height}
    sys.stdout.write(json.dumps(told) + "\n")


def read(source: Path) -> tuple[int, int, list[Row]]:
    """Return width and height (px) and the rows of a small copy in linear light, top first. Raises Refused."""
    with source.open("rb") as file:
        head = file.read(4)
    if head.startswith(SUFFIXES["hdr"]):
        return _radiance(source)
    if head == SUFFIXES["exr"]:
        return _openexr(source)
    raise Refused(
        "It is neither a Radiance (.hdr) nor an OpenEXR (.exr) file. Save the panorama as one of these."
    )


def check_size(width: int, height: int) -> None:
    """Raise Refused unless the size is that of an equirectangular panorama."""
    if width != 2 * height:
        raise Refused(
            f"It has {width} × {height} px, and a panorama is twice as wide as high. "
            "Choose the equirectangular version (not a cube map or a backplate)."
        )
    if not SMALLEST <= width <= LARGEST:
        raise Refused(
            f"It is {width} px wide; {SMALLEST} to {LARGEST} px can be used. Light needs no more than 4096: "
            "download or save a smaller version."
        )


def tone_mapped(rows: list[Row]) -> Image.Image:
    """Return the rows as a picture to look at: exposed to its average, bright places rolled off, sRGB."""
    shades = sorted(sum(pixel) / 3 for row in rows for pixel in row)
    middle = max(1e-6, sum(shades[: len(shades) * 95 // 100]) / max(1, len(shades) * 95 // 100))
    image = Image.new("RGB", (len(rows[0]), len(rows)))
    image.putdata([_shown(pixel, 0.35 / middle) for row in rows for pixel in row])
    return image.resize(PREVIEW, Image.Resampling.LANCZOS)


def _shown(pixel: tuple[float, float, float], exposure: float) -> tuple[int, int, int]:
    mapped = [max(0.0, channel) * exposure for channel in pixel]
    rolled = [value / (1 + value) * 1.25 for value in mapped]  # Reinhard's curve, a little brighter
    red, green, blue = (round(255 * min(1.0, value) ** (1 / 2.2)) for value in rolled)
    return red, green, blue


def _openexr(source: Path) -> tuple[int, int, list[Row]]:
    import OpenEXR  # only where a file of its kind is read: the library is large

    try:
        header = OpenEXR.File(str(source), header_only=True).header()
        (left, top), (right, bottom) = (tuple(int(one) for one in corner) for corner in header["dataWindow"])
        width, height = right - left + 1, bottom - top + 1
        check_size(width, height)
        channels = OpenEXR.File(str(source), separate_channels=True).channels()
    except Refused:
        raise
    except Exception as error:  # the library raises RuntimeError and KeyError for every kind of damage
        raise Refused(
            f"The OpenEXR file is damaged or cut off ({_words(error)}). Upload it again."
        ) from error
    if not {"R", "G", "B"} <= set(channels):
        raise Refused(
            "The OpenEXR file has no channels R, G and B in its first part. Save it as a plain RGB picture."
        )
    step = max(1, width // PREVIEW[0])
    colors = [channels[name].pixels[::step, ::step].tolist() for name in "RGB"]
    rows = [[_finite(*pixel) for pixel in zip(*lines, strict=True)] for lines in zip(*colors, strict=True)]
    return width, height, rows


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _finite(red: float, green: float, blue: float) -> tuple[float, float, float]:
    kept = [min(65504.0, value) if value == value else 0.0 for value in (red, green, blue)]
    return kept[0], kept[1], kept[2]


def _radiance(source: Path) -> tuple[int, int, list[Row]]:
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        head = data[:_HEADER]
        end = head.find(b"\n\n")
        found = _RESOLUTION.match(head, end + 2) if end > 0 else None
        if found is None:
            raise Refused(
                "The Radiance file's header is damaged, or its rows do not run from the top left. Save it again."
            )
        if b"FORMAT=32-bit_rle_xyze" in head[:end]:
            raise Refused("The Radiance file holds XYZ colors. Save it with RGB colors (32-bit_rle_rgbe).")
        height, width = int(found[1]), int(found[2])
        check_size(width, height)
        step = max(1, width // PREVIEW[0])
        rows = []
        try:
            for number, line in enumerate(_scanlines(data, found.end(), width, height)):
                if number % step == 0:
                    rows.append(
                        [_light(*pixel) for pixel in zip(*(one[::step] for one in line), strict=True)]
                    )
        except (IndexError, ValueError) as error:
            raise Refused("The Radiance file is damaged or cut off. Upload it again.") from error
        return width, height, rows


def _scanlines(data: mmap.mmap, at: int, width: int, height: int) -> Iterator[list[bytes]]:
    """The four components of each row; IndexError where bytes are missing (Ward, "Real Pixels", Graphics Gems II)."""
    for _ in range(height):
        if data[at] != 2 or data[at + 1] != 2 or (data[at + 2] << 8 | data[at + 3]) != width:
            flat = data[at : at + 4 * width]  # not run-length encoded
            if len(flat) < 4 * width:
                raise IndexError
            at += 4 * width
            yield [flat[component::4] for component in range(4)]
            continue
        at += 4
        line = []
        for _ in range(4):
            row = bytearray()
            while len(row) < width:
                count = data[at]
                if count > 128:
                    row += data[at + 1 : at + 2] * (count - 128)
                    at += 2
                elif count:
                    row += data[at + 1 : at + 1 + count]
                    at += 1 + count
                else:
                    raise ValueError
            if len(row) != width or at > len(data):
                raise IndexError
            line.append(bytes(row))
        yield line


def _light(red: int, green: int, blue: int, exponent: int) -> tuple[float, float, float]:
    scale = 2.0 ** (exponent - 136) if exponent else 0.0
    return red * scale, green * scale, blue * scale


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
