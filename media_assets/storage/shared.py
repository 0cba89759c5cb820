"""Shared folders: files of work in progress that every host sees, under names that their owners choose.

Unlike stored files they change and go. What is written here is not synced: whoever needs it whole checks it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from media_assets.storage.content import sync_folder
from media_assets.storage.disk import media_root
from media_assets.storage.errors import require_media


@dataclass(frozen=True)
class SharedEntry:
    """What a listing says of a file or folder: its name, when it was last written (ns since 1970), a file's bytes."""

    name: str
    modified_ns: int
    is_folder: bool
    bytes: int


@dataclass(frozen=True)
class SharedFolder:
    """A folder by its name: "previews", or "frames/KEY"."""

    name: str

    def folder(self, name: str) -> SharedFolder:
        """Return the folder in this one with this name."""
        return SharedFolder(f"{self.name}/{name}")

    def file(self, name: str) -> SharedFile:
        """Return the file in this folder with this name, which need not be there."""
        return SharedFile(self.name, name)

    def make(self, *, is_first: bool = False) -> None:
        """Make the folder durable, unless it is there. Raises StorageAway, StorageReadOnly, OSError.

        *is_first*: nothing was stored so far, so media without a file are not away.
        """
        path = media_root() / self.name
        if not path.is_dir():
            if not is_first:
                require_media()  # in the place of a disk that is away nobody would find it again
            path.mkdir(parents=True, exist_ok=True)
            sync_folder(path.parent)

    def names(self) -> set[str]:
        """Return the names of what is in the folder; none where it is not there. Raises other OSErrors."""
        try:
            return {path.name for path in (media_root() / self.name).iterdir()}
        except FileNotFoundError:
            return set()

    def entries(self, ending: str = "") -> list[SharedEntry]:
        """Return what is in the folder with names that end so; nothing where it is not there. Raises other OSErrors."""
        try:
            scanned = list(os.scandir(media_root() / self.name))
        except FileNotFoundError:
            return []
        found = []
        for entry in scanned:
            if entry.name.endswith(ending):
                with suppress(FileNotFoundError):  # deleted in this instant
                    facts = entry.stat()
                    found.append(SharedEntry(entry.name, facts.st_mtime_ns, entry.is_dir(), facts.st_size))
        return found

    @contextmanager
    def local(self) -> Iterator[Path]:
        """Yield a path at which a child process writes files into the folder while the context lasts."""
        yield media_root() / self.name

    def remove(self) -> None:
        """Delete the folder and all in it, as far as that can be done."""
        shutil.rmtree(media_root() / self.name, ignore_errors=True)


@dataclass(frozen=True)
class SharedFile:
    """A file in a shared folder, by the names of both."""

    folder: str
    name: str

    @property
    def _path(self) -> Path:
        return media_root() / self.folder / self.name

    def read(self) -> bytes:
        """Return the file's bytes. Raises OSError."""
        return self._path.read_bytes()

    def open(self) -> IO[bytes]:
        """Open the file for reading. Raises OSError."""
        return self._path.open("rb")

    def write(self, content: bytes) -> None:
        """Write the file, whole or not at all, over what was there. Raises OSError."""
        part = self._path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(content)
        part.replace(self._path)

    def modified_ns(self) -> int:
        """Return when the file was last written (ns since 1970). Raises OSError."""
        return self._path.stat().st_mtime_ns

    def sha256(self) -> str:
        """Return the SHA-256 of the file's bytes. Raises OSError."""
        with self._path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    @contextmanager
    def local(self) -> Iterator[Path]:
        """Yield a path at which a child process reads or writes the file while the context lasts."""
        yield self._path

    def delete(self) -> None:
        """Delete the file, if it is there. Raises OSError."""
        self._path.unlink(missing_ok=True)
