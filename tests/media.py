"""Where stored and shared files lie on this machine's disk, for tests that look at them or damage them."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile

from media_assets.models import CadFile, MediaAsset
from media_assets.storage import CAD_FOLDER, SharedFile, SharedFolder
from rendering.models import Environment


def mount() -> None:
    """Let the media be there, as after the first upload."""
    Path(settings.MEDIA_ROOT, CAD_FOLDER).mkdir(parents=True, exist_ok=True)


def path_of(stored: CadFile | MediaAsset | Environment | FieldFile) -> Path:
    """Return where the file of a row lies, or that of another field of it."""
    file = stored if isinstance(stored, FieldFile) else stored.file
    return Path(default_storage.path(str(file.name)))


def place_of(shared: SharedFile | SharedFolder) -> Path:
    """Return where a shared file or folder lies or will lie."""
    inside = Path(shared.folder, shared.name) if isinstance(shared, SharedFile) else Path(shared.name)
    return Path(settings.MEDIA_ROOT) / inside
