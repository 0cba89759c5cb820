"""System checks: settings that make storing media unsafe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.utils.translation import gettext as _

from media_assets import storage
from media_assets.storage.offload import problem


@register(Tags.files)
def check_media_root(**options: Any) -> list[CheckMessage]:
    if storage.media_overlap(Path(settings.STATIC_ROOT)):
        return [
            Error(
                _("One of MEDIA_ROOT and STATIC_ROOT contains the other."),
                hint=_(
                    "Give each its own folder: media are served to users with permission, static files are public."
                ),
                id="media_assets.E001",
            )
        ]
    return []


@register(Tags.files)
def check_media_offload(**options: Any) -> list[CheckMessage]:
    wrong = problem(settings.MEDIA_OFFLOAD)
    if not wrong:
        return []
    hint = _(
        "Leave it empty, or set it to x-accel:/protected-media/ (an internal location of nginx) or x-sendfile (Apache)."
    )
    return [Error(wrong, hint=hint, id="media_assets.E002")]
