"""Ordering from a table: first what would happen, then the order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from rendering.models import Job, Order
from tests import factories
from tests.rendering.steps import ends, order

pytestmark = pytest.mark.django_db


def post(client: Client, **fields: Any) -> Any:
    return client.post(reverse("admin:rendering_order_import"), {"priority": 50, **fields}, follow=True)


def confirm(client: Client, shown: Any) -> Any:
    """Press the button of a preview."""
    return post(client, text=shown.context["table"], **shown.context["keep"], _order="Order")


def test_a_file_with_two_bad_rows_is_previewed_and_the_good_ones_are_ordered(admin_client: Client) -> None:
    factories.product(number="A 1"), factories.product(number="A 2")
    text = "product;output_type\r\nA 1;draft\r\nA 9;draft\r\nA 2;draft\r\nA 2;nothing\r\n"
    file = SimpleUploadedFile("order.csv", b"\xef\xbb\xbf" + text.encode(), "text/csv")
    shown = post(admin_client, file=file, due="2026-12-24", note="Fair", priority=70)
    page = shown.content.decode()
    assert "Nothing has been ordered yet" in page and not Order.objects.exists()
    assert [error.row for error in shown.context["errors"]] == [3, 5]
    assert "Order 2 pictures" in page and "There is no product" in page
    response = confirm(admin_client, shown)
    placed = Order.objects.get()
    assert response.redirect_chain[-1][0] == reverse("admin:rendering_order_change", args=[placed.pk])
    assert [line.product.number for line in placed.lines.all()] == ["A 1", "A 2"]
    assert (placed.priority, str(placed.due), placed.note) == (70, "2026-12-24", "Fair")


def test_the_preview_says_what_each_row_would_do(tmp_path: Path, admin_client: Client) -> None:
    done, live = factories.product(number="done"), factories.product(number="live")
    factories.product(number="new")
    order(done, "still-2048")
    ends(tmp_path)
    order(live, "draft")
    jobs = Job.objects.count()
    text = "product,output_type\ndone,still-2048\ndone,still-1024\nlive,draft\nnew,draft\n"
    shown = post(admin_client, text=text)
    said = [str(badge) for _, _, badge in shown.context["rows"]]
    for badge, words in zip(
        said, ("Exists already", "Derived", "In progress already", "Rendered"), strict=True
    ):
        assert words in badge
    assert (Job.objects.count(), Order.objects.count()) == (jobs, 2)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose a CSV file"),
        ({"text": "a,b\n1,2\n"}, "must name the columns"),
        ({"text": "product,output_type\nx,y\n", "priority": "x"}, "whole number"),
        ({"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04\x00\xff")}, "Save the sheet as CSV"),
    ],
)
def test_what_can_not_be_read_says_so_beside_its_field(
    fields: dict[str, Any], said: str, admin_client: Client
) -> None:
    page = post(admin_client, **fields).content.decode()
    assert said in page and not Order.objects.exists()


def test_a_table_of_bad_rows_alone_can_not_be_ordered(admin_client: Client) -> None:
    shown = post(admin_client, text="product,output_type\nx,draft\n", _order="Order")
    assert not Order.objects.exists() and 'name="_order"' not in shown.content.decode()


def test_what_changed_between_preview_and_order_is_told_and_not_lost(admin_client: Client) -> None:
    good, gone = factories.product(number="G"), factories.product(number="X")
    shown = post(admin_client, text="product,output_type\nG,draft\nX,draft\n")
    gone.delete()
    confirm(admin_client, shown)
    assert Order.objects.get().lines.get().product == good


def test_only_who_may_order_gets_the_page(staff: Callable[..., Client]) -> None:
    address = reverse("admin:rendering_order_import")
    assert staff("rendering.view_order").get(address).status_code == 403
    assert staff("rendering.view_order").post(address, {}).status_code == 403
    assert staff("rendering.add_order").get(address).status_code == 200


def test_output_types_for_rows_that_name_none(admin_client: Client) -> None:
    factories.product(number="A")
    kinds = [factories.output_type("draft").pk, factories.output_type("thumbnail").pk]
    shown = post(admin_client, text="product\nA\n", output_types=kinds)
    assert len(shown.context["rows"]) == 2
