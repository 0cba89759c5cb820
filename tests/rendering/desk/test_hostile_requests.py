"""No request is answered by 500, whatever it says. RENDERDESK_EXAMPLES=50 tries more, RENDERDESK_SEED=7 others."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import Group, User
from django.core.signals import got_request_exception
from django.db import connection
from django.test import Client

from gpu.admin.bounded import LONGEST, MOST_WORDS, BoundedAdmin, BoundedChangeList, bounded
from rendering.models import HistoryEntry
from tests import factories
from tests.rendering.desk.conftest import World
from tests.rendering.desk.hostile import VALUES, lists, pages, watched
from tests.rendering.desk.test_every_page import assert_strict

# A real transaction: what PostgreSQL refuses would spoil the one around an ordinary test.
pytestmark = [pytest.mark.django_db(transaction=True, serialized_rollback=True), pytest.mark.database]

COUNT, SEED = (int(os.environ.get(f"RENDERDESK_{name}", "1")) for name in ("EXAMPLES", "SEED"))
UNKNOWN = "no_such_parameter"


@pytest.fixture
def trouble() -> Iterator[list[str]]:
    """What went wrong in requests meanwhile, each with its address."""
    found: list[str] = []

    def note(*, request: Any, **_: Any) -> None:
        found.append(f"{request.method} {request.get_full_path()[:200]}")

    got_request_exception.connect(note)
    yield found
    got_request_exception.disconnect(note)


@pytest.fixture
def visitor(admin_client: Client) -> Client:
    admin_client.raise_request_exception = False
    Group.objects.create(name="Everybody")
    return admin_client


def ask(client: Client, address: str, parameters: Mapping[str, Any]) -> None:
    answer = client.get(address, parameters)
    if getattr(answer, "streaming", False):
        assert sum(map(len, answer.streaming_content)) >= 0


@pytest.mark.slow
def test_no_page_breaks_by_what_its_address_asks_for(
    world: World, visitor: Client, trouble: list[str]
) -> None:
    chance = random.Random(SEED)
    for address in pages():
        with watched() as asked:
            ask(visitor, address, {})
        pairs = [(name, value) for name in sorted(asked | {UNKNOWN}) for value in VALUES]
        for name, value in chance.sample(pairs, min(COUNT, len(pairs))):
            ask(visitor, address, {name: value})
    assert not trouble


@pytest.mark.slow
def test_no_page_breaks_by_what_is_sent_to_it(world: World, visitor: Client, trouble: list[str]) -> None:
    chance = random.Random(SEED)
    for address in pages():
        with watched() as asked:
            visitor.post(address, {})
        pairs = [(name, value) for name in sorted(asked | {UNKNOWN}) for value in VALUES]
        for name, value in chance.sample(pairs, min(COUNT, len(pairs))):
            visitor.post(address, {name: value})
    assert not trouble


@pytest.mark.slow
def test_no_list_breaks_by_what_it_is_filtered_by(world: World, visitor: Client, trouble: list[str]) -> None:
    chance = random.Random(SEED)
    for address, filters in lists().items():
        pairs = [(name, value) for name in filters for value in VALUES]
        for name, value in chance.sample(pairs, min(6 * COUNT, len(pairs))):
            ask(visitor, address, {name: value})
    assert not trouble


@pytest.mark.parametrize(
    "parameters",
    [
        {"created__year": "9" * 25},
        {"created__year__gte": "9" * 5000},
        {"created__range": "x"},
        {"id": "²"},
        {"id__in": "1,²"},
        {"id__gte": "9" * 25},
        {"state": "\x00"},
        {"q": "\x00"},
        {"o": "²"},
        {"p": "9" * 25},
        {"e": "1", "id": "²"},
    ],
    ids=str,
)
def test_what_no_row_can_have_leads_to_the_whole_list(
    parameters: dict[str, str], world: World, visitor: Client, trouble: list[str]
) -> None:
    answer = visitor.get("/admin/rendering/job/", parameters, follow=True)
    assert answer.status_code == 200 and not trouble


def test_a_list_says_why_it_shows_all(world: World, visitor: Client) -> None:
    answer = visitor.get("/admin/rendering/job/", {"id": "²"}, follow=True)
    assert "no row can have" in answer.content.decode()


def test_patterns_and_what_is_hidden_are_no_filters(world: World, visitor: Client) -> None:
    for address in (
        "job/?log__regex=(a%2B)%2B$",
        "webhook/?secret__startswith=a",
        "notification/?error__contains=a",
    ):
        assert visitor.get(f"/admin/rendering/{address}").status_code == 400, address


@pytest.mark.parametrize("chosen", ["²", "9" * 25, "\x00", "x"])
def test_an_action_on_what_is_no_row_is_refused(
    chosen: str, world: World, visitor: Client, trouble: list[str]
) -> None:
    for address in lists():
        form = {"action": "delete_selected", ACTION_CHECKBOX_NAME: [chosen]}
        assert visitor.post(address, form).status_code < 500, address
    assert not trouble


@pytest.mark.parametrize(
    "address", ["materialrule/add/?product=", "workflow/add/?name=", "sharelink/add/?asset="]
)
@pytest.mark.parametrize("value", ["²", "x", "9" * 25, "%00"])
def test_a_form_is_filled_in_only_with_what_its_fields_can_have(
    address: str, value: str, world: World, visitor: Client, trouble: list[str]
) -> None:
    assert visitor.get(f"/admin/rendering/{address}{value}").status_code < 500 and not trouble


def test_every_page_of_the_admin_is_bounded() -> None:
    for model, one in admin.site._registry.items():
        assert isinstance(one, BoundedAdmin), model
        assert issubclass(one.get_changelist(None), BoundedChangeList), model


def test_a_long_search_counts_its_first_words_and_says_what_is_left_out(visitor: Client) -> None:
    for number in ("1001", "1002"):
        factories.product(number=number)
    search = " ".join(["100"] * MOST_WORDS + ["no such word"] * 500)
    for address in ("/admin/media_assets/product/", "/admin/rendering/order/deliverables/"):
        page = visitor.get(address, {"q": search}, follow=True)
        assert page.status_code == 200 and "Left out: &quot;no such word" in page.content.decode(), address
    found = visitor.get("/admin/media_assets/product/", {"q": search}).context["cl"].result_count
    assert found == 2
    assert "Left out" not in visitor.get("/admin/media_assets/product/", {"q": "100 1"}).content.decode()


def test_every_list_answers_a_search_of_1500_words_at_once(
    world: World, visitor: Client, trouble: list[str]
) -> None:
    for address in lists():
        visitor.get(address, {"q": "a " * 1500})
    assert not trouble


@pytest.mark.parametrize(
    ("search", "kept", "left_out"),
    [
        ("  a b ", "a b", ""),
        ("a\x00b", "ab", ""),
        ('"a b" c', '"a b" c', ""),
        ("w " * (MOST_WORDS + 2), " ".join(["w"] * MOST_WORDS), "w w"),
        ("x" * (LONGEST + 3), "x" * LONGEST, "xxx"),
    ],
)
def test_a_search_is_cut_at_words_and_letters(search: str, kept: str, left_out: str) -> None:
    assert bounded(search) == (kept, left_out)


def test_a_copy_that_a_page_does_not_offer_is_refused(world: World, visitor: Client) -> None:
    address = f"/admin/media_assets/cadfile/{world.cad_file.pk}/change/"
    assert visitor.post(address, {"_saveasnew": "1"}).status_code == 400


@pytest.mark.parametrize("chosen", ["²", "1\x00", "9" * 25])
def test_a_form_is_shown_again_whatever_was_chosen(
    chosen: str, world: World, visitor: Client, trouble: list[str]
) -> None:
    answer = visitor.post("/admin/rendering/materialrule/add/", {"product": chosen, "finish": chosen})
    assert answer.status_code == 200 and not trouble


def test_who_deletes_his_own_user_is_gone_and_in_the_activity(visitor: Client) -> None:
    user = User.objects.get()
    answer = visitor.post(f"/admin/auth/user/{user.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302 and not User.objects.exists()
    entry = HistoryEntry.objects.get(verb="delete")
    assert (entry.user, entry.person) == (None, user.get_username())


def test_a_request_that_is_refused_says_so_and_leads_back(world: World, visitor: Client) -> None:
    form = {"text": "product\n1001", "priority": 50, "output_types": ["9" * 25]}
    too_large = visitor.post("/admin/rendering/order/table/", form)  # PostgreSQL finds no such row
    if connection.vendor != "sqlite":
        assert (
            too_large.status_code == 200 and "not one of the available choices" in too_large.content.decode()
        )
        too_large = visitor.get("/admin/rendering/order/?note__regex=x")
    for answer in (too_large, visitor.get("/admin/rendering/job/?log__regex=x")):
        assert answer.status_code == 400
        assert_strict(answer, "400")
        assert "Request not understood" in answer.content.decode()
