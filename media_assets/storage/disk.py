"""The disk that holds the media: how much room it has, and whether it takes anything."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class DiskSpace:
    """How much room there is at a place: free and all bytes of its disk."""

    place: Path
    free: int
    total: int


def media_root() -> Path:
    """Return the folder of all media. For this room alone."""
    return Path(settings.MEDIA_ROOT)


def media_space() -> DiskSpace:
    """Return how much room the media have."""
    return space_of(media_root())


def space_of(folder: Path) -> DiskSpace:
    """Return how much room the disk has that holds *folder*, or will hold it once it is made."""
    return DiskSpace(folder, free_bytes(folder), shutil.disk_usage(_existing(folder)).total)


def free_bytes(folder: Path) -> int:
    """Return the free bytes on the disk of *folder*."""
    return shutil.disk_usage(_existing(folder)).free


def media_trouble() -> str:
    """Write and sync a small file; return why the media can't be written ("" when they can)."""
    root = media_root()
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=root, prefix=".doctor-") as probe:
            probe.write(b"x" * 4096)
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return error.strerror or str(error)
    return ""


def media_overlap(folder: Path) -> bool:
    """Whether the media lie in *folder*, or *folder* lies among them."""
    media, other = media_root().resolve(), folder.resolve()
    return media == other or media in other.parents or other in media.parents


def _existing(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
