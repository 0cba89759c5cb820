"""The deliverables matrix: how each cell stands, and what is done with what is ticked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from media_assets.models import Product
from rendering import orders
from rendering.models import Job, Order, OrderLine, OutputType
from rendering.orders.matrix import Cell, CellState, matrix
from rendering.queue import claims
from tests import factories
from tests.rendering.desk.test_actions import said
from tests.rendering.desk.test_every_page import assert_strict
from tests.rendering.steps import ends, fails, order, taken, type_of

pytestmark = pytest.mark.django_db


def cell(product: Product, slug: str = "draft") -> Cell:
    product.refresh_from_db()
    return matrix([product], [type_of(slug)])[0].cells[0]


def address(**query: Any) -> str:
    return reverse("admin:rendering_matrix", query=query)


def act(client: Client, verb: str, shown: list[Product], **ticks: list[object]) -> Any:
    data = {"verb": verb, "shown": [product.pk for product in shown], **ticks}
    return client.post(address(), data, follow=True)


def key(product: Product, slug: str = "draft") -> str:
    return f"{product.pk}:{type_of(slug).pk}"


def test_a_cell_goes_from_missing_through_waiting_and_running_to_current_and_stale(tmp_path: Path) -> None:
    product = factories.product()
    assert cell(product).state == CellState.MISSING
    placed = order(product, "draft")
    assert cell(product).state == CellState.WAITING
    orders.pause_order(placed)
    assert cell(product).state == CellState.PAUSED
    orders.resume_order(placed)
    claim = taken()
    assert claim is not None
    claims.renew(claim, progress=0.4, stage="meshing")
    running = cell(product)
    assert (running.state, running.progress, running.why) == (CellState.RUNNING, 0.4, "meshing")
    claims.release(claim)
    ends(tmp_path)
    assert (cell(product).state, cell(product).asset) == (CellState.DONE, placed.lines.get().asset)
    OutputType.objects.filter(slug="draft").update(samples=99)
    stale = cell(product)
    assert stale.state == CellState.STALE and "→ 99" in stale.why and stale.asset is not None


def test_a_failed_cell_says_why_and_one_without_cad_says_that() -> None:
    product = factories.product()
    order(product, "draft")
    fails("too_many_instances", "It places 200,000 parts.")
    assert cell(product).state == CellState.FAILED and "200,000 parts" in cell(product).why
    assert cell(factories.product(cad_file=None)).state == CellState.NO_CAD


def test_ordering_takes_what_is_missing_and_leaves_what_is_current(
    tmp_path: Path, admin_client: Client
) -> None:
    done, new, empty = factories.product(), factories.product(), factories.product(cad_file=None)
    order(done, "draft")
    ends(tmp_path)
    ticks = [key(done), key(new), key(empty)]
    response = act(admin_client, "order", [done, new, empty], cell=ticks)
    assert "1 picture." in said(response) and "2 cells skipped" in said(response)
    assert Order.objects.latest("id").lines.get().product == new


def test_a_tick_at_a_row_and_at_a_column_stands_for_their_cells(admin_client: Client) -> None:
    first, second = factories.product(), factories.product()
    act(admin_client, "order", [first, second], row=[first.pk], column=[type_of("draft").pk])
    lines = Order.objects.get().lines
    assert lines.filter(product=first).count() == OutputType.objects.filter(is_active=True).count()
    assert lines.get(product=second).output_type.slug == "draft"


def test_cancel_retry_and_re_render_say_how_many(tmp_path: Path, admin_client: Client) -> None:
    product = factories.product()
    order(product, "draft")
    ticks = {"cell": [key(product)]}
    assert "1 line canceled" in said(act(admin_client, "cancel", [product], **ticks))
    assert "Nothing selected is in progress" in said(act(admin_client, "cancel", [product], **ticks))
    assert "1 line started again" in said(act(admin_client, "retry", [product], **ticks))
    assert "Nothing selected has failed" in said(act(admin_client, "retry", [product], **ticks))
    ends(tmp_path)
    assert "1 picture" in said(act(admin_client, "render_again", [product], **ticks))
    assert OrderLine.objects.latest("id").not_before is not None


@pytest.mark.parametrize(
    "ticks", [{}, {"cell": ["x", "1:", "9:9"]}, {"row": ["abc"]}, {"shown": ["x", "9" * 30]}]
)
def test_nonsense_and_no_ticks_do_nothing(ticks: dict[str, list[object]], admin_client: Client) -> None:
    response = admin_client.post(address(), {"verb": "order", **ticks}, follow=True)
    assert "Nothing is selected" in said(response) and not Order.objects.exists()
    assert admin_client.post(address(), {"verb": "explode"}, follow=True).status_code == 200


def test_only_who_may_look_sees_it_and_only_who_may_act_acts(staff: Callable[..., Client]) -> None:
    product = factories.product()
    assert staff("rendering.view_order").get(address()).status_code == 403
    viewer = staff("rendering.view_order", "media_assets.view_product")
    whole = viewer.get(address()).content.decode()
    page = whole[: whole.index("<dialog")]  # of the shortcuts, which have a switch on every page
    assert product.number in page and 'type="checkbox"' not in page and 'name="verb"' not in page
    for verb in ("order", "render_again", "cancel", "retry"):
        assert act(viewer, verb, [product], cell=[key(product)]).status_code == 403
    assert not Job.objects.exists()


def test_products_are_searched_and_paged(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rendering.desk.deliverables.rows.PER_PAGE", 2)
    for number in ("A1", "A2", "A3", "B1"):
        factories.product(number=number)
    assert [row["product"].number for row in admin_client.get(address(p="2")).context["rows"]] == ["A3", "B1"]
    found = admin_client.get(address(q="b"))
    assert [row["product"].number for row in found.context["rows"]] == ["B1"]
    assert "No product number or name contains" in admin_client.get(address(q="zz")).content.decode()


@pytest.mark.slow
def test_the_page_has_no_inline_code_and_no_query_for_each_cell(tmp_path: Path, admin_client: Client) -> None:
    counts = []
    for count in (2, 18):
        kind = type_of("draft")
        wishes = [orders.Wish(factories.product(), kind) for _ in range(count)]
        orders.place(wishes, trigger=Order.Trigger.COMMAND)
        ends(tmp_path, at_most=80)
        order(wishes[0].product, "still-1024")
        admin_client.get(address())
        with CaptureQueriesContext(connection) as captured:
            response = admin_client.get(address())
        assert_strict(response, "matrix")
        counts.append(len(captured))
    assert counts[0] == counts[1] < 25


def test_states_are_filters_over_all_pages_and_narrow_what_a_row_or_column_selects(
    tmp_path: Path, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rendering.desk.deliverables.rows.PER_PAGE", 2)
    made = [factories.product(number=f"A{number}") for number in range(5)]
    order(made[1], "draft")
    order(made[4], "draft")
    ends(tmp_path)
    factories.product(number="B", cad_file=None)

    def numbers(**query: Any) -> list[str]:
        context = admin_client.get(address(**query)).context
        return [row["product"].number for row in context["rows"]]

    assert numbers(state="done") == ["A1", "A4"]
    assert numbers(state=["done", "no_cad"]) == ["A1", "A4"] and numbers(state="failed") == []
    more = admin_client.get(address(state=["done", "no_cad"])).context["found"].later
    assert more is not None
    rest = admin_client.get(more.address)
    assert [row["product"].number for row in rest.context["rows"]] == ["B"]
    assert "Nothing is in these states" in admin_client.get(address(state="held")).content.decode()
    monkeypatch.setattr("rendering.desk.deliverables.rows.LOOKED_AT", 2)
    far = admin_client.get(address(state="stale", q="A"))  # those delivered, none of them stale
    assert far.context["rows"] == [] and far.context["found"].later.after == "A4"

    data = {"verb": "cancel", "shown": [one.pk for one in made[:2]], "column": [type_of("draft").pk]}
    page = admin_client.post(address(state="done"), data, follow=True)
    assert "Nothing selected is in progress" in said(page)
    data = {"verb": "render_again", "shown": [made[0].pk, made[1].pk], "column": [type_of("draft").pk]}
    admin_client.post(address(state="done"), data)
    assert [line.product.number for line in Order.objects.latest("id").lines.all()] == ["A1"]


def test_a_view_keeps_columns_states_and_search_of_its_person_alone(
    admin_client: Client, staff: Callable[..., Client]
) -> None:
    factories.product(number="A1")
    where, kind = reverse("admin:rendering_matrix_views"), type_of("draft")
    form = {
        "view_verb": "save",
        "name": " Web  shop ",
        "q": "A",
        "state": ["stale", "missing"],
        "column": [kind.pk],
    }
    page = admin_client.post(where, form, follow=True)
    assert "Web shop" in said(page) and page.context["output_types"] == [kind]
    assert page.context["choice"].states == ("stale", "missing") and page.context["query"] == "A"
    assert [one["is_now"] for one in page.context["views"]] == [True]
    again = {**form, "column": [one.pk for one in OutputType.objects.orderable()], "state": "nonsense"}
    view = admin_client.post(where, again, follow=True).context["views"][0]["view"]
    assert (view.columns, view.states) == ([], [])
    other = staff("rendering.view_order", "media_assets.view_product")
    assert other.get(address()).context["views"] == []
    other.post(where, {"view_verb": "delete", "view": view.pk})
    assert "Give the view a name" in said(admin_client.post(where, {**form, "name": "  "}, follow=True))
    assert staff("rendering.view_order").post(where, form).status_code == 403
    gone = admin_client.post(where, {"view_verb": "delete", "view": view.pk}, follow=True)
    assert "deleted" in said(gone) and gone.context["views"] == []
