"""Content-addressed, atomic storage: a file's name is the SHA-256 of its bytes.

A crash at any instant leaves either nothing or the whole file under its final name. All access to stored files
goes through Django's storage API, so that another backend can take this one's place.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils.translation import gettext_noop

CHUNK = 1 << 20  # bytes


FULL = gettext_noop(
    "The disk is full: {needed} bytes needed, {free} bytes free. "
    "Free some space or move MEDIA_ROOT, then retry."
)
READ_ONLY = gettext_noop(
    "The folder {folder} can't be written ({reason}). "
    "Give the user that runs Renderdesk the right to write there."
)


class StorageFull(Exception):
    """The disk is full: so many bytes are needed, and so many are free."""

    def __init__(self, needed: int, free: int) -> None:
        super().__init__(FULL.format(needed=needed, free=free))
        self.needed, self.free = needed, free


class StorageReadOnly(Exception):
    """The folder can't be written, for the reason that the system gives."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(READ_ONLY.format(folder=folder, reason=reason))
        self.folder, self.reason = folder, reason


@dataclass(frozen=True)
class StoredFile:
    """One stored file: its name in the storage, the SHA-256 of its bytes, and how many bytes there are."""

    name: str
    sha256: str
    bytes: int


class ContentStorage(FileSystemStorage):
    """The file system, where a name that exists already holds the same bytes."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: File[Any]) -> str:
        target = Path(self.path(name))
        if target.exists():
            return name
        with storage_errors(target.parent, content.size):
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=target.parent, prefix=".draft-")
            try:
                with os.fdopen(handle, "wb") as out:
                    for chunk in content.chunks(CHUNK):
                        out.write(chunk)
                    out.flush()
                    os.fsync(out.fileno())
                if self.file_permissions_mode is not None:
                    Path(draft).chmod(self.file_permissions_mode)
                Path(draft).replace(target)
            except BaseException:
                Path(draft).unlink(missing_ok=True)
                raise
            sync_folder(target.parent)
        return name


def sync_folder(folder: Path) -> None:
    """Make a rename in *folder* durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def storage_errors(folder: Path, needed: int) -> Iterator[None]:
    """Turn 'no space' and 'read-only' of the operating system into errors that say what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(needed, free_bytes(folder)) from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise StorageReadOnly(folder, error.strerror or str(error)) from error
        raise


def free_bytes(folder: Path) -> int:
    """Return the free bytes on the disk that holds *folder*, or will hold it once it is made."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def digest(stream: IO[bytes]) -> tuple[str, int]:
    """Return the SHA-256 and the size in bytes of *stream*, read from its start; leaves it at its start."""
    sha, size = hashlib.sha256(), 0
    stream.seek(0)
    while chunk := stream.read(CHUNK):
        sha.update(chunk)
        size += len(chunk)
    stream.seek(0)
    return sha.hexdigest(), size


def content_name(folder: str, sha256: str, suffix: str) -> str:
    """Return the storage name of the bytes with this SHA-256: folder/ab/abcdef....suffix."""
    return f"{folder}/{sha256[:2]}/{sha256}{suffix}"


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


def restore(source: Path, name: str) -> None:
    """Put the bytes of *source* back under the storage name that had them. Raises as `store` does."""
    with source.open("rb") as stream:
        default_storage.save(name, File(stream))
