"""Shared folders as objects of a bucket. What a child process writes lies on this host until it is shared."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import time

from media_assets.storage.bucket import Bucket, StoredObject

LEFT_SECONDS = 86_400  # what a killed process left on this host
OFFSET_DIGITS = 20


@dataclass
class BucketShares:
    """The shared folders of a *bucket*; *root*: where child processes write on this host."""

    bucket: Bucket
    root: Path
    _shared: dict[Path, tuple[int, int]] = field(default_factory=dict, init=False)

    def listed(self, folder: str) -> list[StoredObject]:
        """Return what is in a folder and in those inside it, under names within it. Raises OSError."""
        cut = len(folder) + 1
        return [StoredObject(one.name[cut:], one.bytes, one.written_ns) for one in self.bucket.listed(folder)]

    def remove(self, folder: str) -> None:
        """Delete a folder and all in it, as far as that can be done."""
        with suppress(OSError):
            self.bucket.delete(one.name for one in self.bucket.listed(folder))
        shutil.rmtree(self.root / folder, ignore_errors=True)

    def place(self, folder: str) -> Path:
        """Return where child processes write files of a folder."""
        place = self.root / folder
        place.mkdir(parents=True, exist_ok=True)
        return place

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Yield the path of a file on this host, a copy unless a child wrote it here; what changed is shared then."""
        path = self.place(name.rpartition("/")[0]) / name.rpartition("/")[2]
        try:
            if not path.exists():
                self._fetch(name, path)
            yield path
            self.share(name)
        finally:
            self._shared.pop(path, None)
            path.unlink(missing_ok=True)

    def share(self, name: str) -> None:
        """Let other hosts see what a child process has written so far. Raises OSError."""
        path = self.root / name
        try:
            facts = path.stat()
            if self._shared.get(path) != (facts.st_mtime_ns, facts.st_size):
                self.bucket.write(name, path.read_bytes())
                self._shared[path] = facts.st_mtime_ns, facts.st_size
        except FileNotFoundError:
            pass

    def write_at(self, name: str, offset: int, content: bytes) -> None:
        """Write the bytes of a file from *offset* on, over those of an earlier try. Raises OSError."""
        self.bucket.write(f"{name}/{offset:0{OFFSET_DIGITS}}", content)

    def delete(self, name: str) -> None:
        """Delete a file, if it is there. Raises OSError."""
        (self.root / name).unlink(missing_ok=True)
        self.bucket.delete([name])

    def delete_parts(self, name: str) -> None:
        """Delete a file that was written piece by piece. Raises OSError."""
        self.bucket.delete([one.name for one in self.bucket.listed(name)])

    def tidy(self) -> None:
        """Delete what killed processes left on this host."""
        line = time() - LEFT_SECONDS
        for path in [*self.root.rglob("*")]:
            with suppress(OSError):
                if path.is_file() and path.stat().st_mtime < line:
                    path.unlink()

    def _fetch(self, name: str, path: Path) -> None:
        """Make a copy of a file, put together if it was written piece by piece; none where there is no such file."""
        with suppress(FileNotFoundError):
            path.write_bytes(self.bucket.read(name))
            facts = path.stat()
            self._shared[path] = facts.st_mtime_ns, facts.st_size
            return
        pieces = list(self.bucket.listed(name))
        if not pieces:
            return
        with path.open("wb") as out:
            for piece in pieces:
                if int(piece.name.rpartition("/")[2]) == out.tell():
                    for chunk in self.bucket.chunks(piece.name):
                        out.write(chunk)
        facts = path.stat()
        self._shared[path] = facts.st_mtime_ns, facts.st_size
