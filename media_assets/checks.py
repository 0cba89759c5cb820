"""System checks: settings that make storing media unsafe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from media_assets import storage
from media_assets.storage.offload import problem


@register(Tags.files)
def check_media_root(**_: Any) -> list[CheckMessage]:
    if storage.media_overlap(Path(settings.STATIC_ROOT)):
        return [
            Error(
                "MEDIA_ROOT and STATIC_ROOT lie in each other.",
                hint="Media is served behind a permission check, static files are public: give each its own folder.",
                id="media_assets.E001",
            )
        ]
    return []


@register(Tags.files)
def check_media_offload(**_: Any) -> list[CheckMessage]:
    wrong = problem(settings.MEDIA_OFFLOAD)
    if not wrong:
        return []
    hint = "Leave it empty, or say x-accel:/protected-media/ (the internal location of nginx) or x-sendfile (Apache)."
    return [Error(wrong, hint=hint, id="media_assets.E002")]
