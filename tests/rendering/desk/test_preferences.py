"""Language and time zone: by the browser, or as a person chose."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client

from rendering.models import Order, Preferences

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PAGE = "/admin/preferences/"


def title(client: Client, language: str = "en") -> str:
    return str(client.get(PAGE, headers={"accept-language": language}).context["title"])


def test_the_browser_decides_until_a_person_does(admin_client: Client) -> None:
    assert title(admin_client) == "Language and time zone"
    assert title(admin_client, "de") == "Sprache und Zeitzone"
    answer = admin_client.post(PAGE, {"language": "zh-hans", "time_zone": "Asia/Shanghai"}, follow=True)
    assert answer.headers["Content-Language"] == "zh-hans"
    assert title(admin_client, "de") == "语言和时区"


def test_another_browser_follows_after_the_log_in(admin_user: User) -> None:
    Preferences.objects.create(user=admin_user, language="de", time_zone="Asia/Shanghai")
    Order.objects.create(created=datetime(2026, 1, 1, 23, 30, tzinfo=UTC), ordered_by=admin_user)
    client = Client()
    client.post("/admin/login/", {"username": "admin", "password": "password", "next": "/admin/"})
    assert title(client) == "Sprache und Zeitzone"
    assert "02.01.2026 07:30" in client.get("/admin/rendering/order/").content.decode()


@pytest.mark.parametrize("bad", [{"language": "xx"}, {"time_zone": "Mars/Olympus"}, {"language": "\x00"}])
def test_what_there_is_not_is_refused_at_its_field(bad: dict[str, str], admin_client: Client) -> None:
    answer = admin_client.post(PAGE, bad)
    assert answer.context["form"].errors.keys() == bad.keys()
    assert not Preferences.objects.exists()
