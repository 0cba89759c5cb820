"""Values of fields as people read them in a history."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Field, ForeignKey
from django.utils import timezone

LONGEST = 300  # characters of one value
NOT_KEPT = "not kept here"


def value_words(field: Field[Any, Any], value: Any) -> str:
    """Return *value* of *field* in words; "" for none. A foreign key is given by its id."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(field, ForeignKey):
        row = field.remote_field.model._base_manager.filter(pk=value).first()
        return _short(str(row) if row is not None else f"number {value}")
    choices = dict(field.flatchoices)
    if value in choices:
        return str(choices[value])
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return _short(", ".join(map(str, value)))
    return _short(str(value))


def host_only(url: str) -> str:
    """Return scheme and host of an address: paths of chat services are as good as a password."""
    if not url:
        return ""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}/…"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
