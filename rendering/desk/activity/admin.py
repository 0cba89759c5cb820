"""The activity: one list of all actions, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rendering.desk.shared.base import RecordAdmin
from rendering.models import HistoryEntry, HistorySubject

PEOPLE_LISTED = 200
COMMANDS = "commands"


class PersonFilter(admin.SimpleListFilter):
    """By person: those who may log in here, and commands."""

    title = gettext_lazy("person")
    parameter_name = "person"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, str]]:
        yield ("me", _("Me"))
        if request.user.has_perm("rendering.see_everybody"):
            yield (COMMANDS, _("Command line"))
            others = User.objects.filter(is_staff=True).exclude(username=request.user.get_username())
            yield from (
                (str(user.pk), user.get_username()) for user in others.order_by("username")[:PEOPLE_LISTED]
            )

    def queryset(self, request: HttpRequest, queryset: QuerySet[HistoryEntry]) -> QuerySet[HistoryEntry]:
        chosen = self.value() or ""
        if chosen == COMMANDS:
            return queryset.exclude(via="")
        user = request.user.pk if chosen == "me" else _number(chosen)
        return queryset if user is None else queryset.filter(user=user)


class ObjectFilter(admin.SimpleListFilter):
    """By one object: its history page leads here where it has more than it shows."""

    title = gettext_lazy("object")
    parameter_name = "object"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        value = request.GET.get(self.parameter_name)
        return [(value, _("Selected object"))] if value else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[HistoryEntry]) -> QuerySet[HistoryEntry]:
        kind, pk = map(_number, (self.value() or "").partition("-")[::2])
        if kind is None or pk is None:
            return queryset
        return queryset.filter(subjects__kind=kind, subjects__object_id=pk)


@admin.register(HistoryEntry)
class HistoryAdmin(RecordAdmin):
    """Users without permission for others see only their own actions; nobody sees objects that they may not view."""

    empty_words = gettext_lazy(
        "Who uploaded, ordered, canceled, paused or changed what, and when. Nothing has been done yet."
    )
    list_display = ("at", "who", "verb", "subject", "result")
    list_display_links = None
    list_filter = (PersonFilter, "verb", "when", ObjectFilter)
    list_select_related = ("about",)
    search_fields = ("name", "person")
    sortable_by = ()
    list_per_page = 50
    fields = readonly_fields = list_display

    def get_queryset(self, request: HttpRequest) -> QuerySet[HistoryEntry]:
        rows: QuerySet[HistoryEntry] = super().get_queryset(request)
        if not request.user.has_perm("rendering.see_everybody"):
            rows = rows.filter(user=request.user.pk)
        if not request.user.is_superuser:
            pages = admin.site._registry
            kinds = ContentType.objects.get_for_models(*pages).items()
            opened = [kind.pk for model, kind in kinds if pages[model].has_view_permission(request)]
            rows = rows.filter(Q(about=None) | Q(about__in=opened))
        own = HistorySubject.objects.filter(entry=OuterRef("pk"), kind=OuterRef("about")).order_by("id")
        ids = own.values("object_id")
        return rows.annotate(first=Subquery(ids[:1]), second=Subquery(ids[1:2]))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        sees_all = request.user.has_perm("rendering.see_everybody")
        title = _("Activity") if sees_all else _("Your activity")
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    @admin.display(description=gettext_lazy("when"), ordering="when")
    def at(self, entry: HistoryEntry) -> SafeString:
        return render_to_string("desk/activity/when.html", {"entry": entry})

    @admin.display(description=gettext_lazy("who"))
    def who(self, entry: HistoryEntry) -> SafeString:
        return render_to_string("desk/activity/person.html", {"entry": entry})

    @admin.display(description=gettext_lazy("object"))
    def subject(self, entry: Any) -> SafeString | str:
        """A link to the page of a single object; the number of several."""
        is_one = entry.about and entry.first is not None and entry.second is None
        if not is_one or entry.verb == HistoryEntry.Verb.DELETE:
            return str(entry.name)
        try:
            page = f"admin:{entry.about.app_label}_{entry.about.model}_change"
            return format_html('<a href="{}">{}</a>', reverse(page, args=[entry.first]), entry.name)
        except NoReverseMatch:  # a model without a page
            return str(entry.name)

    @admin.display(description=gettext_lazy("result"))
    def result(self, entry: HistoryEntry) -> SafeString:
        return render_to_string("desk/activity/words.html", {"entry": entry})


def _number(text: str) -> int | None:
    """Return an id that is sent as text; None for what no database takes as one."""
    return int(text) if text.isdecimal() and len(text) < 19 else None
