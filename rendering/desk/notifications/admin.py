"""Webhooks, and the list of notifications."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gpu.admin.bounded import BoundedAdmin
from media_assets.serving import html
from rendering.delivery import notifications
from rendering.delivery.notifications.channels import channel_of
from rendering.desk.shared.base import RecordAdmin
from rendering.desk.shared.control import ControlAdmin
from rendering.models import Notification, Webhook
from rendering.models.notification import Event

ENDS = {
    Event.FINISHED: gettext_lazy("finished"),
    Event.FAILED: gettext_lazy("failed"),
    Event.CANCELED: gettext_lazy("canceled"),
    Event.HELD: gettext_lazy("held"),
}
HIDDEN = gettext_lazy("The receiver did not accept it. Whoever may see webhooks sees why.")
BADGES = {"sent": "done", "waiting": "pending", "given_up": "failed"}


@admin.register(Webhook)
class WebhookAdmin(BoundedAdmin):
    list_display = ("name", "url", "on_finished", "on_failed", "on_canceled", "is_active", "last_delivery")
    search_fields = ("name", "url")
    fieldsets = (
        (None, {"fields": ("name", "url", "is_active")}),
        (gettext_lazy("Notifications"), {"fields": (("on_finished", "on_failed", "on_canceled"),)}),
        (gettext_lazy("Signature"), {"fields": ("secret",)}),
        (gettext_lazy("Result"), {"fields": ("last_delivery",)}),
    )
    readonly_fields = ("last_delivery",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Webhook]:
        rows: QuerySet[Webhook] = super().get_queryset(request)
        last = Notification.objects.filter(webhook=OuterRef("pk"), attempts__gt=0).order_by("-id")
        return rows.annotate(
            last_pk=Subquery(last.values("pk")[:1]), last_state=Subquery(last.values("state")[:1])
        )

    def get_fieldsets(self, request: HttpRequest, obj: Webhook | None = None) -> Any:
        """The secret is shown only to those who may change it."""
        sets = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj) or (obj is None and self.has_add_permission(request)):
            return sets
        return [one for one in sets if "secret" not in one[1]["fields"]]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Nobody finds out by filters what the page shows only to those who may change it."""
        return not lookup.startswith("secret") and super().lookup_allowed(lookup, value, request)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in ("url", "secret"):
            kwargs["widget"] = forms.TextInput(attrs={"class": "vLargeTextField", "autocomplete": "off"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("last delivery"))
    def last_delivery(self, webhook: Any) -> SafeString | str:
        pk = getattr(webhook, "last_pk", None)
        if pk is None:
            return _("none yet")
        state = Notification.State(webhook.last_state)
        address = reverse("admin:rendering_notification_change", args=[pk])
        return format_html('<a href="{}">{}</a>', address, html.badge(BADGES[state], str(state.label)))


@admin.register(Notification)
class NotificationAdmin(ControlAdmin, RecordAdmin):
    list_display = ("what", "to", "state_badge", "attempts", "problem", "created", "sent")
    list_filter = ("state", "event", "webhook")
    list_select_related = ("webhook",)
    search_fields = ("=order__id", "email", "=key")
    actions = ("send_again",)
    list_per_page = 50
    fields = (
        ("what", "channel", "to"),
        "state_badge",
        ("attempts", "next_try"),
        "problem",
        ("occurred", "sent"),
        "order_link",
        "key",
        "content",
    )
    readonly_fields = (
        "what",
        "channel",
        "to",
        "state_badge",
        "next_try",
        "problem",
        "order_link",
        "key",
        "content",
    )

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("rendering.change_notification")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notification]:
        rows: QuerySet[Notification] = super().get_queryset(request)
        if not request.user.has_perm("rendering.view_webhook"):  # a problem names the webhook's host
            rows = rows.annotate(is_closed=Value(True))
        is_list = request.resolver_match and str(request.resolver_match.url_name).endswith("changelist")
        return rows.defer("body") if is_list else rows

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Nobody finds out by filters what the pages do not show."""
        return not lookup.startswith(("error", "body")) and super().lookup_allowed(lookup, value, request)

    @admin.action(permissions=["send"], description=gettext_lazy("Send again"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Notification]) -> None:
        count = notifications.again(queryset)
        done = ngettext(
            "%(count)d notification will be sent within a minute.",
            "%(count)d notifications will be sent within a minute.",
            count,
        )
        self.message_user(request, done % {"count": count})

    @admin.display(description=gettext_lazy("what"), ordering="id")
    def what(self, row: Notification) -> str:
        return f"{_order(row)}: {ENDS[Event(row.event)]}"

    @admin.display(description=gettext_lazy("channel"))
    def channel(self, row: Notification) -> str:
        return str(channel_of(row).label)

    @admin.display(description=gettext_lazy("to"))
    def to(self, row: Notification) -> str:
        return row.receiver

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, row: Notification) -> SafeString:
        return html.badge(BADGES[row.state], row.get_state_display())

    @admin.display(description=gettext_lazy("last problem"), empty_value="")
    def problem(self, row: Notification) -> str:
        is_hidden = row.webhook_id and row.error and getattr(row, "is_closed", False)
        return str(HIDDEN) if is_hidden else row.error

    @admin.display(description=gettext_lazy("next attempt"))
    def next_try(self, row: Notification) -> str:
        waits = row.state == Notification.State.WAITING
        return f"{timezone.localtime(row.next_attempt):%Y-%m-%d %H:%M}" if waits else "-"

    @admin.display(description=gettext_lazy("order"))
    def order_link(self, row: Notification) -> SafeString:
        address = reverse("admin:rendering_order_change", args=[row.order_id])
        return format_html('<a href="{}">{}</a>', address, _order(row))

    @admin.display(description=gettext_lazy("content"))
    def content(self, row: Notification) -> SafeString:
        return html.facts(row.body)


def _order(row: Notification) -> str:
    return _("Order %(number)d") % {"number": row.order_id}
