"""Users and groups: Django's own pages, with bounded lists and a way back in for who was locked out."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from axes.utils import reset
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gpu.admin.bounded import BoundedAdmin
from rendering import history
from rendering.desk.people.confined import CustomerAccessInline
from rendering.history import second_factor
from rendering.models import HistoryEntry

admin.site.unregister([SocialAccount, SocialApp, SocialToken])  # the environment names the provider
admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class PeopleAdmin(BoundedAdmin, UserAdmin):  # type: ignore[type-arg]
    empty_words = _(
        "The people who may log in. Add a user, then choose the groups that say what they may do."
    )
    list_display = ("username", "email", "first_name", "last_name", "is_staff", "second_factor")
    actions = ("allow_log_in", "reset_second_factor")
    inlines = (CustomerAccessInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factor = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
        users: QuerySet[User] = super().get_queryset(request)
        return users.annotate(second_factor=Exists(factor))

    @admin.display(description=_("second factor"), boolean=True, ordering="second_factor")
    def second_factor(self, user: User) -> bool:
        return bool(getattr(user, "second_factor", False))

    @admin.action(permissions=["change"], description=_("Reset second factor"))
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let these users, who lost phone and recovery codes, log in by password alone."""
        had = second_factor.forget(queryset)
        words = ngettext(
            "{count} user logs in by password alone now.",
            "{count} users log in by password alone now.",
            len(had),
        )
        self.message_user(request, words.format(count=len(had)), messages.SUCCESS)

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
    empty_words = _(
        "A group says what its users may do. Add one, or run “manage.py migrate”, which adds the usual ones."
    )
    inlines = (CustomerAccessInline,)
