"""Shared by the pages of products, CAD files and assets."""

from __future__ import annotations

from typing import Any

from django.forms import Script
from django.http import HttpRequest

from gpu.admin.base import ReadOnlyAdmin
from rendering.desk.shared.large import LargeAdmin

# The viewer, before and after, the copied address.
ASSETS_JS = Script("rendering/shared/media.js", defer=True)
SPIN_JS = Script("rendering/shared/spin.js", defer=True)


def sees_pictures(request: HttpRequest) -> bool:
    """Whether the media view would answer this user's browser."""
    return request.user.has_perm("media_assets.view_mediaasset")


class RecordAdmin(ReadOnlyAdmin, LargeAdmin):
    """Many rows that only the system writes: to be looked at, never typed into."""


def picture_of(row: Any) -> dict[str, Any] | None:
    """Return the {id, file} that get_queryset annotated; None on the add page."""
    return getattr(row, "picture_of", None)
