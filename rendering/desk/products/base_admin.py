"""Products: the CAD file that is current, and the pictures made of it and of earlier ones."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from media_assets.ingest import receive
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.serving import html
from rendering.desk.shared.base import ASSETS_JS, picture_of, sees_pictures
from rendering.desk.shared.large import LargeAdmin

GALLERY_LIMIT = 24


@admin.register(Product)
class ProductAdmin(LargeAdmin):
    list_display: tuple[str, ...] = ("picture", "number", "name", "cad_link", "cad_state", "revised")
    list_display_links = ("number", "name")
    list_filter: ClassVar[tuple[Any, ...]] = ("cad_file__state", "revised")
    search_fields = ("number", "name", "cad_file__original_name")
    list_per_page = 50
    autocomplete_fields = ("cad_file",)
    fieldsets = (
        (None, {"fields": ("number", "name", "cad_file")}),
        ("Pictures", {"fields": ("pictures", "geometry", "revised")}),
    )
    readonly_fields: ClassVar[tuple[str, ...]] = ("pictures", "geometry", "revised")

    class Media:
        css = {"all": ("rendering/assets.css",)}
        js = (ASSETS_JS,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        picture = html.newest_picture("cad_file") if sees_pictures(request) else html.NO_PICTURE
        rows: QuerySet[Product] = super().get_queryset(request)
        light = rows.select_related("cad_file").defer("cad_file__tree", "cad_file__report")
        return light.annotate(picture_of=picture)

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
        receive.assign(product, cad_file, user if isinstance(user, AbstractBaseUser) else None)

    @admin.display(description="picture")
    def picture(self, product: Product) -> SafeString:
        link = reverse("admin:media_assets_product_change", args=[product.pk])
        return html.thumb(picture_of(product), str(product), link)

    @admin.display(description="current CAD file")
    def cad_link(self, product: Product) -> SafeString | str:
        if product.cad_file is None:
            return "-"
        link = reverse("admin:media_assets_cadfile_change", args=[product.cad_file.pk])
        return format_html('<a href="{}">{}</a>', link, product.cad_file)

    @admin.display(description="geometry")
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
        everything = (
            f"{reverse('admin:media_assets_mediaasset_changelist')}?{urlencode({'product': product.number})}"
        )
        return render_to_string("desk/gallery.html", {"shown": shown, "everything": everything})

    @admin.display(description="geometry")
    def geometry(self, product: Product) -> SafeString | str:
        newest = html.newest_geometry(product.cad_file)
        return html.viewer(newest, alt=str(product)) if newest else "-"
