"""What django-allauth asks of a project about other accounts: the provider, who comes in, what errors look like."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from requests import RequestException

from rendering import history
from rendering.desk.people.log_in import PROVIDER_END
from rendering.desk.people.open_id import members
from rendering.desk.people.open_id.provider import company
from rendering.models import HistoryEntry

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

log = logging.getLogger("renderdesk.log_in")

LONGEST_REASON = 300  # characters of a log line

# What a page says, and its status: title, reason, next step. {label} is the provider.
PAGES: dict[str, tuple[int, StrPromise, StrPromise, StrPromise]] = {
    "unreachable": (
        502,
        gettext_lazy("{label} does not answer"),
        gettext_lazy("Renderdesk cannot reach {label}, which has your company's accounts."),
        gettext_lazy(
            "Try again in a moment. If it lasts, tell an administrator: the log of the web server has the reason."
        ),
    ),
    "stale": (
        400,
        gettext_lazy("This log-in is no longer valid"),
        gettext_lazy("It was begun too long ago, in another browser, or it was used already."),
        gettext_lazy("Begin again from the log-in."),
    ),
    "canceled": (
        403,
        gettext_lazy("You were not logged in"),
        gettext_lazy("The log-in was canceled at {label}, or {label} does not let you use Renderdesk."),
        gettext_lazy("Begin again from the log-in, or ask an administrator for access."),
    ),
    "refused": (
        502,
        gettext_lazy("The answer of {label} was refused"),
        gettext_lazy("It cannot be proved that it is from {label}, meant for Renderdesk and still valid."),
        gettext_lazy(
            "Begin again. If it lasts, tell an administrator: the log of the web server has the reason."
        ),
    ),
    "no_group": (
        403,
        gettext_lazy("Your account may not use Renderdesk"),
        gettext_lazy("{label} knows you, but you are in none of the groups that may use Renderdesk."),
        gettext_lazy("Ask an administrator to add you to one of these groups, then log in again."),
    ),
    "taken": (
        403,
        gettext_lazy("There is another account of yours"),
        gettext_lazy(
            "An account of Renderdesk has your user name or e-mail address, and it is not linked to {label}."
        ),
        gettext_lazy(
            "Log in with its password, or ask an administrator to link (RENDERDESK_OIDC_LINK_BY_EMAIL) or rename it."
        ),
    ),
    "inactive": (
        403,
        gettext_lazy("Your account is switched off"),
        gettext_lazy("An administrator of Renderdesk switched your account off."),
        gettext_lazy("Ask an administrator to switch it on again."),
    ),
}


def page(request: HttpRequest, name: str) -> HttpResponse:
    """Return the page that says why there was no log-in."""
    status, title, reason, step = PAGES[name]
    words = {"title": title, "reason": reason, "step": step}
    said = {key: text.format(label=settings.OIDC_LABEL) for key, text in words.items()}
    context = {**admin.site.each_context(request), **said}
    answer = render(request, "desk/people/open_id/no_log_in.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def told(request: HttpRequest, error: Exception | None) -> HttpResponse:
    """Return the page for what went wrong between here and the provider, and log the reason."""
    refusal = request.GET.get("error", "")
    if isinstance(error, RequestException):
        name, reason = "unreachable", f"{type(error).__name__}: {error}"
    elif error is not None:
        name, reason = "refused", str(error)
    elif refusal:
        name, reason = "canceled", f"{refusal}: {request.GET.get('error_description', '')}"
    else:
        name, reason = "stale", "its state is unknown here"
    log.warning("A log-in by OpenID Connect failed (%s). %s", name, reason[:LONGEST_REASON])
    return page(request, name)


class OpenIdAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def get_provider(self, request: HttpRequest | None, provider: str, client_id: str | None = None) -> Any:
        return company(request)

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Let in whom the claims give something here; others get a page."""
        claims = sociallogin.claims
        if claims["nonce"] != sociallogin.state.get("nonce"):
            log.warning("A log-in by OpenID Connect was refused: the nonce of its token is another one.")
            raise ImmediateHttpResponse(page(request, "refused"))
        if request.user.is_authenticated:
            logout(request)
        known = sociallogin.user if sociallogin.is_existing else members.by_address(claims)
        try:
            with history.acting(history.Actor(of_host=settings.OIDC_LABEL, via="OpenID Connect")):
                members.admit(sociallogin, known)
        except members.NoMember as why:
            log.warning("A log-in by OpenID Connect was refused (%s), sub %s.", why, claims["sub"])
            if known is not None:
                told_as = str(PAGES[str(why)][1])
                history.record(HistoryEntry.Verb.LOG_IN_FAILED, known, words=f"{told_as}. OpenID Connect.")
            raise ImmediateHttpResponse(page(request, str(why))) from why
        request.session[PROVIDER_END] = sociallogin.end

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: Any = None,
    ) -> None:
        """Answer with a page of ours."""
        raise ImmediateHttpResponse(told(request, exception))
