"""The second factor of a log-in: who switched it on and off, and whoever must have one gets no page without it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from rendering.history.entries import Verb, record

FREE = ("/share/", "/livez")  # for those who are not logged in as well


def connect() -> None:
    """Listen to second factors. May be called any number of times."""
    signals.authentication_failed.connect(_failed, dispatch_uid="rendering.history.wrong_code")
    signals.authenticator_added.connect(_added, dispatch_uid="rendering.history.factor_added")
    signals.authenticator_removed.connect(_removed, dispatch_uid="rendering.history.factor_removed")
    signals.authenticator_reset.connect(_renewed, dispatch_uid="rendering.history.codes_renewed")


def is_by_provider(request: HttpRequest, user: Any, within: float = math.inf) -> bool:
    """Whether this session's log-in was the company's own, which asks for factors itself, *within* seconds."""
    records = get_authentication_records(request, user)
    return any(one["method"] == "socialaccount" and time.time() - one["at"] < within for one in records)


def is_asked(request: HttpRequest, user: Any) -> bool:
    """Whether *user*, who logs in or has done so, is to show a second factor of Renderdesk."""
    return settings.OIDC_SECOND_FACTOR or not is_by_provider(request, user)


def forget(users: Iterable[User]) -> list[User]:
    """Delete the second factor of these users and return who had one: they log in by password alone."""
    had = [user for user in users if Authenticator.objects.filter(user=user).delete()[0]]
    if had:
        record(Verb.OTHER, had, words=_("The second factor was reset."))
    return had


def require(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return the middleware that leads staff without a second factor to where they set it up, if it is required."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if (
            settings.REQUIRE_SECOND_FACTOR
            and settings.SESSION_COOKIE_NAME in request.COOKIES
            and not request.path.startswith((*FREE, reverse("mfa_index"), reverse("admin:logout")))
            and request.path != reverse("admin:jsi18n")
            and request.user.is_authenticated
            and request.user.is_staff
            and is_asked(request, request.user)
            and not Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP).exists()
        ):
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        return get_response(request)

    return answer


def _failed(*, request: HttpRequest, user: User, **more: Any) -> None:
    """A wrong code counts as a wrong password does: the same pause, the same entry."""
    user_login_failed.send(sender=__name__, credentials={"username": user.get_username()}, request=request)


def _added(*, user: User, authenticator: Authenticator, **more: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        record(Verb.OTHER, user, words=_("The second factor was switched on."))


def _removed(*, user: User, authenticator: Authenticator, **more: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        record(Verb.OTHER, user, words=_("The second factor was switched off."))


def _renewed(*, user: User, **more: Any) -> None:
    record(Verb.OTHER, user, words=_("New recovery codes were made."))
