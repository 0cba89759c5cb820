"""Webhooks: who is called, of what, and how the last calls went."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy
from django.views.decorators.http import require_safe

from media_assets.serving import html
from rendering.delivery import notifications
from rendering.desk.notifications.log import BADGES, shown
from rendering.desk.shared.control import ControlAdmin
from rendering.models import Notification, Webhook
from rendering.models.event import OFFERED

LAST = 20  # deliveries that the page shows


def event_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what a webhook can choose, in groups."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for event, facts in OFFERED.items():
        words = f"{event.label} ({event.value}): {facts.help}"
        groups.setdefault(str(facts.group), []).append((event.value, words))
    return list(groups.items())


class WebhookForm(ModelForm):  # type: ignore[type-arg]
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        choices=event_choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "address_hours" in self.fields:  # not for those who only look
            self.fields["address_hours"].required = False

    def clean_address_hours(self) -> int:
        """Nothing: no addresses."""
        return self.cleaned_data["address_hours"] or 0

    class Meta:
        model = Webhook
        fields = ("name", "url", "is_active", "events", "address_hours", "secret")


@admin.register(Webhook)
class WebhookAdmin(ControlAdmin):
    empty_words = gettext_lazy(
        "A webhook notifies another program of orders, pictures and alerts. Add one, then send a test."
    )
    form = WebhookForm
    list_display = ("name", "url", "chosen", "is_active", "last_delivery")
    search_fields = ("name", "url")
    actions = ("send_test", "rotate_secret")
    fieldsets = (
        (None, {"fields": ("name", "url", "is_active")}),
        (gettext_lazy("Notifications"), {"fields": ("events", "address_hours")}),
        (gettext_lazy("Signature"), {"fields": ("secret", "rotation")}),
        (gettext_lazy("Last deliveries"), {"fields": ("deliveries",)}),
    )
    readonly_fields = ("deliveries", "rotation")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Webhook]:
        rows: QuerySet[Webhook] = super().get_queryset(request)
        last = Notification.objects.filter(webhook=OuterRef("pk"), attempts__gt=0).order_by("-id")
        return rows.annotate(
            last_pk=Subquery(last.values("pk")[:1]), last_state=Subquery(last.values("state")[:1])
        )

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_safe(self.live_deliveries))
        return [path("<int:pk>/deliveries/", view, name="rendering_webhook_deliveries"), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Webhook | None = None) -> Any:
        """The secret is shown only to those who may change it; a new webhook has delivered nothing."""
        sets = super().get_fieldsets(request, obj)
        sees = self.has_change_permission(request, obj) or (obj is None and self.has_add_permission(request))
        sets = [one for one in sets if sees or "secret" not in one[1]["fields"]]
        if obj is None:
            sets = [one for one in sets if "deliveries" not in one[1]["fields"]]
        return sets

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Nobody finds out by filters what the page shows only to those who may change it."""
        return "secret" not in lookup and super().lookup_allowed(lookup, value, request)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in ("url", "secret"):
            kwargs["widget"] = forms.TextInput(attrs={"class": "vLargeTextField", "autocomplete": "off"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def offers(self, action: str, obj: Any) -> bool:
        return True

    @admin.action(permissions=["change"], description=gettext_lazy("Send test"))
    def send_test(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        rows = [notifications.send_test(hook) for hook in queryset]
        done = ngettext(
            "%(count)d test message will be sent within a minute. The result is shown under Last deliveries.",
            "%(count)d test messages will be sent within a minute. The results are shown under Last deliveries.",
            len(rows),
        )
        self.message_user(request, done % {"count": len(rows)}, messages.SUCCESS)

    @admin.action(permissions=["change"], description=gettext_lazy("Rotate secret"))
    def rotate_secret(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        for hook in queryset:
            hook.rotate()
        self.report(
            request,
            [True] * len(queryset),
            ngettext_lazy(
                "%(count)d webhook has a new secret. For a day, messages are signed with the old one as well.",
                "%(count)d webhooks have a new secret. For a day, messages are signed with the old ones as well.",
                "count",
            ),
            ngettext_lazy("%(count)d webhook skipped.", "%(count)d webhooks skipped.", "count"),
        )

    def live_deliveries(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the last deliveries of one webhook, for its page, which refreshes itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        hook = Webhook.objects.filter(pk=pk).first()
        if hook is None:
            raise Http404(_("This webhook is no longer there."))
        return HttpResponse(_last(hook))

    @admin.display(description=gettext_lazy("events"))
    def chosen(self, hook: Webhook) -> str:
        labels = [str(event.label) for event in OFFERED if event in hook.events]
        return ", ".join(labels) or _("none")

    @admin.display(description=gettext_lazy("rotation"))
    def rotation(self, hook: Webhook) -> str:
        if len(hook.secrets) > 1 and hook.old_secret_until:
            until = timezone.localtime(hook.old_secret_until)
            words = _("Messages are signed with the old secret as well until {until}.")
            return words.format(until=date_format(until, "DATETIME_FORMAT"))
        return _("Rotate secret makes a new one; the old one is good for another day.")

    @admin.display(description=gettext_lazy("deliveries"))
    def deliveries(self, hook: Webhook) -> SafeString:
        return _last(hook)

    @admin.display(description=gettext_lazy("last delivery"))
    def last_delivery(self, webhook: Any) -> SafeString | str:
        pk = getattr(webhook, "last_pk", None)
        if pk is None:
            return _("none yet")
        state = Notification.State(webhook.last_state)
        address = reverse("admin:rendering_notification_change", args=[pk])
        return format_html('<a href="{}">{}</a>', address, html.badge(BADGES[state], str(state.label)))


def _last(hook: Webhook) -> SafeString:
    rows = hook.notifications.select_related("order").prefetch_related("tries").defer("body")[:LAST]
    context = {
        "rows": [shown(row) for row in rows],
        "is_waiting": any(row.state == Notification.State.WAITING for row in rows),
        "url": reverse("admin:rendering_webhook_deliveries", args=[hook.pk]),
        "all_url": f"{reverse('admin:rendering_notification_changelist')}?webhook__id__exact={hook.pk}",
    }
    return render_to_string("desk/notifications/deliveries.html", context)
