"""The provider of the environment: each log-in has a nonce, and no token is believed that is not checked."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.app_settings import UID_MAX_LENGTH
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
CLOCKS_DIFFER = 60  # seconds
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Flow(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """One log-in's talk with the provider. Errors are OAuth2Error and RequestException."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself. One that calls itself by another name is another one."""
        found: dict[str, Any] = super().openid_config
        if not isinstance(found, dict) or str(found.get("issuer")).rstrip("/") != settings.OIDC_ISSUER.rstrip(
            "/"
        ):
            raise OAuth2Error("The document of the provider is not that of RENDERDESK_OIDC_ISSUER.")
        if missing := [name for name in NEEDED if not found.get(name)]:
            raise OAuth2Error(f"The document of the provider lacks {', '.join(missing)}.")
        return found

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **more: Any) -> Any:
        """Return allauth's login, with its claims: those of the checked token, and of the endpoint about users."""
        said = self._checked(more["response"].get("id_token"))
        claims = {**self._about(said["sub"], token.token), **said}
        login = self.get_provider().sociallogin_from_response(request, claims)
        login.claims = claims
        login.end = str(self.openid_config.get("end_session_endpoint") or "")
        return login

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return request.build_absolute_uri(reverse("openid_callback"))

    def _about(self, subject: str, access_token: str) -> Mapping[str, Any]:
        if not self.openid_config.get("userinfo_endpoint"):
            return {}
        found = self._fetch_user_info(access_token)
        if found.get("sub") != subject:  # OpenID Connect Core 5.3.2
            raise OAuth2Error("The provider told about another user than the token.")
        return dict(found)

    def _checked(self, token: Any) -> dict[str, Any]:
        """Return the claims of an ID token of this provider for us, not ended (OpenID Connect Core 3.1.3.7)."""
        try:
            found: dict[str, Any] = jwt.decode(
                token,
                self._key(token),
                algorithms=ALGORITHMS,
                audience=settings.OIDC_CLIENT_ID,
                issuer=self.openid_config["issuer"],
                leeway=CLOCKS_DIFFER,
                options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"The ID token is refused: {error}") from error
        if found.get("azp", settings.OIDC_CLIENT_ID) != settings.OIDC_CLIENT_ID:
            raise OAuth2Error("The ID token is refused: it was made for another client.")
        if len(found["sub"]) > UID_MAX_LENGTH:
            raise OAuth2Error("The ID token is refused: its sub is too long.")
        return found

    def _key(self, token: Any) -> jwt.PyJWK:
        """Return the provider's key by which *token* says that it is signed; the only one, where it says nothing."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
            keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        name = jwt.get_unverified_header(token).get("kid")
        fitting = [key for key in keys if key.public_key_use in (None, "sig") and name in (None, key.key_id)]
        if len(fitting) != 1:
            raise OAuth2Error("The ID token is refused: the provider has no such key.")
        return fitting[0]


class CompanyProvider(OpenIDConnectProvider):  # type: ignore[misc]
    oauth2_adapter_class = Flow
    pkce_enabled_default = True

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **more: Any
    ) -> HttpResponseBase:
        """Lead to the provider. The nonce is kept with the state; other wishes of the request are not passed on."""
        nonce = secrets.token_urlsafe(24)
        answer: HttpResponseBase = super().redirect(
            request,
            process,
            next_url=next_url,
            data=data,
            scope=settings.OIDC_SCOPES,
            auth_params={"nonce": nonce},
            nonce=nonce,
        )
        return answer

    def extract_extra_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What is kept of the claims: nothing."""
        return {}


def company(request: HttpRequest | None) -> CompanyProvider:
    """Return the provider of the environment. Accounts are known by issuer and sub: no other provider has them."""
    app = SocialApp(
        provider=CompanyProvider.id,
        provider_id=settings.OIDC_ISSUER,
        name=settings.OIDC_LABEL,
        client_id=settings.OIDC_CLIENT_ID,
        secret=settings.OIDC_CLIENT_SECRET,
        settings={"server_url": settings.OIDC_ISSUER.rstrip("/")},
    )
    return CompanyProvider(request, app=app)
