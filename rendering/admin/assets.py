"""Media assets that can be rendered again."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from media_assets.admin import MediaAssetAdmin
from media_assets.models import MediaAsset
from rendering import orders
from rendering.admin import asset_history
from rendering.admin.control import ControlAdmin, operator, plural
from rendering.deliverables import deliverables
from rendering.models import Order
from rendering.roles import may

admin.site.unregister(MediaAsset)


@admin.register(MediaAsset)
class RenderableAssetAdmin(ControlAdmin, MediaAssetAdmin):
    actions = ("render_again",)
    readonly_fields: ClassVar[tuple[str, ...]] = (*MediaAssetAdmin.readonly_fields, "before")

    def get_fieldsets(self, request: HttpRequest, obj: MediaAsset | None = None) -> Any:
        """Show what a picture replaced, where it replaced one."""
        first, *rest = super().get_fieldsets(request, obj)
        if obj is None or obj.kind not in MediaAsset.PICTURES or asset_history.before(obj) is None:
            return [first, *rest]
        return [first, ("The one before", {"fields": ("before",)}), *rest]

    @admin.display(description="replaces")
    def before(self, asset: MediaAsset) -> SafeString:
        return render_to_string("desk/asset_before.html", {"before": asset_history.before(asset)})

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
