"""The disk that holds the media, or this host's copies of them: how much room it has, and whether it takes anything."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext

from media_assets.storage.where import in_bucket

CAD_FOLDER = "cad"  # of the CAD files, from which all else is made


@dataclass(frozen=True)
class DiskSpace:
    """How much room there is at a place: free and all bytes of its disk."""

    place: Path
    free: int
    total: int


def media_root() -> Path:
    """Return the folder of all media, or of this host's copies of them. For this room alone."""
    return objects.cache.root if (objects := in_bucket()) else Path(settings.MEDIA_ROOT)


def media_place() -> str:
    """Return where the media are, for people: a folder, or s3://bucket/prefix."""
    return objects.place if (objects := in_bucket()) else str(settings.MEDIA_ROOT)


def media_space() -> DiskSpace:
    """Return how much room the media have; those in a bucket need it for what this host uses of them."""
    return space_of(media_root())


def make_room(free: int) -> None:
    """Have so many bytes of the media disk free, as far as copies take them that nobody uses."""
    if objects := in_bucket():
        objects.cache.make_room(free)


def tidy() -> None:
    """Delete what killed processes left beside the media. Raises OSError."""
    if objects := in_bucket():
        objects.tidy()


def space_of(folder: Path) -> DiskSpace:
    """Return how much room the disk has that holds *folder*, or will hold it once it is made; none that is away."""
    try:
        return DiskSpace(folder, free_bytes(folder), shutil.disk_usage(_existing(folder)).total)
    except OSError:
        return DiskSpace(folder, 0, 0)


def free_bytes(folder: Path) -> int:
    """Return the free bytes on the disk of *folder*."""
    return shutil.disk_usage(_existing(folder)).free


def media_trouble() -> str:
    """Return why the media can't be written ("" when they can), as `write_trouble` does."""
    if wrong := _wrong_address():
        return wrong
    root = media_root()
    trouble = os.strerror(errno.EEXIST) if root.is_file() else write_trouble(root)
    return objects.trouble() if not trouble and (objects := in_bucket()) else trouble


def write_trouble(folder: Path) -> str:
    """Write and sync a small file where *folder* is or will be; return why that can't be done ("" when it can).

    Where *folder* is the name of the bucket, an object is written there.
    """
    if (objects := in_bucket()) and folder == Path(objects.place):
        return objects.trouble()
    try:
        with tempfile.NamedTemporaryFile(dir=_existing(folder), prefix=".doctor-") as probe:
            probe.write(b"x" * 4096)
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return error.strerror or str(error)
    return ""


def media_away() -> str:
    """Return why the stored files can't be reached ("" when they can). Whoever asks knows that there are some.

    A disk that is not mounted leaves an empty folder, which takes whatever is written to it.
    """
    if wrong := _wrong_address():
        return wrong
    if objects := in_bucket():
        return objects.away()
    root = media_root()
    try:
        with os.scandir(root) as entries:
            is_empty = not any(entry.name == CAD_FOLDER for entry in entries)
    except OSError as error:
        return error.strerror or str(error)
    return gettext("it has no CAD files: its disk is not mounted") if is_empty else ""


def _wrong_address() -> str:
    """Return why the bucket can't be used that the environment names: a folder does not take its place."""
    if not settings.MEDIA_BUCKET_WRONG:
        return ""
    return gettext("MEDIA_STORAGE_URL can't be used: {why}").format(why=settings.MEDIA_BUCKET_WRONG)


def media_overlap(folder: Path) -> bool:
    """Whether the media lie in *folder*, or *folder* lies among them."""
    media, other = media_root().resolve(), folder.resolve()
    return media == other or media in other.parents or other in media.parents


def _existing(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
