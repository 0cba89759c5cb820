"""Copies the media between the folder MEDIA_ROOT and the bucket in use, each file compared with its SHA-256.

A file is whole under its name or not there: whoever is interrupted begins again, and the rest is copied.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.base import File

from media_assets.storage.content import CHUNK, ContentStorage, digest
from media_assets.storage.copies import DamagedFile
from media_assets.storage.errors import away_errors, storage_errors
from media_assets.storage.where import in_bucket

if TYPE_CHECKING:
    from media_assets.storage.objects import ObjectStorage

FRAMES = "frames"  # of films that are being rendered; all else in shared folders lasts for minutes
THREADS = 8
BATCH = 512  # files between two reports
MISSING, DAMAGED = "missing", "damaged"


@dataclass
class Moved:
    """The result: files that were copied, their bytes, those that were there, and why others are not."""

    copied: int = 0
    bytes: int = 0
    there: int = 0
    wrong: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MediaMove:
    """A move into the bucket, or out of it into the folder. Raises StorageError where one takes or gives nothing."""

    to_bucket: bool

    @property
    def place(self) -> str:
        """Where the files go, for people."""
        return _objects().place if self.to_bucket else str(settings.MEDIA_ROOT)

    def copy(self, names: Mapping[str, str], tick: Callable[[Moved], None]) -> Moved:
        """Copy files, by name and SHA-256 ("": unknown), and all frames; *tick* hears how far it is."""
        done = self._each(names, self._copied, tick)
        for name in self._frames():
            self._note(done, name, self._copied_frame(name))
        return done

    def verify(self, names: Mapping[str, str], tick: Callable[[Moved], None]) -> Moved:
        """Read the files of these names where they were moved to, and compare each with its SHA-256."""
        return self._each(names, self._verified, tick)

    def _each(
        self,
        names: Mapping[str, str],
        do: Callable[[str, str], int | str | None],
        tick: Callable[[Moved], None],
    ) -> Moved:
        done, every = Moved(), list(names.items())
        with away_errors(), storage_errors(Path(settings.MEDIA_ROOT), 0), ThreadPoolExecutor(THREADS) as pool:
            for start in range(0, len(every), BATCH):
                some = every[start : start + BATCH]
                results = pool.map(lambda one: do(*one), some)
                for (name, _sha256), result in zip(some, results, strict=True):
                    self._note(done, name, result)
                tick(done)
        return done

    @staticmethod
    def _note(done: Moved, name: str, result: int | str | None) -> None:
        """Count a result: the bytes that were copied, None for a file that was there, or why it is not."""
        if result is None:
            done.there += 1
        elif isinstance(result, str):
            done.wrong[name] = result
        else:
            done.copied += 1
            done.bytes += result

    def _copied(self, name: str, sha256: str) -> int | str | None:
        try:
            return self._into_bucket(name, sha256) if self.to_bucket else self._into_folder(name)
        except FileNotFoundError:
            return MISSING
        except DamagedFile:
            return DAMAGED

    def _into_bucket(self, name: str, sha256: str) -> int | None:
        objects = _objects()
        with (Path(settings.MEDIA_ROOT) / name).open("rb") as stream:
            try:
                said = objects.bucket.about(name)
            except FileNotFoundError:
                said = None
            found, size = digest(stream)
            if sha256 and found != sha256:
                raise DamagedFile(name)
            if said and (said.sha256, said.bytes) == (found, size):
                return None
            if said:
                objects.delete(name)
            objects.save(name, File(stream))
        return size

    def _into_folder(self, name: str) -> int | None:
        folder = ContentStorage(location=settings.MEDIA_ROOT)
        if folder.exists(name) and not self._verified(name, ""):
            return None
        with _objects().lent(name) as path, path.open("rb") as stream:
            Path(settings.MEDIA_ROOT).mkdir(parents=True, exist_ok=True)
            folder.delete(name)
            folder.save(name, File(stream))
            return path.stat().st_size

    def _verified(self, name: str, sha256: str) -> str | None:
        """Return what is wrong with a file where it was moved to, None for a good one."""
        objects = _objects()
        try:
            wanted = sha256 or objects.bucket.about(name).sha256
            chunks = (
                objects.bucket.chunks(name) if self.to_bucket else _chunks(Path(settings.MEDIA_ROOT) / name)
            )
            sha = hashlib.sha256()
            for chunk in chunks:
                sha.update(chunk)
        except FileNotFoundError:
            return MISSING
        return None if sha.hexdigest() == wanted else DAMAGED

    def _frames(self) -> Iterable[str]:
        if not self.to_bucket:
            return [one.name for one in _objects().bucket.listed(FRAMES)]
        root = Path(settings.MEDIA_ROOT)
        return [path.relative_to(root).as_posix() for path in (root / FRAMES).glob("*/*") if path.is_file()]

    def _copied_frame(self, name: str) -> int | None:
        """Copy a frame or its seal, which says what the frame's bytes are: whoever uses it compares them."""
        bucket, path = _objects().bucket, Path(settings.MEDIA_ROOT) / name
        with away_errors(), storage_errors(Path(settings.MEDIA_ROOT), 0):
            if self.to_bucket:
                content = path.read_bytes()
                try:
                    if bucket.about(name).bytes == len(content):
                        return None
                except FileNotFoundError:
                    pass
                bucket.write(name, content)
            else:
                content = bucket.read(name)
                if path.exists() and path.stat().st_size == len(content):
                    return None
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        return len(content)


def _objects() -> ObjectStorage:
    objects = in_bucket()
    assert objects
    return objects


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk
