"""System checks: environment values that would be obeyed in silence or not at all."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from gpu.models.system_settings import DevicePolicy


@register
def check_device_policy(**_: Any) -> list[CheckMessage]:
    if settings.CYCLES_DEVICE and settings.CYCLES_DEVICE not in DevicePolicy.values:
        return [
            Error(
                f"CYCLES_DEVICE is {settings.CYCLES_DEVICE!r}.",
                hint="Set it to auto, gpu or cpu, or leave it out to use the system settings.",
                id="gpu.E001",
            )
        ]
    return []


@register
def check_no_pool(**_: Any) -> list[CheckMessage]:
    if settings.DATABASES["default"].get("OPTIONS", {}).get("pool"):
        return [
            Error(
                "The database connection uses a psycopg pool.",
                hint="Workers fork: a pool breaks after that (measured: 11 of 30 tasks started). Leave the pool out.",
                id="gpu.E002",
            )
        ]
    return []
