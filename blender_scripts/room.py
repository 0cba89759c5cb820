"""Whether there is room for a render, and what is said where there is none. Standard library only."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import errno
import os
import shutil
from pathlib import Path

from blender_scripts.contract import RenderSpec
from blender_scripts.matte_hash import RANKS

_LAYERS, _MATTES = 8, 2 * RANKS
"""Channels of render passes: color, depth and normals; of mattes a name and its share for each rank."""

_HEADS = 4096

GONE = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.ENOTCONN, errno.ENODEV)


class DiskFull(RuntimeError):
    """There is no room for the picture; the message says how much is needed and how much is free."""


class WriteFailed(RuntimeError):
    """The picture cannot be written for another reason than a full disk."""


class FolderGone(WriteFailed):
    """The folder of the picture is not there: its disk is away, or was for a moment."""


def prepare(path: Path, spec: RenderSpec) -> None:
    """Make the folder of `path` and see that one picture of the spec will fit; raises DiskFull or WriteFailed.

    Before the first sample, as a render that cannot be stored is lost. The folder that it lies in must be there: in the
    place of a disk that is away nobody would find the picture again.
    """
    needed = most_bytes(spec)
    try:
        path.parent.mkdir(exist_ok=True)
        if not os.access(path.parent, os.W_OK):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        if shutil.disk_usage(path.parent).free < needed:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        raise write_error(error, path, needed) from error


def most_bytes(spec: RenderSpec) -> int:
    """Return the bytes that one picture of a render may take while it is written, as if nothing could be compressed.

    A picture: Blender's TIFF of 16 bits, and four channels; with its light, as many half floats once more.
    Passes: their layers of 32 bits a channel, and the ZIP that these are copied to.
    """
    if spec.kind == "passes":
        a_pixel = 2 * 4 * (_LAYERS + (_MATTES if spec.samples > 1 else 0))
    else:
        a_pixel = 8 + spec.color_depth // 2 + (8 if spec.linear_path else 0)
    return spec.width * spec.height * a_pixel + _HEADS


def write_error(error: OSError, path: Path, needed: int) -> DiskFull | WriteFailed:
    """Return what is wrong, in words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        free = free_bytes(path.parent)
        return DiskFull(
            f"The disk is full: {path.name} needs about {needed:,} bytes, {free:,} are free in {path.parent}. "
            "Free some space and retry the job."
        )
    failed = FolderGone if error.errno in GONE else WriteFailed
    return failed(
        f"{path.name} cannot be written to {path.parent}: {error.strerror or error}. "
        "Check that the folder exists and that the worker may write there."
    )


def code_of(error: DiskFull | WriteFailed) -> str:
    """Return the error code of an outcome."""
    if isinstance(error, DiskFull):
        return "disk_full"
    return "folder_gone" if isinstance(error, FolderGone) else "write_failed"


def free_bytes(folder: Path) -> int:
    """Return the bytes that are free where a folder is or would be."""
    for place in (folder, *folder.parents):
        with contextlib.suppress(OSError):
            return shutil.disk_usage(place).free
    return 0
