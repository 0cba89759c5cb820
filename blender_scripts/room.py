"""Whether there is room for a picture, and what is said where there is none. Standard library only."""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import errno
import os
import shutil
from pathlib import Path

GONE = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.ENOTCONN, errno.ENODEV)


class DiskFull(RuntimeError):
    """There is no room for the picture; the message says how much is needed and how much is free."""


class WriteFailed(RuntimeError):
    """The picture cannot be written for another reason than a full disk."""


class FolderGone(WriteFailed):
    """The folder of the picture is not there: its disk is away, or was for a moment."""


def prepare(path: Path, width: int, height: int, depth: int) -> None:
    """Make the folder of `path` and see that the picture will fit; raises DiskFull or WriteFailed.

    Before the first sample, as a render that cannot be stored is lost. The folder that it lies in must be there: in the
    place of a disk that is away nobody would find the picture again.
    """
    needed = most_bytes(width, height, depth)
    try:
        path.parent.mkdir(exist_ok=True)
        if not os.access(path.parent, os.W_OK):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        if shutil.disk_usage(path.parent).free < needed:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        raise write_error(error, path, needed) from error


def most_bytes(width: int, height: int, depth: int) -> int:
    """Return the bytes that a picture may take while it is written."""
    return (
        width * height * (8 + depth // 2) + 4096
    )  # Blender's TIFF and the picture, four channels, not compressed


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
