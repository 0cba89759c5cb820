"""The log-in with the company's accounts in a real browser: through the provider's own page, under our policy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from selenium.webdriver.common.by import By

from tests import open_id
from tests.end_to_end.chrome import complaints, opened, wait
from tests.open_id import OpenIdServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.fixture
def server(settings: Any) -> Iterator[OpenIdServer]:
    with open_id.serving() as server:
        open_id.switch_on(settings, server.issuer)
        yield server
    settings.OIDC_ON = False
    open_id.urls_again()


def test_olga_comes_in_by_her_companys_page_and_leaves(
    server: OpenIdServer, live_server: Any, tmp_path: Path
) -> None:
    server.change(o1={"preferred_username": "olga", "groups": ["designers"]})
    with opened(tmp_path / "profile") as chrome:
        chrome.get(f"{live_server.url}/admin/rendering/order/")
        chrome.find_element(By.LINK_TEXT, "Log in with Keycloak").click()
        wait(chrome, lambda: chrome.title == "Who?")
        chrome.find_element(By.ID, "sub").send_keys("o1\n")
        wait(chrome, lambda: chrome.current_url == f"{live_server.url}/admin/rendering/order/")
        assert complaints(chrome) == []
        chrome.find_element(By.CSS_SELECTOR, "#logout-form button").click()
        chrome.find_element(By.LINK_TEXT, "Log out of Keycloak too").click()
        wait(chrome, lambda: chrome.current_url.startswith(f"{server.issuer}/session/end"))
    assert User.objects.get().username == "olga"
