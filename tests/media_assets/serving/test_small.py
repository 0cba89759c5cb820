"""Small pictures: lists never load a large original."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from PIL import Image

from media_assets import storage
from media_assets.ingest.publish import publish
from media_assets.models import MediaAsset
from media_assets.recipes.receipt import Receipt
from media_assets.serving import small
from media_assets.serving.links import asset_url, small_url
from tests import factories
from tests.media import path_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def large(tmp_path: Path) -> MediaAsset:
    """A transparent still that is wider than lists show."""
    cad = factories.cad_file()
    path = tmp_path / "large.png"
    Image.linear_gradient("L").resize((1600, 800)).convert("RGBA").save(path)
    image = Image.open(path)
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    image.save(path)
    return publish(
        path,
        kind=MediaAsset.Kind.STILL,
        format_name="png",
        recipe={"a": 1},
        receipt=Receipt(),
        cad_file=cad,
        width=1600,
        height=800,
    )


def picture(response: object) -> Image.Image:
    return Image.open(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]


def test_a_large_picture_is_shown_small_and_made_once(large: MediaAsset, admin_client: Client) -> None:
    address = small_url(large)
    assert address != asset_url(large)
    image = picture(admin_client.get(address))
    assert (image.format, image.size, image.mode) == ("WEBP", (384, 192), "RGBA")
    large.refresh_from_db()
    assert large.poster
    assert small_url(large) != address, "its poster from now on"
    path_of(large).unlink()
    again = admin_client.get(address)
    assert picture(again).size == (384, 192)
    assert "immutable" in again["Cache-Control"]


def test_a_light_picture_is_its_own_small_one(tmp_path: Path) -> None:
    asset = MediaAsset(pk=1, file="still/ab/abc.webp", sha256="abc", width=512, height=512, bytes=20_000)
    assert small_url(asset) == asset_url(asset)
    asset.bytes = 900_000
    assert small_url(asset) != asset_url(asset)


def test_what_was_rendered_again_loses_the_small_picture_of_before(
    large: MediaAsset, admin_client: Client, tmp_path: Path
) -> None:
    admin_client.get(small_url(large))
    publish(
        factories.picture(tmp_path / "other.png", (1600, 800)),
        kind=MediaAsset.Kind.STILL,
        format_name="png",
        recipe={"a": 1},
        receipt=Receipt(),
        cad_file=large.cad_file,
        width=1600,
        height=800,
    )
    large.refresh_from_db()
    assert not large.poster


def test_a_picture_that_cannot_be_decoded_has_none(large: MediaAsset, admin_client: Client) -> None:
    path_of(large).write_bytes(b"\x89PNG broken")
    response = admin_client.get(small_url(large))
    assert response.status_code == 404 and "no small picture" in response.content.decode()


def test_a_picture_that_would_fill_the_memory_is_not_decoded(
    large: MediaAsset, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small, "LARGEST_PX", 1000)
    assert admin_client.get(small_url(large)).status_code == 404


def test_a_full_disk_still_shows_it(
    large: MediaAsset, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise storage.StorageFull(1, 0)

    monkeypatch.setattr(storage, "store_bytes", full)
    response = admin_client.get(small_url(large))
    assert Image.open(io.BytesIO(response.content)).size == (384, 192)
    assert "no-cache" in response["Cache-Control"]


def test_who_may_not_see_pictures_does_not_see_small_ones(large: MediaAsset, client: Client) -> None:
    user = factories.user(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_cadfile"))
    client.force_login(user)
    assert client.get(small_url(large)).status_code == 403
