"""Stored files by their names: keep one, open it, lend it to a child process, delete it.

A file is named by its storage name, or by the field of the row that holds that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile

from media_assets.storage.content import content_name, digest

HIDDEN = ".deleting"


@dataclass(frozen=True)
class StoredFile:
    """One stored file: its name in the storage, the SHA-256 of its bytes, and how many bytes there are."""

    name: str
    sha256: str
    bytes: int


def store(source: Path, folder: str, suffix: str) -> StoredFile:
    """Copy *source* into the storage under its content name and return where it is.

    Raises StorageFull or StorageReadOnly, and leaves nothing half written.
    """
    with source.open("rb") as stream:
        sha256, size = digest(stream)
        name = default_storage.save(content_name(folder, sha256, suffix), File(stream))
    return StoredFile(name, sha256, size)


def store_bytes(content: bytes, folder: str, suffix: str) -> StoredFile:
    """Keep *content* in the storage under its content name and return where it is. Raises as `store` does."""
    sha256 = hashlib.sha256(content).hexdigest()
    name = default_storage.save(content_name(folder, sha256, suffix), ContentFile(content))
    return StoredFile(name, sha256, len(content))


def store_as(source: Path, name: str) -> None:
    """Keep the bytes of *source* under a storage name, unless there are any. Raises as `store` does."""
    with source.open("rb") as stream:
        default_storage.save(name, File(stream))


def exists(file: FieldFile | str) -> bool:
    """Return whether a stored file is there."""
    return default_storage.exists(_name(file))


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


def hide(file: FieldFile | str) -> str:
    """Give a stored file a name that nothing looks for and return that; "" where it is not there. Raises OSError."""
    name = _name(file)
    path = Path(default_storage.path(name))
    try:
        path.rename(path.with_name(f"{path.name}{HIDDEN}"))
    except FileNotFoundError:
        return ""
    return f"{name}{HIDDEN}"


def show(hidden: str, name: str) -> None:
    """Give a hidden file its name back. Raises OSError."""
    Path(default_storage.path(hidden)).replace(default_storage.path(name))


def delete(file: FieldFile | str) -> None:
    """Delete a stored file, if it is there. Raises OSError."""
    default_storage.delete(_name(file))


def _name(file: FieldFile | str) -> str:
    return file if isinstance(file, str) else str(file.name)
