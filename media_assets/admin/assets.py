"""Media assets: what each file is, and how it was made."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from media_assets import html
from media_assets.admin.base import ASSETS_JS, ReadOnlyAdmin
from media_assets.links import asset_url, usdz_url
from media_assets.models import MediaAsset


class DeviceFilter(admin.SimpleListFilter):
    """What really rendered it: of an asset its receipt says so, of other rows the fields named here."""

    title = "device"
    parameter_name = "device"
    used, fallback = "receipt__device_used", "receipt__gpu_fallback"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("GPU", "GPU"), ("CPU", "CPU"), ("fallback", "CPU instead of GPU")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case None:
                return queryset
            case "fallback":
                return queryset.filter(**{self.fallback: True})
            case device:
                return queryset.filter(**{self.used: device})


@admin.register(MediaAsset)
class MediaAssetAdmin(ReadOnlyAdmin):
    list_display = ("picture", "kind", "product_number", "dimensions", "format", "device", "produced")
    list_display_links = ("kind",)
    list_filter = ("kind", "mime_type", DeviceFilter, "produced")
    list_select_related = ("product",)
    search_fields = ("product__number", "product__name", "cad_file__original_name", "sha256", "recipe_key")
    list_per_page = 50
    fieldsets = (
        (None, {"fields": ("picture_large", "looks_wrong", "download", "kind", "product", "cad_file")}),
        (
            "The file",
            {"fields": (("dimensions", "mime_type", "file_size"), "produced", "sha256")},
        ),
        ("How it was made (receipt)", {"fields": ("device", "receipt_rows")}),
        (
            "What it was made from (recipe)",
            {"fields": ("recipe_key", "recipe_rows"), "classes": ("collapse",)},
        ),
    )
    readonly_fields: ClassVar[tuple[str, ...]] = (
        "picture_large",
        "looks_wrong",
        "download",
        "dimensions",
        "file_size",
        "device",
        "receipt_rows",
        "recipe_rows",
    )

    class Media:
        css = {"all": ("rendering/assets.css",)}
        js = (ASSETS_JS,)

    @admin.display(description="")
    def picture(self, asset: MediaAsset) -> SafeString:
        return html.preview(asset)

    @admin.display(description="picture")
    def picture_large(self, asset: MediaAsset) -> SafeString:
        return html.preview(asset, large=True)

    @admin.display(description="download")
    def download(self, asset: MediaAsset) -> SafeString:
        kind = f"{asset.get_kind_display()}, {filesizeformat(asset.bytes)}"
        link = format_html('<a href="{}" download>{}</a>', asset_url(asset), kind)
        if asset.kind == MediaAsset.Kind.USD_MASTER:
            link += format_html(' · <a href="{}" download>as .usdz</a>', usdz_url(asset))
        return link

    @admin.display(description="size (px)", ordering="width")
    def dimensions(self, asset: MediaAsset) -> str:
        if not asset.width or not asset.height:
            return "-"
        return f"{asset.width} × {asset.height}" + (f", {asset.duration:.1f} s" if asset.duration else "")

    @admin.display(description="file size", ordering="bytes")
    def file_size(self, asset: MediaAsset) -> str:
        return f"{filesizeformat(asset.bytes)}{f', {asset.against_png}' if asset.against_png else ''}"

    @admin.display(description="looks wrong")
    def looks_wrong(self, asset: MediaAsset) -> SafeString | str:
        return render_to_string("desk/looks_wrong.html", {"asset": asset}) if asset.warnings else "-"

    @admin.display(description="product", ordering="product__number")
    def product_number(self, asset: MediaAsset) -> str:
        return asset.product.number if asset.product else "-"

    @admin.display(description="format", ordering="mime_type")
    def format(self, asset: MediaAsset) -> SafeString:
        return format_html(
            '{}<br><span class="quiet">{}</span>', asset.mime_type, filesizeformat(asset.bytes)
        )

    @admin.display(description="device")
    def device(self, asset: MediaAsset) -> SafeString | str:
        return render_to_string("desk/device.html", {"made": asset.receipt})

    @admin.display(description="receipt")
    def receipt_rows(self, asset: MediaAsset) -> SafeString:
        return html.facts(asset.receipt)

    @admin.display(description="recipe")
    def recipe_rows(self, asset: MediaAsset) -> SafeString:
        return html.facts(asset.recipe)
