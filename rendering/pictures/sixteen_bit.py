"""Pictures of 16 bits a channel, which Pillow doesn't read or write in color: PNG masters in, PNG and TIFF out."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext
from PIL import Image

Deep = npt.NDArray[np.uint16]

FULL = 0xFFFF
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {2: 3, 6: 4}  # by color type of a PNG
_NONE, _SUB, _UP = range(3)
_ROWS = 256  # unpacked at once
_TIFF_TYPES = {"H": 3, "I": 4, "s": 2, "B": 7}


class DamagedPng(ValueError):
    """The picture can't be read; the message says why."""


def read(path: Path) -> Deep:
    """Return the picture in *path* as straight RGBA of 16 bits, (height, width, 4). Raises DamagedPng or OSError.

    PNG of 16 bits as our Blender side writes it (each row as it is, or as a difference), and whatever Pillow knows of
    8 bits.
    """
    data = path.read_bytes()
    if data[:8] != _SIGNATURE or data[24:25] != b"\x10":
        return _by_pillow(path)
    try:
        body = dict.fromkeys((b"IHDR", b"IDAT"), b"")
        parts: list[bytes] = []
        for name, content in _chunks(data):
            if name == b"IDAT":
                parts.append(content)
            elif name in body:
                body[name] = content
        width, height, _, color, _, _, interlaced = struct.unpack(">IIBBBBB", body[b"IHDR"])
        if interlaced or color not in _CHANNELS:
            raise DamagedPng(gettext("no render master is a PNG of this kind"))
        picture = np.full((height, width, 4), FULL, dtype=np.uint16)
        _unpack(parts, picture[..., : _CHANNELS[color]])
    except (zlib.error, struct.error, ValueError) as error:
        raise DamagedPng(gettext("The render master is damaged: {error}.").format(error=error)) from error
    return picture


def _by_pillow(path: Path) -> Deep:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGBA")).astype(np.uint16) * np.uint16(257)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and body of each chunk of a PNG (ISO/IEC 15948, 5.3). Raises DamagedPng: wrong sum, no end."""
    position = 8
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        name, body = data[position + 4 : position + 8], data[position + 8 : position + 8 + length]
        checked = data[position + 8 + length : position + 12 + length]
        if checked != zlib.crc32(body, zlib.crc32(name)).to_bytes(4, "big"):
            raise DamagedPng(gettext("the checksum of its part {name!r} is wrong").format(name=name))
        if name == b"IEND":
            return
        yield name, body
        position += 12 + length
    raise DamagedPng(gettext("its end is missing"))


def _unpack(parts: list[bytes], picture: Deep) -> None:
    """Fill *picture* from the compressed rows of a PNG, some at a time: an 8k master is half a gigabyte."""
    height, width, channels = picture.shape
    length = width * channels * 2
    unpacker, packed = zlib.decompressobj(), b"".join(parts)
    above = np.zeros(length, dtype=np.uint8)
    for start in range(0, height, _ROWS):
        count = min(_ROWS, height - start)
        wanted = count * (1 + length)
        some = unpacker.decompress(packed, wanted)
        packed = unpacker.unconsumed_tail
        rows = np.frombuffer(some, dtype=np.uint8).reshape(count, 1 + length)
        content = _unfiltered(rows, above, channels * 2)
        above = content[-1]
        picture[start : start + count] = content.view(">u2").reshape(count, width, channels)


def _unfiltered(
    rows: npt.NDArray[np.uint8], above: npt.NDArray[np.uint8], pixel: int
) -> npt.NDArray[np.uint8]:
    """Return the bytes of *rows*, whose first one names its filter (ISO/IEC 15948, 9.2); *pixel* is a pixel's bytes."""
    content = rows[:, 1:].copy()
    for kind, row in zip(rows[:, 0], content, strict=True):
        if kind == _SUB:
            np.add.accumulate(row.reshape(-1, pixel), axis=0, dtype=np.uint8, out=row.reshape(-1, pixel))
        elif kind == _UP:
            row += above
        elif kind != _NONE:
            raise DamagedPng(gettext("it was written by another program. Re-render with --force"))
        above = row
    return content


def write_png(path: Path, picture: Deep, profile: bytes, exif: bytes) -> None:
    """Write RGB or RGBA (height, width, 3 or 4) as PNG of 16 bits with its color profile and EXIF. Raises OSError."""
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
            (b"iCCP", b"sRGB\0\0" + zlib.compress(profile, 9)),
            (b"eXIf", exif.removeprefix(b"Exif\0\0")),
            (b"IDAT", packer.compress(filtered.data) + packer.flush()),
            (b"IEND", b""),
        ):
            file.write(struct.pack(">I", len(body)) + name + body)
            file.write(struct.pack(">I", zlib.crc32(body, zlib.crc32(name))))


def write_tiff(path: Path, picture: Deep, profile: bytes, description: str) -> None:
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
        (284, "H", [1]),
        (305, "s", b"Renderdesk\0"),
        (317, "H", [2]),
        *alpha,
        (34675, "B", profile),
    ]
    content += b"\0" * (len(content) % 2)
    start = 8 + len(content)
    entries, beyond = [], b""
    for tag, kind, value in tags:
        body = value if isinstance(value, bytes) else struct.pack(f"<{len(value)}{kind}", *value)
        if len(body) <= 4:
            field = body.ljust(4, b"\0")
        else:
            field = struct.pack("<I", start + 6 + 12 * len(tags) + len(beyond))
            beyond += body + b"\0" * (len(body) % 2)
        entries.append(struct.pack("<HHI", tag, _TIFF_TYPES[kind], len(value)) + field)
    with path.open("wb") as file:
        file.write(b"II*\0" + struct.pack("<I", start) + content)
        file.write(struct.pack("<H", len(tags)) + b"".join(entries) + b"\0\0\0\0" + beyond)
