"""System checks: settings with which jobs would be lost or never end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
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
