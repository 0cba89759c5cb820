"""Looks whether a backup is whole, without restoring it: every file has the bytes that its manifest names."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from media_assets import storage
from media_assets.storage import DamagedFile, StoredFile
from rendering.management.backup.folder import BackupFolder
from rendering.management.backup.making import DAMAGED, GONE, THREADS
from rendering.management.backup.manifest import Manifest


def verify(folder: BackupFolder, backup: Manifest) -> Mapping[str, str]:
    """Return which files of a backup are missing or damaged; nothing where it is whole."""
    with ThreadPoolExecutor(THREADS) as pool:
        found = pool.map(lambda file: trouble(folder.media, file), backup.files.values())
        wrong = {name: why for name, why in zip(backup.files, found, strict=True) if why}
    if why := trouble(folder.path / backup.name, backup.database):
        wrong[backup.database.name] = why
    return wrong


def trouble(place: Path, file: StoredFile) -> str:
    """Return what is wrong with a copy: "missing", "damaged", or "" for nothing."""
    try:
        storage.check_copy(place, file)
    except FileNotFoundError:
        return GONE
    except (DamagedFile, OSError):
        return DAMAGED
    return ""
