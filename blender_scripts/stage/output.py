"""Turns Cycles' result into the render master: straight RGBA as displayed, PNG written atomically."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import errno
import os
import shutil
import struct
import tempfile
import zlib
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[Any]

_PNG = b"\x89PNG\r\n\x1a\n"


class DiskFull(RuntimeError):
    """There is no room for the picture; the message says how much is needed and how much is free."""


class WriteFailed(RuntimeError):
    """The picture cannot be written for another reason than a full disk."""


def prepare(path: Path, width: int, height: int, depth: int) -> None:
    """Make the folder of `path` and see that the picture will fit; raises DiskFull or WriteFailed.

    Before the first sample, as a render that cannot be stored is lost.
    """
    needed = _most_bytes(width, height, depth)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(path.parent, os.W_OK):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        if shutil.disk_usage(path.parent).free < needed:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        raise _write_error(error, path, needed) from error


def save(path: Path, width: int, height: int, depth: int) -> None:
    """Write the render result to `path` as PNG; raises DiskFull or WriteFailed and leaves no half file.

    Straight RGBA; whoever derives files lays in the background. The bytes depend on the pixels alone: no time or host
    is written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        picture = _result(width, height)
        data = _png(_quantised(picture, depth), depth)
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise _write_error(error, path, _most_bytes(width, height, depth)) from error


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


def _result(width: int, height: int) -> Pixels:
    """The render result as shown, straight RGBA (height, width, 4) in 0..1, first row on top."""
    handle, name = tempfile.mkstemp(suffix=".png")
    os.close(handle)
    try:
        try:
            bpy.data.images["Render Result"].save_render(name)
        except RuntimeError as error:
            free = shutil.disk_usage(Path(name).parent).free
            full = free < width * height * 9
            raise OSError(errno.ENOSPC if full else errno.EIO, str(error).strip(), name) from error
        image = bpy.data.images.load(name)
        try:
            image.colorspace_settings.name = "Non-Color"
            image.alpha_mode = "CHANNEL_PACKED"  # keep Blender from multiplying alpha into 16-bit colours
            flat = np.empty(width * height * 4, dtype=np.float32)
            image.pixels.foreach_get(flat)
        finally:
            bpy.data.images.remove(image)
    finally:
        Path(name).unlink(missing_ok=True)
    return flat.reshape(height, width, 4)[::-1]


def _quantised(picture: Pixels, depth: int) -> Pixels:
    """Whole numbers of `depth` bits; 8 bits with a fixed dither, which keeps soft shadows from banding."""
    top = (1 << depth) - 1
    scaled = picture * top
    if depth == 8:
        noise = np.random.default_rng(0).random(picture.shape[:2], dtype=np.float32) - 0.5
        whole = np.round(scaled)
        exact = np.abs(scaled - whole) < 0.02  # flat backgrounds and clear pixels stay as they are
        scaled = np.where(exact, whole, scaled + noise[:, :, None])
    return np.clip(np.rint(scaled), 0, top).astype(">u2" if depth == 16 else np.uint8)


def _png(pixels: Pixels, depth: int) -> bytes:
    height, width, channels = pixels.shape
    rows = np.ascontiguousarray(pixels).view(np.uint8).reshape(height, -1)
    filtered = np.empty((height, rows.shape[1] + 1), dtype=np.uint8)
    filtered[:, 0] = 2  # each row as its difference from the one above
    filtered[0, 1:] = rows[0]
    filtered[1:, 1:] = rows[1:] - rows[:-1]
    colour_type = 6 if channels == 4 else 2
    return b"".join(
        (
            _PNG,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)),
            _chunk(b"sRGB", b"\x00"),
            _chunk(b"IDAT", zlib.compress(filtered.tobytes(), 4)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _most_bytes(width: int, height: int, depth: int) -> int:
    return width * height * depth // 2 + 4096  # four channels, not compressed


def _write_error(error: OSError, path: Path, needed: int) -> RuntimeError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        free = _free(path.parent)
        return DiskFull(
            f"The disk is full: {path.name} needs about {needed:,} bytes, {free:,} are free in {path.parent}. "
            "Free some space and retry the job."
        )
    return WriteFailed(
        f"{path.name} cannot be written to {path.parent}: {error.strerror or error}. "
        "Check that the folder exists and that the worker may write there."
    )


def _free(folder: Path) -> int:
    for place in (folder, *folder.parents):
        with contextlib.suppress(OSError):
            return shutil.disk_usage(place).free
    return 0
