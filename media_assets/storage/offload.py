"""Files that the web server in front sends by itself, after Django has said who may have them.

One setting, MEDIA_OFFLOAD: "" (Django sends), "x-accel:/folder/" (nginx, an internal location) or "x-sendfile"
(Apache's mod_xsendfile, lighttpd).
"""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _

ACCEL, SENDFILE = "x-accel:", "x-sendfile"


def problem(value: str) -> str:
    """Return what is wrong with a value of the setting, "" for a good one."""
    if value in ("", SENDFILE):
        return ""
    if not value.startswith(ACCEL):
        return _("MEDIA_OFFLOAD is %(value)r, which is not a known way to send files.") % {"value": value}
    place = value.removeprefix(ACCEL)
    if len(place) < 3 or not (place.startswith("/") and place.endswith("/")) or place != quote(place):
        told = _(
            "MEDIA_OFFLOAD contains %(place)r, which is not a location of nginx: it must start and end with a slash."
        )
        return told % {"place": place}
    return ""


def header(file: FieldFile) -> tuple[str, str] | None:
    """Return the (header, value) with which the web server sends *file*; None where Django has to send it."""
    value = settings.MEDIA_OFFLOAD
    if not value or not isinstance(default_storage, FileSystemStorage):
        return None
    if value == SENDFILE:
        return "X-Sendfile", quote(default_storage.path(str(file.name)))
    return "X-Accel-Redirect", value.removeprefix(ACCEL) + quote(str(file.name))
