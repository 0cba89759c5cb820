"""Labels of fields that are named as their attribute: in the reader's language as all others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy, gettext_noop

# Spelled nowhere else; what other texts have as well is not repeated. A test says which are missing.
LABELS = (
    gettext_noop("about"),
    gettext_noop("asset"),
    gettext_noop("avoid"),
    gettext_noop("background"),
    gettext_noop("background color"),
    gettext_noop("began"),
    gettext_noop("bit depth"),
    gettext_noop("body"),
    gettext_noop("cad name"),
    gettext_noop("camera"),
    gettext_noop("cancel requested"),
    gettext_noop("changes"),
    gettext_noop("code"),
    gettext_noop("compute type"),
    gettext_noop("count"),
    gettext_noop("created by"),
    gettext_noop("denoise"),
    gettext_noop("description"),
    gettext_noop("device id"),
    gettext_noop("device name"),
    gettext_noop("device used"),
    gettext_noop("downloads"),
    gettext_noop("effort"),
    gettext_noop("ended"),
    gettext_noop("environment"),
    gettext_noop("event"),
    gettext_noop("first seen"),
    gettext_noop("form token"),
    gettext_noop("frames"),
    gettext_noop("geometry key"),
    gettext_noop("gpu fallback"),
    gettext_noop("gradient color"),
    gettext_noop("ground"),
    gettext_noop("hashed"),
    gettext_noop("held since"),
    gettext_noop("icc"),
    gettext_noop("instead of"),
    gettext_noop("key"),
    gettext_noop("lane"),
    gettext_noop("lease token"),
    gettext_noop("lease until"),
    gettext_noop("license"),
    gettext_noop("lighting"),
    gettext_noop("log"),
    gettext_noop("margin"),
    gettext_noop("max attempts"),
    gettext_noop("message"),
    gettext_noop("noise threshold"),
    gettext_noop("not before"),
    gettext_noop("note"),
    gettext_noop("occurred"),
    gettext_noop("old secret"),
    gettext_noop("old secret until"),
    gettext_noop("output name"),
    gettext_noop("output slug"),
    gettext_noop("part key"),
    gettext_noop("position"),
    gettext_noop("priority"),
    gettext_noop("product name"),
    gettext_noop("product number"),
    gettext_noop("profile"),
    gettext_noop("progress"),
    gettext_noop("prune last result"),
    gettext_noop("prune requested at"),
    gettext_noop("queued"),
    gettext_noop("reuse"),
    gettext_noop("samples"),
    gettext_noop("secret"),
    gettext_noop("parts"),
    gettext_noop("section"),
    gettext_noop("sent"),
    gettext_noop("share"),
    gettext_noop("slug"),
    gettext_noop("soft edges"),
    gettext_noop("stage"),
    gettext_noop("subject"),
    gettext_noop("tessellation"),
    gettext_noop("user"),
    gettext_noop("workflow version"),
)


def unlabeled() -> Iterator[Any]:
    """Yield the fields on pages of the admin whose label is made of the attribute's name."""
    for model, page in admin.site._registry.items():
        if model._meta.app_label in ("gpu", "media_assets", "rendering"):
            for one in (model, *(inline.model for inline in page.inlines)):
                fields = [*one._meta.fields, *one._meta.many_to_many]
                yield from (field for field in fields if field._verbose_name is None and field.name != "id")


def translate() -> None:
    """Have these labels translated when they are shown."""
    for field in unlabeled():
        field.verbose_name = gettext_lazy(str(field.verbose_name))
