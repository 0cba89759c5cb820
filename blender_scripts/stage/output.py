"""Turns Cycles' result into the render master: straight RGBA as displayed, PNG written atomically."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import errno
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from blender_scripts.contract import RenderSpec
from blender_scripts.room import free_bytes, most_bytes, write_error
from blender_scripts.stage.compositing import GROUPS_SINCE
from blender_scripts.stage.properties import held

Pixels = npt.NDArray[Any]

_PNG = b"\x89PNG\r\n\x1a\n"
_STRIP_OFFSETS, _ROWS_PER_STRIP = 273, 278
_ROOM = 1 << 20  # bytes
_BLACK, _SHADED = 300, 64_000  # of 65,535


def save(path: Path, spec: RenderSpec) -> None:
    """Write the render result to `path` as PNG; raises DiskFull or WriteFailed and leaves no half file.

    Straight RGBA; whoever derives files lays in the background. The bytes depend on the pixels alone: no time or host
    is written.
    """
    with unfinished(path, most_bytes(spec)) as part:
        shown = part.with_suffix(".shown")
        try:
            _export(shown, "TIFF", tiff_codec="NONE")
            picture = _straight(_tiff(shown, spec.width, spec.height))
        finally:
            shown.unlink(missing_ok=True)
        _write(part, _png(picture if spec.color_depth == 16 else _dithered(picture), spec.color_depth))


def save_linear(path: Path, spec: RenderSpec) -> None:
    """Write the render result to `path` as EXR, before any view transform; raises DiskFull or WriteFailed.

    Half floats, RGBA with alpha multiplied in, linear Rec. 709.
    """
    with unfinished(path, most_bytes(spec)) as part:
        _export(part, "OPEN_EXR", exr_codec="ZIP")


def export_layers(path: Path) -> None:
    """Let Blender write all layers of the render result to `path`, as EXR of 32 bits a channel; raises OSError."""
    kind = {"media_type": "MULTI_LAYER_IMAGE"} if bpy.app.version >= GROUPS_SINCE else {}
    with held(bpy.context.scene.render.image_settings, **kind):
        _export(path, "OPEN_EXR_MULTILAYER", "32", exr_codec="ZIP")


def is_whole(path: Path, width: int, height: int) -> bool:
    """Whether `path` is a complete PNG of this size, as a frame that an earlier attempt left."""
    try:
        with path.open("rb") as file:
            head = file.read(24)
            file.seek(-12, os.SEEK_END)
            tail = file.read(12)
    except OSError:
        return False
    size = struct.pack(">II", width, height)
    return head[:8] == _PNG and head[16:24] == size and tail[4:8] == b"IEND"


@contextlib.contextmanager
def unfinished(path: Path, needed: int) -> Iterator[Path]:
    """The file to write instead of `path`, which takes its place at the end. Raises DiskFull or WriteFailed."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise write_error(error, path, needed) from error


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _export(path: Path, file_format: str, depth: str = "16", **codec: str) -> None:
    """Let Blender write the render result, in so many bits a channel; raises OSError."""
    settings = bpy.context.scene.render.image_settings
    with held(settings, file_format=file_format, color_mode="RGBA", color_depth=depth):
        for name, value in codec.items():
            setattr(settings, name, value)
        try:
            bpy.data.images["Render Result"].save_render(str(path))
        except RuntimeError as error:
            raise _cut_off(path, str(error).strip()) from error


def _tiff(path: Path, width: int, height: int) -> Pixels:
    """The pixels of Blender's own TIFF, which is not compressed: (height, width, 4) of 16 bits, alpha multiplied in.

    TIFF 6.0, section 2, little-endian as every machine that bpy runs on. Written and read in half the time of a PNG:
    no filter to choose, no checksum. Raises OSError.
    """
    data = path.read_bytes()
    if data[:4] != b"II*\0" or len(data) < width * height * 8:
        raise _cut_off(path, "Blender wrote half a picture")
    start = struct.unpack_from("<I", data, 4)[0]
    entries = data[start + 2 : start + 2 + 12 * struct.unpack_from("<H", data, start)[0]]
    tags = {tag: (count, value) for tag, _, count, value in struct.iter_unpack("<HHII", entries)}
    strips, offset = tags[_STRIP_OFFSETS]
    offsets = struct.unpack_from(f"<{strips}I", data, offset) if strips > 1 else (offset,)
    rows = tags[_ROWS_PER_STRIP][1]
    picture = np.empty((height, width, 4), dtype=np.uint16)
    for number, begin in enumerate(offsets):
        part = picture[number * rows : (number + 1) * rows]
        part[...] = np.frombuffer(data, "<u2", part.size, begin).reshape(part.shape)
    return picture


def _cut_off(path: Path, words: str) -> OSError:
    """Blender says not why it could not write: a disk with less room than any picture is full, a folder is gone."""
    if not path.parent.is_dir():
        return OSError(errno.ENOENT, words, str(path))
    full = free_bytes(path.parent) < _ROOM
    return OSError(errno.ENOSPC if full else errno.EIO, words, str(path))


def _straight(picture: Pixels) -> Pixels:
    """The same picture with alpha divided out; in the shadow and where nothing is, the denoiser's leftovers of color
    are cleared.
    """
    alpha = picture[..., 3]
    picture[(picture[..., :3].max(axis=2) <= _BLACK) & (alpha < _SHADED), :3] = 0
    picture[alpha == 0] = 0
    soft = (alpha > 0) & (alpha < 0xFFFF)
    edge = picture[soft].astype(np.float32)
    edge[:, :3] *= np.float32(0xFFFF) / edge[:, 3:]
    picture[soft] = np.clip(np.rint(edge), 0, 0xFFFF)
    return picture


def _dithered(picture: Pixels) -> Pixels:
    """8 bits for 16, with a fixed dither that keeps soft shadows from banding."""
    scaled = picture.astype(np.float32) / 257
    noise = np.random.default_rng(0).random(picture.shape[:2], dtype=np.float32) - 0.5
    whole = np.rint(scaled)
    exact = np.abs(scaled - whole) < 0.02  # full and clear pixels stay as they are
    return np.clip(np.rint(np.where(exact, whole, scaled + noise[:, :, None])), 0, 255)


def _png(pixels: Pixels, depth: int) -> bytes:
    """PNG with each row as its difference from the one above, in runs: level 6 takes ten times as long for no less."""
    height, width, channels = pixels.shape
    whole = np.ascontiguousarray(pixels, dtype=">u2" if depth == 16 else np.uint8)
    rows = whole.view(np.uint8).reshape(height, -1)
    filtered = np.empty((height, rows.shape[1] + 1), dtype=np.uint8)
    filtered[:, 0] = 2
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_RLE)
    return b"".join(
        (
            _PNG,
            _chunk(
                b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 6 if channels == 4 else 2, 0, 0, 0)
            ),
            _chunk(b"sRGB", b"\x00"),
            _chunk(b"IDAT", packer.compress(filtered.data) + packer.flush()),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(name)))
