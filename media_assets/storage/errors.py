"""What a storage that takes nothing says: how much is missing, or who must be let in."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext, gettext_noop

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
