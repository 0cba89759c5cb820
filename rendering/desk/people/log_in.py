"""The log-in by password. Whoever has a second factor is asked for a code next, and is not logged in before."""

from __future__ import annotations

from urllib.parse import urlsplit

from allauth.account.utils import perform_login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.urls import Resolver404, resolve, reverse


class LogIn(LoginView):
    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        place = self.get_success_url()
        answer: HttpResponse = perform_login(self.request, form.get_user(), redirect_url=place)
        return answer

    def get_success_url(self) -> str:
        """Return the page that was asked for; the desk where ?next= leads to none of ours."""
        place = super().get_success_url()
        return place if _is_page(place) else reverse("admin:index")


def _is_page(address: str) -> bool:
    """Whether an address of this site is one that a view answers."""
    try:
        found = resolve(urlsplit(address).path)
    except (Resolver404, ValueError):
        return False
    return getattr(found.func, "__name__", "") != "catch_all_view"
