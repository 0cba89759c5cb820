"""Content-addressed, atomic storage: a file's name is the SHA-256 of its bytes.

A crash at any instant leaves either nothing or the whole file under its final name.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from media_assets.storage.disk import CAD_FOLDER
from media_assets.storage.errors import storage_errors

CHUNK = 1 << 20  # bytes
UPLOADED = (CAD_FOLDER, "panoramas", "studios", "textures")


class ContentStorage(FileSystemStorage):
    """The file system, where a name that exists already holds the same bytes."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: File[Any]) -> str:
        target = Path(self.path(name))
        if target.exists():
            return name
        with storage_errors(target.parent, content.size):
            self._make_folders(target)
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

    def _make_folders(self, target: Path) -> None:
        """Make the folders of *target*; that of the media only for what comes from outside.

        What is made of a CAD file finds it there: in the place of a disk that is away it would be lost.
        """
        root = Path(self.location)
        inside = target.relative_to(root)
        if inside.parts[0] in UPLOADED:
            root.mkdir(parents=True, exist_ok=True)
        for folder in reversed(inside.parents[:-1]):
            (root / folder).mkdir(exist_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a rename in *folder* durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


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


def named_sha256(name: str) -> str:
    """Return the SHA-256 of the bytes that have this content name."""
    return name.rpartition("/")[2].partition(".")[0]
