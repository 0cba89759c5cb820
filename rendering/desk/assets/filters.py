"""Filters of the list of assets. No filter reads all rows for its choices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gpu.models import GpuDevice
from media_assets.formats.files import DERIVED
from media_assets.models import MediaAsset, Product
from rendering.catalog.freshness import KEPT, Freshness
from rendering.pictures.formats import FRAMES, OUTPUT_FORMATS
from rendering.pictures.kinds import KINDS

MOST_GPUS = 30
FORMATS = {row.name: row for row in (*DERIVED, *OUTPUT_FORMATS.values(), FRAMES)}


ANY_GPU = "GPU"


def format_label(asset: MediaAsset, named: str | None) -> str:
    """Return an asset's format in one or two words; its MIME type if it is none of ours.

    Several formats have one MIME type: *named* is the one that its recipe has.
    """
    of_kind = KINDS[asset.kind].formats if asset.kind in KINDS else ()
    rows = [row for row in FORMATS.values() if row.mime_type == asset.mime_type]
    rows.sort(
        key=lambda row: (row.name != named, row.name not in of_kind, row.is_film != bool(asset.duration))
    )
    return _(rows[0].label) if rows else asset.mime_type


class FormatFilter(admin.SimpleListFilter):
    """The file format; animated and still WebP are two, though their MIME type is one."""

    title = gettext_lazy("format")
    parameter_name = "format"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(row.name, _(row.label)) for row in FORMATS.values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
        row = FORMATS.get(self.value() or "")
        if row is None:
            return queryset
        rows = queryset.filter(mime_type=row.mime_type)
        if not any(one.is_film != row.is_film and one.mime_type == row.mime_type for one in FORMATS.values()):
            return rows
        films = Q(kind=MediaAsset.Kind.TURNTABLE)
        return rows.filter(films if row.is_film else ~films)


class ProductFilter(admin.SimpleListFilter):
    """One product, or all whose number begins with what was typed or whose name has it."""

    title = gettext_lazy("product")
    parameter_name = "product"
    template = "desk/assets/product_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("", "")]  # choices are typed: there may be 100,000

    def queryset(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
        text = (self.value() or "").strip()
        if not text:
            return queryset
        product = named(text)
        if product is not None:
            return queryset.filter(product=product)
        found = Product.objects.filter(Q(number__istartswith=text) | Q(name__icontains=text))
        return queryset.filter(product__in=found.order_by())

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield the one thing that the template shows: what was typed, and what else the address says."""
        kept = {name: value for name, value in changelist.params.items() if name != self.parameter_name}
        yield {
            "value": self.value() or "",
            "kept": kept,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
        }


def named(text: str) -> Product | None:
    """Return the product with this number, or whose number and name were chosen from the suggestions."""
    words = text.split(" ")
    numbers = [" ".join(words[:count]) for count in range(1, len(words) + 1)]
    found = {product.number: product for product in Product.objects.filter(number__in=numbers[:50])}
    chosen = (one for one in found.values() if str(one) == text)
    return found.get(text) or next(chosen, None)


class PurposeFilter(admin.SimpleListFilter):
    """Deliverables, unless the address asks for what they are made from, for a kind or for a format."""

    title = gettext_lazy("files")
    parameter_name = "files"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("intermediate", _("Intermediate files")), ("all", _("All"))]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        first, *rest = super().choices(changelist)
        yield {**first, "display": _("Deliverables")}
        yield from rest

    def queryset(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
        is_asked = any(name.startswith(("kind", FormatFilter.parameter_name)) for name in request.GET)
        if self.value() == "all" or (self.value() is None and is_asked):
            return queryset
        pictures = Q(kind__in=MediaAsset.PICTURES)
        return queryset.filter(~pictures if self.value() == "intermediate" else pictures)


class FreshnessFilter(admin.SimpleListFilter):
    """Whether a delivered file is the newest of its kind and made of the product's present CAD file."""

    title = gettext_lazy("freshness")
    parameter_name = "freshness"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = {Freshness.CURRENT: _("In use")}  # staleness is worked out for the shown rows only
        return [(str(one.value), names.get(one, str(one.label))) for one in KEPT]

    def queryset(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
        value = self.value()
        return queryset.filter(delivery_state=value) if value in KEPT else queryset


class MadeOnFilter(admin.SimpleListFilter):
    """What really made it, by the receipt: one GPU by its name, any, the CPU, or the CPU because no GPU could."""

    title = gettext_lazy("device")
    parameter_name = "device"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = GpuDevice.objects.order_by("name").values_list("name", flat=True).distinct()[:MOST_GPUS]
        return [
            (ANY_GPU, _("Any GPU")),
            *((name, name) for name in names if name != ANY_GPU),
            (MediaAsset.CPU, "CPU"),
            ("fallback", _("CPU instead of GPU")),
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
