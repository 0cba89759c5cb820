"""A code is as guarded as a password: wrong ones end in the same pause, and none is taken twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.core import context
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from allauth.mfa.utils import decrypt
from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.db import transaction
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    Base = forms.Form
else:
    Base = object

USED = "counter"  # in an authenticator's data: the newest period whose code was used


class CodeInput(forms.TextInput):
    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return what is shown: never the code that was wrong."""
        own = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        return super().get_context(name, None, {**(attrs or {}), **own})


class Guarded(Base):
    user: Any
    authenticator: Authenticator

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget = CodeInput()

    def clean_code(self) -> str:
        """Return a code that is right and new. AxesMiddleware answers with the page of the pause, during one."""
        request = context.request
        if not AxesProxyHandler.is_allowed(request, {"username": self.user.get_username()}):
            request.axes_locked_out = True
            raise forms.ValidationError(_("Too many wrong codes."))
        code: str = super().clean_code()  # type: ignore[misc]
        if self.authenticator.type == Authenticator.Type.TOTP and not take(self.authenticator.pk, code):
            raise forms.ValidationError(_("This code was used already. Wait for the next one."))
        return code


class LogInCodeForm(Guarded, AuthenticateForm):  # type: ignore[misc]
    pass


class AgainCodeForm(Guarded, ReauthenticateForm):  # type: ignore[misc]
    pass


@transaction.atomic
def take(pk: int, code: str) -> bool:
    """Note that a right code is used; return False where it, or a later one, was (RFC 6238, 5.2).

    django-allauth notes this in the cache, which each process of the web server has for itself.
    """
    row = Authenticator.objects.select_for_update().get(pk=pk)
    secret = decrypt(row.data["secret"])
    fitting = [
        counter
        for counter in auth.yield_hotp_counters_from_time()
        if compare_user_code(actual=code, expected=auth.format_hotp_value(auth.hotp_value(secret, counter)))
    ]
    if not fitting or fitting[0] <= row.data.get(USED, -1):
        return False
    row.data[USED] = fitting[0]
    row.save(update_fields=["data"])
    return True
