"""An asset's page: why it was made and how, in words; its address to copy; a film to turn."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from media_assets.models import MediaAsset
from media_assets.recipes import Lookup
from media_assets.serving.links import asset_url, small_url
from rendering.catalog import reasons
from rendering.desk.assets import receipt, recipe
from rendering.models import Job, OrderLine
from tests import factories
from tests.rendering.desk.conftest import World, picture_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_world")]


def page(client: Client, asset: MediaAsset) -> str:
    response = client.get(reverse("admin:media_assets_mediaasset_change", args=[asset.pk]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def made_because(world: World, reason: Lookup) -> None:
    """The world's asset was made by a job of its line, for this reason."""
    job = factories.job(kind=Job.Kind.ENCODE, cad_file=world.cad_file, asset=world.asset)
    Job.objects.filter(pk=job.pk).update(reuse={"picture": reason.to_json()})
    OrderLine.objects.get(asset=world.asset).jobs.add(job)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Lookup(False, why=reasons.FIRST), "It was the first file of 1001 in Thumbnail"),
        (Lookup(False, why=reasons.FORCED), "a re-render was ordered"),
        (Lookup(False, why=reasons.LOST), "Its file was missing from the storage"),
        (Lookup(False, ("samples 64 → 128",)), "<li>samples 64 → 128</li>"),
    ],
)
def test_it_says_why_it_was_made(world: World, admin_client: Client, reason: Lookup, words: str) -> None:
    made_because(world, reason)
    shown = page(admin_client, world.asset)
    assert words in shown
    assert f"Order {world.order.pk}</a>" in shown and "in the admin" in shown


def test_a_test_render_says_that_nobody_ordered_it(
    world: World, admin_client: Client, tmp_path: Path
) -> None:
    trial = picture_of(world.product, tmp_path, samples=3)
    factories.job(kind=Job.Kind.ENCODE, cad_file=world.cad_file, asset=trial)
    assert "It is a test render of an output type" in page(admin_client, trial)


def test_it_says_that_it_would_be_different_today(world: World, admin_client: Client) -> None:
    shown = page(admin_client, world.asset)
    assert ">Stale</span>" in shown and "If it were made today, it would differ" in shown


def test_it_says_that_the_product_has_a_newer_cad_file(world: World, admin_client: Client) -> None:
    world.product.cad_file = factories.cad_file(original_name="newer.step")
    world.product.save()
    shown = page(admin_client, world.asset)
    assert ">Earlier CAD file</span>" in shown and "newer.step</a>" in shown


def test_it_names_what_replaced_it(world: World, admin_client: Client, tmp_path: Path) -> None:
    new = picture_of(world.product, tmp_path, samples=128)
    line = OrderLine.objects.get(asset=world.asset)
    line.pk, line.asset = None, new
    line.order = type(world.order).objects.create()
    line.save()
    assert (
        f'The newer one is <a href="{reverse("admin:media_assets_mediaasset_change", args=[new.pk])}">'
        in page(admin_client, world.asset)
    )


def test_its_address_is_whole_and_can_be_copied(world: World, admin_client: Client) -> None:
    shown = page(admin_client, world.asset)
    assert f'value="http://localhost:8000{asset_url(world.asset)}"' in shown and "data-copy" in shown


def test_the_json_is_there_for_programs_and_folded(world: World, admin_client: Client) -> None:
    shown = page(admin_client, world.asset)
    assert re.search(r'<details class="log">\s*<summary>Receipt and recipe as JSON', shown)
    assert "&quot;gpu_fallback&quot;: true" in shown
    assert "on the CPU instead of a GPU" in shown


def test_people_who_may_not_see_orders_are_led_to_none(world: World, staff: Callable[..., Client]) -> None:
    made_because(world, Lookup(False, why=reasons.FIRST))
    shown = page(staff("media_assets.view_mediaasset"), world.asset)
    assert "It was the first file" in shown
    assert reverse("admin:rendering_order_change", args=[world.order.pk]) not in shown


def test_a_film_whose_frames_are_known_is_turned_frame_by_frame(world: World, admin_client: Client) -> None:
    MediaAsset.objects.filter(pk=world.asset.pk).update(
        mime_type="video/mp4", duration=2.0, recipe={"view": {"frames": 24}, "fps": 12}
    )
    shown = page(admin_client, world.asset)
    assert 'data-player="24"' in shown and 'max="24"' in shown and " controls " in shown


def test_an_animated_picture_moves_only_for_people_who_like_that(world: World, admin_client: Client) -> None:
    MediaAsset.objects.filter(pk=world.asset.pk).update(duration=2.0, poster="poster/ab/abcdef.webp")
    world.asset.refresh_from_db()
    shown = page(admin_client, world.asset)
    assert f'media="(prefers-reduced-motion: reduce)" srcset="{small_url(world.asset)}"' in shown
    assert f'data-animated="{asset_url(world.asset)}"' in shown


def test_numbers_and_labels_are_written_as_its_reader_writes_them(tmp_path: Path) -> None:
    view = {
        "noise_threshold": 0.05,
        "samples": 8,
        "look": {"camera_view": "three_quarter", "lighting": "softbox", "f_stop": 2.8, "margin": 0.025},
    }
    product = factories.product(cad_file=factories.cad_file())
    asset = picture_of(product, tmp_path, view=view)
    with translation.override("de"):
        told = " ".join(fact.value for fact in (*recipe.what(asset), *receipt.how(asset)))
        assert "f/2,8" in told and "2,5 %" in told and "0,05" in told
        assert "Dreiviertelansicht" in receipt.sentence(asset)


def test_a_book_says_what_it_binds(tmp_path: Path) -> None:
    pages = [{"role": "hero", "title": "Product"}, {"role": "drawing", "title": "Line drawing"}]
    asset = MediaAsset(kind="book", recipe={"kind": "book", "pages": pages})
    asset.receipt = {"seconds": {"encode": 0.3}, "measured": {"pages": 3, "parts": 4}}
    assert [fact.value for fact in recipe.what(asset)] == ["Product, Line drawing"]
    assert [fact.value for fact in receipt.how(asset)] == [
        "of other files of the product in 300 ms",
        "3",
        "4",
    ]
