"""What django-allauth asks of a project: no sign-up, our idea of a client's address, secrets not in plain text."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from rendering.history import second_factor
from rendering.history.people import address_of

SALT = "renderdesk.second_factor"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Administrators add users; nobody adds himself."""
        return False

    def get_login_stages(self) -> list[str]:
        ours = {"allauth.mfa.stages.AuthenticateStage": f"{__package__}.stages.CodeStage"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Who has neither password nor factor here has shown at the provider who they are, if that was just now."""
        request = context.request
        is_fresh = not get_reauthentication_flows(request.user) and second_factor.is_by_provider(
            request, request.user, within=REAUTHENTICATION_TIMEOUT
        )
        return not is_fresh and bool(super().is_reauthentication_required(app=app))

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        known: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return known or ([{"id": "openid", "url": reverse("openid_begin")}] if settings.OIDC_ON else [])

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request) or ""


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        """Return a secret as it is kept: a copy of the database alone makes no codes."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret; another one, which fits no code, where it was kept with another SECRET_KEY."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return base64.b32encode(secrets.token_bytes(20)).decode()


def _cipher() -> Fernet:
    key = hashlib.sha256(f"{SALT}:{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
