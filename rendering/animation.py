"""Animated WebP after the encoder: exact times of the frames, and EXIF, which ffmpeg leaves out.

Chunks as in the WebP container specification (RFC 9649, section 2.7).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

EXIF_FLAG = 0x08  # in the first byte of VP8X
DURATION_AT = 12  # bytes into an ANMF chunk; 24 bits, milliseconds


class NotAnimated(ValueError):
    """The file is no animated WebP."""


def finish(path: Path, fps: int, exif: bytes) -> None:
    """Write into the animation in *path* that frame k lasts from round(1000 (k-1) / fps) to round(1000 k / fps) ms.

    And *exif* (TIFF bytes). Raises NotAnimated or OSError; the file is then as it was.
    """
    parts, shown = [], 0
    for name, body in _chunks(path.read_bytes()):
        if name == b"VP8X":
            body = bytes([body[0] | EXIF_FLAG]) + body[1:]
        if name == b"ANMF":
            shown += 1
            lasts = round(1000 * shown / fps) - round(1000 * (shown - 1) / fps)
            body = body[:DURATION_AT] + lasts.to_bytes(3, "little") + body[DURATION_AT + 3 :]
        if name != b"EXIF":
            parts.append(_chunk(name, body))
    if not shown:
        raise NotAnimated
    content = b"WEBP" + b"".join(parts) + _chunk(b"EXIF", exif.removeprefix(b"Exif\0\0"))
    path.write_bytes(b"RIFF" + struct.pack("<I", len(content)) + content)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise NotAnimated
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack("<I", data[at + 4 : at + 8])[0]
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
