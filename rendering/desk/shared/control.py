"""Shared by pages with actions: permissions, refusal of forged requests, and the same actions as buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from gpu.admin.bounded import BoundedAdmin
from rendering.desk.shared import recording
from rendering.models.roles import may

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

FROM_PAGE = "_from_page"  # a button of an object's own page: go back there


def operator(request: HttpRequest) -> User | None:
    """Return the user who is recorded for an order."""
    return request.user if isinstance(request.user, User) else None


class ControlAdmin(BoundedAdmin):
    """Actions that need a permission of their own, in the list and as buttons on each object's page."""

    def has_order_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "order")

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "cancel")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "retry")

    def has_prioritize_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "prioritize")

    def has_pause_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "pause")

    def offers(self, action: str, obj: Model) -> bool:
        """Whether *action* makes sense for *obj* as it is now."""
        return True

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Answer 403 to an action that the user may not take; Django would only find no such action."""
        if request.method == "POST":
            known = {getattr(action, "__name__", action) for action in self.actions or ()}
            allowed = self.get_actions(request)
            if any(name in known and name not in allowed for name in request.POST.getlist("action")):
                raise PermissionDenied(_("You may not do this. Ask an administrator for the permission."))
        return super().changelist_view(request, extra_context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        obj = self.get_object(request, object_id) if object_id else None
        named = {"title": str(obj), "subtitle": None} if obj else {}
        context = {**named, **(extra_context or {}), "control": self._control(request, obj) if obj else None}
        return super().changeform_view(request, object_id, form_url, context)

    def _control(self, request: HttpRequest, obj: Model) -> dict[str, Any]:
        buttons = [
            {"name": name, "label": label}
            for name, (_, _, label) in self.get_actions(request).items()
            if name != "delete_selected" and self.offers(name, obj)
        ]
        return {
            "url": self.url("changelist"),
            "pk": obj.pk,
            "buttons": buttons,
            "links": self.links(request, obj),
            "from_page": FROM_PAGE,
        }

    def links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """Return (address, words) of further pages that the page of *obj* leads to."""
        return []

    def report(
        self, request: HttpRequest, happened: Sequence[bool], done: StrPromise, skipped: StrPromise
    ) -> None:
        """Show how many of the chosen rows an action changed, and how many it skipped and why.

        *done* and *skipped* are lazy plurals by "count".
        """
        if count := sum(happened):
            self.message_user(request, done % {"count": count})
        if count := len(happened) - sum(happened):
            self.message_user(request, skipped % {"count": count}, messages.WARNING)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the actions that this user may take; each is recorded in the history."""
        actions: dict[str, Any] = super().get_actions(request)
        return {
            name: (recording.recorded(name, str(label), run), name, label)
            for name, (run, _, label) in actions.items()
        }

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any
    ) -> HttpResponse | None:
        response: HttpResponse | None = super().response_action(request, queryset, *args)
        page = request.POST.get(FROM_PAGE, "")
        if page.isdecimal() and len(page) < 19 and isinstance(response, HttpResponseRedirect):
            return HttpResponseRedirect(self.url("change", int(page)))
        return response

    def message_user(
        self, request: HttpRequest, message: Any, level: Any = messages.INFO, *args: Any, **kwargs: Any
    ) -> None:
        recording.answered(request, str(message), level)
        super().message_user(request, message, level, *args, **kwargs)

    def url(self, name: str, *args: object) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args)
