"""Alerts: what needs attention now, and what did."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from media_assets.serving import html
from rendering.desk.shared.base import RecordAdmin
from rendering.models import Alert
from rendering.models.alert import RUNBOOK, AlertName


class CurrentFilter(admin.SimpleListFilter):
    """What holds now, or is over."""

    title = gettext_lazy("state")
    parameter_name = "now"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Current")), ("no", _("Over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alert]) -> QuerySet[Alert]:
        match self.value():
            case "yes":
                return queryset.filter(ended=None)
            case "no":
                return queryset.exclude(ended=None)
        return queryset


@admin.register(Alert)
class AlertAdmin(RecordAdmin):
    empty_words = gettext_lazy(
        "What needs somebody's attention: a lost GPU, jobs that wait too long, a disk that is nearly full. "
        "There has been no alert."
    )
    list_display = ("title", "subject", "state", "message", "began", "ended")
    list_filter = (CurrentFilter, "name")
    search_fields = ("subject", "message")
    list_per_page = 50
    fields = (
        ("title", "subject"),
        "state",
        "message",
        "next_step",
        "runbook",
        ("began", "ended", "last_seen"),
    )
    readonly_fields = ("title", "state", "next_step", "runbook")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        rows: QuerySet[Alert] = super().get_queryset(request)
        return rows.exclude(began=None)

    @admin.display(description=gettext_lazy("alert"), ordering="name")
    def title(self, alert: Alert) -> str:
        return str(AlertName(alert.name).label)

    @admin.display(description=gettext_lazy("state"), ordering="ended")
    def state(self, alert: Alert) -> SafeString:
        return html.badge("done", _("Over")) if alert.ended else html.badge("failed", _("Current"))

    @admin.display(description=gettext_lazy("what to do"))
    def next_step(self, alert: Alert) -> str:
        return str(RUNBOOK[AlertName(alert.name)].next_step)

    @admin.display(description=gettext_lazy("more"))
    def runbook(self, alert: Alert) -> str:
        return f"{RUNBOOK[AlertName(alert.name)].runbook} ({alert.name})"
