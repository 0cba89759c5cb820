"""What can be done with chosen products: order, render again, pause."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from media_assets.models import CadFile, Product
from rendering import orders
from rendering.desk.orders import placing
from rendering.desk.products.staleness import freshness_found, freshness_of
from rendering.desk.shared.archiving import ArchivingAdmin
from rendering.desk.shared.control import operator
from rendering.models import Order, Workflow
from rendering.orders import OrderRefused


class ProductActions(ArchivingAdmin):
    """Beside archiving and deleting."""

    actions = (
        *("order_output_types", "render_again", "render_stale", "run_workflow", "pause", "resume"),
        *ArchivingAdmin.archiving,
    )

    @admin.action(permissions=["order"], description=gettext_lazy("Order output types…"))
    def order_output_types(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        return placing.prefilled(request, queryset)

    @admin.action(permissions=["order"], description=gettext_lazy("Run workflow…"))
    def run_workflow(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        """Lead to the order's page; where there is only one workflow it is chosen already."""
        known = list(Workflow.objects.all()[:2])
        return placing.prefilled(request, queryset, workflow=known[0] if len(known) == 1 else None)

    @admin.action(permissions=["order"], description=gettext_lazy("Re-render…"))
    def render_again(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        return placing.prefilled(request, queryset, force=True)

    @admin.action(permissions=["order"], description=gettext_lazy("Re-render what is stale"))
    def render_stale(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse | None:
        """Order what was delivered before and is no longer current."""
        found = freshness_of(list(queryset))
        wishes = [item.wish() for one in found.values() for item in one.stale]
        if not wishes:
            self.message_user(
                request, _("Nothing is stale: every delivered picture is current."), messages.WARNING
            )
            return None
        try:
            order = orders.place(wishes, trigger=Order.Trigger.RERENDER, user=operator(request))
        except OrderRefused as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        address = reverse("admin:rendering_order_change", args=[order.pk])
        words = ngettext(
            "{order} placed: {count} stale picture will be rendered again.",
            "{order} placed: {count} stale pictures will be rendered again.",
            len(wishes),
        )
        link = format_html('<a href="{}">{}</a>', address, order)
        self.message_user(request, format_html(words, order=link, count=len(wishes)))
        return HttpResponseRedirect(address)

    @admin.action(permissions=["pause"], description=gettext_lazy("Pause"))
    def pause(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        by = request.user.get_username()
        happened = [orders.pause_product(product, by) for product in queryset]
        self.report(
            request,
            happened,
            ngettext_lazy(
                "%(count)d product paused. Jobs that are already running will finish.",
                "%(count)d products paused. Jobs that are already running will finish.",
                "count",
            ),
            ngettext_lazy(
                "%(count)d product skipped: already paused.",
                "%(count)d products skipped: already paused.",
                "count",
            ),
        )

    @admin.action(permissions=["pause"], description=gettext_lazy("Resume"))
    def resume(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        happened = [orders.resume_product(product) for product in queryset]
        self.report(
            request,
            happened,
            ngettext_lazy("%(count)d product resumed.", "%(count)d products resumed.", "count"),
            ngettext_lazy(
                "%(count)d product skipped: not paused.", "%(count)d products skipped: not paused.", "count"
            ),
        )

    def offers_unarchived(self, action: str, obj: Any) -> bool:
        match action:
            case "render_stale":
                return bool(freshness_found(obj).stale)
            case "pause" | "resume":
                return (obj.paused_since is None) == (action == "pause")
        return obj.cad_file is not None and obj.cad_file.state != CadFile.State.FAILED
