"""Filters of the list of products."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from media_assets.models import Product


class PausedFilter(admin.SimpleListFilter):
    """Products that are paused, and those that are not."""

    title = gettext_lazy("pause")
    parameter_name = "paused"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Paused")), ("no", _("Not paused"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(paused_since__isnull=self.value() == "no")
