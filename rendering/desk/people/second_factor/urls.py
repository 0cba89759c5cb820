"""The addresses of the second factor, under the names by which django-allauth finds them."""

from __future__ import annotations

from allauth.mfa.recovery_codes.views import download_recovery_codes
from django.urls import path
from django.views.generic import RedirectView

from rendering.desk.people.second_factor import views

urlpatterns = [
    path("", views.Mine.as_view(), name="mfa_index"),
    path("code/", views.Code.as_view(), name="mfa_authenticate"),
    path("code-again/", views.CodeAgain.as_view(), name="mfa_reauthenticate"),
    path("password-again/", views.PasswordAgain.as_view(), name="account_reauthenticate"),
    path("on/", views.SwitchOn.as_view(), name="mfa_activate_totp"),
    path("off/", views.SwitchOff.as_view(), name="mfa_deactivate_totp"),
    path("recovery-codes/", views.Codes.as_view(), name="mfa_view_recovery_codes"),
    path("recovery-codes/new/", views.NewCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("recovery-codes/file/", download_recovery_codes, name="mfa_download_recovery_codes"),
    path(
        "log-in/",
        RedirectView.as_view(pattern_name="admin:login", query_string=True),
        name="account_login",
    ),
]
