"""What a format saved against PNG, and what looked wrong, where people look at a picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from media_assets.models import MediaAsset
from rendering.models import Job
from tests import factories
from tests.rendering.steps import ends, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def asset(tmp_path: Path) -> MediaAsset:
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    factories.output_type("shop", width=64, height=64, samples=3, format="webp", background="colour")
    order(product, "shop")
    ends(tmp_path)
    made = MediaAsset.objects.get(kind="still")
    made.receipt |= {
        "png_bytes": made.bytes * 4,
        "warnings": [{"code": "cropped", "text": "The part touches the border. Raise the margin."}],
    }
    made.save()
    return made


def body(client: Client, view: str, *args: int) -> str:
    return client.get(reverse(f"admin:{view}", args=args)).content.decode()


def test_the_pages_of_asset_product_and_order_say_what_was_saved(
    asset: MediaAsset, admin_client: Client
) -> None:
    said = "75 % smaller than PNG"
    assert said in body(admin_client, "media_assets_mediaasset_change", asset.pk)
    assert said in body(admin_client, "media_assets_product_change", asset.product_id)
    placed = Job.objects.filter(kind="encode").latest("id").lines.get().order_id
    assert said in body(admin_client, "rendering_order_change", placed)


def test_the_page_of_an_asset_says_what_looks_wrong(asset: MediaAsset, admin_client: Client) -> None:
    page = body(admin_client, "media_assets_mediaasset_change", asset.pk)
    assert "The part touches the border. Raise the margin." in page
    assert "Needs attention" in page


@pytest.mark.parametrize(
    ("mime_type", "png_bytes", "said"),
    [
        ("image/webp", 200, "50 % smaller than PNG"),
        ("image/webp", 80, "25 % larger than PNG"),
        ("image/webp", None, ""),
        ("image/png", 100, ""),
    ],
)
def test_nothing_is_said_that_was_not_measured(mime_type: str, png_bytes: int | None, said: str) -> None:
    asset = MediaAsset(mime_type=mime_type, bytes=100, receipt={"png_bytes": png_bytes})
    assert asset.against_png == said
