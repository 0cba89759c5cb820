"""Shared folders: files of work in progress that every host sees, under names that their owners choose.

Unlike stored files they change and go. What is written here is not synced: whoever needs it whole checks it.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from media_assets.storage.content import sync_folder
from media_assets.storage.disk import media_root
from media_assets.storage.errors import away_of, require_media
from media_assets.storage.where import in_bucket

if TYPE_CHECKING:
    from media_assets.storage.bucket import StoredObject


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
        if in_bucket():
            return  # its folders are names
        path = media_root() / self.name
        if not path.is_dir():
            if not is_first:
                require_media()  # in the place of a disk that is away nobody would find it again
            path.mkdir(parents=True, exist_ok=True)
            sync_folder(path.parent)

    def names(self) -> set[str]:
        """Return the names of what is in the folder; none where it is not there, or is away. Raises other OSErrors."""
        if in_bucket():
            return {entry.name for entry in self.entries()}
        try:
            return {path.name for path in (media_root() / self.name).iterdir()}
        except FileNotFoundError:
            return set()

    def entries(self, ending: str = "") -> list[SharedEntry]:
        """Return what is in the folder with names that end so; nothing where it is not there, or is away.

        Raises other OSErrors.
        """
        if objects := in_bucket():
            try:
                inside = objects.shares.listed(self.name)
            except OSError as error:
                if not away_of(error):
                    raise
                return []
            return [one for one in _entries(inside) if one.name.endswith(ending)]
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
        objects = in_bucket()
        yield objects.shares.place(self.name) if objects else media_root() / self.name

    def remove(self) -> None:
        """Delete the folder and all in it, as far as that can be done."""
        if objects := in_bucket():
            objects.shares.remove(self.name)
        else:
            shutil.rmtree(media_root() / self.name, ignore_errors=True)


@dataclass(frozen=True)
class SharedFile:
    """A file in a shared folder, by the names of both."""

    folder: str
    name: str

    @property
    def _path(self) -> Path:
        return media_root() / self._key

    @property
    def _key(self) -> str:
        return f"{self.folder}/{self.name}"

    def read(self) -> bytes:
        """Return the file's bytes. Raises OSError."""
        objects = in_bucket()
        return objects.bucket.read(self._key) if objects else self._path.read_bytes()

    def open(self) -> IO[bytes]:
        """Open the file for reading. Raises OSError."""
        return io.BytesIO(self.read()) if in_bucket() else self._path.open("rb")

    def write(self, content: bytes) -> None:
        """Write the file, whole or not at all, over what was there. Raises OSError."""
        if objects := in_bucket():
            objects.bucket.write(self._key, content)
            return
        part = self._path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(content)
        part.replace(self._path)

    def write_at(self, offset: int, content: bytes) -> None:
        """Write the next piece of a file, which `local` puts together; what was after *offset* goes. Raises OSError."""
        if objects := in_bucket():
            objects.shares.write_at(self._key, offset, content)
            return
        with self._path.open("r+b" if self._path.exists() else "wb") as out:
            out.seek(offset)
            out.truncate()
            out.write(content)

    def share(self) -> None:
        """Let other hosts see what a child process has written so far at the path of `local`. Raises OSError."""
        if objects := in_bucket():
            objects.shares.share(self._key)

    def modified_ns(self) -> int:
        """Return when the file was last written (ns since 1970). Raises OSError."""
        objects = in_bucket()
        return objects.bucket.about(self._key).written_ns if objects else self._path.stat().st_mtime_ns

    def sha256(self) -> str:
        """Return the SHA-256 of the file's bytes. Raises OSError."""
        if in_bucket():
            return hashlib.sha256(self.read()).hexdigest()
        with self._path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    @contextmanager
    def local(self) -> Iterator[Path]:
        """Yield a path at which a child process reads or writes the file while the context lasts.

        Others see what it wrote when the context ends, or after `share`. Raises OSError.
        """
        if objects := in_bucket():
            with objects.shares.local(self._key) as path:
                yield path
        else:
            yield self._path

    def delete(self) -> None:
        """Delete the file, if it is there. Raises OSError."""
        if objects := in_bucket():
            objects.shares.delete(self._key)
        else:
            self._path.unlink(missing_ok=True)

    def delete_pieces(self) -> None:
        """Delete a file of `write_at`, if it is there. Raises OSError."""
        if objects := in_bucket():
            objects.shares.delete_parts(self._key)
        self.delete()


def _entries(found: Iterable[StoredObject]) -> list[SharedEntry]:
    """Return the files and folders to which these objects belong; a folder was written when its newest file was."""
    entries: dict[str, SharedEntry] = {}
    for one in found:
        name, _, inside = one.name.partition("/")
        last = max(one.written_ns, entries[name].modified_ns if name in entries else 0)
        entries[name] = SharedEntry(name, last, bool(inside), 0 if inside else one.bytes)
    return list(entries.values())
