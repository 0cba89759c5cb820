"""Filters of the list of assets that ask about orders and GPUs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from gpu.models import GpuDevice
from media_assets.models import MediaAsset
from rendering.catalog.freshness import KEPT, Freshness

MOST_GPUS = 30
ANY_GPU = "GPU"


class FreshnessFilter(admin.SimpleListFilter):
    """Whether a delivered file is the newest of its kind and made of the product's present CAD file."""

    title = "freshness"
    parameter_name = "freshness"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = {Freshness.CURRENT: "In use"}  # whether it is stale is told of the rows that are shown
        return [(str(one.value), names.get(one, str(one.label))) for one in KEPT]

    def queryset(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
        value = self.value()
        return queryset.filter(standing=value) if value in KEPT else queryset


class MadeOnFilter(admin.SimpleListFilter):
    """What really made it, by the receipt: one GPU by its name, any, the CPU, or the CPU because no GPU could."""

    title = "device"
    parameter_name = "device"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = GpuDevice.objects.order_by("name").values_list("name", flat=True).distinct()[:MOST_GPUS]
        return [
            (ANY_GPU, "Any GPU"),
            *((name, name) for name in names if name != ANY_GPU),
            (MediaAsset.CPU, "CPU"),
            ("fallback", MediaAsset.FALLBACK),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
        match self.value():
            case None | "":
                return queryset
            case "GPU":
                return queryset.exclude(made_on__in=("", MediaAsset.CPU, MediaAsset.FALLBACK))
            case "fallback":
                return queryset.filter(made_on=MediaAsset.FALLBACK)
            case name:
                return queryset.filter(made_on=name)
