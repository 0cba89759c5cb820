"""System checks: settings that make storing media unsafe, or impossible."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
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
        return _unused_offload()
    hint = _(
        "Leave it empty, or set it to x-accel:/protected-media/ (an internal location of nginx) or x-sendfile (Apache)."
    )
    return [Error(wrong, hint=hint, id="media_assets.E002")]


def _unused_offload() -> list[CheckMessage]:
    if not (settings.MEDIA_OFFLOAD and storage.is_bucket()):
        return []
    words = _("MEDIA_OFFLOAD has no effect: the media are in a bucket, which sends them itself.")
    return [Warning(words, hint=_("Leave it empty."), id="media_assets.W001")]


@register(Tags.files)
def check_bucket(**options: Any) -> list[CheckMessage]:
    if settings.MEDIA_BUCKET_WRONG:
        return [
            Error(
                _("MEDIA_STORAGE_URL can't be used: %(why)s.") % {"why": settings.MEDIA_BUCKET_WRONG},
                hint=_("Its form is s3://KEY:SECRET@BUCKET/PREFIX?endpoint=https://s3.example.com"),
                id="media_assets.E003",
            )
        ]
    if storage.is_bucket() and not find_spec("botocore"):
        return [
            Error(
                _("MEDIA_STORAGE_URL needs a library that is not installed: botocore."),
                hint=_(
                    "Install it: .venv/bin/python -m pip install --require-hashes -r requirements-s3.txt (containers: "
                    "build the images with --build-arg S3=1)."
                ),
                id="media_assets.E004",
            )
        ]
    return []


@register(Tags.files, deploy=True)
def check_bucket_takes_files(**options: Any) -> list[CheckMessage]:
    """Ask the server, which the other checks do not: they run before every command."""
    if not storage.is_bucket() or not find_spec("botocore") or not (trouble := storage.media_trouble()):
        return []
    return [
        Error(
            _("Nothing can be stored in %(place)s: %(why)s.")
            % {"place": storage.media_place(), "why": trouble},
            hint=_("Look at the server, at its address, the bucket and the keys in MEDIA_STORAGE_URL."),
            id="media_assets.E005",
        )
    ]
