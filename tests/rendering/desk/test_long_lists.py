"""Lists of tables that grow for ever: what they count, where their pages lead, what their searches find."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from media_assets.models import MediaAsset, Product
from rendering.desk.shared import large
from rendering.models import Job
from tests import factories
from tests.media import path_of
from tests.rendering.desk.conftest import World, picture_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ASSETS, FILES, PRODUCTS = "media_assets_mediaasset", "media_assets_cadfile", "media_assets_product"
JOBS, ORDERS = "rendering_job", "rendering_order"


def listed(client: Client, name: str, **asked: Any) -> list[Any]:
    """The rows that a list shows."""
    response = client.get(reverse(f"admin:{name}_changelist"), asked)
    assert response.status_code == 200
    return list(response.context_data["cl"].result_list)


def products(count: int) -> list[Product]:
    made = Product.objects.bulk_create(
        Product(number=f"BOLT-{n:04d}", name="Hexagon bolt") for n in range(count)
    )
    return list(made)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (ASSETS, "1001"),
        (JOBS, "1001"),
        (FILES, "1001"),
        (ORDERS, "1001"),
        (PRODUCTS, "alert"),
        (PRODUCTS, ".STEP"),
    ],
)
def test_a_search_leads_by_way_of_the_product_and_its_file(
    name: str, words: str, world: World, admin_client: Client
) -> None:
    assert listed(admin_client, name, q=words)
    assert not listed(admin_client, name, q=f"{words} nowhere")


def test_a_hash_is_found_by_its_first_digits(world: World, admin_client: Client) -> None:
    other = picture_of(world.product, Path(path_of(world.asset)).parent, "draft")
    assert listed(admin_client, ASSETS, q=world.asset.recipe_key[:12]) == [world.asset]
    assert listed(admin_client, ASSETS, q=other.sha256.upper()) == [
        asset for asset in MediaAsset.objects.all() if asset.sha256 == other.sha256
    ]
    assert not listed(admin_client, ASSETS, q=world.asset.recipe_key[:5]), "that short, it is no hash"


def test_words_of_an_error_find_the_jobs_that_failed(world: World, admin_client: Client) -> None:
    assert listed(admin_client, JOBS, q='"too long"') == [world.failed]
    assert listed(admin_client, JOBS, q=str(world.queued.pk))[:1] == [world.queued]
    assert listed(admin_client, ORDERS, q="9" * 30) == []


@pytest.mark.parametrize("common", [3, 20_000], ids=["common", "many"])
def test_a_search_that_fits_many_products_finds_the_files_of_all(
    common: int, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large, "FEW", 2)
    monkeypatch.setattr(large, "COMMON", common)
    made = products(4)
    jobs = {factories.job(product=product).pk for product in made}
    assert {job.pk for job in listed(admin_client, JOBS, q="hexagon bolt")} == jobs


def test_what_a_filter_leaves_is_counted_up_to_a_limit(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large, "FOUND", 60)
    products(150)
    address = reverse(f"admin:{PRODUCTS}_changelist")
    page = admin_client.get(address, {"q": "bolt"}).content.decode()
    assert "more than 60 products" in page and "results (" in page
    assert len(listed(admin_client, PRODUCTS, q="bolt", p=2)) == 10, "none beyond"
    page = admin_client.get(address).content.decode()
    assert "150 products" in page and "results (" not in page


def test_every_row_stands_on_one_page(admin_client: Client) -> None:
    made = products(120)
    pages = [[row.number for row in listed(admin_client, PRODUCTS, p=page)] for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert [*pages[0], *pages[1], *pages[2]] == [product.number for product in made]
    assert [row.number for row in listed(admin_client, PRODUCTS, p=2, o="-1")][:1] == ["BOLT-0069"]


def test_the_last_page_of_a_table_that_was_thought_longer_shows_its_last_rows(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = products(120)
    monkeypatch.setattr(large, "estimate", lambda rows: 1_000_000)
    page = admin_client.get(reverse(f"admin:{PRODUCTS}_changelist"), {"p": 20_000})
    assert "about 1,000,000 products" in page.content.decode()
    assert [row.number for row in page.context_data["cl"].result_list] == [one.number for one in made[-50:]]


def test_errors_and_queues_to_filter_by_are_those_that_there_are(world: World, admin_client: Client) -> None:
    page = admin_client.get(reverse(f"admin:{JOBS}_changelist"))
    choices = {
        spec.title: [choice["display"] for choice in spec.choices(page.context_data["cl"])]
        for spec in page.context_data["cl"].filter_specs
    }
    assert choices["error code"] == ["All", "canceled", "timed_out"]
    assert "asset_pipeline_cpu" in choices["queue"] and "gone" in choices["queue"]
    assert listed(admin_client, JOBS, error_code="timed_out") == [world.failed]
    assert len(listed(admin_client, JOBS, queue="asset_pipeline")) == Job.objects.count()


def test_orders_are_filtered_by_the_states_of_their_lines(world: World, admin_client: Client) -> None:
    assert listed(admin_client, ORDERS, lines__state="failed") == [world.order]
    assert listed(admin_client, ORDERS, lines__state="working") == []
