"""What a storage that takes or gives nothing says: how much is missing, who must be let in, or that it is away."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from django.utils.translation import gettext, gettext_noop

from media_assets.storage.disk import free_bytes, media_away, media_root

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


class StorageError(Exception):
    """The storage takes or gives nothing now; *code* names the reason."""

    code: ClassVar[str]
    folder: Path
    reason = ""


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

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(READ_ONLY.format(folder=folder, reason=reason))
        self.folder, self.reason = folder, reason


class StorageAway(StorageError):
    """The media can't be reached now, for the reason that the system gives."""

    code = "storage_away"

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(AWAY.format(folder=folder, reason=reason))
        self.folder, self.reason = folder, reason


def require_media() -> None:
    """Raise StorageAway or StorageReadOnly where media can't be read and written now; costs no write."""
    if reason := media_away():
        raise StorageAway(media_root(), reason)
    if not os.access(media_root(), os.W_OK):
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
            raise StorageReadOnly(folder, error.strerror or str(error)) from error
        raise


@contextmanager
def media_errors() -> Iterator[None]:
    """Do the same for the media, whatever of them was written; what fails while they are away is StorageAway."""
    try:
        with storage_errors(media_root(), 0):
            yield
    except OSError as error:
        reason = media_away() or (error.errno in GONE and error.strerror) or ""
        if not reason:
            raise
        raise StorageAway(media_root(), reason) from error
