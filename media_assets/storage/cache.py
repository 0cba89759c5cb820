"""Copies of stored objects on this host's disk, for whoever needs a path: the least recently used go first.

Processes share it by locks of the kernel, which end with their holder: a copy that is lent is locked by its reader,
one that is being fetched by its writer. It holds `limit` bytes at most, except while more is in use.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from media_assets.storage.disk import free_bytes

PART = ".part"
SLACK = 50  # the folder is measured again after a fiftieth of its limit was fetched
LEFT_SECONDS = 60  # a part that nobody holds is this old when it is deleted
Fetch = Callable[[IO[bytes]], object]


@dataclass
class MediaCache:
    """The copies in *root*, at most *limit* bytes."""

    root: Path
    limit: int
    _unmeasured: int | None = field(default=None, init=False)  # bytes fetched since the folder was measured

    def path(self, name: str) -> Path:
        """Return where the copy of an object lies or will lie."""
        return self.root / name

    @contextmanager
    def lent(self, name: str, fetch: Fetch) -> Iterator[Path]:
        """Yield the path of an object's copy, which stays while the context lasts. Raises what *fetch* raises, OSError.

        *fetch* writes the object to a stream, or raises and leaves nothing.
        """
        with self.opened(name, fetch):
            yield self.path(name)

    def opened(self, name: str, fetch: Fetch) -> IO[bytes]:
        """Return an object's copy, open and locked against its deletion until it is closed. Raises as `lent` does."""
        path = self.path(name)
        while True:
            try:
                stream = path.open("rb")
            except FileNotFoundError:
                self._fetch(path, fetch)
                continue
            try:
                fcntl.flock(stream, fcntl.LOCK_SH)
                if _is_at(stream, path):
                    os.utime(path)
                    return stream
            except FileNotFoundError:
                pass  # deleted in this instant
            except BaseException:
                stream.close()
                raise
            stream.close()

    def has(self, name: str) -> bool:
        """Return whether there is a copy."""
        return self.path(name).is_file()

    def forget(self, name: str) -> None:
        """Delete an object's copy; whoever has it open reads on."""
        self.path(name).unlink(missing_ok=True)

    def make_room(self, free: int) -> None:
        """Delete copies that nobody uses until so many bytes of the disk are free, if need be all."""
        with suppress(OSError):
            missing = free - free_bytes(self.root)
            if missing > 0:
                self._delete(missing, over_limit=False)

    def tidy(self) -> None:
        """Bring the folder under its limit, and delete what killed processes left."""
        self._delete(0, over_limit=True)
        self._unmeasured = 0

    def _fetch(self, path: Path, fetch: Fetch) -> None:
        """Make a copy, unless another process does so meanwhile: then wait for that."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}{PART}")
        with part.open("a+b") as out:
            fcntl.flock(out, fcntl.LOCK_EX)
            if path.exists() or not _is_at(out, part):
                return
            try:
                try:
                    _filled(out, fetch)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    self._delete(self.limit, over_limit=False)  # all that nobody uses
                    _filled(out, fetch)
                size = out.tell()
                if self._unmeasured is None or self._unmeasured + size > self.limit // SLACK:
                    self._delete(size, over_limit=True)
                    self._unmeasured = 0
                self._unmeasured += size
                part.rename(path)
            except BaseException:
                part.unlink(missing_ok=True)
                raise

    def _delete(self, room: int, *, over_limit: bool) -> None:
        """Delete the least recently used until there is *room*: under the limit, or more than there was."""
        copies, used = [], 0
        for entry in _files(self.root):
            with suppress(FileNotFoundError):
                facts = entry.stat(follow_symlinks=False)
                if not entry.name.endswith(PART):
                    copies.append((facts.st_mtime_ns, facts.st_size, entry.path))
                    used += facts.st_size
                elif facts.st_mtime < time.time() - LEFT_SECONDS:
                    _delete_unused(entry.path)
        missing = used + room - self.limit if over_limit else room
        for _, size, path in sorted(copies):
            if missing <= 0:
                return
            if _delete_unused(path):
                missing -= size


def _filled(out: IO[bytes], fetch: Fetch) -> None:
    out.truncate(0)
    fetch(out)
    out.flush()


def _files(folder: Path | str) -> Iterator[os.DirEntry[str]]:
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path)
            else:
                yield entry


def _delete_unused(path: str) -> bool:
    """Delete a file that no process has locked; return whether it is gone."""
    try:
        with Path(path).open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            Path(path).unlink()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _is_at(stream: IO[bytes], path: Path) -> bool:
    """Return whether the open file still lies at *path*."""
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except FileNotFoundError:
        return False
