"""Media assets: what each file is, how and why it was made, whether it is current; re-rendering."""

from __future__ import annotations

import json
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.forms import Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from media_assets.models import MediaAsset, numbers
from media_assets.serving import html
from media_assets.serving.links import asset_url, usdz_url, whole
from rendering import orders
from rendering.catalog import freshness
from rendering.catalog.freshness import Freshness
from rendering.desk.assets import grid, history
from rendering.desk.assets.filters import (
    FormatFilter,
    FreshnessFilter,
    MadeOnFilter,
    ProductFilter,
    PurposeFilter,
    format_label,
)
from rendering.desk.assets.grid import AssetList
from rendering.desk.assets.history import Before, Story
from rendering.desk.assets.receipt import how, sentence
from rendering.desk.assets.recipe import what
from rendering.desk.shared import placed
from rendering.desk.shared.archiving import ArchivedFilter, ArchivingAdmin
from rendering.desk.shared.base import ASSETS_JS, SPIN_JS, RecordAdmin
from rendering.desk.shared.control import operator
from rendering.models import Approval, Order, Review
from rendering.models.review import approvals_of
from rendering.models.roles import may
from rendering.orders.deliverables import deliverables, outdated


@admin.register(MediaAsset)
class MediaAssetAdmin(ArchivingAdmin, RecordAdmin):
    empty_words = gettext_lazy(
        "Every file that was made: pictures, films and 3-D models, each with how it was made. Upload a CAD "
        "file or order pictures: they appear here when they are finished."
    )
    list_display = (
        *("picture", "kind", "product_number", "dimensions", "format", "device", "freshness", "produced"),
    )
    list_display_links = ("kind",)
    list_filter = (
        ProductFilter,
        PurposeFilter,
        "kind",
        FormatFilter,
        FreshnessFilter,
        MadeOnFilter,
        "produced",
        ArchivedFilter,
    )
    list_select_related = ("product", "cad_file")
    search_fields = ("product__number", "product__name", "cad_file__original_name", "^sha256", "^recipe_key")
    searched_by = ("q", ProductFilter.parameter_name)
    # Whatever else would sort a million rows has a filter.
    sortable_by: ClassVar[tuple[str, ...]] = ("produced",)
    list_per_page = 50
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("picture_large", "looks_wrong", "address", "download", "product", "cad_link")}),
        (
            gettext_lazy("File"),
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
        (gettext_lazy("Technical details"), {"fields": ("raw",)}),
    )
    readonly_fields = (
        *(
            "picture_large",
            "looks_wrong",
            "address",
            "download",
            "cad_link",
            "dimensions",
            "file_size",
            "raw",
        ),
        *("approval", "in_short", "status", "why", "before", "how_table", "what_table"),
    )
    actions = ("render_again", *ArchivingAdmin.archiving)

    class Media:
        css = {
            "all": ("rendering/shared/media.css", "rendering/shared/spin.css", "rendering/assets/grid.css")
        }
        js = (ASSETS_JS, SPIN_JS, Script("rendering/assets/filters.js", defer=True))

    @admin.display(description=gettext_lazy("picture"))
    def picture(self, asset: MediaAsset) -> SafeString:
        return html.preview(asset)

    @admin.display(description=gettext_lazy("picture"))
    def picture_large(self, asset: MediaAsset) -> SafeString:
        return html.preview(asset, large=True)

    def get_fieldsets(self, request: HttpRequest, obj: MediaAsset | None = None) -> Any:
        """Leave out what an asset has nothing to say about: warnings, why, what it replaced, a second download."""
        (title, first), *rest = super().get_fieldsets(request, obj)
        if obj is None:
            return [(title, first), *rest]
        is_picture = obj.kind in MediaAsset.PICTURES
        has_story = is_picture and _story(obj).line is not None
        left_out = {
            "looks_wrong": not obj.warnings,
            "address": obj.pruned is not None,
            "download": obj.pruned is not None or obj.kind != MediaAsset.Kind.USD_MASTER,
        }
        fields = [name for name in first["fields"] if not left_out.get(str(name))]
        if sentence(obj) or (is_picture and obj.made_on):
            fields.insert(1, "in_short")
        if is_picture and _approval(obj):
            fields.insert(1, "approval")
        rows = [("status", has_story), ("why", is_picture), ("before", has_story and bool(_before(obj)))]
        made = [(_("Why it was made"), {"fields": [name for name, is_shown in rows if is_shown]})]
        return [
            (title, {**first, "fields": fields}),
            *(made if is_picture else []),
            (_("How it was made"), {"fields": ("how_table",)}),
            (_("What it was made from"), {"fields": ("what_table",)}),
            *rest,
        ]

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> MediaAsset | None:
        """Return the asset with the address of its file, and whether this user may look at the orders behind it."""
        asset: Any = super().get_object(request, *args, **kwargs)
        if asset is not None:
            asset.address = whole(asset_url(asset))
            asset.sees_orders = request.user.has_perm("rendering.view_order")
        return cast("MediaAsset | None", asset)

    @admin.display(description=gettext_lazy("address"))
    def address(self, asset: MediaAsset) -> SafeString:
        context = {"address": getattr(asset, "address", ""), "path": asset_url(asset)}
        return render_to_string("desk/assets/address.html", context)

    @admin.display(description=gettext_lazy("download"))
    def download(self, asset: MediaAsset) -> SafeString:
        kind = f"{asset.get_kind_display()}, {filesizeformat(asset.bytes)}"
        link = format_html('<a href="{}" download>{}</a>', asset_url(asset), kind)
        if asset.kind == MediaAsset.Kind.USD_MASTER:
            link += format_html(' · <a href="{}" download>{}</a>', usdz_url(asset), _("as .usdz"))
        return link

    @admin.display(description=gettext_lazy("CAD file"))
    def cad_link(self, asset: MediaAsset) -> SafeString:
        link = reverse("admin:media_assets_cadfile_change", args=[asset.cad_file_id])
        return format_html('<a href="{}">{}</a>', link, asset.cad_file)

    @admin.display(description=gettext_lazy("size (px)"))
    def dimensions(self, asset: MediaAsset) -> str:
        if not asset.width or not asset.height:
            return "-"
        return f"{asset.width} × {asset.height}" + (
            numbers.local(f", {asset.duration:.1f} s") if asset.duration else ""
        )

    @admin.display(description=gettext_lazy("file size"), ordering="bytes")
    def file_size(self, asset: MediaAsset) -> str:
        return f"{filesizeformat(asset.bytes)}{f', {asset.against_png}' if asset.against_png else ''}"

    @admin.display(description=gettext_lazy("warnings"))
    def looks_wrong(self, asset: MediaAsset) -> SafeString | str:
        return render_to_string("desk/assets/warnings.html", {"asset": asset}) if asset.warnings else "-"

    def get_queryset(self, request: HttpRequest) -> QuerySet[MediaAsset]:
        rows: QuerySet[MediaAsset] = super().get_queryset(request)
        return rows.annotate(format_name=KT("recipe__format"))

    @admin.display(description=gettext_lazy("product"))
    def product_number(self, asset: MediaAsset) -> str:
        return asset.product.number if asset.product else "-"

    @admin.display(description=gettext_lazy("format"))
    def format(self, asset: Any) -> SafeString:
        return format_html(
            '{}<br><span class="quiet">{}</span>',
            format_label(asset, asset.format_name),
            filesizeformat(asset.bytes),
        )

    @admin.display(description=gettext_lazy("device"))
    def device(self, asset: MediaAsset) -> SafeString | str:
        return render_to_string("desk/shared/device.html", {"made": asset.receipt})

    @admin.display(description=gettext_lazy("receipt and recipe"))
    def raw(self, asset: MediaAsset) -> SafeString:
        recorded = {"receipt": asset.receipt, "recipe": asset.recipe}
        return render_to_string(
            "desk/assets/raw.html", {"json": json.dumps(recorded, indent=2, ensure_ascii=False)}
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[AssetList]:
        return AssetList

    def get_changelist_instance(self, request: HttpRequest) -> AssetList:
        """Return the list as this person wants it, with the freshness of its rows, worked out for the page at once."""
        page = cast("AssetList", super().get_changelist_instance(request))
        page.view = grid.chosen(request)
        page.result_list = list(page.result_list)
        found = freshness.of_assets([asset.pk for asset in page.result_list])
        freshness.refresh(
            asset.pk for asset in page.result_list if asset.delivery_state != found.get(asset.pk, "")
        )
        stale = outdated([pk for pk, one in found.items() if one == Freshness.CURRENT])
        for asset in page.result_list:
            asset.freshness = Freshness.STALE if asset.pk in stale else found.get(asset.pk)
        return page

    @admin.display(description=gettext_lazy("freshness"))
    def freshness(self, asset: MediaAsset) -> SafeString | str:
        found = getattr(asset, "freshness", None)
        return html.badge(found.value, found.label) if found else "-"

    @admin.display(description=gettext_lazy("approval"))
    def approval(self, asset: MediaAsset) -> SafeString:
        last = Review.objects.filter(asset=asset, produced=asset.produced).select_related("by").first()
        context = {"approval": Approval(_approval(asset)), "review": last, "asset": asset}
        return render_to_string("desk/reviews/state.html", context)

    @admin.display(description=gettext_lazy("summary"))
    def in_short(self, asset: MediaAsset) -> SafeString:
        return render_to_string("desk/assets/in_short.html", {"words": sentence(asset), "asset": asset})

    @admin.display(description=gettext_lazy("status"))
    def status(self, asset: MediaAsset) -> SafeString:
        return render_to_string("desk/assets/status.html", {"story": _story(asset)})

    @admin.display(description=gettext_lazy("why"))
    def why(self, asset: MediaAsset) -> SafeString:
        context = {"story": _story(asset), "sees_orders": getattr(asset, "sees_orders", False)}
        return render_to_string("desk/assets/why.html", context)

    @admin.display(description=gettext_lazy("previous version"))
    def before(self, asset: MediaAsset) -> SafeString:
        context = {"before": _before(asset), "changes": _story(asset).changes}
        return render_to_string("desk/assets/before.html", context)

    @admin.display(description=gettext_lazy("receipt"))
    def how_table(self, asset: MediaAsset) -> SafeString:
        return render_to_string("desk/assets/facts.html", {"facts": how(asset)})

    @admin.display(description=gettext_lazy("recipe"))
    def what_table(self, asset: MediaAsset) -> SafeString:
        return render_to_string("desk/assets/facts.html", {"facts": what(asset)})

    @admin.action(permissions=["order"], description=gettext_lazy("Re-render"))
    def render_again(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> HttpResponse | None:
        """Order again, forced, what these assets were delivered for."""
        ids = list(queryset.values_list("pk", flat=True))
        delivered = deliverables(assets=ids) if ids else []
        rest = len(ids) - len({item.asset.pk for item in delivered})
        if rest:
            skipped = ngettext(
                "%(count)d asset skipped: not the newest picture of an ordered output type.",
                "%(count)d assets skipped: not the newest picture of an ordered output type.",
                rest,
            )
            self.message_user(request, skipped % {"count": rest}, messages.WARNING)
        if not delivered:
            return None
        wishes = [item.wish(force=True) for item in delivered]
        try:
            order = orders.place(wishes, trigger=Order.Trigger.RERENDER, user=operator(request))
        except orders.OrderRefused as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        self.message_user(request, placed.placed_again(order, len(wishes)))
        return HttpResponseRedirect(reverse("admin:rendering_order_change", args=[order.pk]))

    def links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        address = reverse("admin:rendering_sharelink_add")
        is_there = not obj.is_archived and obj.pruned is None
        shares = may(request.user, "share") and is_there and obj.kind != MediaAsset.Kind.CAD_DOCUMENT
        own = [(f"{address}?asset={obj.pk}", _("Share…"))] if shares else []
        is_picture = is_there and obj.kind in MediaAsset.PICTURES
        judged = (
            [(reverse("admin:media_assets_mediaasset_review", args=[obj.pk]), _("Review…"))]
            if is_picture
            else []
        )
        return [*super().links(request, obj), *judged, *own]

    def offers(self, action: str, obj: Any) -> bool:
        return obj.kind in MediaAsset.PICTURES and super().offers(action, obj)


def _story(asset: Any) -> Story:
    """Return why the asset was made; looked up once for a page."""
    if not hasattr(asset, "story"):
        asset.story = history.story(asset)
    return cast("Story", asset.story)


def _approval(asset: Any) -> str:
    """Return a value of Approval, or ""; looked up once for a page."""
    if not hasattr(asset, "approval"):
        asset.approval = approvals_of([asset.pk]).get(asset.pk, "")
    return cast("str", asset.approval)


def _before(asset: Any) -> Before | None:
    """Return what the asset replaced; looked up once for a page."""
    if not hasattr(asset, "replaced"):
        asset.replaced = history.before(asset)
    return cast("Before | None", asset.replaced)
