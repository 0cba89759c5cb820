"""Copies of stored files in a folder outside the media, as a backup has them: whole, checked, under the same names."""

from __future__ import annotations

import hashlib
import os
from itertools import chain
from pathlib import Path

from media_assets.storage import files
from media_assets.storage.content import digest, sync_folder
from media_assets.storage.disk import media_root
from media_assets.storage.files import StoredFile


class DamagedFile(Exception):
    """The bytes of a file are not those that it was kept with."""


def copy_out(name: str, folder: Path, sha256: str = "") -> StoredFile:
    """Copy a stored file to *folder*/*name*, readable by this user alone; return its SHA-256 and bytes.

    It is whole before it has its name: call it for a name once at a time. Raises FileNotFoundError where it is not
    stored, DamagedFile where its SHA-256 is not *sha256*, and other OSErrors.
    """
    target = folder / name
    source = files.chunks(name)
    first = next(source, b"")  # before anything is made
    _make_private(target.parent)
    draft = target.with_name(f"{target.name}.part")
    try:
        sha, size = hashlib.sha256(), 0
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            for chunk in chain([first], source):
                sha.update(chunk)
                size += len(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if sha256 and sha.hexdigest() != sha256:
            raise DamagedFile(name)
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)
    return StoredFile(name, sha.hexdigest(), size)


def _make_private(folder: Path) -> None:
    """Make a folder, and those that it lies in, for this user alone."""
    if not folder.is_dir():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def check_copy(folder: Path, wanted: StoredFile) -> None:
    """Raise FileNotFoundError where there is no copy of *wanted* in *folder*, DamagedFile where it has other bytes."""
    with (folder / wanted.name).open("rb") as stream:
        if digest(stream) != (wanted.sha256, wanted.bytes):
            raise DamagedFile(wanted.name)


def copy_in(folder: Path, wanted: StoredFile) -> bool:
    """Store the copy of *wanted* that lies in *folder*; return False where the same bytes are stored already.

    Damaged bytes that are stored under its name are replaced. Raises what `check_copy` and `store` raise.
    """
    if is_stored(wanted):
        return False
    check_copy(folder, wanted)
    media_root().mkdir(parents=True, exist_ok=True)
    files.delete(wanted.name)
    files.store_as(folder / wanted.name, wanted.name)
    return True


def is_stored(wanted: StoredFile) -> bool:
    """Return whether a file of this name is stored, with these bytes."""
    if not files.exists(wanted.name):
        return False
    sha, size = hashlib.sha256(), 0
    for chunk in files.chunks(wanted.name):
        sha.update(chunk)
        size += len(chunk)
    return (sha.hexdigest(), size) == (wanted.sha256, wanted.bytes)
