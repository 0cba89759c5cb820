"""The pages of the second factor: django-allauth's views, shown as pages of the desk."""

from __future__ import annotations

from typing import Any

from allauth.account.views import ReauthenticateView
from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import admin
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View
from django.views.generic.base import ContextMixin

PLACE = "desk/people/second_factor"


class InDesk(ContextMixin, View):
    """A view whose template extends the admin's; nothing of it is kept in caches."""

    @method_decorator(never_cache)
    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(*args, **kwargs)

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        found = super().get_context_data(**more)
        return {**admin.site.each_context(self.request), **found}


class Code(InDesk, base.AuthenticateView):  # type: ignore[misc]
    template_name = f"{PLACE}/code.html"


class CodeAgain(InDesk, base.ReauthenticateView):  # type: ignore[misc]
    template_name = f"{PLACE}/again.html"


class PasswordAgain(InDesk, ReauthenticateView):  # type: ignore[misc]
    template_name = f"{PLACE}/again.html"


class Mine(InDesk, base.IndexView):  # type: ignore[misc]
    template_name = f"{PLACE}/mine.html"


@method_decorator(csp_update({"img-src": ["data:"]}), name="dispatch")  # the QR code, which is on no disk
class SwitchOn(InDesk, totp.ActivateTOTPView):  # type: ignore[misc]
    template_name = f"{PLACE}/switch_on.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return {**super().get_context_data(**more), "must_have": settings.REQUIRE_SECOND_FACTOR}


class SwitchOff(InDesk, totp.DeactivateTOTPView):  # type: ignore[misc]
    template_name = f"{PLACE}/switch_off.html"


class Codes(InDesk, codes.ViewRecoveryCodesView):  # type: ignore[misc]
    template_name = f"{PLACE}/codes.html"


class NewCodes(InDesk, codes.GenerateRecoveryCodesView):  # type: ignore[misc]
    template_name = f"{PLACE}/new_codes.html"
