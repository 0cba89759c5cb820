"""System checks: settings under which jobs would be lost, secrets ignored, or strangers believed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http.request import validate_host
from django.utils.translation import gettext as _

WITH_STEPS = "0.1.0"  # the last release that has the migrations which ours replace


@register
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
    """A database that stopped between two steps of an earlier release can't go on: they are gone.

    Django would say nothing, and apply nothing.
    """
    loader = MigrationLoader(None)
    found: list[CheckMessage] = []
    for alias in databases or ():
        applied = MigrationRecorder(connections[alias]).applied_migrations()
        begun = [one for one in loader.replacements.values() if not applied.keys().isdisjoint(one.replaces)]
        steps = {step for one in begun for step in one.replaces if step not in loader.disk_migrations}
        if missing := sorted(f"{app}.{name}" for app, name in steps - applied.keys()):
            found.append(
                Error(
                    _("The database was left half-way to release {release}; it lacks {steps}.").format(
                        release=WITH_STEPS, steps=", ".join(missing)
                    ),
                    hint=_(
                        "Install release {release}, run 'manage.py migrate' there, and then install this one."
                    ).format(release=WITH_STEPS),
                    id="rendering.E002",
                )
            )
    return found


@register
def check_secrets_in_files(**options: Any) -> list[CheckMessage]:
    hint = _(
        "Set either the variable or its _FILE, to a file that this user can read; nothing else is used in its place."
    )
    return [Error(wrong, hint=hint, id="rendering.E003") for wrong in settings.SECRETS_WRONG]


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
