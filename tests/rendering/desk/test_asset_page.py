from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from media_assets.models import MediaAsset
from media_assets.serving.links import asset_url
from rendering.models import Order, OrderLine
from tests import factories
from tests.rendering.desk.conftest import World, picture_of

pytestmark = pytest.mark.django_db


def page(client: Client, asset: MediaAsset) -> str:
    return client.get(reverse("admin:media_assets_mediaasset_change", args=[asset.pk])).content.decode()


def deliver(world: World, asset: MediaAsset) -> None:
    OrderLine.objects.create(
        order=Order.objects.create(),
        product=world.product,
        output_type=factories.output_type("thumbnail"),
        cad_file=world.cad_file,
        state=OrderLine.State.DONE,
        source=OrderLine.Source.RENDERED,
        recipe_key="again",
        master_width=64,
        master_height=64,
        asset=asset,
    )


def test_a_picture_is_laid_over_the_one_it_replaced_and_says_what_changed(
    world: World, admin_client: Client, tmp_path: Path
) -> None:
    new = picture_of(world.product, tmp_path, samples=128)
    deliver(world, new)
    shown = page(admin_client, new)
    assert "data-compare" in shown and asset_url(world.asset) in shown
    assert "Changed since: samples" in shown


def test_the_first_picture_replaced_none(world: World, admin_client: Client) -> None:
    deliver(world, world.asset)
    assert "Previous version" not in page(admin_client, world.asset)


def test_a_film_names_the_one_before_without_laying_it_over(
    world: World, admin_client: Client, tmp_path: Path
) -> None:
    new = picture_of(world.product, tmp_path, samples=128)
    deliver(world, new)
    MediaAsset.objects.filter(pk=new.pk).update(duration=2.0)
    shown = page(admin_client, new)
    assert "Previous version" in shown and "data-compare" not in shown
