"""System checks: environment variables with unexpected effects or none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from gpu.models.system_settings import DevicePolicy
from gpu.probing import caches
from gpu.probing.filesystems import NETWORK, filesystem


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
def check_wedged(**_: Any) -> list[CheckMessage]:
    """A cluster is judged by its answers to kicks: it must have had the time for several."""
    if settings.WEDGED_SECONDS < 4 * settings.RING_SECONDS:
        return [
            Error(
                f"RENDERDESK_WEDGED_SECONDS is {settings.WEDGED_SECONDS:g}.",
                hint=f"Use at least {4 * settings.RING_SECONDS:g}, four times RENDERDESK_RING_SECONDS: "
                "a worker that missed one kick would be killed.",
                id="gpu.E005",
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


@register
def check_kernel_cache_is_local(**_: Any) -> list[CheckMessage]:
    place = Path(settings.KERNEL_CACHE_DIR)
    kind = filesystem(place)
    if kind not in NETWORK:
        return []
    return [
        Warning(
            f"The kernel cache {place} is on a network share ({kind}).",
            hint="OptiX's cache is undefined there. Set RENDERDESK_KERNEL_CACHE_DIR to a folder on a local disk.",
            id="gpu.W001",
        )
    ]


@register
def check_kernel_cache_variables(**_: Any) -> list[CheckMessage]:
    """XDG_CACHE_HOME is left out: desktops set it for other programs."""
    names = {"OPTIX_CACHE_PATH", "CUDA_CACHE_PATH", "AMD_COMGR_CACHE_DIR", "SYCL_CACHE_DIR"}
    root = Path(settings.KERNEL_CACHE_DIR)
    mine = {str(root / name) for name in caches.FOLDERS}
    foreign = sorted(name for name in names if os.environ.get(name) and os.environ[name] not in mine)
    if not foreign:
        return []
    return [
        Warning(
            f"{', '.join(foreign)} is set, but Renderdesk keeps all kernel caches in {root}.",
            hint="Set RENDERDESK_KERNEL_CACHE_DIR instead, and leave the drivers' own variables out.",
            id="gpu.W002",
        )
    ]
