"""A private folder for one attempt of one job, gone when the attempt is."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from blender_scripts.children import process
from gpu.models import SystemSettings
from media_assets import storage
from rendering.models import Job


def work_root() -> Path:
    return Path(settings.CACHE_DIR) / "work"


def owner() -> str:
    """Return who this process is, as the first part of a folder's name: pid and start, unique since boot."""
    return f"{os.getpid()}-{process.start_ticks(os.getpid())}"


def sweep() -> int:
    """Delete the folders that killed workers of this host left behind; return how many."""
    swept = 0
    for folder in work_root().glob("*-*-job-*"):
        pid, start = folder.name.split("-")[:2]
        if process.start_ticks(int(pid)) != start:
            shutil.rmtree(folder, ignore_errors=True)
            swept += 1
    return swept


@contextmanager
def workspace(job: Job) -> Iterator[Path]:
    """Yield an empty folder on the cache disk. Raises StorageFull when a disk is below its floor.

    What can't be written in the folder ends as StorageFull or StorageReadOnly of the cache disk.
    """
    floor = SystemSettings.load().disk_floor_mb * 1_000_000
    root = work_root()
    for space in (storage.media_space(), storage.space_of(root)):
        if space.free < floor:
            raise storage.StorageFull(floor, space.free, space.place)
    with storage.storage_errors(root, floor):
        root.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=root, prefix=f"{owner()}-job-{job.pk}-"))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
