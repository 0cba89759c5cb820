"""Who may do what: a token's scope, and its owner's permission."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import HttpBearer
from ninja.throttling import AuthRateThrottle

from rendering.api.problems import ApiRefused
from rendering.history import actor
from rendering.models import ApiToken
from rendering.models.api_token import TokenScope
from rendering.models.roles import VERBS, may


class Token(HttpBearer):
    """An API token whose scopes contain *scope*, of an owner with the *permission*, or a verb of the roles."""

    def __init__(self, scope: str, permission: str) -> None:
        super().__init__()
        self.scope, self.permission = scope, permission

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = ApiToken.of_key(token)
        if found is None:
            return None
        if found.state != "open":
            told = _("This token was revoked.") if found.revoked else _("This token has expired.")
            raise ApiRefused(401, "token_ended", told, _("Make a new one."), WWW_Authenticate="Bearer")
        owner = found.owner
        if not (owner.is_active and owner.is_staff):
            told = _("The owner of this token may no longer log in.")
            raise ApiRefused(401, "owner_inactive", told, WWW_Authenticate="Bearer")
        if self.scope not in found.scopes:
            told = _("This token is not for that: its scopes lack {scope!r}.").format(scope=self.scope)
            raise ApiRefused(403, "scope", told, _("Make a token with this scope."))
        is_allowed = (
            may(owner, self.permission) if self.permission in VERBS else owner.has_perm(self.permission)
        )
        if not is_allowed:
            told = _("The token's owner {owner} may not do this: it needs {permission!r}.").format(
                owner=owner.get_username(), permission=self.permission
            )
            raise ApiRefused(403, "forbidden", told, _("Ask an administrator for the permission."))
        request.user = owner
        if person := actor():
            person.via = _("API token {name}").format(name=found.name)[:60]
        found.note_use()
        return found


class Pace(AuthRateThrottle):
    """So many requests of one token in a time; each web process counts by itself."""

    def __init__(self) -> None:
        super().__init__(settings.API_RATE)

    def get_cache_key(self, request: HttpRequest) -> str:
        return f"api-pace-{token_of(request).pk}"


def needs(scope: TokenScope, permission: str, **more: Any) -> dict[str, Any]:
    """Return what an operation's decorator takes so that only such tokens come in, and its document says so.

    *more*: what else its document says.
    """
    return {
        "auth": Token(scope.value, permission),
        "openapi_extra": {"x-scope": scope.value, "x-permission": permission, **more},
    }


def token_of(request: HttpRequest) -> ApiToken:
    """Return the token of a request that came in."""
    found: ApiToken = request.auth  # type: ignore[attr-defined]
    return found
