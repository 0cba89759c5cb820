"""CAD systems: which axis is up in their files, for products whose orientation nobody chose."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gpu.admin.bounded import BoundedAdmin
from media_assets.models import SourceSystem


@admin.register(SourceSystem)
class SourceSystemAdmin(BoundedAdmin):
    empty_words = gettext_lazy(
        "Says for the files of a CAD system which axis points up. Add one if its products lie on their side "
        "in pictures."
    )
    list_display = ("name", "up")
    search_fields = ("name",)

    def get_fieldsets(self, request: HttpRequest, obj: SourceSystem | None = None) -> Any:
        words = _(
            "Products from a CAD system that is not listed stand with the Z axis up. A change makes the pictures of "
            "all products stale that stand as their CAD system usually has it, and whose files are from this one."
        )
        return [(None, {"description": words, "fields": ("name", "up")})]
