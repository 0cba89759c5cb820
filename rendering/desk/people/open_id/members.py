"""What a person of the provider is here: the account, and the groups that the claims give, at each log-in anew."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction

log = logging.getLogger("renderdesk.log_in")

# Fields of an account: the claim, and the most characters.
NAMES = {"first_name": ("given_name", 150), "last_name": ("family_name", 150), "email": ("email", 254)}


class NoMember(Exception):
    """Whoever the provider sent does not come in. The argument is a key of `adapters.PAGES`."""


def values(claims: Mapping[str, Any]) -> set[str]:
    """Return the values of the groups claims, and "*", which everybody has.

    A claim's name is that of the token, or a path with dots into it, as Keycloak nests its roles.
    """
    found = {"*"}
    for name in settings.OIDC_GROUPS_CLAIM:
        value: Any = claims.get(name)
        if value is None:
            value = claims
            for part in name.split("."):
                value = value.get(part) if isinstance(value, Mapping) else None
        if name == "email" and not is_verified(claims):
            continue
        found.update(map(str, value if isinstance(value, list) else [value] if value else []))
    return found


def is_verified(claims: Mapping[str, Any]) -> bool:
    """Whether the provider vouches for the e-mail address; some say so by a text or a number."""
    return claims.get(settings.OIDC_EMAIL_VERIFIED_CLAIM) in (True, 1, "true", "True", "1")


def admit(login: Any, known: User | None) -> None:
    """Make the user of allauth's *login*, *known* or new, what its claims say. Raises NoMember, rights taken."""
    claims: Mapping[str, Any] = login.claims
    if known is not None and not known.is_active:
        raise NoMember("inactive")
    owned = values(claims)
    named = {group for _, group in settings.OIDC_GROUPS}
    groups = {group.name: group for group in Group.objects.filter(name__in=named)}
    given = {group for value, group in settings.OIDC_GROUPS if value in owned}
    if missing := given - groups.keys():
        log.error("RENDERDESK_OIDC_GROUPS names groups that do not exist: %s.", ", ".join(sorted(missing)))
    is_superuser = bool(owned & set(settings.OIDC_SUPERUSERS))
    is_member = is_superuser or bool(given - missing)
    if known is None and not is_member:
        raise NoMember("no_group")
    user = known or _new(claims)
    try:
        with transaction.atomic():
            _write(user, claims, is_member, is_superuser)
            has = set(user.groups.filter(name__in=groups).values_list("name", flat=True))
            user.groups.add(*(groups[name] for name in given - missing - has))
            user.groups.remove(*(groups[name] for name in has - given))
            if is_member:
                login.user = login.account.user = user
                login.account.save()
    except IntegrityError:  # the same person's first log-in, twice at once
        raise NoMember("stale") from None
    if not is_member:
        raise NoMember("no_group")


def _write(user: User, claims: Mapping[str, Any], is_member: bool, is_superuser: bool) -> None:
    """Save what the provider decides: all of an account that has no password here, of others only their rights."""
    if not user.has_usable_password():
        for field, (claim, size) in NAMES.items():
            setattr(user, field, str(claims.get(claim) or getattr(user, field))[:size])
        user.is_staff = is_member
    elif is_member:
        user.is_staff = True
    if settings.OIDC_SUPERUSERS:
        user.is_superuser = is_superuser
    user.save()


def by_address(claims: Mapping[str, Any]) -> User | None:
    """Return the one account with the verified address of the claims, where a setting lets it be linked."""
    address = str(claims.get("email") or "")
    if not (settings.OIDC_LINK_BY_EMAIL and address and is_verified(claims)):
        return None
    found = list(User.objects.filter(email__iexact=address)[:2])
    return found[0] if len(found) == 1 else None


def _new(claims: Mapping[str, Any]) -> User:
    """Return an unsaved user of these claims. Raises NoMember where the name or the address is another account's."""
    address = str(claims.get("email") or "")
    name = re.sub(r"[^\w.@+-]", "_", str(claims.get("preferred_username") or address or claims["sub"]))[:150]
    is_taken = User.objects.filter(username__iexact=name).exists()
    if is_taken or (address and User.objects.filter(email__iexact=address).exists()):
        raise NoMember("taken")
    user = User(username=name)
    user.set_unusable_password()
    return user
