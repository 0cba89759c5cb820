"""Media assets that can be rendered again."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from media_assets.models import MediaAsset
from media_assets.serving import html
from rendering import orders
from rendering.catalog import freshness
from rendering.catalog.freshness import Freshness
from rendering.desk.assets import grid, history
from rendering.desk.assets.base_filters import FormatFilter, ProductFilter
from rendering.desk.assets.description import how, sentence, what
from rendering.desk.assets.filters import FreshnessFilter, MadeOnFilter
from rendering.desk.assets.grid import AssetList
from rendering.desk.assets.history import Before, Story
from rendering.desk.media_base import MediaAssetAdmin
from rendering.desk.shared.control import ControlAdmin, operator, plural
from rendering.models import Order
from rendering.models.roles import may
from rendering.orders.deliverables import deliverables, outdated

admin.site.unregister(MediaAsset)


@admin.register(MediaAsset)
class RenderableAssetAdmin(ControlAdmin, MediaAssetAdmin):
    actions = ("render_again",)
    list_display = (*MediaAssetAdmin.list_display[:-1], "freshness", MediaAssetAdmin.list_display[-1])
    list_filter: ClassVar[tuple[Any, ...]] = (
        *(ProductFilter, "kind", FormatFilter, FreshnessFilter, MadeOnFilter, "produced"),
    )
    readonly_fields: ClassVar[tuple[str, ...]] = (
        *MediaAssetAdmin.readonly_fields,
        *("in_short", "stands", "why", "before", "how_table", "what_table"),
    )

    class Media:
        css = {"all": ("rendering/asset_grid.css",)}
        js = (Script("rendering/asset_filters.js", defer=True),)

    def get_fieldsets(self, request: HttpRequest, obj: MediaAsset | None = None) -> Any:
        """Leave out what an asset has nothing to say about: warnings, why, what it replaced."""
        (title, first), *rest = super().get_fieldsets(request, obj)
        if obj is None:
            return [(title, first), *rest]
        is_picture = obj.kind in MediaAsset.PICTURES
        has_story = is_picture and _story(obj).line is not None
        fields = [name for name in first["fields"] if name != "looks_wrong" or obj.warnings]
        if sentence(obj) or (is_picture and obj.made_on):
            fields.insert(1, "in_short")
        told = [("stands", has_story), ("why", is_picture), ("before", has_story and bool(_before(obj)))]
        made = [("Why it was made", {"fields": [name for name, is_told in told if is_told]})]
        return [
            (title, {**first, "fields": fields}),
            *(made if is_picture else []),
            ("How it was made", {"fields": ("how_table",)}),
            ("What it was made from", {"fields": ("what_table",)}),
            *rest,
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[AssetList]:
        return AssetList

    def get_changelist_instance(self, request: HttpRequest) -> AssetList:
        """Return the list as this person wants it, with the freshness of its rows, worked out for the page at once."""
        page = cast("AssetList", super().get_changelist_instance(request))
        page.view = grid.chosen(request)
        page.result_list = list(page.result_list)
        found = freshness.standing([asset.pk for asset in page.result_list])
        freshness.refresh(asset.pk for asset in page.result_list if asset.standing != found.get(asset.pk, ""))
        stale = outdated([pk for pk, one in found.items() if one == Freshness.CURRENT])
        for asset in page.result_list:
            asset.freshness = Freshness.STALE if asset.pk in stale else found.get(asset.pk)
        return page

    @admin.display(description="freshness")
    def freshness(self, asset: MediaAsset) -> SafeString | str:
        found = getattr(asset, "freshness", None)
        return html.badge(found.value, found.label) if found else "-"

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> MediaAsset | None:
        """Return the asset, and whether this user may look at the orders that asked for it."""
        asset: Any = super().get_object(request, *args, **kwargs)
        if asset is not None:
            asset.sees_orders = request.user.has_perm("rendering.view_order")
        return cast("MediaAsset | None", asset)

    @admin.display(description="in short")
    def in_short(self, asset: MediaAsset) -> SafeString:
        return render_to_string("desk/asset_in_short.html", {"words": sentence(asset), "asset": asset})

    @admin.display(description="today")
    def stands(self, asset: MediaAsset) -> SafeString:
        return render_to_string("desk/asset_standing.html", {"story": _story(asset)})

    @admin.display(description="why")
    def why(self, asset: MediaAsset) -> SafeString:
        context = {"story": _story(asset), "sees_orders": getattr(asset, "sees_orders", False)}
        return render_to_string("desk/asset_why.html", context)

    @admin.display(description="the one before")
    def before(self, asset: MediaAsset) -> SafeString:
        context = {"before": _before(asset), "told": _story(asset).changes}
        return render_to_string("desk/asset_before.html", context)

    @admin.display(description="receipt")
    def how_table(self, asset: MediaAsset) -> SafeString:
        return render_to_string("desk/asset_facts.html", {"facts": how(asset)})

    @admin.display(description="recipe")
    def what_table(self, asset: MediaAsset) -> SafeString:
        return render_to_string("desk/asset_facts.html", {"facts": what(asset)})

    @admin.action(permissions=["order"], description="Re-render")
    def render_again(self, request: HttpRequest, queryset: QuerySet[MediaAsset]) -> HttpResponse | None:
        """Order again, forced, what these assets were delivered for."""
        ids = list(queryset.values_list("pk", flat=True))
        delivered = deliverables(assets=ids) if ids else []
        rest = len(ids) - len({item.asset.pk for item in delivered})
        if rest:
            self.message_user(
                request,
                f"{plural(rest, 'asset')} left alone: not the newest picture of an ordered output type.",
                messages.WARNING,
            )
        if not delivered:
            return None
        wishes = [orders.Wish(item.product, item.output_type, force=True) for item in delivered]
        try:
            order = orders.place(wishes, trigger=Order.Trigger.RERENDER, user=operator(request))
        except orders.OrderRefused as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        self.message_user(request, f"{order} placed: {plural(len(wishes), 'picture')} rendered again.")
        return HttpResponseRedirect(reverse("admin:rendering_order_change", args=[order.pk]))

    def links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        address = reverse("admin:rendering_sharelink_add")
        shares = may(request.user, "share") and obj.kind != MediaAsset.Kind.CAD_DOCUMENT
        own = [(f"{address}?asset={obj.pk}", "Share…")] if shares else []
        return [*super().links(request, obj), *own]

    def offers(self, action: str, obj: Any) -> bool:
        return obj.kind in MediaAsset.PICTURES


def _story(asset: Any) -> Story:
    """Return why the asset was made; looked up once for a page."""
    if not hasattr(asset, "story"):
        asset.story = history.story(asset)
    return cast("Story", asset.story)


def _before(asset: Any) -> Before | None:
    """Return what the asset replaced; looked up once for a page."""
    if not hasattr(asset, "replaced"):
        asset.replaced = history.before(asset)
    return cast("Before | None", asset.replaced)
