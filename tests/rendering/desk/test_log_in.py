"""Wrong passwords end in a pause, sessions end by themselves, and the history has who came and went."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, Success

from rendering import tasks
from rendering.history.people import address_of
from rendering.history.sessions import NOTED_EVERY, SEEN
from rendering.models import HistoryEntry
from tests.rendering.desk.test_every_page import assert_strict

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LOGIN, DESK = "/admin/login/", "/admin/"
RIGHT = "olga's own password"
LIMIT = 4
Verb = HistoryEntry.Verb


@pytest.fixture(autouse=True)
def soon_locked(settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = LIMIT


@pytest.fixture
def olga(db: None) -> User:
    return User.objects.create_user("olga", password=RIGHT, is_staff=True, is_superuser=True)


def log_in(client: Client, password: str, name: str = "olga", **more: str) -> Any:
    return client.post(LOGIN, {"username": name, "password": password, "next": DESK}, **more)


def locked_out(client: Client, **more: str) -> HttpResponse:
    for _ in range(LIMIT):
        answer: HttpResponse = log_in(client, "wrong", **more)
    return answer


def verbs() -> list[str]:
    return list(HistoryEntry.objects.order_by("id").values_list("verb", flat=True))


def test_after_some_wrong_passwords_the_right_one_is_refused_too(client: Client, olga: User) -> None:
    assert locked_out(client).status_code == 429
    answer = log_in(client, RIGHT)
    assert answer.status_code == 429 and "sessionid" not in client.cookies
    page = " ".join(answer.content.decode().split())
    assert "Wait 15 minutes" in page and "Allow log-in again" in page
    assert answer["Retry-After"] == "900"
    assert_strict(answer, "locked out")


def test_one_wrong_password_less_and_the_right_one_begins_anew(client: Client, olga: User) -> None:
    for _ in range(2):
        for _ in range(LIMIT - 1):
            assert log_in(client, "wrong").status_code == 200
        assert log_in(client, RIGHT).status_code == 302
        client.post("/admin/logout/")


def test_nobody_is_shut_out_by_others(client: Client, olga: User) -> None:
    locked_out(client, REMOTE_ADDR="203.0.113.1")
    assert log_in(client, RIGHT, REMOTE_ADDR="203.0.113.2").status_code == 302


def test_the_pause_ends_though_attempts_go_on(client: Client, olga: User) -> None:
    locked_out(client)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    assert log_in(client, "wrong").status_code == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert log_in(client, RIGHT).status_code == 302


def test_an_administrator_ends_the_pause(client: Client, olga: User, admin_client: Client) -> None:
    locked_out(client)
    form = {"action": "allow_log_in", "_selected_action": [olga.pk]}
    answer = admin_client.post(reverse("admin:auth_user_changelist"), form, follow=True)
    assert "1 user had wrong passwords" in answer.content.decode()
    assert log_in(client, RIGHT).status_code == 302


def test_who_came_and_who_was_refused_is_history_with_where_from(client: Client, olga: User) -> None:
    log_in(client, "wrong", REMOTE_ADDR="203.0.113.7")
    log_in(client, RIGHT)
    client.post("/admin/logout/")
    assert verbs() == [Verb.LOG_IN_FAILED, Verb.LOG_IN, Verb.LOG_OUT]
    first, came, _left = HistoryEntry.objects.order_by("id")
    assert (first.user, first.name, first.words) == (None, "user olga", "From 203.0.113.7.")
    assert (came.user, came.person) == (olga, "olga")


def test_strangers_can_not_fill_the_history(client: Client, olga: User) -> None:
    for number in range(3 * LIMIT):
        log_in(client, "wrong", REMOTE_ADDR=f"203.0.113.{number}")
    locked_out(client)
    locked_out(client)
    assert verbs().count(Verb.LOG_IN_FAILED) == LIMIT and verbs().count(Verb.LOCKED_OUT) == 1


def test_names_that_nobody_has_are_not_kept(client: Client, olga: User) -> None:
    log_in(client, "wrong", name="my password typed one field too early")
    assert verbs() == []


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/",
        "//evil.example",
        "javascript:alert(1)",
        "\\evil",
        "/\x00",
        "/no-such/",
        "/admin/no-such/",
    ],
)
def test_an_unsafe_next_leads_to_the_desk(place: str, client: Client, olga: User) -> None:
    answer = client.post(
        f"{LOGIN}?next={place}", {"username": "olga", "password": RIGHT, "next": place}, follow=True
    )
    assert answer.status_code == 200 and answer.redirect_chain[-1][0] == DESK


@pytest.mark.parametrize(
    ("proxy", "forwarded", "expected"),
    [
        (True, "198.51.100.9, 203.0.113.5", "203.0.113.5"),
        (True, "", "127.0.0.1"),
        (True, "nonsense", "127.0.0.1"),
        (False, "203.0.113.5", "127.0.0.1"),
    ],
)
def test_a_client_is_where_the_nearest_proxy_saw_it(
    proxy: bool, forwarded: str, expected: str, settings: Any
) -> None:
    settings.BEHIND_PROXY = proxy
    assert address_of(RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})) == expected


def seen(client: Client, ago: float) -> None:
    session = client.session
    session[SEEN] = int(time.time() - ago)
    session.save()


def test_a_session_ends_when_nobody_did_anything(client: Client, olga: User, settings: Any) -> None:
    settings.SESSION_IDLE_SECONDS = 600
    log_in(client, RIGHT)
    assert client.get(DESK).status_code == 200
    seen(client, ago=599)
    assert client.get(DESK).status_code == 200
    seen(client, ago=602)
    assert client.get(DESK).url.startswith(LOGIN)


def test_a_page_that_refreshes_itself_keeps_nobody_logged_in(client: Client, olga: User) -> None:
    log_in(client, RIGHT)
    client.get(DESK)
    seen(client, ago=NOTED_EVERY + 10)
    before = client.session[SEEN]
    client.get("/admin/desk/live/", headers={"Sec-Fetch-Dest": "empty"})
    assert client.session[SEEN] == before
    client.get(DESK, headers={"Sec-Fetch-Dest": "document"})
    assert client.session[SEEN] > before


def test_who_is_not_logged_in_gets_no_session(client: Client) -> None:
    client.get(LOGIN)
    assert not Session.objects.exists()


def test_what_libraries_leave_behind_is_dropped_each_day(olga: User) -> None:
    now = timezone.now()
    for number, (success, days) in enumerate([(True, 0), (True, 9), (False, 1), (False, 31)]):
        kept = Success if success else Failure
        when = now - timedelta(days=days)
        kept.objects.create(id=f"{number}", name="a", func="f", started=when, stopped=when, success=success)
    Session.objects.create(session_key="old", expire_date=now - timedelta(days=1))
    Session.objects.create(session_key="new", expire_date=now + timedelta(days=1))
    for days in (0, 2):
        one = AccessAttempt.objects.create(username=f"{days}", failures_since_start=1)
        AccessAttempt.objects.filter(pk=one.pk).update(attempt_time=now - timedelta(days=days))
    assert tasks.tidy() == 5
    assert list(Failure.objects.values_list("id", flat=True)) == ["2"] and not Success.objects.exists()
    assert Session.objects.get().session_key == "new" and AccessAttempt.objects.get().username == "0"


def test_a_safe_next_is_where_one_wanted_to_go(client: Client, olga: User) -> None:
    place = "/admin/rendering/job/?state__exact=failed"
    answer = client.post(LOGIN, {"username": "olga", "password": RIGHT, "next": place})
    assert answer.url == place
