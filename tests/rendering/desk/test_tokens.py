"""API tokens in the admin: the key is shown once, acts as who made it, and is refused once revoked."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from rendering.models import ApiToken, HistoryEntry

pytestmark = pytest.mark.django_db
ADD, LIST = "admin:rendering_apitoken_add", "admin:rendering_apitoken_changelist"


def test_a_key_is_shown_once_and_works_until_it_is_revoked(admin_client: Client) -> None:
    page = admin_client.post(reverse(ADD), {"name": "PIM", "scopes": ["read"]})
    (key,) = re.findall(r"<code[^>]*>(rd_\S+)</code>", page.content.decode())
    program = Client(headers={"Authorization": f"Bearer {key}"})
    assert program.get("/api/v1/products").status_code == 200
    assert program.post("/api/v1/orders", {}, "application/json").json()["code"] == "scope"
    token = ApiToken.objects.get()
    shown = admin_client.get(reverse("admin:rendering_apitoken_change", args=[token.pk])).content.decode()
    assert key not in shown and token.owner.get_username() == "admin"
    chosen = {"action": "revoke", "_selected_action": [token.pk]}
    assert "1 token revoked" in admin_client.post(reverse(LIST), chosen, follow=True).content.decode()
    assert program.get("/api/v1/products").json()["code"] == "token_ended"
    assert key not in str(HistoryEntry.objects.values())


def test_a_token_needs_a_scope_and_a_time_to_come(admin_client: Client) -> None:
    wrong = {"name": "PIM", "expires_0": "2020-01-01", "expires_1": "00:00"}
    page = admin_client.post(reverse(ADD), wrong).content.decode()
    assert "Choose a time that is still to come." in page and "This field is required." in page
    assert not ApiToken.objects.exists()
