"""A private folder for one attempt of one job, gone when the attempt is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from blender_scripts.children import folders
from gpu.models import SystemSettings
from media_assets import storage


def work_root() -> Path:
    return Path(settings.CACHE_DIR) / "work"


def sweep() -> int:
    """Delete the folders that killed workers of this host left behind; return how many."""
    return folders.sweep(work_root())


@contextmanager
def workspace() -> Iterator[Path]:
    """Yield an empty folder on the cache disk. Raises StorageFull when a disk is below its floor.

    What can't be written in the folder ends as StorageFull or StorageReadOnly of the cache disk.
    """
    floor = SystemSettings.load().disk_floor_mb * 1_000_000
    root = work_root()
    storage.make_room(floor)
    for space in (storage.media_space(), storage.space_of(root)):
        if space.free < floor:
            raise storage.StorageFull(floor, space.free, space.place)
    with storage.storage_errors(root, floor):
        root.mkdir(parents=True, exist_ok=True)
        with folders.temporary_folder(root) as folder:
            yield folder
