"""What people did: one list over everything, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from rendering.desk.shared.base import RecordAdmin
from rendering.models import HistoryEntry, HistorySubject

PEOPLE_LISTED = 200
COMMANDS = "commands"


class PersonFilter(admin.SimpleListFilter):
    """By person: those who may log in here, and commands."""

    title = "person"
    parameter_name = "person"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, str]]:
        yield ("me", "Me")
        if not request.user.has_perm("rendering.see_everybody"):
            return
        yield (COMMANDS, "By command line")
        others = (
            User.objects.filter(is_staff=True)
            .exclude(username=request.user.get_username())
            .order_by("username")
        )
        for user in others[:PEOPLE_LISTED]:
            yield (str(user.pk), user.get_username())

    def queryset(self, request: HttpRequest, queryset: QuerySet[HistoryEntry]) -> QuerySet[HistoryEntry]:
        chosen = self.value() or ""
        if chosen == "me":
            return queryset.filter(user=request.user.pk)
        if chosen == COMMANDS:
            return queryset.exclude(via="")
        return queryset.filter(user=int(chosen)) if chosen.isdigit() and len(chosen) < 19 else queryset


class ObjectFilter(admin.SimpleListFilter):
    """By one object: its history page leads here where it has more than it shows."""

    title = "object"
    parameter_name = "object"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        value = request.GET.get(self.parameter_name)
        return [(value, "The chosen one")] if value else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[HistoryEntry]) -> QuerySet[HistoryEntry]:
        kind, _, pk = (self.value() or "").partition("-")
        if not (kind.isdigit() and pk.isdigit() and len(kind) < 10 and len(pk) < 19):
            return queryset
        return queryset.filter(subjects__kind=int(kind), subjects__object_id=int(pk))


@admin.register(HistoryEntry)
class HistoryAdmin(RecordAdmin):
    """Who may not see others sees what he or she did; nobody reads of objects that are closed to him or her."""

    list_display = ("at", "who", "verb", "to_what", "came_of_it")
    list_display_links = None
    list_filter = (PersonFilter, "verb", "when", ObjectFilter)
    list_select_related = ("about",)
    search_fields = ("name", "person")
    sortable_by = ()
    list_per_page = 50
    fields = ("at", "who", "verb", "to_what", "came_of_it")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[HistoryEntry]:
        rows: QuerySet[HistoryEntry] = super().get_queryset(request)
        if not request.user.has_perm("rendering.see_everybody"):
            rows = rows.filter(user=request.user.pk)
        if not request.user.is_superuser:
            rows = rows.filter(Q(about=None) | Q(about__in=_open_to(request)))
        own = HistorySubject.objects.filter(entry=OuterRef("pk"), kind=OuterRef("about")).order_by("id")
        ids = own.values("object_id")
        return rows.annotate(first=Subquery(ids[:1]), second=Subquery(ids[1:2]))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        sees_all = request.user.has_perm("rendering.see_everybody")
        title = "What people did" if sees_all else "What you did"
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    @admin.display(description="when", ordering="when")
    def at(self, entry: HistoryEntry) -> SafeString:
        return render_to_string("desk/history_when.html", {"entry": entry})

    @admin.display(description="who")
    def who(self, entry: HistoryEntry) -> SafeString:
        return render_to_string("desk/history_person.html", {"entry": entry})

    @admin.display(description="to what")
    def to_what(self, entry: Any) -> SafeString | str:
        """The one object leads to its page; of many, the number is said."""
        is_gone = entry.verb == HistoryEntry.Verb.DELETE
        if is_gone or entry.first is None or entry.second is not None or entry.about is None:
            return str(entry.name)
        model = f"{entry.about.app_label}_{entry.about.model}"
        try:
            address = reverse(f"admin:{model}_change", args=[entry.first])
        except NoReverseMatch:  # a model without a page
            return str(entry.name)
        return format_html('<a href="{}">{}</a>', address, entry.name)

    @admin.display(description="what came of it")
    def came_of_it(self, entry: HistoryEntry) -> SafeString:
        return render_to_string("desk/history_words.html", {"entry": entry})


def _open_to(request: HttpRequest) -> list[int]:
    """Return the kinds of objects that this user may look at."""
    kinds = ContentType.objects.get_for_models(*admin.site._registry)
    return [
        kind.pk
        for model, kind in kinds.items()
        if any(
            request.user.has_perm(f"{model._meta.app_label}.{get_permission_codename(verb, model._meta)}")
            for verb in ("view", "change")
        )
    ]
