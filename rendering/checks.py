"""System checks: settings under which jobs would be lost, secrets ignored, or strangers believed."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http.request import validate_host
from django.utils.translation import gettext as _

from gpu.checks import OPERATION

RELEASE = "0.1.0"  # the last one with the migrations that 0001_squashed and 0002_defaults replace
COMMIT = "c88403b4"  # the last one with those that ..._since_0_1_0 replace


@register(OPERATION)
def check_lease(**options: Any) -> list[CheckMessage]:
    if settings.LEASE_SECONDS < 10:
        return [
            Error(
                _("RENDERDESK_LEASE_SECONDS is {seconds:g}.").format(seconds=settings.LEASE_SECONDS),
                hint=_("Use 10 or more: a worker that writes a large picture would lose its job to another."),
                id="rendering.E001",
            )
        ]
    return []


@register(Tags.database)
def check_no_step_is_missing(*, databases: Sequence[str] | None = None, **options: Any) -> list[CheckMessage]:
    """A database that stopped between two steps that are one migration now can't go on: they are gone.

    Django would say nothing, and apply nothing.
    """
    loader = MigrationLoader(None)
    found: list[CheckMessage] = []
    for alias in databases or ():
        applied = MigrationRecorder(connections[alias]).applied_migrations()
        begun = [one for one in loader.replacements.values() if not applied.keys().isdisjoint(one.replaces)]
        missing = {
            f"{app}.{name}": one.name
            for one in begun
            for app, name in one.replaces
            if (app, name) not in applied and (app, name) not in loader.disk_migrations
        }
        since = sorted(step for step, by in missing.items() if by.endswith("_since_0_1_0"))
        if before := sorted(missing.keys() - {*since}):
            found.append(
                Error(
                    _("The database was left half-way to release {release}; it lacks {steps}.").format(
                        release=RELEASE, steps=", ".join(before)
                    ),
                    hint=_(
                        "Install release {release}, run 'manage.py migrate' there, and then install this one."
                    ).format(release=RELEASE),
                    id="rendering.E002",
                )
            )
        if since:
            found.append(
                Error(
                    _("The database is of a development version; it lacks {steps}.").format(
                        steps=", ".join(since)
                    ),
                    hint=_(
                        "Check out commit {commit}, run 'manage.py migrate' there, and then update to this version."
                    ).format(commit=COMMIT),
                    id="rendering.E011",
                )
            )
    return found


@register(OPERATION)
def check_secrets_in_files(**options: Any) -> list[CheckMessage]:
    hint = _(
        "Set either the variable or its _FILE, to a file that this user can read; nothing else is used in its place."
    )
    return [Error(wrong, hint=hint, id="rendering.E003") for wrong in settings.SECRETS_WRONG]


@register(OPERATION)
def check_log_format(**options: Any) -> list[CheckMessage]:
    if settings.LOG_FORMAT in ("lines", "json"):
        return []
    return [
        Error(
            _("RENDERDESK_LOG_FORMAT is {name!r}.").format(name=settings.LOG_FORMAT),
            hint=_("Use lines or json."),
            id="rendering.E008",
        )
    ]


@register(OPERATION)
def check_telemetry(**options: Any) -> list[CheckMessage]:
    hint = _("Until then nothing is reported. Unset the variable if nothing shall be.")
    return [Error(wrong, hint=hint, id="rendering.E009") for wrong in settings.TELEMETRY_WRONG]


@register(OPERATION)
def check_open_id(**options: Any) -> list[CheckMessage]:
    """A provider that is half configured, sends secrets over the net in plain text, or lets nobody in."""
    parts = {
        "RENDERDESK_OIDC_ISSUER": settings.OIDC_ISSUER,
        "RENDERDESK_OIDC_CLIENT_ID": settings.OIDC_CLIENT_ID,
        "RENDERDESK_OIDC_CLIENT_SECRET": settings.OIDC_CLIENT_SECRET,
    }
    missing = [name for name, value in parts.items() if not value]
    if len(missing) == len(parts):
        return []
    if missing:
        return [
            Error(
                _("OpenID Connect is half configured: {names} not set.").format(names=", ".join(missing)),
                hint=_("Set all of {names}, or none: until then only local accounts can log in.").format(
                    names=", ".join(parts)
                ),
                id="rendering.E005",
            )
        ]
    found: list[CheckMessage] = []
    address = urlsplit(settings.OIDC_ISSUER)
    if address.scheme != "https" and address.hostname not in ("localhost", "127.0.0.1", "::1"):
        found.append(
            Error(
                _("RENDERDESK_OIDC_ISSUER is {issuer}, which is not https.").format(
                    issuer=settings.OIDC_ISSUER
                ),
                hint=_("Use the provider's https address: whoever is in between could log in as anybody."),
                id="rendering.E006",
            )
        )
    if not all(value and group for value, group in settings.OIDC_GROUPS or [("", "")]):
        found.append(
            Error(
                _("RENDERDESK_OIDC_GROUPS gives no groups, or has an entry without value or group."),
                hint=_(
                    "Write VALUE=GROUP; VALUE=GROUP, as in designers=Operator; without a group nobody comes in."
                ),
                id="rendering.E007",
            )
        )
    return found


@register(Tags.database)
def check_open_id_groups(*, databases: Sequence[str] | None = None, **options: Any) -> list[CheckMessage]:
    named = {group for _value, group in settings.OIDC_GROUPS}
    if not (databases and settings.OIDC_ON and named):
        return []
    try:
        missing = sorted(named - set(Group.objects.filter(name__in=named).values_list("name", flat=True)))
    except DatabaseError:  # before the first migration
        return []
    if not missing:
        return []
    return [
        Warning(
            _("RENDERDESK_OIDC_GROUPS names groups that do not exist: {names}.").format(
                names=", ".join(missing)
            ),
            hint=_("Add them in the admin, or use the names of groups that are there."),
            id="rendering.W002",
        )
    ]


@register(OPERATION)
def check_addresses_of_metrics(**options: Any) -> list[CheckMessage]:
    wrong = []
    for text in settings.METRICS_ADDRESSES:
        try:
            ip_network(text)
        except ValueError as error:
            wrong.append(str(error))
    hint = _("Write addresses and networks, separated by commas: 10.0.0.5,192.168.1.0/24.")
    return [
        Error(_("RENDERDESK_METRICS_ADDRESSES: {why}.").format(why=why), hint=hint, id="rendering.E010")
        for why in wrong
    ]


@register(Tags.security, deploy=True)
def check_hosts_are_named(**options: Any) -> list[CheckMessage]:
    anything = sorted(host for host in settings.ALLOWED_HOSTS if host in ("*", "."))
    if not anything:
        return []
    return [
        Error(
            _("ALLOWED_HOSTS has {host!r}: any Host header is believed.").format(host=anything[0]),
            hint=_("Name the hosts that browsers use, as in ALLOWED_HOSTS=render.example.com."),
            id="rendering.E004",
        )
    ]


@register(Tags.security, deploy=True)
def check_own_address(**options: Any) -> list[CheckMessage]:
    """Links in e-mails, webhooks and shares would lead nowhere."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    if validate_host(host, settings.ALLOWED_HOSTS):
        return []
    return [
        Warning(
            _("RENDERDESK_URL is {url}, and ALLOWED_HOSTS does not have its host.").format(
                url=settings.SITE_URL
            ),
            hint=_(
                "Set RENDERDESK_URL to where browsers find the desk: shared links and e-mails begin with it."
            ),
            id="rendering.W001",
        )
    ]
