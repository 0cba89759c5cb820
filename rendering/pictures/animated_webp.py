"""Animated WebP after the encoder: exact times of the frames, and EXIF and XMP, which ffmpeg leaves out.

Chunks as in the WebP container specification (RFC 9649, section 2.7).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

FLAGS = {b"EXIF": 0x08, b"XMP ": 0x04}  # in the first byte of VP8X
DURATION_AT = 12  # bytes into an ANMF chunk; 24 bits, milliseconds


class NotAnimated(ValueError):
    """The file is no animated WebP."""


def finish(path: Path, fps: int, embedded: Mapping[bytes, bytes]) -> None:
    """Write the *embedded* chunks into the animation in *path*, and its times: frame k ends at round(1000 k / fps) ms.

    The encoder rounds each time down, and makes one frame of several that look the same. Raises NotAnimated or OSError;
    the file is then as it was.
    """
    parts, encoded, ended = [], 0, 0
    for name, body in _chunks(path.read_bytes()):
        if name == b"VP8X":
            body = bytes([body[0] | sum(FLAGS[one] for one in embedded)]) + body[1:]
        if name == b"ANMF":
            encoded += int.from_bytes(body[DURATION_AT : DURATION_AT + 3], "little")
            ends = moment(frames_until(encoded, fps), fps)
            body = body[:DURATION_AT] + (ends - ended).to_bytes(3, "little") + body[DURATION_AT + 3 :]
            ended = ends
        if name not in embedded:
            parts.append(_chunk(name, body))
    if not ended:
        raise NotAnimated
    content = b"WEBP" + b"".join(parts) + b"".join(_chunk(*one) for one in embedded.items())
    path.write_bytes(b"RIFF" + struct.pack("<I", len(content)) + content)


def moment(frames: int, fps: int) -> int:
    """Return when so many frames are over, in ms."""
    return round(1000 * frames / fps)


def frames_until(milliseconds: int, fps: int) -> int:
    """Return how many frames are over by then, within a millisecond or so."""
    return round(milliseconds * fps / 1000)


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
