"""What a storage that takes nothing says: how much is missing, or who must be let in."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext_noop

from media_assets.storage.disk import free_bytes, media_root

FULL = gettext_noop(
    "The disk is full: {needed} bytes needed, {free} bytes free. "
    "Free some space or move MEDIA_ROOT, then retry."
)
READ_ONLY = gettext_noop(
    "The folder {folder} can't be written ({reason}). "
    "Give the user that runs Renderdesk the right to write there."
)


class StorageFull(Exception):
    """The disk is full: so many bytes are needed, and so many are free."""

    def __init__(self, needed: int, free: int) -> None:
        super().__init__(FULL.format(needed=needed, free=free))
        self.needed, self.free = needed, free


class StorageReadOnly(Exception):
    """The folder can't be written, for the reason that the system gives."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(READ_ONLY.format(folder=folder, reason=reason))
        self.folder, self.reason = folder, reason


@contextmanager
def storage_errors(folder: Path, needed: int) -> Iterator[None]:
    """Turn 'no space' and 'read-only' of the operating system into errors that say what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(needed, free_bytes(folder)) from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise StorageReadOnly(folder, error.strerror or str(error)) from error
        raise


@contextmanager
def media_errors() -> Iterator[None]:
    """Do the same for the media, whatever of them was written."""
    with storage_errors(media_root(), 0):
        yield
