"""The log-in by password. Whoever has a second factor is asked for a code next, and is not logged in before."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME as NEXT
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme

PROVIDER_END = "openid_end"  # in the session: where one logs out of the provider


class LogIn(LoginView):
    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        place = self.get_success_url()
        answer: HttpResponse = perform_login(self.request, form.get_user(), redirect_url=place)
        return answer

    def get_success_url(self) -> str:
        """Return the page that was asked for; the desk where ?next= leads to none of ours."""
        return place_after(self.request)


def place_after(request: HttpRequest) -> str:
    """Return where a log-in leads: to ?next= if that is a page of ours, else to the desk."""
    place = request.POST.get(NEXT, request.GET.get(NEXT, ""))
    is_ours = url_has_allowed_host_and_scheme(place, {request.get_host()}, require_https=request.is_secure())
    return place if is_ours and _is_page(place) else reverse("admin:index")


def by_provider(request: HttpRequest) -> dict[str, str]:
    """Return what the page of the log-in says of the company's accounts; nothing, where there are none."""
    if not settings.OIDC_ON:
        return {}
    address = reverse("openid_begin", query={NEXT: place_after(request)})
    return {"provider": settings.OIDC_LABEL, "provider_address": address}


def log_out_there(request: HttpRequest) -> dict[str, str]:
    """Return what the page after the log-out says to whom the provider logged in: we do not log out there."""
    end = request.session.get(PROVIDER_END, "")
    if not (settings.OIDC_ON and end):
        return {}
    query = urlencode({"client_id": settings.OIDC_CLIENT_ID})
    return {"provider": settings.OIDC_LABEL, "provider_end": f"{end}{'&' if '?' in end else '?'}{query}"}


def _is_page(address: str) -> bool:
    """Whether an address of this site is one that a view answers."""
    try:
        found = resolve(urlsplit(address).path)
    except (Resolver404, ValueError):
        return False
    return getattr(found.func, "__name__", "") != "catch_all_view"
