"""Stored files as objects of a bucket, with a cache on this host for whoever needs a path.

The counterpart of `content`: an object appears whole, under its final name, or not at all.
"""

from __future__ import annotations

import errno
import hashlib
import re
import time
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage
from django.utils.translation import gettext as _

from media_assets.storage.bucket import PART, Bucket, StoredObject
from media_assets.storage.cache import MediaCache
from media_assets.storage.content import digest, named_sha256
from media_assets.storage.disk import CAD_FOLDER
from media_assets.storage.errors import media_errors
from media_assets.storage.shares import BucketShares

CONTENT_NAME = re.compile(r"[^/]+/([0-9a-f]{2})/\1[0-9a-f]{62}\.[^./]+")
PROBES = "probe"  # objects that are written to see whether that can be done
TRIES = 3  # to fetch or to store an object
KNOWN_SECONDS = 60  # an object that was seen counts as there for so long, in plans of many
MOST_KNOWN = 100_000
ASKING = 16  # threads


class ObjectStorage(Storage):
    """The bucket of MEDIA_STORAGE_URL, where a name that exists already holds the same bytes."""

    def __init__(self, bucket: Bucket | None = None) -> None:
        self.bucket = bucket or Bucket(settings.MEDIA_BUCKET)
        self.cache = MediaCache(Path(settings.CACHE_DIR) / "media", settings.MEDIA_CACHE_BYTES)
        self.shares = BucketShares(self.bucket, Path(settings.CACHE_DIR) / "shared")
        self._seen: dict[str, float] = {}

    @property
    def place(self) -> str:
        return self.bucket.place

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        if mode != "rb":
            raise ValueError("Stored objects are replaced, never written to.")
        return File(self.cache.opened(name, lambda out: self._fetch(name, out)), name)

    def _save(self, name: str, content: File[Any]) -> str:
        sha256, size = digest(content)
        if CONTENT_NAME.fullmatch(name) and sha256 != named_sha256(name):
            raise OSError(errno.EIO, _("the bytes are not those that its name says"), name)
        with media_errors():
            if size > PART and self.exists(name):
                return name
            for _turn in range(TRIES):
                if self.bucket.put(name, content, size, sha256) or self.exists(name):
                    self._see(name)
                    return name
                content.seek(0)  # somebody else who wrote it at the same time was cut off
            raise OSError(errno.EHOSTUNREACH, _("others who write the same object do not end"), name)

    def delete(self, name: str) -> None:
        self._seen.pop(name, None)
        self.bucket.delete([name])
        self.cache.forget(name)

    def exists(self, name: str) -> bool:
        try:
            self.bucket.about(name)
        except FileNotFoundError:
            self._seen.pop(name, None)
            return False
        self._see(name)
        return True

    def size(self, name: str) -> int:
        return self.bucket.about(name).bytes

    def get_modified_time(self, name: str) -> datetime:
        return datetime.fromtimestamp(self.bucket.about(name).written_ns / 1e9, UTC)

    def was_seen(self, name: str) -> bool:
        """Return whether an object was there a moment ago."""
        return self._seen.get(name, 0.0) > time.monotonic() - KNOWN_SECONDS

    def look_for(self, names: Iterable[str]) -> None:
        """See which of these objects are there, many at a time; what can't be asked is not known."""
        todo = [name for name in names if name and not self.was_seen(name)]
        if len(todo) < 2:
            return
        with ThreadPoolExecutor(min(ASKING, len(todo))) as pool:
            pool.submit(self.exists, todo[0]).result()  # whoever gets no answer here asks no more
            list(pool.map(self.exists, todo[1:]))

    def lent(self, name: str) -> AbstractContextManager[Path]:
        """Yield the path of a copy of an object, checked when it was fetched. Raises FileNotFoundError, OSError."""
        return self.cache.lent(name, lambda out: self._fetch(name, out))

    def set_aside(self, name: str) -> None:
        """Take an object whose bytes are damaged out of the way. A damaged copy of it is dropped; it stays then."""
        self.cache.forget(name)
        if not self._is_whole(name):
            self._move_away(name)

    def listed(self, folder: str) -> Iterator[list[StoredObject]]:
        """Yield the objects of a folder, one of its folders at a time."""
        for _part, found in groupby(self.bucket.listed(folder), lambda one: one.name.rpartition("/")[0]):
            yield list(found)

    def away(self) -> str:
        """Return why the objects can't be reached, "" when they can."""
        try:
            found = any(self.bucket.listed(CAD_FOLDER, most=1))
        except OSError as error:
            return error.strerror or str(error)
        return "" if found else _("it has no CAD files: 'manage.py move_media' copies them there")

    def trouble(self) -> str:
        """Write a small object and delete it; return why that can't be done, "" when it can."""
        name, content = f"{PROBES}/{uuid.uuid4().hex}", b"probe"
        try:
            list(
                self.bucket.listed(PROBES, most=1)
            )  # some servers make a bucket of any name that is written to
            self.bucket.write(name, content)
            is_written = self.bucket.put(
                name, BytesIO(content), len(content), hashlib.sha256(content).hexdigest()
            )
            self.bucket.delete([name])
            if is_written:
                return _("the server does not know If-None-Match, which writing an object only once needs")
        except OSError as error:
            return error.strerror or str(error)
        return ""

    def tidy(self) -> None:
        """Bring the cache under its limit, and delete parts of files whose sender was killed. Raises OSError."""
        self.cache.tidy()
        self.shares.tidy()
        self.bucket.abort_unfinished()

    def _fetch(self, name: str, out: IO[bytes]) -> None:
        """Write a whole object to *out*; one that has other bytes than were stored is set aside, and is gone then."""
        for turn in range(TRIES):
            out.seek(0)
            out.truncate()
            try:
                sha256, wanted = self._copied(name, out), self._wanted(name)
            except FileNotFoundError:
                raise
            except OSError:
                if turn == TRIES - 1:
                    raise
                continue
            if not wanted or sha256 == wanted:
                return
        self._move_away(name)
        raise FileNotFoundError(errno.ENOENT, _("its bytes are not those that were stored"), name)

    def _copied(self, name: str, out: IO[bytes]) -> str:
        sha = hashlib.sha256()
        for chunk in self.bucket.chunks(name):
            sha.update(chunk)
            out.write(chunk)
        return sha.hexdigest()

    def _wanted(self, name: str) -> str:
        return named_sha256(name) if CONTENT_NAME.fullmatch(name) else self.bucket.about(name).sha256

    def _is_whole(self, name: str) -> bool:
        sha = hashlib.sha256()
        for chunk in self.bucket.chunks(name):
            sha.update(chunk)
        return sha.hexdigest() == self._wanted(name)

    def _move_away(self, name: str) -> None:
        self.bucket.copy(name, f"{name}.damaged")
        self.bucket.delete([name])

    def _see(self, name: str) -> None:
        if len(self._seen) >= MOST_KNOWN:
            self._seen.clear()
        self._seen[name] = time.monotonic()
