"""Users and groups: Django's own pages, with bounded lists and a way back in for who was locked out."""

from __future__ import annotations

from axes.utils import reset
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gpu.admin.bounded import BoundedAdmin
from rendering import history
from rendering.models import HistoryEntry

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class PeopleAdmin(BoundedAdmin, UserAdmin):  # type: ignore[type-arg]
    actions = ("allow_log_in",)

    @admin.action(permissions=["change"], description=_("Allow log-in again"))
    def allow_log_in(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Forget the wrong passwords of these users, so that who was locked out need not wait."""
        released = [user for user in queryset if reset(username=user.get_username())]
        if released:
            history.record(HistoryEntry.Verb.OTHER, released, words=str(_("Log-in is allowed again.")))
        words = ngettext(
            "{count} user had wrong passwords; they are forgotten.",
            "{count} users had wrong passwords; they are forgotten.",
            len(released),
        )
        self.message_user(request, words.format(count=len(released)), messages.SUCCESS)


@admin.register(Group)
class RolesAdmin(BoundedAdmin, GroupAdmin):
    pass
