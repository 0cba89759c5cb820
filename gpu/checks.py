"""System checks: environment variables with unexpected effects or none."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.translation import gettext as _

from blender_scripts.reach import is_blender_itself
from gpu.models.system_settings import DevicePolicy
from gpu.probing import caches
from gpu.probing.filesystems import NETWORK, filesystem

OPERATION = "operation"
"""Tags what every command asks: is this installation set up well? Pages and addresses need not be imported for it."""


@register(OPERATION)
def check_device_policy(**options: Any) -> list[CheckMessage]:
    if settings.CYCLES_DEVICE and settings.CYCLES_DEVICE not in DevicePolicy.values:
        return [
            Error(
                _("CYCLES_DEVICE is %(value)r.") % {"value": settings.CYCLES_DEVICE},
                hint=_("Set it to auto, gpu or cpu, or leave it out to use the system settings."),
                id="gpu.E001",
            )
        ]
    return []


@register(OPERATION)
def check_wedged(**options: Any) -> list[CheckMessage]:
    """A cluster is judged by its answers to messages: it must have had the time for several."""
    least = 4 * settings.RING_SECONDS
    given = settings.WEDGED_SECONDS
    if given < least:
        return [
            Error(
                _("RENDERDESK_WEDGED_SECONDS is %(seconds)g.") % {"seconds": given},
                hint=_(
                    "Use at least %(least)g, four times RENDERDESK_RING_SECONDS: a worker that missed one message "
                    "would be killed."
                )
                % {"least": least},
                id="gpu.E005",
            )
        ]
    return []


@register(OPERATION)
def check_blender_gives_way(**options: Any) -> list[CheckMessage]:
    if 0 <= settings.BLENDER_NICE <= 19:
        return []
    words = _("RENDERDESK_BLENDER_NICE is %(value)d.") % {"value": settings.BLENDER_NICE}
    hint = _("Set it from 0 (as everything else) to 19 (only when nobody else wants the processors).")
    return [Error(words, hint=hint, id="gpu.E006")]


@register(OPERATION)
def check_no_pool(**options: Any) -> list[CheckMessage]:
    if settings.DATABASES["default"].get("OPTIONS", {}).get("pool"):
        return [
            Error(
                _("The database connection uses a psycopg pool."),
                hint=_("Remove the pool. Workers fork, and a pool does not survive that."),
                id="gpu.E002",
            )
        ]
    return []


@register(OPERATION)
def check_kernel_cache_is_local(**options: Any) -> list[CheckMessage]:
    place = Path(settings.KERNEL_CACHE_DIR)
    kind = filesystem(place)
    if kind not in NETWORK:
        return []
    return [
        Warning(
            _("The kernel cache %(folder)s is on a network share (%(kind)s).")
            % {"folder": place, "kind": kind},
            hint=_(
                "OptiX does not support that. Set RENDERDESK_KERNEL_CACHE_DIR to a folder on a local disk."
            ),
            id="gpu.W001",
        )
    ]


@register(OPERATION)
def check_kernel_cache_variables(**options: Any) -> list[CheckMessage]:
    """XDG_CACHE_HOME is left out: desktops set it for other programs."""
    names = {"OPTIX_CACHE_PATH", "CUDA_CACHE_PATH", "AMD_COMGR_CACHE_DIR", "SYCL_CACHE_DIR"}
    root = Path(settings.KERNEL_CACHE_DIR)
    mine = {str(root / name) for name in caches.FOLDERS}
    foreign = sorted(name for name in names if os.environ.get(name) and os.environ[name] not in mine)
    if not foreign:
        return []
    return [
        Warning(
            _("%(names)s is set, but Renderdesk keeps all kernel caches in %(folder)s.")
            % {"folder": root, "names": ", ".join(foreign)},
            hint=_("Set RENDERDESK_KERNEL_CACHE_DIR instead, and remove the drivers' own variables."),
            id="gpu.W002",
        )
    ]


@register(OPERATION)
def check_blender_is_confined(**options: Any) -> list[CheckMessage]:
    if not settings.CONFINE_BLENDER:
        return [
            Warning(
                _("RENDERDESK_CONFINE_BLENDER is off, so Blender has all rights of its user."),
                hint=_(
                    "Switch it on, unless a GPU driver does not work with it (docs/operations.md, Confinement)."
                ),
                id="gpu.W003",
            )
        ]
    program = shutil.which(settings.BLENDER_EXECUTABLE) if settings.BLENDER_EXECUTABLE else None
    is_python = program is not None and Path(program).name.startswith("python")
    if program is None or is_python or is_blender_itself(Path(program)):
        return []
    return [
        Warning(
            _("%(program)s is a script that starts Blender, so Blender is not confined.")
            % {"program": program},
            hint=_("Set BLENDER_EXECUTABLE to the Blender program itself."),
            id="gpu.W004",
        )
    ]
