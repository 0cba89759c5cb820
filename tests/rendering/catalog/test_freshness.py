from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from media_assets.cad.problem import Failure
from media_assets.ingest import receive
from media_assets.ingest.publish import publish
from media_assets.models import MediaAsset, Product
from media_assets.recipes.receipt import Receipt
from rendering import orders
from rendering.catalog import freshness
from rendering.catalog.freshness import Freshness
from rendering.catalog.plan import recipes_for
from rendering.models import Order, OrderLine
from rendering.orders import lines
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def product() -> Product:
    return factories.product()


def delivered(product: Product, folder: Path, samples: int, slug: str = "thumbnail") -> MediaAsset:
    """A picture of the product's present CAD file, delivered by an order of one line."""
    assert product.cad_file is not None
    asset = publish(
        factories.picture(folder / "picture.png"),
        kind=MediaAsset.Kind.THUMBNAIL,
        format_name="png",
        recipe={"cad": product.cad_file.pk, "samples": samples, "slug": slug},
        receipt=Receipt(),
        cad_file=product.cad_file,
        product=product,
    )
    deliver(product, asset, slug)
    return asset


def deliver(product: Product, asset: MediaAsset, slug: str = "thumbnail") -> None:
    OrderLine.objects.create(
        order=Order.objects.create(),
        product=product,
        output_type=factories.output_type(slug),
        cad_file=asset.cad_file,
        state=OrderLine.State.DONE,
        source=OrderLine.Source.RENDERED,
        recipe_key="k",
        master_width=64,
        master_height=64,
        asset=asset,
    )


def assert_freshness(expected: dict[MediaAsset, Freshness]) -> None:
    """What the lines say of each asset, and what is kept with it for the list, are the same."""
    told = {asset.pk: state for asset, state in expected.items()}
    assert freshness.of_assets(list(told)) == told
    freshness.refresh(told)
    assert kept() == told


def kept() -> dict[int, str]:
    """What is kept with each asset that was delivered."""
    return dict(MediaAsset.objects.exclude(delivery_state="").values_list("pk", "delivery_state"))


def test_a_newer_picture_of_the_same_output_type_replaces_one_and_of_another_does_not(
    product: Product, tmp_path: Path
) -> None:
    old, other = delivered(product, tmp_path, 1), delivered(product, tmp_path, 1, "draft")
    new = delivered(product, tmp_path, 2)
    assert_freshness({old: Freshness.REPLACED, other: Freshness.CURRENT, new: Freshness.CURRENT})


def test_a_new_cad_file_makes_the_newest_picture_one_of_an_earlier_file(
    product: Product, tmp_path: Path
) -> None:
    asset = delivered(product, tmp_path, 1)
    product.cad_file = factories.cad_file()
    product.save()
    assert_freshness({asset: Freshness.EARLIER})


def test_what_is_delivered_again_is_current_again(product: Product, tmp_path: Path) -> None:
    first, second = delivered(product, tmp_path, 1), delivered(product, tmp_path, 2)
    deliver(product, first)
    assert_freshness({first: Freshness.CURRENT, second: Freshness.REPLACED})


def test_one_product_that_still_has_it_is_enough(product: Product, tmp_path: Path) -> None:
    asset = delivered(product, tmp_path, 1)
    twin = factories.product(cad_file=product.cad_file)
    deliver(twin, asset)
    product.cad_file = factories.cad_file()
    product.save()
    assert_freshness({asset: Freshness.CURRENT})


def test_what_nobody_ordered_has_no_freshness(product: Product, tmp_path: Path) -> None:
    assert product.cad_file is not None
    geometry = factories.geometry(product.cad_file, tmp_path)
    freshness.refresh([geometry.pk])
    assert freshness.of_assets([geometry.pk]) == freshness.of_assets([]) == kept() == {}


def test_a_line_that_ends_replaces_what_was_in_use(product: Product, tmp_path: Path) -> None:
    old = delivered(product, tmp_path, 1)
    lines.write([OrderLine.objects.get(asset=old)])
    freshness.refresh([old.pk])
    new = delivered(product, tmp_path, 2)
    line = OrderLine.objects.get(asset=new)
    OrderLine.objects.filter(pk=line.pk).update(state=OrderLine.State.WORKING, asset=None)
    assert kept() == {old.pk: "current"}
    lines.write([line])
    assert kept() == {old.pk: "replaced", new.pk: "current"}


def test_a_line_that_fails_replaces_nothing(product: Product, tmp_path: Path) -> None:
    old = delivered(product, tmp_path, 1)
    freshness.refresh([old.pk])
    line = OrderLine.objects.create(
        order=Order.objects.create(),
        product=product,
        output_type=factories.output_type("thumbnail"),
        cad_file=old.cad_file,
        recipe_key="k",
        master_width=64,
        master_height=64,
    )
    lines.end_badly(line, Failure.of("timed_out", said="It took too long."))
    lines.write([line])
    assert kept() == {old.pk: "current"}


def test_an_order_of_what_is_there_delivers_it_again(product: Product, tmp_path: Path) -> None:
    kind = factories.output_type("thumbnail")
    assert product.cad_file is not None
    ready = publish(
        factories.picture(tmp_path / "ready.png"),
        kind=MediaAsset.Kind.THUMBNAIL,
        format_name="png",
        recipe=recipes_for(product.cad_file, kind, product.pk).file,
        receipt=Receipt(),
        cad_file=product.cad_file,
    )
    orders.place([orders.Wish(product, kind)], trigger=Order.Trigger.COMMAND)
    assert kept() == {ready.pk: "current"}


def test_a_product_that_gets_a_cad_file_has_pictures_of_an_earlier_one(
    product: Product, tmp_path: Path
) -> None:
    asset = delivered(product, tmp_path, 1)
    freshness.refresh([asset.pk])
    receive.assign(product, factories.cad_file(), None)
    assert kept() == {asset.pk: "earlier"}


def test_many_lines_take_as_many_queries_as_one(product: Product, tmp_path: Path) -> None:
    def queries(products: list[Product]) -> int:
        made = [delivered(one, tmp_path, 1) for one in products]
        found = list(OrderLine.objects.filter(asset__in=made))
        with CaptureQueriesContext(connection) as captured:
            freshness.on_delivered(found)
        return len(captured)

    assert queries([product]) == queries([factories.product() for _ in range(7)])
