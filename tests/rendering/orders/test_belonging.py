"""Customers, collections and tags: products are found, ordered and reported by them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from media_assets.ingest.belonging import belong
from media_assets.models import Product, Tag
from rendering.models import Job
from rendering.orders import table
from rendering.reports import REPORTS, Scope
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def products() -> list[Product]:
    """Two of Acme, of which one is tagged, and one of nobody."""
    made = [factories.product(number=number) for number in ("A-1", "A-2", "B-1")]
    belong(made[0], customer="Acme", collection="Spring", tags=["shop", "new"])
    belong(made[1], customer="Acme")
    return made


def numbers(text: str) -> tuple[list[str], list[str]]:
    resolved = table.resolve(table.parse(text)[0])
    return [wish.product.number for _, wish in resolved.wishes], [one.message for one in resolved.errors]


def test_what_is_left_out_stays_and_an_empty_name_takes_away(products: list[Product]) -> None:
    first = products[0]
    belong(first, tags=["shop"], collection="")
    first.refresh_from_db()
    assert (str(first.customer), first.collection, list(map(str, first.tags.all()))) == (
        "Acme",
        None,
        ["shop"],
    )
    for bad in ("a,b", " x", "y" * 100, "a|b"):
        with pytest.raises(ValidationError):
            belong(first, tags=["kept", bad])
    assert not Tag.objects.filter(name="kept").exists(), "all or nothing"


def test_a_row_of_a_table_orders_all_that_belong_to_a_group(products: list[Product]) -> None:
    assert numbers("customer,output_type\nAcme,draft\n") == (["A-1", "A-2"], [])
    assert numbers("product,customer,tag,output_type\n,Acme,shop,draft\nB-1,,,draft\n")[0] == ["A-1", "B-1"]
    found, errors = numbers("collection,output_type\nAutumn,draft\n")
    assert not found and "No product belongs to collection 'Autumn'" in errors[0]


def test_lists_are_filtered_and_searched_by_them(products: list[Product], admin_client: Client) -> None:
    address = reverse("admin:media_assets_product_changelist")
    customer, tag = products[0].customer, Tag.objects.get(name="shop")
    assert customer is not None
    for query, found in (
        ({"customer": customer.pk}, {"A-1", "A-2"}),
        ({"tag": tag.pk}, {"A-1"}),
        ({"q": "acme"}, {"A-1", "A-2"}),
        ({"customer": "x"}, {"A-1", "A-2", "B-1"}),
    ):
        page = admin_client.get(address, query)
        assert {one.number for one in page.context["cl"].result_list} == found, query


def test_reports_are_narrowed_and_ranked_by_them(products: list[Product]) -> None:
    now = timezone.now()
    for product, seconds in zip(products, (3.0, 4.0, 5.0), strict=True):
        job = factories.job(product=product)
        Job.objects.filter(pk=job.pk).update(
            state="succeeded", started=now - timedelta(minutes=1), finished=now, seconds={"sample": seconds}
        )
    rows = REPORTS["customers"](Scope.of()).rows
    assert [(row[0], row[3]) for row in rows] == [("Acme", 7.0), ("(none)", 5.0)]
    assert [row[0] for row in REPORTS["products"](Scope.of(tag="shop")).rows] == ["A-1"]
    assert [row[0] for row in REPORTS["products"](Scope.of(customer="Acme")).rows] == ["A-2", "A-1"]
