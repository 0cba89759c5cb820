"""Stored files by their names: keep one, open it, lend it to a child process, delete it.

A file is named by its storage name, or by the field of the row that holds that.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.fields.files import FieldFile

from media_assets.storage.content import content_name, digest
from media_assets.storage.disk import media_away
from media_assets.storage.holding import hold, hold_alone


@dataclass(frozen=True)
class StoredFile:
    """One stored file: its name in the storage, the SHA-256 of its bytes, and how many bytes there are."""

    name: str
    sha256: str
    bytes: int


def store(source: Path, folder: str, suffix: str) -> StoredFile:
    """Copy *source* into the storage under its content name and return where it is.

    Call it in the transaction that writes the file's row: until that ends nobody discards the file. Raises StorageFull
    or StorageReadOnly, and leaves nothing half written.
    """
    with source.open("rb") as stream:
        sha256, size = digest(stream)
        name = content_name(folder, sha256, suffix)
        hold(name)
        default_storage.save(name, File(stream))
    return StoredFile(name, sha256, size)


def store_bytes(content: bytes, folder: str, suffix: str) -> StoredFile:
    """Keep *content* in the storage under its content name and return where it is. As `store` otherwise."""
    sha256 = hashlib.sha256(content).hexdigest()
    name = content_name(folder, sha256, suffix)
    hold(name)
    default_storage.save(name, ContentFile(content))
    return StoredFile(name, sha256, len(content))


def store_as(source: Path, name: str) -> None:
    """Keep the bytes of *source* under a storage name, unless there are any. Raises as `store` does."""
    hold(name)
    with source.open("rb") as stream:
        default_storage.save(name, File(stream))


def exists(file: FieldFile | str) -> bool:
    """Return whether a stored file is there."""
    return default_storage.exists(_name(file))


def is_lost(file: FieldFile | str) -> bool:
    """Return whether a stored file is gone for all that anybody knows: nothing is while the media are away."""
    return not exists(file) and not media_away()


def size(file: FieldFile | str) -> int:
    """Return the bytes of a stored file. Raises OSError."""
    return default_storage.size(_name(file))


def open_stored(file: FieldFile | str) -> IO[bytes]:
    """Open a stored file for reading. Raises OSError."""
    return cast("IO[bytes]", default_storage.open(_name(file), "rb"))


@contextmanager
def local_copy(file: FieldFile | str) -> Iterator[Path]:
    """Yield a path at which a child process can read a stored file while the context lasts; nobody writes to it.

    On a file system it is the stored file itself. Raises OSError where that is gone.
    """
    path = Path(default_storage.path(_name(file)))
    path.stat()
    yield path


def local_folder() -> Path:
    """Return the folder below which `local_copy` yields its paths: what a confined child must be able to read."""
    return Path(default_storage.path("")).resolve()


def shown_path(file: FieldFile | str) -> str:
    """Return where a stored file is, for people and scripts."""
    return default_storage.path(_name(file))


def set_aside(file: FieldFile | str) -> None:
    """Take a stored file that is damaged out of the way, and keep it for whoever looks into it. Raises OSError."""
    path = Path(default_storage.path(_name(file)))
    path.rename(path.with_name(f"{path.name}.damaged"))


def delete(file: FieldFile | str) -> None:
    """Delete a stored file, if it is there. Raises OSError."""
    default_storage.delete(_name(file))


def discard(file: FieldFile | str, is_wanted: Callable[[], bool]) -> int:
    """Delete a stored file that no row needs any more; return the bytes that this freed, 0 where it stays.

    Call it after the transaction in which its last row went. It stays where *is_wanted*, asked while nobody can store
    it, finds another row, and where somebody is storing the same bytes now. Raises OSError.
    """
    name = _name(file)
    with transaction.atomic():
        if not name or not hold_alone(name) or is_wanted():
            return 0
        try:
            freed = default_storage.size(name)
        except FileNotFoundError:
            return 0
        default_storage.delete(name)
        return freed


@dataclass(frozen=True)
class Listed:
    """A file that lies in the storage: its name there, its bytes, when it was last written (ns since 1970)."""

    name: str
    bytes: int
    modified_ns: int


def listed(folder: str) -> Iterator[list[Listed]]:
    """Yield what lies in a folder of stored files, drafts included, one of its folders at a time. Raises OSError."""
    root = Path(default_storage.path(folder))
    if not root.is_dir():
        return
    for part in sorted(entry.name for entry in os.scandir(root) if entry.is_dir()):
        found = []
        for entry in os.scandir(root / part):
            with suppress(FileNotFoundError):  # deleted in this instant
                if entry.is_file(follow_symlinks=False):
                    facts = entry.stat(follow_symlinks=False)
                    found.append(Listed(f"{folder}/{part}/{entry.name}", facts.st_size, facts.st_mtime_ns))
        yield found


def _name(file: FieldFile | str) -> str:
    return file if isinstance(file, str) else str(file.name)
