"""Checks uploads while they arrive: files that would be refused are not written, and a full disk is a normal answer.

Django reads a whole request before any page sees it, so the limits must apply while the bytes arrive.
"""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.utils.translation import gettext as _

from gpu.models import SystemSettings
from media_assets.ingest import receive, room
from media_assets.storage import StorageBelowFloor, space_of

UPLOADERS = (
    "media_assets.add_cadfile",
    *(f"rendering.add_{kind}" for kind in ("environment", "studio", "texture", "colorprofile")),
)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class RefusedUpload(UploadedFile):  # type: ignore[type-arg]
    """A file of which nothing was kept; ``why`` is the reason and next step. ``size`` counts all its bytes."""

    def __init__(self, name: str, size: int, why: str, *, is_too_large: bool) -> None:
        super().__init__(file=BytesIO(), name=name, size=size)
        self.why = why
        self.is_too_large = is_too_large


class GuardedUpload(TemporaryFileUploadHandler):
    """Writes each file to a temporary one, up to the limit of the system settings; the rest is read and dropped.

    A connection that is closed in the middle shows people a browser's error page; a dropped rest lets them read ours.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.coming = 0
        self.why = ""
        self._limit: int | None = None

    @property
    def limit(self) -> int:
        """Bytes that one file may have."""
        if self._limit is None:
            self._limit = SystemSettings.load().upload_max_mb * 1_000_000
        return self._limit

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        self.coming = content_length or 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.why = ""
        if hasattr(self, "file"):
            del self.file  # the one before is complete: it stays even if this one fails
        with self._on_disk(0):
            super().new_file(*args, **kwargs)
        if not self.why:
            self.why = self._refusal()
        self._drop_if_refused()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self.why:
            return None
        if start + len(raw_data) > self.limit:
            self.why = "too large"
        else:
            with self._on_disk(start + len(raw_data)):
                super().receive_data_chunk(raw_data, start)
        self._drop_if_refused()
        return None

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        if not self.why:
            with self._on_disk(file_size):
                return super().file_complete(file_size)
        self._drop_if_refused()
        is_too_large = file_size > self.limit
        if is_too_large:
            self.why = receive.too_large(file_size, self.limit).message
        return RefusedUpload(self.file_name or "", file_size, self.why, is_too_large=is_too_large)

    def upload_interrupted(self) -> None:
        if not self.why:
            super().upload_interrupted()

    def may_upload(self) -> bool:
        """Whether whoever sends this may upload anything at all."""
        user = getattr(self.request, "user", None)
        return user is not None and any(user.has_perm(one) for one in UPLOADERS)

    def _refusal(self) -> str:
        """Return why nothing of this request is written, "" when it may be."""
        if not self.may_upload():
            return _("You may not upload files. Ask an administrator for the permission.")
        free = space_of(self.folder()).free
        if self.coming > free:
            return _full(self.coming, free)
        try:
            room.check_room(self.coming, SystemSettings.load().disk_floor_mb * 1_000_000)
        except StorageBelowFloor as error:
            return str(error)
        return ""

    @contextmanager
    def _on_disk(self, needed: int) -> Iterator[None]:
        """Note a full disk as the reason why the file is refused."""
        try:
            yield
        except OSError as error:
            if error.errno not in FULL:
                raise
            self.why = _full(max(needed, self.coming), space_of(self.folder()).free)

    def _drop_if_refused(self) -> None:
        if self.why and hasattr(self, "file"):
            with suppress(OSError):  # on a full disk, what is left to write fails once more
                self.file.close()  # and so deletes it

    @staticmethod
    def folder() -> Path:
        """Return where uploads are written to before anything looks at them."""
        return Path(settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir())


def _full(needed: int, free: int) -> str:
    words = _(
        "The disk of %(folder)s, where uploads arrive, is full: %(needed)d bytes needed, %(free)d bytes free. "
        "Free some space there, or start Renderdesk with TMPDIR on another disk, and upload it again."
    )
    return words % {"folder": GuardedUpload.folder(), "needed": needed, "free": free}
