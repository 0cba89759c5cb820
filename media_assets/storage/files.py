"""Stored files by their names: keep one, open it, lend it to a child process, delete it.

A file is named by its storage name, or by the field of the row that holds that.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from media_assets.storage.content import CHUNK, content_name, digest
from media_assets.storage.disk import media_away
from media_assets.storage.errors import GONE
from media_assets.storage.holding import hold, hold_alone
from media_assets.storage.where import in_bucket


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
    """Return whether a stored file is there. Raises OSError where a bucket can't be asked."""
    return default_storage.exists(_name(file))


def is_lost(file: FieldFile | str) -> bool:
    """Return whether a stored file is gone for all that anybody knows: nothing is while the media are away."""
    name, objects = _name(file), in_bucket()
    if objects and objects.was_seen(name):
        return False
    try:
        return not exists(name) and not media_away()
    except OSError as error:
        if error.errno not in GONE:
            raise
        return False


def look_for(files: Iterable[FieldFile | str]) -> None:
    """Learn of many stored files whether they are there before each is asked for by itself, which takes longer."""
    if objects := in_bucket():
        with suppress(OSError):
            objects.look_for(map(_name, files))


def size(file: FieldFile | str) -> int:
    """Return the bytes of a stored file. Raises OSError."""
    return default_storage.size(_name(file))


def open_stored(file: FieldFile | str) -> IO[bytes]:
    """Open a stored file for reading. Raises OSError."""
    return cast("IO[bytes]", default_storage.open(_name(file), "rb"))


@contextmanager
def local_copy(file: FieldFile | str) -> Iterator[Path]:
    """Yield a path at which a child process can read a stored file while the context lasts; nobody writes to it.

    On a file system it is the stored file itself, else a copy. Raises OSError where that is gone.
    """
    if objects := in_bucket():
        with objects.lent(_name(file)) as copy:
            yield copy
        return
    path = Path(default_storage.path(_name(file)))
    path.stat()
    yield path


def local_folder() -> Path:
    """Return the folder below which `local_copy` yields its paths: what a confined child must be able to read."""
    if objects := in_bucket():
        objects.cache.root.mkdir(parents=True, exist_ok=True)
        return objects.cache.root.resolve()
    return Path(default_storage.path("")).resolve()


def shown_path(file: FieldFile | str) -> str:
    """Return where a stored file is on this host, for people and scripts; in a bucket, where a copy of it will be."""
    objects = in_bucket()
    return str(objects.cache.path(_name(file))) if objects else default_storage.path(_name(file))


def fetch(file: FieldFile | str) -> None:
    """Have a stored file where `shown_path` says, for a while, if it is in a bucket. Raises OSError."""
    if in_bucket():
        with local_copy(file):
            pass


def chunks(file: FieldFile | str) -> Iterator[bytes]:
    """Yield all bytes of a stored file, those of a bucket straight from there. Raises OSError."""
    if objects := in_bucket():
        yield from objects.bucket.chunks(_name(file))
        return
    with open_stored(file) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def distant_part(file: FieldFile | str, start: int, length: int) -> Iterator[bytes] | None:
    """Return *length* bytes of a file of a bucket from *start* on; None where `open_stored` has them on this host."""
    objects, name = in_bucket(), _name(file)
    return objects.bucket.chunks(name, start, length) if objects and not objects.cache.has(name) else None


def link(
    file: FieldFile | str, name: str, mime_type: str, *, inline: bool = False, until: datetime | None = None
) -> str:
    """Return an address that gives a file of a bucket to whoever has it, for MEDIA_LINK_SECONDS; "" where none does.

    It ends *until* then at the latest. It is a secret: for those who may see the file, and for no log.
    """
    if not (objects := in_bucket()):
        return ""
    seconds = settings.MEDIA_LINK_SECONDS
    if until:
        seconds = max(1, min(seconds, int((until - timezone.now()).total_seconds())))
    return objects.bucket.link(_name(file), name, mime_type, inline, seconds)


def set_aside(file: FieldFile | str) -> None:
    """Take a stored file that is damaged out of the way, and keep it for whoever looks into it. Raises OSError."""
    if objects := in_bucket():
        objects.set_aside(_name(file))
        return
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
    if objects := in_bucket():
        for some in objects.listed(folder):
            yield [Listed(one.name, one.bytes, one.written_ns) for one in some]
        return
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
