"""The list of notifications, and the log of each one's attempts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from media_assets.serving import html
from rendering.delivery import notifications
from rendering.delivery.notifications.channels import channel_of
from rendering.desk.notifications.log import BADGES, what
from rendering.desk.shared.base import RecordAdmin
from rendering.desk.shared.control import ControlAdmin
from rendering.models import Notification

HIDDEN = gettext_lazy("The receiver did not accept it. Whoever may see webhooks sees why.")
TRIES = 50  # attempts that the page shows


@admin.register(Notification)
class NotificationAdmin(ControlAdmin, RecordAdmin):
    empty_words = gettext_lazy(
        "E-mails and webhook messages, each with whether it was delivered. Choose your e-mails under My "
        "notifications, or add a webhook."
    )
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
        "tries",
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
        "tries",
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

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_safe(self.live_tries))
        return [path("<int:pk>/tries/", view, name="rendering_notification_tries"), *super().get_urls()]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Nobody finds out by filters what the pages do not show."""
        closed = ("error", "body", "tries")
        return not lookup.startswith(closed) and super().lookup_allowed(lookup, value, request)

    def live_tries(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the attempts of one notification, for its page, which refreshes itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404(_("This notification is no longer there."))
        return HttpResponse(self.tries(row))

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
        return what(row)

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
        return str(HIDDEN) if _is_hidden(row) and row.error else row.error

    @admin.display(description=gettext_lazy("next attempt"))
    def next_try(self, row: Notification) -> str:
        waits = row.state == Notification.State.WAITING
        return date_format(timezone.localtime(row.next_attempt), "DATETIME_FORMAT") if waits else "-"

    @admin.display(description=gettext_lazy("attempts"))
    def tries(self, row: Notification) -> SafeString:
        context = {
            "row": row,
            "tries": row.tries.all()[:TRIES],
            "is_hidden": _is_hidden(row),
            "hidden": HIDDEN,
            "url": reverse("admin:rendering_notification_tries", args=[row.pk]),
        }
        return render_to_string("desk/notifications/tries.html", context)

    @admin.display(description=gettext_lazy("order"))
    def order_link(self, row: Notification) -> SafeString | str:
        if row.order is None:
            return "-"
        address = reverse("admin:rendering_order_change", args=[row.order_id])
        return format_html('<a href="{}">{}</a>', address, row.order)

    @admin.display(description=gettext_lazy("content"))
    def content(self, row: Notification) -> SafeString:
        return html.facts(row.body)


def _is_hidden(row: Notification) -> bool:
    """Whether this person may not see what the receiver of a webhook said."""
    return bool(row.webhook_id and getattr(row, "is_closed", False))
