"""Every page of the admin, found by asking the site, so that a new page is tested by existing."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse


def page_names() -> list[tuple[str, str]]:
    """Return (model label, page) of each stock page of each registered model."""
    return [
        (model._meta.label_lower, page)
        for model in admin.site._registry
        for page in ("changelist", "add", "change", "history", "delete")
    ]


def url(label: str, page: str) -> str:
    """Return the address of a page; pages of one object take the newest."""
    model = next(model for model in admin.site._registry if model._meta.label_lower == label)
    name = f"admin:{label.replace('.', '_')}_{page}"
    if page in ("changelist", "add"):
        return reverse(name)
    obj = model._default_manager.order_by("-pk").first()
    assert obj is not None, f"no {label} in this world"
    return reverse(name, args=[obj.pk])
