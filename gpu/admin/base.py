"""Shared by admin pages of rows that only the system writes, here and in the app above."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from gpu.admin.bounded import BoundedAdmin


class ReadOnlyAdmin(BoundedAdmin):
    """Rows that only the system writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def badge(state: str, label: str) -> SafeString:
    return render_to_string("desk/shared/badge.html", {"state": state, "label": label})
