"""System checks: combinations under which jobs would be lost or never end."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register
def check_lease(**_: Any) -> list[CheckMessage]:
    if settings.LEASE_SECONDS < 10:
        return [
            Error(
                f"RENDERDESK_LEASE_SECONDS is {settings.LEASE_SECONDS:g}.",
                hint="Use 10 or more: a worker that writes a large picture would lose its job to another.",
                id="rendering.E001",
            )
        ]
    return []
