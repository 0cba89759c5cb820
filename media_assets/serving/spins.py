"""Single pictures out of a spin, for the player."""

from __future__ import annotations

import zipfile
from pathlib import PurePosixPath

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from media_assets import storage
from media_assets.models import MediaAsset

MIME_TYPES = {".jpg": "image/jpeg", ".webp": "image/webp", ".json": "application/json"}


def member(asset: MediaAsset, name: str) -> HttpResponse:
    """Return one file of a spin. Raises Http404 for what is not in it, StorageAway."""
    mime_type = MIME_TYPES.get(PurePosixPath(name).suffix)
    if asset.kind != MediaAsset.Kind.SPIN or mime_type is None:
        raise Http404(_("This spin has no such picture."))
    try:
        with (
            storage.away_errors(),
            storage.open_stored(asset.file) as stream,
            zipfile.ZipFile(stream) as archive,
        ):
            content = archive.read(name)
    except (KeyError, FileNotFoundError, zipfile.BadZipFile) as error:
        raise Http404(_("This spin has no such picture.")) from error
    response = HttpResponse(content, content_type=mime_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response
