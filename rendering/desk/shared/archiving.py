"""Archive, bring back and delete: the actions, buttons, filter and preview of whatever can be put away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from media_assets.models.archivable import Archivable
from rendering import orders
from rendering.desk.shared.control import ControlAdmin
from rendering.orders import Archived, DeletionRefused

NAMED = 5  # objects of one message
MOST = 500  # rows of one deletion: it is one transaction


class ArchivedFilter(admin.SimpleListFilter):
    """What is in use, unless the address asks for what is archived."""

    title = gettext_lazy("archived")
    parameter_name = "archived"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Archived")), ("all", _("All"))]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        first, *rest = super().choices(changelist)
        yield {**first, "display": _("Not archived")}
        yield from rest

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "yes":
                return queryset.filter(archived_at__isnull=False)
            case "all":
                return queryset
        return queryset.filter(archived_at__isnull=True)


class ArchivingAdmin(ControlAdmin):
    """A page of rows that can be archived, and once they are, deleted: each with a permission of its own."""

    archiving = ("archive", "restore", "delete_archived")  # the last of a page's actions

    def has_archive_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.archive_{self.opts.model_name}")

    def has_discard_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.delete_{self.opts.model_name}")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_discard_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.is_archived)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Leave out Django's own deletion, which knows nothing of orders and files."""
        return {name: one for name, one in super().get_actions(request).items() if name != "delete_selected"}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Offer nothing that is archived where a form asks for a choice; the list has its filter."""
        if request.resolver_match and request.resolver_match.url_name == "autocomplete":
            queryset = queryset.filter(archived_at__isnull=True)
        return super().get_search_results(request, queryset, search_term)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Say on the page of what is archived that it is."""
        obj = self.get_object(request, object_id) if object_id and request.method == "GET" else None
        if obj is not None and obj.is_archived:
            since = timezone.localtime(obj.archived_at)
            words = _(
                "Archived on %(when)s. It is in no list or search and can't be ordered until somebody brings it back."
            )
            messages.warning(request, words % {"when": date_format(since, "DATETIME_FORMAT")})
        return super().changeform_view(
            request, object_id, form_url, {"show_delete": False, **(extra_context or {})}
        )

    def offers(self, action: str, obj: Any) -> bool:
        match action:
            case "archive":
                return not obj.is_archived
            case "restore" | "delete_archived":
                return bool(obj.is_archived)
        return not obj.is_archived and self.offers_unarchived(action, obj)

    def offers_unarchived(self, action: str, obj: Any) -> bool:
        """Whether *action* makes sense for *obj*, which is not archived."""
        return True

    def _control(self, request: HttpRequest, obj: Model) -> dict[str, Any]:
        """Send the buttons to the list that has archived rows as well."""
        found = super()._control(request, obj)
        return {**found, "url": f"{found['url']}?{ArchivedFilter.parameter_name}=all"}

    @admin.action(permissions=["archive"], description=gettext_lazy("Archive"))
    def archive(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        found = orders.archive(list(queryset))
        done = ngettext("%(count)d archived: %(names)s.", "%(count)d archived: %(names)s.", len(found.done))
        self._say(request, found, done, _("Nothing to archive: all of it is archived already."))

    @admin.action(permissions=["archive"], description=gettext_lazy("Bring back"))
    def restore(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        found = orders.restore(list(queryset))
        done = ngettext(
            "%(count)d brought back: %(names)s.", "%(count)d brought back: %(names)s.", len(found.done)
        )
        self._say(request, found, done, _("Nothing to bring back: none of it is archived."))

    def _say(self, request: HttpRequest, found: Archived, done: str, nothing: str) -> None:
        if found.done:
            text = done % {"count": len(found.done), "names": _names(found.done)}
            if found.along:
                text += " " + _("With it: %(names)s.") % {"names": _names(found.along)}
            self.message_user(request, text)
        for row, why in found.refused[:NAMED]:
            self.message_user(request, f"{row}: {why}", messages.WARNING)
        if rest := len(found.refused[NAMED:]):
            words = ngettext("%(count)d more refused.", "%(count)d more refused.", rest)
            self.message_user(request, words % {"count": rest}, messages.WARNING)
        if not (found.done or found.refused):
            self.message_user(request, nothing, messages.WARNING)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the preview at Django's own address for it as well."""
        if not self.has_discard_permission(request):
            raise PermissionDenied
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404(_("There is no such row any more."))
        return self.delete_archived(request, self.get_queryset(request).filter(pk=obj.pk))

    @admin.action(permissions=["discard"], description=gettext_lazy("Delete…"))
    def delete_archived(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """Show what would go and what refuses; on the page's button delete it."""
        rows = list(queryset[: MOST + 1])
        if len(rows) > MOST:
            words = _("Up to %(most)d can be deleted at a time. Choose fewer.")
            self.message_user(request, words % {"most": MOST}, messages.WARNING)
            return HttpResponseRedirect(request.get_full_path())
        plan = orders.plan_deletion(rows)
        if seen := request.POST.get("seen"):
            try:
                done = orders.delete(rows, seen)
            except DeletionRefused as refusal:
                plan = refusal.plan
                self.message_user(request, str(refusal), messages.WARNING)
            else:
                words = ngettext("%(count)d deleted: %(names)s.", "%(count)d deleted: %(names)s.", len(rows))
                names = {"count": len(rows), "names": _names(rows)}
                self.message_user(request, f"{words % names} {done.words}".strip())
                return HttpResponseRedirect(f"{self.url('changelist')}?{ArchivedFilter.parameter_name}=yes")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Delete %(names)s") % {"names": _names(rows)},
            "opts": self.opts,
            "plan": plan,
            "obstacles": [(_address(one.row), one) for one in plan.obstacles],
            "ids": [row.pk for row in rows],
            "action": f"{self.url('changelist')}?{ArchivedFilter.parameter_name}=all",
            "back": self.url("change", rows[0].pk) if len(rows) == 1 else self.url("changelist"),
        }
        return TemplateResponse(request, "desk/shared/delete.html", context)


def _address(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def _names(rows: list[Archivable] | list[Any]) -> str:
    """Return the names of the first *rows*, and how many more there are."""
    names = ", ".join(str(row) for row in rows[:NAMED])
    if rest := len(rows[NAMED:]):
        return _("%(names)s and %(count)d more") % {"names": names, "count": rest}
    return names
