"""A second factor: switched on by its owner, asked for at each log-in, guarded as passwords are, reset by admins."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from allauth.mfa.utils import decrypt
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from rendering.models import HistoryEntry
from tests.rendering.desk.conftest import World
from tests.rendering.desk.test_every_page import assert_strict
from tests.rendering.desk.test_log_in import DESK, LIMIT, LOGIN, RIGHT, log_in, verbs
from tests.rendering.shell import Shell, shell

pytestmark = [pytest.mark.django_db, pytest.mark.database]

CODE, ON, OFF = "/admin/second-factor/code/", "/admin/second-factor/on/", "/admin/second-factor/off/"
MINE, CODES = "/admin/second-factor/", "/admin/second-factor/recovery-codes/"
Verb = HistoryEntry.Verb


@pytest.fixture(autouse=True)
def clean(settings: Any) -> None:
    cache.clear()
    settings.AXES_FAILURE_LIMIT = LIMIT
    settings.ACCOUNT_RATE_LIMITS = False  # beside ours, which all processes share


@pytest.fixture
def olga(db: None) -> User:
    return User.objects.create_user("olga", password=RIGHT, is_staff=True, is_superuser=True)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The time by which codes are made: a period of 30 s passes when a test says so."""
    now = SimpleNamespace(seconds=1_800_000_000)
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: now.seconds))
    return now


@pytest.fixture
def manage(capsys: pytest.CaptureFixture[str]) -> Shell:
    return shell(capsys)


def code_of(secret: str, clock: SimpleNamespace, ahead: int = 0) -> str:
    return auth.format_hotp_value(auth.hotp_value(secret, clock.seconds // 30 + ahead))


@pytest.fixture
def phone(olga: User, clock: SimpleNamespace) -> Callable[[], str]:
    """Olga has a second factor; what her phone shows, each time for the next period."""
    secret = auth.generate_totp_secret()
    auth.TOTP.activate(olga, secret)

    def shown() -> str:
        clock.seconds += 30
        return code_of(secret, clock)

    return shown


def enter(client: Client, code: str, **more: Any) -> Any:
    return client.post(CODE, {"code": code}, **more)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_olga_switches_it_on_with_her_password_and_a_code(
    client: Client, olga: User, clock: SimpleNamespace
) -> None:
    log_in(client, RIGHT)
    assert "Second factor" in client.get(DESK).content.decode()
    page = client.get(ON, follow=True)
    assert page.redirect_chain[-1][0].startswith("/admin/second-factor/password-again/")
    assert_strict(page, "again")
    again = page.redirect_chain[-1][0]
    assert "Switch on" not in client.post(again, {"password": "wrong", "next": ON}).content.decode()
    page = client.post(again, {"password": RIGHT, "next": ON}, follow=True)
    html = page.content.decode()
    assert "data:image/svg+xml" in html and "data:" in page["Content-Security-Policy"]
    assert_strict(page, "switch on")
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", html)[1]  # type: ignore[index]
    wrong = client.post(ON, {"code": "000000"})
    assert "Incorrect code" in wrong.content.decode() and not Authenticator.objects.exists()
    done = client.post(ON, {"code": code_of(secret, clock)}, follow=True)
    assert done.redirect_chain[-1][0] == CODES
    assert len(re.findall(r"<li><code>\d{8}</code></li>", done.content.decode())) == 10
    assert_strict(done, "codes")
    assert "data:" not in done["Content-Security-Policy"]
    stored = Authenticator.objects.get(type="totp")
    assert secret not in str(stored.data) and decrypt(stored.data["secret"]) == secret
    entry = HistoryEntry.objects.filter(verb=Verb.OTHER).get()
    assert (entry.person, entry.words) == ("olga", "The second factor was switched on.")


def test_the_password_alone_lets_nobody_in(client: Client, phone: Callable[[], str]) -> None:
    place = "/admin/rendering/job/?state__exact=failed"
    answer = client.post(LOGIN, {"username": "olga", "password": RIGHT, "next": place})
    assert answer.url == CODE and Verb.LOG_IN not in verbs()
    assert client.get(DESK).url.startswith(LOGIN)
    page = client.get(CODE)
    assert page.status_code == 200 and "one of your recovery codes" in page.content.decode()
    assert_strict(page, "code")
    assert "Incorrect code" in enter(client, "000000").content.decode()
    assert client.get(DESK).url.startswith(LOGIN)
    assert enter(client, phone()).url == place
    assert client.get(DESK).status_code == 200
    assert verbs() == [Verb.LOG_IN_FAILED, Verb.LOG_IN]


def test_no_code_page_without_a_password_before(client: Client, phone: Callable[[], str]) -> None:
    assert enter(client, phone()).url.startswith("/admin/second-factor/log-in/")
    assert client.get(CODE, follow=True).redirect_chain[-1][0] == LOGIN


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "/no-such/", "/admin/no-such/"])
def test_an_unsafe_next_leads_to_the_desk(place: str, client: Client, phone: Callable[[], str]) -> None:
    client.post(f"{LOGIN}?next={place}", {"username": "olga", "password": RIGHT, "next": place})
    assert client.post(f"{CODE}?next={place}", {"code": phone(), "next": place}).url == DESK


def test_a_code_is_taken_once_by_whatever_process(client: Client, phone: Callable[[], str]) -> None:
    log_in(client, RIGHT)
    code = phone()
    assert enter(client, code).url == DESK
    client.post("/admin/logout/")
    cache.clear()  # another process of the web server knows nothing of it
    log_in(client, RIGHT)
    assert "used already" in enter(client, code).content.decode()
    assert enter(client, phone()).url == DESK


def test_a_recovery_code_works_once(client: Client, olga: User, phone: Callable[[], str]) -> None:
    codes = auth_codes(olga)
    for code, expected in ((codes[0], 302), (codes[0], 200), (codes[1], 302)):
        log_in(client, RIGHT)
        assert enter(client, code).status_code == expected
        client.post("/admin/logout/")


def auth_codes(user: User) -> list[str]:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    codes: list[str] = RecoveryCodes.activate(user).generate_codes()
    return codes


def test_wrong_codes_end_in_the_pause_of_wrong_passwords(client: Client, phone: Callable[[], str]) -> None:
    log_in(client, RIGHT)
    for _ in range(LIMIT):
        answer = enter(client, "000000")
    assert answer.status_code == 429 and "Wait 15 minutes" in answer.content.decode()
    assert enter(client, phone()).status_code == 429
    assert log_in(client, RIGHT).status_code == 429
    assert sorted(verbs()) == [Verb.LOCKED_OUT] + [Verb.LOG_IN_FAILED] * LIMIT


def test_the_right_password_does_not_forgive_wrong_codes(client: Client, phone: Callable[[], str]) -> None:
    for number in range(LIMIT):
        assert log_in(client, RIGHT).status_code == 302
        assert (enter(client, "000000").status_code == 429) is (number == LIMIT - 1)


def test_a_database_with_another_key_makes_no_codes(
    client: Client, olga: User, phone: Callable[[], str], settings: Any
) -> None:
    codes = auth_codes(olga)
    settings.SECRET_KEY = "another" * 10
    log_in(client, RIGHT)
    for code in (phone(), codes[0], auth.format_hotp_value(auth.hotp_value("", 0))):
        assert "Incorrect code" in enter(client, code).content.decode()


def test_olga_switches_it_off_again(client: Client, phone: Callable[[], str]) -> None:
    log_in(client, RIGHT)
    enter(client, phone())
    page = client.get(MINE)
    assert "It is switched on." in page.content.decode()
    assert_strict(page, "mine")
    assert client.get(OFF).url.startswith("/admin/second-factor/password-again/")
    again = f"/admin/second-factor/code-again/?next={OFF}"
    assert_strict(client.get(again), "code again")
    page = client.post(again, {"code": phone(), "next": OFF}, follow=True)
    assert page.redirect_chain[-1][0] == OFF
    assert_strict(page, "switch off")
    client.post(OFF)
    assert not Authenticator.objects.exists()
    assert HistoryEntry.objects.first().words == "The second factor was switched off."  # type: ignore[union-attr]


def test_new_recovery_codes_replace_the_old(client: Client, olga: User, phone: Callable[[], str]) -> None:
    old = auth_codes(olga)
    log_in(client, RIGHT)
    enter(client, phone())
    new = f"{CODES}new/"
    client.post(f"/admin/second-factor/password-again/?next={new}", {"password": RIGHT, "next": new})
    assert_strict(client.get(new), "new codes")
    page = client.post(new, follow=True).content.decode()
    assert old[0] not in page
    file = client.get(f"{CODES}file/")
    assert file["Content-Disposition"].startswith("attachment") and old[0] not in file.content.decode()


@pytest.mark.parametrize("place", [DESK, "/admin/rendering/job/", "/gpu/probes/", "/media/1/x.png"])
def test_where_it_is_required_staff_without_one_gets_to_set_it_up(
    place: str, client: Client, olga: User, settings: Any
) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    log_in(client, RIGHT)
    assert client.get(place).url == ON
    page = client.get(ON, follow=True)
    assert page.status_code == 200
    again = page.redirect_chain[-1][0]
    page = client.post(again, {"password": RIGHT, "next": ON}, follow=True)
    assert "This installation requires a second factor." in page.content.decode()
    assert client.post("/admin/logout/").status_code == 200
    assert client.get("/livez").status_code == 200


def test_where_it_is_required_staff_with_one_works(
    client: Client, phone: Callable[[], str], settings: Any, world: World
) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    log_in(client, RIGHT)
    enter(client, phone())
    assert client.get(DESK).status_code == 200


def test_an_administrator_resets_it(
    client: Client, olga: User, phone: Callable[[], str], admin_client: Client
) -> None:
    auth_codes(olga)
    users = reverse("admin:auth_user_changelist")
    assert "icon-yes" in admin_client.get(users).content.decode()
    form = {"action": "reset_second_factor", "_selected_action": [olga.pk]}
    answer = admin_client.post(users, form, follow=True)
    assert "1 user logs in by password alone now." in answer.content.decode()
    assert not Authenticator.objects.exists()
    assert log_in(client, RIGHT).url == DESK


def test_a_command_resets_it(olga: User, phone: Callable[[], str], manage: Shell) -> None:
    assert manage("reset_second_factor", "olga", "--json").document == {
        "user": "olga",
        "had_second_factor": True,
    }
    assert manage("reset_second_factor", "olga").out == "olga had no second factor.\n"
    assert (manage("reset_second_factor", "nobody").code, Authenticator.objects.count()) == (2, 0)


@pytest.mark.parametrize("place", ["signup/", "password/reset/", "email/", "login/code/"])
def test_nobody_signs_up_or_gets_in_by_mail(place: str, client: Client) -> None:
    for prefix in ("/accounts/", "/account/", "/admin/second-factor/"):
        assert client.get(prefix + place).status_code in (302, 404)
        assert "password1" not in client.get(prefix + place, follow=True).content.decode()
