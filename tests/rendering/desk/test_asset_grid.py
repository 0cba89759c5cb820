"""The list of assets: as a grid of pictures or a table, narrowed down by its filters."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpu.models import GpuDevice
from media_assets.models import MediaAsset
from media_assets.recipes.receipt import Receipt
from media_assets.serving.links import small_url
from rendering.desk.assets.admin import MediaAssetAdmin
from rendering.models import Order, OutputType
from tests import factories
from tests.rendering.desk.conftest import World, picture_of
from tests.rendering.steps import ends, order

pytestmark = pytest.mark.django_db

LIST = "/admin/media_assets/mediaasset/"


def grid(client: Client, **parameters: Any) -> str:
    response = client.get(LIST, {"view": "grid", **parameters})
    assert response.status_code == 200, response.headers
    return response.content.decode()


def shown(page: str) -> set[int]:
    """The ids of the assets that a grid shows."""
    return {int(pk) for pk in re.findall(r'class="asset-tile[^"]*"\s+href="[^"]*/(\d+)/change/', page)}


def test_a_card_has_the_picture_the_product_the_file_the_device_and_the_freshness(
    world: World, admin_client: Client
) -> None:
    page = grid(admin_client)
    assert f'src="{small_url(world.asset)}"' in page
    for words in ("1001", "Thumbnail · PNG", "64 × 64", "CPU instead of GPU", ">Stale</span>"):
        assert words in page


def test_the_grid_is_remembered_until_somebody_wants_the_table(world: World, admin_client: Client) -> None:
    assert "asset-grid" not in admin_client.get(LIST).content.decode().replace("asset_grid.css", "")
    grid(admin_client)
    again = admin_client.get(LIST).content.decode()
    assert 'class="asset-grid"' in again
    assert re.search(r'aria-current="true">Grid', again)
    table = admin_client.get(LIST, {"view": "list"}).content.decode()
    assert (
        'class="asset-grid"' not in table
        and 'class="asset-grid"' not in admin_client.get(LIST).content.decode()
    )


def test_no_other_word_in_the_address_changes_how_the_list_is_shown(
    world: World, admin_client: Client
) -> None:
    assert 'class="asset-grid"' not in grid(admin_client, view="<script>")


def test_what_is_ticked_in_the_grid_is_rendered_again(world: World, admin_client: Client) -> None:
    form = {"action": "render_again", "_selected_action": [world.asset.pk], "index": 0}
    assert f'name="_selected_action" value="{world.asset.pk}"' in grid(admin_client)
    response = admin_client.post(f"{LIST}?view=grid", form)
    order = Order.objects.latest("pk")
    assert response.url == reverse("admin:rendering_order_change", args=[order.pk])
    assert order.trigger == Order.Trigger.RERENDER


def test_pages_filters_and_sorting_keep_the_grid(
    world: World, admin_client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture_of(world.product, tmp_path, samples=2)
    monkeypatch.setattr(MediaAssetAdmin, "list_per_page", 1)
    page = grid(admin_client)
    assert "?p=2&amp;view=grid" in page
    assert "?kind__exact=still&amp;view=grid" in page
    assert re.search(r'href="\?o=-?\d[.\d-]*&amp;view=grid"', page)
    first, second = shown(page), shown(grid(admin_client, p=2))
    assert len(first) == len(second) == 1 and first != second


def test_geometry_is_shown_by_a_picture_of_its_cad_file(
    world: World, admin_client: Client, tmp_path: Path
) -> None:
    geometry = factories.geometry(world.cad_file, tmp_path)
    page = grid(admin_client, format="glb")
    assert shown(page) == {geometry.pk}
    assert f'src="{small_url(world.asset)}"' in page and '<span class="asset-what">GLB</span>' in page


def test_a_grid_of_many_takes_as_many_queries_as_one_of_few(
    world: World, admin_client: Client, tmp_path: Path
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            grid(admin_client)
        return len(captured)

    factories.geometry(world.cad_file, tmp_path)
    queries()  # the first one writes the session
    few = queries()
    for samples in range(8):
        picture_of(world.product, tmp_path, samples=samples)
        product = factories.product()
        factories.geometry(product.cad_file, tmp_path)
    assert queries() == few


@pytest.mark.parametrize("text", ["1001", "10", "1001 <script>alert(1)</script>", "ALERT"])
def test_a_product_is_found_by_its_number_its_beginning_its_name_and_its_suggestion(
    world: World, admin_client: Client, tmp_path: Path, text: str
) -> None:
    other = factories.product(number="X-9")
    picture_of(other, tmp_path)
    assert shown(grid(admin_client, product=text)) == {world.asset.pk}


def test_a_number_that_exists_is_that_product_and_no_longer_one(
    world: World, admin_client: Client, tmp_path: Path
) -> None:
    longer = picture_of(factories.product(number="10010"), tmp_path)
    assert shown(grid(admin_client, product="1001")) == {world.asset.pk}
    assert shown(grid(admin_client, product="100")) == {world.asset.pk, longer.pk}
    assert "Nothing matches" in grid(admin_client, product="nothing")


def test_the_suggestions_of_the_filter_are_answered(world: World, admin_client: Client) -> None:
    (address,) = re.findall(r'data-suggest="([^"]+)"', grid(admin_client))
    answer = admin_client.get(f"{address.replace('&amp;', '&')}&term=100").json()
    assert [one["text"] for one in answer["results"]] == [str(world.product)]


def test_assets_are_narrowed_down_by_format_and_device(
    world: World, admin_client: Client, tmp_path: Path
) -> None:
    GpuDevice.objects.create(host="h2", backend="OPTIX", vendor_id="GPU-2", name="RTX 4090")
    changes: dict[str, dict[str, Any]] = {
        "still": {"mime_type": "image/webp", "made_on": "CPU"},
        "moving": {"mime_type": "image/webp", "made_on": "RTX 4090", "kind": "turntable", "duration": 2.0},
    }
    made = {}
    for number, (name, fields) in enumerate(changes.items()):
        made[name] = picture_of(world.product, tmp_path, samples=number).pk
        MediaAsset.objects.filter(pk=made[name]).update(**fields)
    grid(admin_client)
    for parameters, wanted in (
        ({"format": "webp"}, {made["still"]}),
        ({"format": "awebp"}, {made["moving"]}),
        ({"format": "png"}, {world.asset.pk}),
        ({"device": "RTX 4090"}, {made["moving"]}),
        ({"device": "GPU"}, {made["moving"]}),
        ({"device": "CPU"}, {made["still"]}),
        ({"device": "fallback"}, {world.asset.pk}),
        ({"freshness": "current"}, {world.asset.pk}),
        ({"freshness": "replaced"}, set()),
    ):
        assert shown(grid(admin_client, **parameters)) == wanted, parameters


def test_looking_at_the_list_mends_a_freshness_that_was_kept_wrongly(
    world: World, admin_client: Client
) -> None:
    MediaAsset.objects.filter(pk=world.asset.pk).update(delivery_state="replaced")
    page = grid(admin_client)
    assert ">Stale</span>" in page and ">Replaced</span>" not in page
    assert shown(grid(admin_client, freshness="current")) == {world.asset.pk}


def test_what_would_differ_today_is_stale_in_the_list_as_it_is_in_the_deliverables(
    admin_client: Client, tmp_path: Path
) -> None:
    order(factories.product(), "draft")
    ends(tmp_path)
    assert ">Current</span>" in grid(admin_client, kind__exact="still")
    OutputType.objects.filter(slug="draft").update(samples=99)
    page = grid(admin_client, kind__exact="still", freshness="current")
    assert ">Stale</span>" in page and ">Current</span>" not in page and ">In use</a>" in page


def test_a_published_file_knows_its_device_by_its_receipt() -> None:
    gpu = {"device_used": "GPU", "device_name": "RTX 4090"}
    assert MediaAsset.device_of(Receipt.from_json(gpu)) == "RTX 4090"
    assert MediaAsset.device_of(Receipt.from_json({"device_used": "GPU"})) == "GPU"
    assert (
        MediaAsset.device_of(Receipt.from_json({"device_used": "CPU", "device_name": "AMD EPYC"}))
        == MediaAsset.CPU
    )
    assert (
        MediaAsset.device_of(Receipt.from_json({"device_used": "CPU", "gpu_fallback": True}))
        == MediaAsset.FALLBACK
    )
    assert MediaAsset.device_of(Receipt.from_json({})) == ""


def test_people_who_may_only_look_get_a_grid_without_boxes(
    world: World, staff: Callable[..., Client]
) -> None:
    page = grid(staff("media_assets.view_mediaasset"))
    assert shown(page) == {world.asset.pk} and "_selected_action" not in page
