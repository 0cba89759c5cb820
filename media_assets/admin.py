"""Products, CAD files and assets: lists with pictures, pages that say what a file is and how it was made."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from media_assets import html, ingest
from media_assets.links import asset_url, cad_url
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.tree_view import bounded

GALLERY_LIMIT = 24


def sees_pictures(request: HttpRequest) -> bool:
    """Whether the media view would answer this user's browser."""
    return request.user.has_perm("media_assets.view_mediaasset")


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that only the system writes: to be looked at, never typed into."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CadFile)
class CadFileAdmin(ReadOnlyAdmin):
    list_display = (
        "picture",
        "original_name",
        "state_badge",
        "contents",
        "size",
        "products_column",
        "created",
    )
    list_display_links = ("original_name",)
    list_filter = ("state", "format", "created")
    search_fields = ("original_name", "sha256", "products__number", "products__name")
    list_per_page = 50
    fieldsets = (
        (None, {"fields": ("picture_large", "state_badge", "problem", "products_column", "download")}),
        (
            "What is in it",
            {"fields": ("size", ("parts", "instances", "triangles"), ("unit", "schema"), "product_tree")},
        ),
        ("Ingest report", {"fields": ("report_rows",)}),
        (
            "The file",
            {"fields": ("original_name", ("format", "file_size"), ("uploaded_by", "created"), "sha256")},
        ),
    )
    readonly_fields = (
        "picture_large",
        "state_badge",
        "problem",
        "products_column",
        "download",
        "size",
        "product_tree",
        "report_rows",
        "file_size",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[CadFile]:
        picture = html.newest_picture("pk") if sees_pictures(request) else html.NO_PICTURE
        rows: QuerySet[CadFile] = super().get_queryset(request)
        return rows.annotate(picture_of=picture).prefetch_related("products").select_related("uploaded_by")

    @admin.display(description="")
    def picture(self, cad_file: CadFile) -> SafeString:
        link = reverse("admin:media_assets_cadfile_change", args=[cad_file.pk])
        return html.thumb(_picture(cad_file), str(cad_file), link)

    @admin.display(description="picture")
    def picture_large(self, cad_file: CadFile) -> SafeString:
        picture = _picture(cad_file)
        return html.preview(MediaAsset.objects.get(pk=picture["id"]) if picture else None, large=True)

    @admin.display(description="state", ordering="state")
    def state_badge(self, cad_file: CadFile) -> SafeString:
        return html.badge(cad_file.state, cad_file.get_state_display())

    @admin.display(description="problem")
    def problem(self, cad_file: CadFile) -> SafeString | str:
        if not cad_file.error_code:
            return "None"
        return render_to_string("desk/problem.html", {"code": cad_file.error_code, "message": cad_file.error})

    @admin.display(description="contents", ordering="instances")
    def contents(self, cad_file: CadFile) -> SafeString:
        return render_to_string("desk/contents.html", {"file": cad_file})

    @admin.display(description="products")
    def products_column(self, cad_file: CadFile) -> SafeString | str:
        links = (
            (reverse("admin:media_assets_product_change", args=[product.pk]), product.number)
            for product in cad_file.products.all()
        )
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "-"

    @admin.display(description="download")
    def download(self, cad_file: CadFile) -> SafeString:
        return format_html('<a href="{}" download>{}</a>', cad_url(cad_file), cad_file.original_name)

    @admin.display(description="size (mm)")
    def size(self, cad_file: CadFile) -> str:
        return html.size_mm(cad_file.size_mm) or "-"

    @admin.display(description="file size", ordering="bytes")
    def file_size(self, cad_file: CadFile) -> str:
        return filesizeformat(cad_file.bytes)

    @admin.display(description="product tree")
    def product_tree(self, cad_file: CadFile) -> SafeString:
        return render_to_string("desk/product_tree.html", {"tree": bounded(cad_file.tree)})

    @admin.display(description="report")
    def report_rows(self, cad_file: CadFile) -> SafeString:
        report = dict(cad_file.report)
        context = {"warnings": report.pop("warnings", []), "facts": html.facts(report)}
        return render_to_string("desk/report.html", context)


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("picture", "number", "name", "cad_link", "cad_state", "revised")
    list_display_links = ("number", "name")
    list_filter = ("cad_file__state", "revised")
    search_fields = ("number", "name", "cad_file__original_name")
    list_per_page = 50
    autocomplete_fields = ("cad_file",)
    fieldsets = (
        (None, {"fields": ("number", "name", "cad_file")}),
        ("Pictures", {"fields": ("pictures", "revised")}),
    )
    readonly_fields = ("pictures", "revised")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        picture = html.newest_picture("cad_file") if sees_pictures(request) else html.NO_PICTURE
        rows: QuerySet[Product] = super().get_queryset(request)
        return rows.select_related("cad_file").annotate(picture_of=picture)

    def get_fieldsets(self, request: HttpRequest, obj: Product | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj and sees_pictures(request) else fieldsets[:1]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Leave out the green plus: CAD files are uploaded on a page of their own, which is no pop-up."""
        form = super().get_form(request, obj, change, **kwargs)
        if "cad_file" in form.base_fields:
            form.base_fields["cad_file"].widget.can_add_related = False
        return form

    def save_model(self, request: HttpRequest, obj: Product, form: ModelForm[Product], change: bool) -> None:
        """Save; a new current CAD file goes through ingest, so that it is converted and old pictures are stale."""
        if "cad_file" not in form.changed_data or obj.cad_file is None:
            super().save_model(request, obj, form, change)
            return
        cad_file, obj.cad_file_id = obj.cad_file, form.initial.get("cad_file")
        super().save_model(request, obj, form, change)
        self.assign(request, obj, cad_file)

    def assign(self, request: HttpRequest, product: Product, cad_file: CadFile) -> None:
        """Make *cad_file* the product's current one."""
        user = request.user
        ingest.assign(product, cad_file, user if isinstance(user, AbstractBaseUser) else None)

    @admin.display(description="")
    def picture(self, product: Product) -> SafeString:
        link = reverse("admin:media_assets_product_change", args=[product.pk])
        return html.thumb(_picture(product), str(product), link)

    @admin.display(description="current CAD file", ordering="cad_file__original_name")
    def cad_link(self, product: Product) -> SafeString | str:
        if product.cad_file is None:
            return "-"
        link = reverse("admin:media_assets_cadfile_change", args=[product.cad_file.pk])
        return format_html('<a href="{}">{}</a>', link, product.cad_file)

    @admin.display(description="geometry", ordering="cad_file__state")
    def cad_state(self, product: Product) -> SafeString | str:
        cad_file = product.cad_file
        return html.badge(cad_file.state, cad_file.get_state_display()) if cad_file else "-"

    @admin.display(description="newest")
    def pictures(self, product: Product) -> SafeString:
        assets = MediaAsset.objects.filter(product=product, kind__in=MediaAsset.PICTURES)
        shown = [
            {
                "preview": html.preview(asset),
                "asset": asset,
                "link": reverse("admin:media_assets_mediaasset_change", args=[asset.pk]),
                "is_stale": asset.cad_file_id != product.cad_file_id,
            }
            for asset in assets[:GALLERY_LIMIT]
        ]
        return render_to_string("desk/gallery.html", {"shown": shown})


class DeviceFilter(admin.SimpleListFilter):
    """What really rendered it, from the receipt."""

    title = "device"
    parameter_name = "device"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("GPU", "GPU"), ("CPU", "CPU"), ("fallback", "CPU, though a GPU was expected")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> QuerySet[MediaAsset]:
        match self.value():
            case None:
                return queryset
            case "fallback":
                return queryset.filter(receipt__gpu_fallback=True)
            case device:
                return queryset.filter(receipt__device_used=device)


@admin.register(MediaAsset)
class MediaAssetAdmin(ReadOnlyAdmin):
    list_display = ("picture", "kind", "product_number", "dimensions", "format", "device", "produced")
    list_display_links = ("kind",)
    list_filter = ("kind", "mime_type", DeviceFilter, "produced")
    list_select_related = ("product",)
    search_fields = ("product__number", "product__name", "cad_file__original_name", "sha256", "recipe_key")
    list_per_page = 50
    fieldsets = (
        (None, {"fields": ("picture_large", "download", "kind", "product", "cad_file")}),
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
    readonly_fields = (
        "picture_large",
        "download",
        "dimensions",
        "file_size",
        "device",
        "receipt_rows",
        "recipe_rows",
    )

    @admin.display(description="")
    def picture(self, asset: MediaAsset) -> SafeString:
        return html.preview(asset)

    @admin.display(description="picture")
    def picture_large(self, asset: MediaAsset) -> SafeString:
        return html.preview(asset, large=True)

    @admin.display(description="download")
    def download(self, asset: MediaAsset) -> SafeString:
        kind = f"{asset.get_kind_display()}, {filesizeformat(asset.bytes)}"
        return format_html('<a href="{}" download>{}</a>', asset_url(asset), kind)

    @admin.display(description="size (px)", ordering="width")
    def dimensions(self, asset: MediaAsset) -> str:
        if not asset.width or not asset.height:
            return "-"
        return f"{asset.width} × {asset.height}" + (f", {asset.duration:.1f} s" if asset.duration else "")

    @admin.display(description="file size", ordering="bytes")
    def file_size(self, asset: MediaAsset) -> str:
        return filesizeformat(asset.bytes)

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


def _picture(row: Any) -> dict[str, Any] | None:
    """The {id, file} that get_queryset annotated; None on the add page."""
    return getattr(row, "picture_of", None)
