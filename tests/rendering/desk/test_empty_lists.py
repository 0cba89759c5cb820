"""A list without rows says what it is for and what to do; one that a search leaves empty says that."""

from __future__ import annotations

from html import unescape

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from gpu.admin.bounded import BoundedAdmin

pytestmark = pytest.mark.django_db


def paragraph(client: Client, address: str) -> str:
    """What stands in place of the rows of a list, which is called as the side bar calls it."""
    html = client.get(address).content.decode()
    assert "to change</h1>" not in html, address
    return " ".join(unescape(html.partition('<p class="empty">')[2].partition("</p>")[0]).split())


def test_every_list_without_rows_says_what_it_is_for(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: dict[str, str] = {}
    for model, page in admin.site._registry.items():
        assert isinstance(page, BoundedAdmin), model
        rows = page.get_queryset
        monkeypatch.setattr(page, "get_queryset", lambda request, rows=rows: rows(request).none())
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        if model._meta.label == "gpu.SystemSettings":  # a row for ever: its list leads to it
            continue
        said[model._meta.label] = paragraph(admin_client, address)
        assert said[model._meta.label] == str(page.empty_words) != "", model
        if page.search_fields:
            assert "Nothing matches" in paragraph(admin_client, f"{address}?q=zzz"), model
    assert len(set(said.values())) == len(said) > 20
    grid = reverse("admin:media_assets_mediaasset_changelist", query={"view": "grid"})
    assert paragraph(admin_client, grid) == said["media_assets.MediaAsset"]
