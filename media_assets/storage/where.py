"""Whether the media are in a folder or in a bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.core.files.storage import default_storage

if TYPE_CHECKING:  # its library is there only where media are in a bucket
    from media_assets.storage.objects import ObjectStorage


def is_bucket() -> bool:
    """Return whether the media are in a bucket."""
    return bool(settings.MEDIA_BUCKET)


def in_bucket() -> ObjectStorage | None:
    """Return the storage of the bucket; None where media are in a folder."""
    return cast("ObjectStorage", default_storage) if is_bucket() else None
