"""Orders: progress, cost, and lines with their pictures."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy
from django.views.decorators.http import require_safe

from media_assets.serving import html
from rendering import history, orders
from rendering.desk.deliverables import page, views
from rendering.desk.orders import archive, placing, table
from rendering.desk.orders import lines as order_lines
from rendering.desk.orders.counts import with_counts
from rendering.desk.shared import placed
from rendering.desk.shared.base import RecordAdmin
from rendering.desk.shared.control import ControlAdmin, operator
from rendering.desk.shared.work_filters import LinesFilter
from rendering.models import HistoryEntry, Order, OrderLine
from rendering.models.order import PRIORITIES
from rendering.models.roles import may
from rendering.orders.lines import WHOLE

PRIORITY_STEP = 10


class DetailsForm(ModelForm):  # type: ignore[type-arg]
    """What of an order can be changed after it was placed."""

    priority = forms.IntegerField(
        label=gettext_lazy("Priority"),
        min_value=PRIORITIES[0],
        max_value=PRIORITIES[-1],
        help_text=gettext_lazy("Higher numbers go first. The order's jobs get the same priority."),
    )


@admin.register(Order)
class OrderAdmin(ControlAdmin, RecordAdmin):
    empty_words = gettext_lazy(
        "What was ordered, with progress, costs and the finished files. Order pictures, or order from a "
        "table."
    )
    form = DetailsForm
    list_display = ("name", "state", "what", "due_cell", "priority", "trigger", "ordered_by", "created")
    list_filter = ("trigger", LinesFilter, "paused", "due", "workflow", "created")
    list_select_related = ("ordered_by", "workflow_version")
    search_fields = ("=id", "lines__product__number", "lines__product__name", "note")
    actions = (
        "cancel",
        "retry_failed",
        "retry_canceled",
        "render_again",
        "pause",
        "resume",
        "raise_priority",
    )
    list_per_page = 50
    fieldsets = (
        (None, {"fields": ("lines_table",)}),
        (
            gettext_lazy("The order"),
            {
                "fields": (
                    "priority",
                    "due",
                    "note",
                    "wants_email",
                    ("trigger", "workflow_link"),
                    ("ordered_by", "created"),
                )
            },
        ),
    )
    readonly_fields = ("lines_table", "trigger", "workflow_link", "ordered_by", "created")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        rows: QuerySet[Order] = super().get_queryset(request)
        lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by("id")
        counts = OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order")
        return with_counts(rows).annotate(
            product_count=Subquery(counts.annotate(n=Count("product", distinct=True)).values("n")),
            deleted_count=Subquery(
                counts.annotate(n=Count("product_number", distinct=True, filter=Q(product=None))).values("n")
            ),
            first_product=Subquery(lines.values(words=Coalesce("product__number", "product_number"))[:1]),
            first_output=Subquery(lines.values(words=Coalesce("output_type__name", "output_name"))[:1]),
        )

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/live/", view(require_safe(self.live_lines)), name="rendering_order_live"),
            # Kept by the browser, unlike all other pages: Back shows what was typed, with the token that was sent.
            path(
                "add/", self.admin_site.admin_view(self.add_view, cacheable=True), name="rendering_order_add"
            ),
            path("pick/", view(require_safe(placing.pick)), name="rendering_order_pick"),
            path("table/", view(table.answer), name="rendering_order_import"),
            path("deliverables/", view(page.answer), name="rendering_matrix"),
            path("deliverables/views/", view(views.answer), name="rendering_matrix_views"),
            path("deliverables/zip/", view(archive.of_cells), name="rendering_matrix_zip"),
            path("<int:pk>/zip/", view(archive.of_order), name="rendering_order_zip"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_order_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("rendering.change_order")

    def get_readonly_fields(self, request: HttpRequest, obj: Order | None = None) -> Any:
        """The priority is shown, not asked for, to those who may not change it."""
        shown = super().get_readonly_fields(request, obj)
        return shown if self.has_prioritize_permission(request) else (*shown, "priority")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if not self.has_prioritize_permission(request):
            form.base_fields.pop("priority", None)  # declared, so that Django leaves it in
        return form

    def links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        address = reverse("admin:rendering_sharelink_add")
        own = [(f"{address}?order={obj.pk}", _("Share…"))] if may(request.user, "share") else []
        return [*archive.links(request, obj.pk), *own]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return placing.answer(request)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        more = {"show_save_and_add_another": False, "show_save_and_continue": False, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, more)

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Order | None:
        """Return the order with what its address asks for: which lines, from which page on."""
        order = super().get_object(request, *args, **kwargs)
        if order is not None:
            order.asked = order_lines.Asked.of(request.GET)
        return order

    def save_model(self, request: HttpRequest, obj: Order, form: Any, change: bool) -> None:
        """Write what was changed; another priority goes to the order's jobs as well."""
        obj.save(update_fields=["due", "note", "wants_email"])
        if "priority" in form.changed_data:
            before = form.initial.get("priority")
            count = orders.set_priority(obj, obj.priority)
            words = ngettext(
                "Priority of %(count)d job changed.", "Priority of %(count)d jobs changed.", count
            ) % {"count": count}
            history.record(
                HistoryEntry.Verb.CHANGE,
                obj,
                words=words,
                changes=[(_("Priority"), str(before), str(obj.priority))],
            )
            self.message_user(request, words)

    def response_post_save_change(self, request: HttpRequest, obj: Order) -> HttpResponseRedirect:
        return HttpResponseRedirect(self.url("change", obj.pk))

    def live_lines(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the lines of one order, for its page that refreshes itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        order = self.get_queryset(request).filter(pk=pk).first()
        if order is None:
            raise Http404(_("This order is no longer there."))
        asked = order_lines.Asked.of(request.GET)
        return TemplateResponse(request, "desk/orders/lines.html", order_lines.context(order, asked))

    @admin.action(permissions=["cancel"], description=gettext_lazy("Cancel"))
    def cancel(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        counts = [orders.cancel_order(order) for order in queryset]
        if lines := sum(counts):
            done = ngettext("%(count)d line canceled.", "%(count)d lines canceled.", lines)
            self.message_user(request, done % {"count": lines})
        if idle := counts.count(0):
            skipped = ngettext(
                "%(count)d order had nothing left to cancel.",
                "%(count)d orders had nothing left to cancel.",
                idle,
            )
            self.message_user(request, skipped % {"count": idle}, messages.WARNING)

    @admin.action(permissions=["retry"], description=gettext_lazy("Retry failed"))
    def retry_failed(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._retry(request, queryset, OrderLine.State.FAILED, _("Nothing to retry: no line has failed."))

    @admin.action(permissions=["retry"], description=gettext_lazy("Retry canceled"))
    def retry_canceled(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        words = _("Nothing to retry: no line has been canceled.")
        self._retry(request, queryset, OrderLine.State.CANCELED, words)

    def _retry(self, request: HttpRequest, queryset: QuerySet[Order], state: str, nothing: str) -> None:
        lines = OrderLine.objects.filter(order__in=queryset.order_by().values("pk"), state=state)
        count = orders.retry_lines(list(lines.select_related(*WHOLE)))
        if count:
            done = ngettext("%(count)d line started again.", "%(count)d lines started again.", count)
            self.message_user(request, done % {"count": count})
        else:
            self.message_user(request, nothing, messages.WARNING)

    @admin.action(permissions=["order"], description=gettext_lazy("Re-render"))
    def render_again(self, request: HttpRequest, queryset: QuerySet[Order]) -> HttpResponse | None:
        """Order the same again, forced: new pictures even where there are some, but nothing that was deleted."""
        lines = OrderLine.objects.filter(order__in=queryset.order_by().values("pk")).order_by("id")
        lines = lines.filter(product__isnull=False, output_type__isnull=False)
        wishes = [
            orders.Wish(line.product, line.output_type, force=True, variant=line.variant, part=line.part)
            for line in lines.select_related("product__cad_file", "output_type", "variant")
        ]
        try:
            order = orders.place(
                list(dict.fromkeys(wishes)), trigger=Order.Trigger.RERENDER, user=operator(request)
            )
        except orders.OrderRefused as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        self.message_user(request, placed.placed_again(order, order.lines.count()))
        return HttpResponseRedirect(reverse("admin:rendering_order_change", args=[order.pk]))

    @admin.action(permissions=["pause"], description=gettext_lazy("Pause"))
    def pause(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self.report(
            request,
            [orders.pause_order(order) for order in queryset],
            ngettext_lazy(
                "%(count)d order paused. Jobs that are already running will finish.",
                "%(count)d orders paused. Jobs that are already running will finish.",
                "count",
            ),
            ngettext_lazy(
                "%(count)d order skipped: already paused.",
                "%(count)d orders skipped: already paused.",
                "count",
            ),
        )

    @admin.action(permissions=["pause"], description=gettext_lazy("Resume"))
    def resume(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self.report(
            request,
            [orders.resume_order(order) for order in queryset],
            ngettext_lazy("%(count)d order resumed.", "%(count)d orders resumed.", "count"),
            ngettext_lazy(
                "%(count)d order skipped: not paused.", "%(count)d orders skipped: not paused.", "count"
            ),
        )

    @admin.action(permissions=["prioritize"], description=gettext_lazy("Raise priority"))
    def raise_priority(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Give each order, and the jobs that it waits for, a priority that is 10 higher."""
        raised = [order for order in queryset if order.priority < PRIORITIES[-1]]
        jobs = sum(
            orders.set_priority(order, min(PRIORITIES[-1], order.priority + PRIORITY_STEP))
            for order in raised
        )
        of_orders = ngettext(
            "Priority of %(count)d order raised by %(step)d.",
            "Priority of %(count)d orders raised by %(step)d.",
            len(raised),
        ) % {"count": len(raised), "step": PRIORITY_STEP}
        of_jobs = ngettext("%(count)d job moved up.", "%(count)d jobs moved up.", jobs) % {"count": jobs}
        self.message_user(request, f"{of_orders} {of_jobs}")

    def offers(self, action: str, obj: Any) -> bool:
        match action:
            case "cancel" | "raise_priority":
                return bool(obj.live_count) or obj.is_live
            case "retry_failed":
                return bool(obj.failed_count)
            case "retry_canceled":
                return bool(obj.canceled_count)
            case "pause":
                return (bool(obj.live_count) or obj.is_live) and not obj.paused
            case "resume":
                return bool(obj.paused)
        return True

    @admin.display(description=gettext_lazy("workflow"))
    def workflow_link(self, order: Order) -> SafeString | str:
        version = order.workflow_version
        if version is None:
            return "-"
        link = reverse("admin:rendering_workflow_version", args=[version.pk])
        return format_html('<a href="{}">{}</a>', link, version)

    @admin.display(description=gettext_lazy("order"), ordering="id")
    def name(self, order: Order) -> str:
        return str(order)

    @admin.display(description=gettext_lazy("lines"))
    def state(self, order: Order) -> SafeString:
        return render_to_string("desk/orders/state.html", {"order": order})

    @admin.display(description=gettext_lazy("due"), ordering="due")
    def due_cell(self, order: Any) -> SafeString | str:
        if order.due is None:
            return "-"
        day = date_format(order.due)
        return html.badge("failed", _("%(day)s late") % {"day": day}) if _is_overdue(order) else day

    @admin.display(description=gettext_lazy("what"))
    def what(self, order: Any) -> str:
        if not order.line_count:
            return "-"
        products = order.first_product
        count = order.product_count + order.deleted_count
        if rest := count - 1:
            products = _("%(product)s and %(count)d more") % {"product": products, "count": rest}
        rest = order.line_count - count
        outputs = f" (+{rest})" if rest > 0 else ""
        return f"{products} · {order.first_output}{outputs}"

    @admin.display(description=gettext_lazy("lines"))
    def lines_table(self, order: Any) -> SafeString:
        asked = getattr(order, "asked", order_lines.Asked())
        return render_to_string("desk/orders/lines.html", order_lines.context(order, asked))


def _is_overdue(order: Any) -> bool:
    return bool(order.live_count) and order.due < timezone.localdate()
