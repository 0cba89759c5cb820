"""What the pages of products, CAD files and assets share."""

from __future__ import annotations

from typing import Any

from django.forms import Script
from django.http import HttpRequest

from rendering.desk.shared.large import LargeAdmin

ASSETS_JS = Script("rendering/assets.js", defer=True)  # the viewer, before and after, the copied address


def sees_pictures(request: HttpRequest) -> bool:
    """Whether the media view would answer this user's browser."""
    return request.user.has_perm("media_assets.view_mediaasset")


class ReadOnlyAdmin(LargeAdmin):
    """Rows that only the system writes: to be looked at, never typed into."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def picture_of(row: Any) -> dict[str, Any] | None:
    """Return the {id, file} that get_queryset annotated; None on the add page."""
    return getattr(row, "picture_of", None)
