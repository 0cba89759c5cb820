"""Orders: how far each is, and its lines with their pictures."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from media_assets import html
from media_assets.admin import ReadOnlyAdmin
from rendering import orders
from rendering.admin import order_page
from rendering.admin.control import ControlAdmin, operator, plural
from rendering.models import Order, OrderLine

LINES_SHOWN = 200
NOT_DELIVERED = (OrderLine.State.FAILED, OrderLine.State.CANCELED)


@admin.register(Order)
class OrderAdmin(ControlAdmin, ReadOnlyAdmin):
    list_display = ("name", "state", "what", "trigger", "priority", "ordered_by", "created")
    list_filter = ("trigger", "lines__state", "workflow", "created")
    list_select_related = ("ordered_by", "workflow")
    search_fields = ("=id", "lines__product__number", "lines__product__name")
    actions = ("cancel", "retry_failed", "render_again")
    list_per_page = 50
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("lines_table",)}),
        ("The order", {"fields": (("trigger", "workflow", "priority"), ("ordered_by", "created"))}),
    )
    readonly_fields = ("lines_table",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        rows: QuerySet[Order] = super().get_queryset(request)
        lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by("id")
        counts = OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order")

        def count(condition: Q) -> Subquery:
            return Subquery(counts.annotate(n=Count("id", filter=condition)).values("n"))

        return rows.annotate(
            line_count=count(Q()),
            done_count=count(Q(state=OrderLine.State.DONE)),
            failed_count=count(Q(state=OrderLine.State.FAILED)),
            canceled_count=count(Q(state=OrderLine.State.CANCELED)),
            live_count=count(Q(state__in=OrderLine.LIVE)),
            product_count=Subquery(counts.annotate(n=Count("product", distinct=True)).values("n")),
            first_product=Subquery(lines.values("product__number")[:1]),
            first_output=Subquery(lines.values("output_type__name")[:1]),
        )

    def get_urls(self) -> list[Any]:
        live = self.admin_site.admin_view(require_safe(self.live_lines))
        return [path("<int:pk>/live/", live, name="rendering_order_live"), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_order_permission(request)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return order_page.placed(request)

    def live_lines(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the lines of one order, for its page that refreshes itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        order = self.get_queryset(request).filter(pk=pk).first()
        if order is None:
            raise Http404("This order is no longer there.")
        return TemplateResponse(request, "desk/order_lines.html", _lines(order))

    @admin.action(permissions=["control"], description="Cancel")
    def cancel(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        counts = [orders.cancel_order(order) for order in queryset]
        if sum(counts):
            self.message_user(request, f"{plural(sum(counts), 'line')} canceled.")
        if idle := counts.count(0):
            self.message_user(
                request, f"{plural(idle, 'order')} had nothing left to cancel.", messages.WARNING
            )

    @admin.action(permissions=["control"], description="Retry failed")
    def retry_failed(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        lines = OrderLine.objects.filter(order__in=queryset.order_by().values("pk"), state__in=NOT_DELIVERED)
        lines = lines.select_related("order", "product", "output_type", "cad_file")
        count = sum(orders.retry_line(line) for line in lines)
        if count:
            self.message_user(request, f"{plural(count, 'line')} started again.")
        else:
            self.message_user(
                request, "Nothing to retry: no line has failed or was canceled.", messages.WARNING
            )

    @admin.action(permissions=["order"], description="Re-render")
    def render_again(self, request: HttpRequest, queryset: QuerySet[Order]) -> HttpResponse | None:
        """Order the same again, forced: new pictures even where there are some."""
        lines = OrderLine.objects.filter(order__in=queryset.order_by().values("pk")).order_by("id")
        wishes = [
            orders.Wish(line.product, line.output_type, force=True)
            for line in lines.select_related("product__cad_file", "output_type")
        ]
        try:
            order = orders.place(
                list(dict.fromkeys(wishes)), trigger=Order.Trigger.RERENDER, user=operator(request)
            )
        except orders.OrderRefused as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        self.message_user(
            request, f"{order} placed: {plural(order.lines.count(), 'picture')} rendered again."
        )
        return HttpResponseRedirect(reverse("admin:rendering_order_change", args=[order.pk]))

    def offers(self, action: str, obj: Any) -> bool:
        match action:
            case "cancel":
                return bool(obj.live_count)
            case "retry_failed":
                return bool(obj.failed_count or obj.canceled_count)
        return True

    @admin.display(description="order", ordering="id")
    def name(self, order: Order) -> str:
        return str(order)

    @admin.display(description="lines")
    def state(self, order: Order) -> SafeString:
        return render_to_string("desk/order_state.html", {"order": order})

    @admin.display(description="what")
    def what(self, order: Any) -> str:
        if not order.line_count:
            return "-"
        products = f" and {order.product_count - 1} more" if order.product_count > 1 else ""
        rest = order.line_count - order.product_count
        outputs = f" (+{rest})" if rest > 0 else ""
        return f"{order.first_product}{products} · {order.first_output}{outputs}"

    @admin.display(description="lines")
    def lines_table(self, order: Order) -> SafeString:
        return render_to_string("desk/order_lines.html", _lines(order))


def _lines(order: Order) -> dict[str, Any]:
    lines = order.lines.select_related("product", "output_type", "asset__product").prefetch_related("jobs")
    rows = [
        {"line": line, "preview": html.preview(line.asset), "job": _current_job(line)}
        for line in lines[:LINES_SHOWN]
    ]
    return {"order": order, "rows": rows, "live_url": reverse("admin:rendering_order_live", args=[order.pk])}


def _current_job(line: OrderLine) -> Any:
    """The line's newest job: what it waits for, or what ended it. Jobs come newest first."""
    return next(iter(line.jobs.all()), None)
