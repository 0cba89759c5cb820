"""The log-in with the company's accounts, against a real provider: who comes in, as what, with which tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.totp.internal import auth
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group, User
from django.test import Client

from rendering.checks import check_open_id, check_open_id_groups
from rendering.models import HistoryEntry
from tests import open_id
from tests.open_id import OpenIdServer
from tests.rendering.desk.test_every_page import assert_strict
from tests.rendering.desk.test_log_in import RIGHT, log_in

pytestmark = pytest.mark.django_db

BEGIN, BACK, DESK = "/admin/openid/", "/admin/openid/callback/", "/admin/"
OLGA = {
    "preferred_username": "olga",
    "given_name": "Olga",
    "family_name": "Ort",
    "email": "olga@example.com",
    "email_verified": True,
    "groups": ["designers", "canteen"],
}
Verb = HistoryEntry.Verb


@pytest.fixture(scope="module")
def serving() -> Iterator[OpenIdServer]:
    with open_id.serving() as server:
        yield server


@pytest.fixture
def server(serving: OpenIdServer, settings: Any) -> Iterator[OpenIdServer]:
    open_id.switch_on(settings, serving.issuer)
    serving.spoil("")
    serving.change(o1=OLGA)
    yield serving
    settings.OIDC_ON = False
    open_id.urls_again()


def begin(client: Client, place: str = "", **more: Any) -> str:
    answer = client.get(BEGIN, {"next": place} if place else {}, **more)
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def come(client: Client, server: OpenIdServer, sub: str = "o1", place: str = "") -> Any:
    """Log in as *sub* and return what Renderdesk answers to who comes back."""
    back = server.answer(begin(client, place), sub)
    assert back.startswith(f"http://testserver{BACK}")
    return client.get(back.removeprefix("http://testserver"))


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def is_in(client: Client) -> bool:
    return bool(client.get(DESK).status_code == 200)


def groups(user: User) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


def test_olga_comes_in_as_what_her_groups_make_her(client: Client, server: OpenIdServer) -> None:
    page = client.get("/admin/login/?next=/admin/rendering/job/")
    assert "Log in with Keycloak" in words(page)
    assert 'href="/admin/openid/?next=%2Fadmin%2Frendering%2Fjob%2F"' in page.content.decode()
    assert_strict(page, "log-in")
    answer = come(client, server, place="/admin/rendering/job/")
    assert (answer.status_code, answer.url) == (302, "/admin/rendering/job/") and is_in(client)
    olga = User.objects.get()
    assert (olga.username, olga.first_name, olga.last_name, olga.email) == (
        "olga",
        "Olga",
        "Ort",
        "olga@example.com",
    )
    assert olga.is_staff and not olga.is_superuser and not olga.has_usable_password()
    assert groups(olga) == {"Operator"}
    assert SocialAccount.objects.get().extra_data == {}
    said = list(HistoryEntry.objects.order_by("id").values_list("verb", "person", "words"))
    assert said[0][:2] == (Verb.ADD, "Keycloak")
    assert said[-1] == (Verb.LOG_IN, "olga", "By OpenID Connect: Keycloak. From 127.0.0.1.")


@pytest.mark.database
def test_groups_follow_the_claims_at_each_log_in(client: Client, server: OpenIdServer) -> None:
    come(client, server)
    olga = User.objects.get()
    olga.groups.add(Group.objects.create(name="By hand"))
    server.change(o1={**OLGA, "groups": ["bosses"], "family_name": "Neu"})
    come(client, server)
    olga.refresh_from_db()
    assert groups(olga) == {"Render admin", "By hand"} and olga.last_name == "Neu"
    server.change(o1={**OLGA, "groups": []})
    answer = come(Client(), server)
    assert answer.status_code == 403 and "none of the groups" in words(answer)
    assert_strict(answer, "no group")
    olga.refresh_from_db()
    assert groups(olga) == {"By hand"} and not olga.is_staff
    assert not is_in(client)  # what was open elsewhere ends too
    assert HistoryEntry.objects.filter(verb=Verb.LOG_IN_FAILED).count() == 1


def test_strangers_of_the_company_become_nobody(client: Client, server: OpenIdServer) -> None:
    server.change(s1={"preferred_username": "stranger"})
    assert come(client, server, "s1").status_code == 403
    assert not User.objects.exists() and not SocialAccount.objects.exists() and not is_in(client)


def test_a_token_that_is_wrong_lets_nobody_in(client: Client, server: OpenIdServer) -> None:
    wrong = [
        *("audience", "party", "issuer", "expired", "nonce", "no_nonce", "subject", "long_subject"),
        *("signature", "key", "unsigned", "symmetric", "garbage", "missing"),
    ]
    came = {}
    for how in wrong:
        server.spoil(how)
        answer = come(client, server)
        came[how] = (answer.status_code, "The answer of Keycloak was refused" in words(answer))
    assert came == dict.fromkeys(wrong, (502, True))
    assert not User.objects.exists() and not is_in(client)


def test_the_flow_has_state_nonce_and_pkce_and_a_code_is_taken_once(
    client: Client, server: OpenIdServer
) -> None:
    asked = parse_qs(urlsplit(begin(client, auth_params="x=1")).query)
    assert (
        asked["code_challenge_method"] == ["S256"] and asked["nonce"] and asked["state"] and "x" not in asked
    )
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    back = server.answer(begin(client), "o1").removeprefix("http://testserver")
    stolen = Client().get(back)  # another browser
    assert stolen.status_code == 400 and "no longer valid" in words(stolen)
    other = re.sub(r"state=[^&]+", "state=guessed", back)
    assert client.get(other).status_code == 400
    assert client.get(back).status_code == 302 and is_in(client)
    assert client.get(back).status_code == 400  # again


def test_a_code_of_another_log_in_is_no_use(client: Client, server: OpenIdServer) -> None:
    mine, theirs = begin(client), begin(Client())
    code = parse_qs(urlsplit(server.answer(theirs, "o1")).query)["code"][0]
    state = parse_qs(urlsplit(mine).query)["state"][0]
    answer = client.get(BACK, {"code": code, "state": state})
    assert answer.status_code == 502 and not is_in(client)


def test_who_cancels_is_told_so(client: Client, server: OpenIdServer) -> None:
    answer = come(client, server, "")
    assert answer.status_code == 403 and "The log-in was canceled" in words(answer)


def test_a_provider_that_is_away_is_a_page(client: Client, server: OpenIdServer, settings: Any) -> None:
    back = server.answer(begin(client), "o1").removeprefix("http://testserver")
    for issuer in ("http://127.0.0.1:9", f"{server.issuer}/elsewhere"):
        settings.OIDC_ISSUER = issuer
        answer = client.get(BEGIN)
        assert answer.status_code == 502 and "does not answer" in words(answer)
        assert_strict(answer, "unreachable")
    settings.OIDC_ISSUER = server.issuer.replace(
        "127.0.0.1", "localhost"
    )  # answers, and calls itself otherwise
    assert "was refused" in words(client.get(BEGIN))
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    assert client.get(back).status_code == 400  # the state is that of another provider
    assert log_in(client, "wrong").status_code == 200  # local accounts go on


@pytest.mark.database
def test_accounts_are_linked_by_a_verified_address_where_a_setting_says_so(
    client: Client, server: OpenIdServer, settings: Any
) -> None:
    local = User.objects.create_user("olga.local", email="Olga@example.com", password=RIGHT)
    answer = come(client, server)
    assert answer.status_code == 403 and "There is another account" in words(answer)
    settings.OIDC_LINK_BY_EMAIL = True
    server.change(o1={**OLGA, "email_verified": False})
    assert come(client, server).status_code == 403
    settings.OIDC_EMAIL_VERIFIED_CLAIM = "xms_edov"  # Entra's
    assert come(client, server).status_code == 403
    server.change(o1={**OLGA, "email_verified": False, "xms_edov": "1"})
    assert come(client, server).status_code == 302
    assert SocialAccount.objects.get().user == local and User.objects.count() == 1
    local.refresh_from_db()
    assert groups(local) == {"Operator"} and local.is_staff and not local.first_name
    assert log_in(Client(), RIGHT, "olga.local").status_code == 302  # and the password is still theirs
    settings.OIDC_LINK_BY_EMAIL = False
    server.change(o1={**OLGA, "email": "new@example.com"})
    assert come(client, server).status_code == 302 and User.objects.count() == 1


def test_a_user_name_of_another_account_is_not_taken_over(client: Client, server: OpenIdServer) -> None:
    User.objects.create_superuser("OLGA", password=RIGHT)
    assert come(client, server).status_code == 403 and not is_in(client)
    assert not SocialAccount.objects.exists()


def test_who_is_switched_off_here_stays_so(client: Client, server: OpenIdServer) -> None:
    come(client, server)
    User.objects.update(is_active=False)
    answer = come(Client(), server)
    assert answer.status_code == 403 and "switched off" in words(answer)


def test_superusers_are_made_and_unmade_only_where_a_value_says_so(
    client: Client, server: OpenIdServer, settings: Any
) -> None:
    settings.OIDC_GROUPS_CLAIM = ["groups", "realm_access.roles"]
    server.change(o1={**OLGA, "realm_access": {"roles": ["root"]}, "is_superuser": True})
    come(client, server)
    assert not User.objects.get().is_superuser
    User.objects.update(is_superuser=True)
    come(client, server)
    assert User.objects.get().is_superuser  # by hand: not the provider's affair
    settings.OIDC_SUPERUSERS = ["root"]
    come(client, server)
    assert User.objects.get().is_superuser
    server.change(o1=OLGA)
    come(client, server)
    assert not User.objects.get().is_superuser and is_in(client)


def test_everybody_of_the_provider_may_be_given_a_group(
    client: Client, server: OpenIdServer, settings: Any
) -> None:
    settings.OIDC_GROUPS = [
        ("*", "Viewer"),
        ("cn=eng,dc=example", "Operator"),
        ("designers", "No such group"),
    ]
    server.change(g1={"email": "gerd@example.com", "groups": "cn=eng,dc=example"})
    assert come(client, server, "g1").status_code == 302
    gerd = User.objects.get()
    assert gerd.username == "gerd@example.com" and groups(gerd) == {"Viewer", "Operator"}
    assert (
        come(client, server, "o1").status_code == 302
    )  # a group that is missing gives nothing, and stops nobody
    assert groups(User.objects.get(username="olga")) == {"Viewer"}


def test_the_provider_asks_for_second_factors_not_we(
    client: Client, server: OpenIdServer, settings: Any
) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    come(client, server)
    assert is_in(client)
    auth.TOTP.activate(User.objects.get(), auth.generate_totp_secret())
    assert come(client, server).url == DESK and is_in(client)
    settings.OIDC_SECOND_FACTOR = True
    assert come(client, server).url.startswith("/admin/second-factor/code/") and not is_in(client)


def test_a_required_factor_of_ours_can_be_set_up_without_a_password(
    client: Client, server: OpenIdServer, settings: Any
) -> None:
    settings.REQUIRE_SECOND_FACTOR = settings.OIDC_SECOND_FACTOR = True
    come(client, server)
    assert client.get(DESK).url == "/admin/second-factor/on/"
    assert client.get("/admin/second-factor/on/").status_code == 200
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 3600
    session.save()
    again = client.get("/admin/second-factor/on/")  # to the provider, and back to here
    assert again.url == "/admin/openid/?next=%2Fadmin%2Fsecond-factor%2Fon%2F"


def test_after_the_log_out_one_can_leave_the_provider_too(client: Client, server: OpenIdServer) -> None:
    come(client, server)
    answer = client.post("/admin/logout/")
    assert (
        f'href="{server.issuer}/session/end?client_id=renderdesk"' in answer.content.decode()
        and not is_in(client)
    )
    assert_strict(answer, "log-out")
    assert "session/end" not in client.post("/admin/logout/").content.decode()


def test_a_session_of_another_user_is_no_one_elses(
    client: Client, server: OpenIdServer, admin_client: Client
) -> None:
    assert come(admin_client, server).url == DESK
    assert "olga" in words(admin_client.get(DESK)).lower()


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "/no-such/", "/\x00"])
def test_an_unsafe_next_leads_to_the_desk(place: str, client: Client, server: OpenIdServer) -> None:
    assert come(client, server, place=place).url == DESK


def test_without_a_provider_there_is_nothing(client: Client) -> None:
    assert client.get(BEGIN).status_code != 200 and "Log in with" not in words(client.get("/admin/login/"))


def test_half_a_configuration_is_said(settings: Any) -> None:
    assert check_open_id() == []
    settings.OIDC_ISSUER = "http://sso.example.com"
    assert [one.id for one in check_open_id()] == ["rendering.E005"]
    assert "RENDERDESK_OIDC_CLIENT_ID" in str(check_open_id()[0].msg)
    settings.OIDC_CLIENT_ID = settings.OIDC_CLIENT_SECRET = "x"
    assert [one.id for one in check_open_id()] == ["rendering.E006", "rendering.E007"]
    settings.OIDC_ISSUER, settings.OIDC_GROUPS = "https://sso.example.com", [("", "Operator")]
    assert [one.id for one in check_open_id()] == ["rendering.E007"]
    settings.OIDC_GROUPS = [("designers", "Operator")]
    assert check_open_id() == []
    settings.OIDC_ON = True
    assert check_open_id_groups(databases=["default"]) == []
    settings.OIDC_GROUPS = [("designers", "Operators")]
    assert [one.id for one in check_open_id_groups(databases=["default"])] == ["rendering.W002"]
