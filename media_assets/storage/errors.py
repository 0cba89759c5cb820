"""What a storage that takes or gives nothing says: how much is missing, who must be let in, or that it is away."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from django.utils.translation import gettext, gettext_noop

from media_assets.storage.disk import free_bytes, media_away, media_place, media_root
from media_assets.storage.where import in_bucket

GONE = frozenset(
    {errno.ESTALE, errno.ENOTCONN, errno.ENODEV, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENETUNREACH}
    | {errno.ETIMEDOUT, errno.ECONNREFUSED, errno.ECONNRESET, errno.ECONNABORTED}
)
"""What a network file system or a server says that can't be reached."""

FULL = gettext_noop(
    "The disk is full: {needed} bytes needed, {free} bytes free. "
    "Free some space or move MEDIA_ROOT, then retry."
)
READ_ONLY = gettext_noop(
    "The folder {folder} can't be written ({reason}). "
    "Give the user that runs Renderdesk the right to write there."
)
AWAY = gettext_noop("The media can't be reached at {folder} ({reason}). Mount the folder again.")
BUCKET_READ_ONLY = gettext_noop(
    "{folder} can't be written ({reason}). Give its keys the right to write and delete objects there."
)
BUCKET_AWAY = gettext_noop(
    "The media can't be reached at {folder} ({reason}). Look at the server, at its address and at the keys in "
    "MEDIA_STORAGE_URL."
)


class StorageError(Exception):
    """The storage takes or gives nothing now; *code* names the reason."""

    code: ClassVar[str]
    folder: Path | str  # or the bucket
    reason = ""

    @property
    def case(self) -> str:
        """Which words are said of it: those of a folder, or of a bucket."""
        return "bucket" if str(self.folder).startswith("s3:") else "folder"


class StorageFull(StorageError):
    """The disk of *folder* (the media's) is full: so many bytes are needed, and so many are free."""

    code = "disk_full"

    def __init__(self, needed: int, free: int, folder: Path | None = None) -> None:
        super().__init__(FULL.format(needed=needed, free=free))
        self.needed, self.free, self.folder = needed, free, folder or media_root()


class StorageBelowFloor(StorageFull):
    """A file would leave less room than is kept free; *needed* counts what will be made of it as well."""

    def __init__(self, needed: int, free: int, floor: int) -> None:
        super().__init__(needed, free)
        self.floor = floor

    def __str__(self) -> str:
        words = gettext(
            "The media disk has {free:,.0f} MB free, and {floor:,.0f} MB are kept free. The file and what is made of "
            "it need about {needed:,.0f} MB. Free some space, under Storage for example, or lower the floor in the "
            "system settings, then upload it again."
        )
        return words.format(free=self.free / 1e6, floor=self.floor / 1e6, needed=self.needed / 1e6)


class StorageReadOnly(StorageError):
    """The folder can't be written, for the reason that the system gives."""

    code = "media_read_only"

    def __init__(self, folder: Path | str, reason: str) -> None:
        super().__init__(folder, reason)
        self.folder, self.reason = folder, reason

    def __str__(self) -> str:
        words = BUCKET_READ_ONLY if self.case == "bucket" else READ_ONLY
        return words.format(folder=self.folder, reason=self.reason)


class StorageAway(StorageError):
    """The media can't be reached now, for the reason that the system gives."""

    code = "storage_away"

    def __init__(self, folder: Path | str, reason: str) -> None:
        super().__init__(folder, reason)
        self.folder, self.reason = folder, reason

    def __str__(self) -> str:
        words = BUCKET_AWAY if self.case == "bucket" else AWAY
        return words.format(folder=self.folder, reason=self.reason)


def require_media() -> None:
    """Raise StorageAway or StorageReadOnly where media can't be read and written now; costs no write."""
    if reason := media_away():
        raise StorageAway(media_place(), reason)
    if not in_bucket() and not os.access(media_root(), os.W_OK):
        raise StorageReadOnly(media_root(), os.strerror(errno.EROFS))


@contextmanager
def storage_errors(folder: Path, needed: int) -> Iterator[None]:
    """Turn 'no space' and 'read-only' of the operating system into errors that say what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(needed, free_bytes(folder), folder) from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            place = media_place() if _is_of_bucket(error) else folder
            raise StorageReadOnly(place, error.strerror or str(error)) from error
        raise


@contextmanager
def media_errors() -> Iterator[None]:
    """Do the same for the media, whatever of them was written; what fails while they are away is StorageAway."""
    try:
        with storage_errors(media_root(), 0):
            yield
    except OSError as error:
        said = (error.errno in GONE and error.strerror) or ""
        reason = said if _is_of_bucket(error) else media_away() or said
        if not reason:
            raise
        raise StorageAway(media_place(), reason) from error


@contextmanager
def away_errors() -> Iterator[None]:
    """Let what a bucket says that can't be reached be StorageAway; other errors stay what they are."""
    try:
        yield
    except OSError as error:
        if away := away_of(error):
            raise away from error
        raise


def away_of(error: BaseException) -> StorageAway | None:
    """Return what an error says of a bucket that can't be reached; None for any other."""
    if isinstance(error, OSError) and error.errno in GONE and _is_of_bucket(error):
        return StorageAway(media_place(), error.strerror or str(error))
    return None


def _is_of_bucket(error: OSError) -> bool:
    """Whether an error is the bucket's, and not one of the disk that has copies of its objects."""
    return bool(in_bucket()) and not Path(str(error.filename or "/")).is_absolute()
