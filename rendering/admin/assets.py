"""Media assets that can be rendered again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from media_assets.admin import MediaAssetAdmin
from media_assets.models import MediaAsset
from rendering import orders
from rendering.admin.control import ControlAdmin, operator, plural
from rendering.deliverables import deliverables
from rendering.models import Order

admin.site.unregister(MediaAsset)


@admin.register(MediaAsset)
class RenderableAssetAdmin(ControlAdmin, MediaAssetAdmin):
    actions = ("render_again",)

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

    def offers(self, action: str, obj: Any) -> bool:
        return obj.kind in MediaAsset.PICTURES
