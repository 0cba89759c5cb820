"""Media assets: what each file is, and how it was made."""

from __future__ import annotations

import json
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from media_assets.models import MediaAsset
from media_assets.serving import html
from media_assets.serving.links import asset_url, usdz_url
from rendering.desk.assets.base_filters import FormatFilter, ProductFilter, format_label
from rendering.desk.shared.base import ASSETS_JS, RecordAdmin


@admin.register(MediaAsset)
class MediaAssetAdmin(RecordAdmin):
    list_display: tuple[str, ...] = (
        "picture",
        "kind",
        "product_number",
        "dimensions",
        "format",
        "device",
        "produced",
    )
    list_display_links = ("kind",)
    list_filter: ClassVar[tuple[Any, ...]] = (ProductFilter, "kind", FormatFilter, "produced")
    list_select_related = ("product", "cad_file")
    search_fields = ("product__number", "product__name", "cad_file__original_name", "^sha256", "^recipe_key")
    searched_by = ("q", ProductFilter.parameter_name)
    # Whatever else would sort a million rows has a filter.
    sortable_by: ClassVar[tuple[str, ...]] = ("produced",)
    list_per_page = 50
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("picture_large", "looks_wrong", "address", "download", "product", "cad_link")}),
        (
            "The file",
            {
                "fields": (
                    "kind",
                    ("dimensions", "mime_type", "file_size"),
                    "produced",
                    "sha256",
                    "recipe_key",
                )
            },
        ),
        ("For programs: as it was recorded", {"fields": ("raw",)}),
    )
    readonly_fields: ClassVar[tuple[str, ...]] = (
        "picture_large",
        "looks_wrong",
        "address",
        "download",
        "cad_link",
        "dimensions",
        "file_size",
        "raw",
    )

    class Media:
        css = {"all": ("rendering/assets.css",)}
        js = (ASSETS_JS,)

    @admin.display(description="picture")
    def picture(self, asset: MediaAsset) -> SafeString:
        return html.preview(asset)

    @admin.display(description="picture")
    def picture_large(self, asset: MediaAsset) -> SafeString:
        return html.preview(asset, large=True)

    def get_fieldsets(self, request: HttpRequest, obj: MediaAsset | None = None) -> Any:
        """Leave out downloads where the address, which has a button for that, is all there is."""
        (title, first), *rest = super().get_fieldsets(request, obj)
        has_more = obj is None or obj.kind == MediaAsset.Kind.USD_MASTER
        fields = [name for name in first["fields"] if name != "download" or has_more]
        return [(title, {**first, "fields": fields}), *rest]

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> MediaAsset | None:
        """Return the asset with the address of its file, as others can open it."""
        asset: Any = super().get_object(request, *args, **kwargs)
        if asset is not None:
            asset.address = request.build_absolute_uri(asset_url(asset))
        return cast("MediaAsset | None", asset)

    @admin.display(description="address")
    def address(self, asset: MediaAsset) -> SafeString:
        return render_to_string("desk/asset_address.html", {"address": getattr(asset, "address", "")})

    @admin.display(description="download")
    def download(self, asset: MediaAsset) -> SafeString:
        kind = f"{asset.get_kind_display()}, {filesizeformat(asset.bytes)}"
        link = format_html('<a href="{}" download>{}</a>', asset_url(asset), kind)
        if asset.kind == MediaAsset.Kind.USD_MASTER:
            link += format_html(' · <a href="{}" download>as .usdz</a>', usdz_url(asset))
        return link

    @admin.display(description="CAD file")
    def cad_link(self, asset: MediaAsset) -> SafeString:
        link = reverse("admin:media_assets_cadfile_change", args=[asset.cad_file_id])
        return format_html('<a href="{}">{}</a>', link, asset.cad_file)

    @admin.display(description="size (px)")
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

    @admin.display(description="product")
    def product_number(self, asset: MediaAsset) -> str:
        return asset.product.number if asset.product else "-"

    @admin.display(description="format")
    def format(self, asset: MediaAsset) -> SafeString:
        return format_html(
            '{}<br><span class="quiet">{}</span>', format_label(asset), filesizeformat(asset.bytes)
        )

    @admin.display(description="device")
    def device(self, asset: MediaAsset) -> SafeString | str:
        return render_to_string("desk/device.html", {"made": asset.receipt})

    @admin.display(description="receipt and recipe")
    def raw(self, asset: MediaAsset) -> SafeString:
        told = {"receipt": asset.receipt, "recipe": asset.recipe}
        return render_to_string(
            "desk/asset_raw.html", {"json": json.dumps(told, indent=2, ensure_ascii=False)}
        )
