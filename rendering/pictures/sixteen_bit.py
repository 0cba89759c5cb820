"""Pictures of 16 bits a channel, which Pillow doesn't read or write in color: PNG masters in, PNG and TIFF out.

Read by OpenImageIO. What it writes has other bytes, and its PNG are larger (docs/decisions.md).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio
from django.utils.translation import gettext
from PIL import Image

Deep = npt.NDArray[np.uint16]

FULL = 0xFFFF
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {4: 2, 2: 3, 6: 4}  # by color type of a PNG
_UP = 2  # filter: each row as its difference from the one above
_TIFF_TYPES = {"H": 3, "I": 4, "s": 2, "B": 7, "b": 1, "R": 5}


class DamagedPng(ValueError):
    """The picture can't be read; the message says why."""


def read(path: Path) -> Deep:
    """Return the picture in *path* as straight RGBA of 16 bits, (height, width, 4). Raises DamagedPng or OSError.

    PNG of 16 bits, and whatever Pillow knows of 8 bits.
    """
    with path.open("rb") as file:
        head = file.read(25)
    if head[:8] != _SIGNATURE or head[24:] != b"\x10":
        with Image.open(path) as picture:
            return np.asarray(picture.convert("RGBA")).astype(np.uint16) * np.uint16(257)
    wanted = oiio.ImageSpec()
    wanted.attribute("oiio:UnassociatedAlpha", 1)
    image = oiio.ImageInput.open(str(path), wanted)
    pixels = image.read_image(oiio.UINT16) if image else None
    if pixels is None:
        words = (image.geterror() if image else oiio.geterror()).strip().replace("\n", ", ")
        raise DamagedPng(gettext("The render master is damaged: {error}.").format(error=words))
    if pixels.shape[2] == 4:
        return pixels
    if pixels.shape[2] != 3:
        raise DamagedPng(gettext("no render master is a PNG of this kind"))
    return np.pad(pixels, ((0, 0), (0, 0), (0, 1)), constant_values=FULL)


def write_png(
    path: Path,
    picture: Deep,
    profile: bytes,
    exif: bytes,
    dpi: int | None = None,
    xmp: bytes = b"",
    texts: Mapping[str, str] | None = None,
) -> None:
    """Write a picture (height, width, channels) as PNG of 16 bits: gray with alpha, RGB or RGBA. Raises OSError.

    *profile*: its ICC profile, b"" for values that are no colors. *texts*: by keyword, in Latin-1 (PNG, 11.3.3).
    """
    height, width, channels = picture.shape
    rows = picture.astype(">u2").view(np.uint8).reshape(height, -1)
    filtered = np.empty((height, rows.shape[1] + 1), dtype=np.uint8)
    filtered[:, 0] = _UP
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    packer = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_FILTERED)
    color = next(kind for kind, count in _CHANNELS.items() if count == channels)
    with path.open("wb") as file:
        file.write(_SIGNATURE)
        for name, body in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, color, 0, 0, 0)),
            *([(b"iCCP", b"sRGB\0\0" + zlib.compress(profile, 9))] if profile else []),
            (b"eXIf", exif.removeprefix(b"Exif\0\0")),
            *([(b"pHYs", struct.pack(">IIB", *[round(dpi / 0.0254)] * 2, 1))] if dpi else []),
            *([(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp)] if xmp else []),
            *((b"tEXt", f"{name}\0{text}".encode("latin-1")) for name, text in (texts or {}).items()),
            (b"IDAT", packer.compress(filtered.data) + packer.flush()),
            (b"IEND", b""),
        ):
            file.write(struct.pack(">I", len(body)) + name + body)
            file.write(struct.pack(">I", zlib.crc32(body, zlib.crc32(name))))


def write_tiff(
    path: Path,
    picture: Deep,
    profile: bytes,
    description: str,
    dpi: int | None = None,
    xmp: bytes = b"",
    photoshop: bytes = b"",
) -> None:
    """Write RGB or RGBA (height, width, 3 or 4) as TIFF of 16 bits, deflated (TIFF 6.0; alpha not multiplied in).

    Raises OSError.
    """
    height, width, channels = picture.shape
    values = picture.astype("<u2").reshape(height, width * channels)
    differences = np.empty_like(
        values
    )  # predictor 2: each value as its difference from the pixel on the left
    differences[:, :channels] = values[:, :channels]
    np.subtract(values[:, channels:], values[:, :-channels], out=differences[:, channels:])
    content = zlib.compress(differences.tobytes(), 6)
    alpha: list[tuple[int, str, Sequence[int] | bytes]] = [(338, "H", [2])] if channels == 4 else []
    resolution: list[tuple[int, str, Sequence[int] | bytes]] = (
        [(282, "R", [dpi, 1]), (283, "R", [dpi, 1])] if dpi else []
    )
    tags: list[tuple[int, str, Sequence[int] | bytes]] = [
        (256, "I", [width]),
        (257, "I", [height]),
        (258, "H", [16] * channels),
        (259, "H", [8]),  # deflate
        (262, "H", [2]),  # RGB
        (270, "s", description.encode("ascii") + b"\0"),
        (273, "I", [8]),  # the one strip begins after the header
        (277, "H", [channels]),
        (278, "I", [height]),
        (279, "I", [len(content)]),
        *resolution,
        (284, "H", [1]),
        *([(296, "H", [2])] if dpi else []),  # inch
        (305, "s", b"Renderdesk\0"),
        (317, "H", [2]),
        *alpha,
        *([(700, "b", xmp)] if xmp else []),
        *([(34377, "b", photoshop)] if photoshop else []),
        (34675, "B", profile),
    ]
    content += b"\0" * (len(content) % 2)
    start = 8 + len(content)
    entries, beyond = [], b""
    for tag, kind, value in tags:
        form = "I" if kind == "R" else kind  # a fraction is two numbers
        body = value if isinstance(value, bytes) else struct.pack(f"<{len(value)}{form}", *value)
        count = 1 if kind == "R" else len(value)
        if len(body) <= 4:
            field = body.ljust(4, b"\0")
        else:
            field = struct.pack("<I", start + 6 + 12 * len(tags) + len(beyond))
            beyond += body + b"\0" * (len(body) % 2)
        entries.append(struct.pack("<HHI", tag, _TIFF_TYPES[kind], count) + field)
    with path.open("wb") as file:
        file.write(b"II*\0" + struct.pack("<I", start) + content)
        file.write(struct.pack("<H", len(tags)) + b"".join(entries) + b"\0\0\0\0" + beyond)
