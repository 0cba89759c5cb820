from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from media_assets.models import MediaAsset
from media_assets.serving.links import usdz_url
from media_assets.serving.usdz import Package
from tests.media import path_of
from tests.rendering.desk.conftest import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def master(world: World) -> MediaAsset:
    asset = world.asset
    asset.kind, asset.mime_type = MediaAsset.Kind.USD_MASTER, "model/vnd.usd+binary"
    asset.width = asset.height = None
    asset.save()
    return asset


def test_usd_master_is_sent_as_usdz_to_staff_who_may_see_assets(
    master: MediaAsset, staff: Callable[..., Client]
) -> None:
    client = staff("media_assets.view_mediaasset")
    response = client.get(usdz_url(master))
    content = b"".join(response.streaming_content)
    assert response["Content-Type"] == "model/vnd.usdz+zip"
    assert response["Content-Disposition"].startswith("attachment; ")
    assert (
        f'{master.product.number.lower()}-usd_master-{master.sha256[:12]}.usdz"'
        in response["Content-Disposition"]
    )
    assert int(response["Content-Length"]) == len(content)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        assert package.read("master.usdc") == path_of(master).read_bytes()
    again = client.get(usdz_url(master), headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304


def test_page_of_a_usd_master_offers_it_as_usdz(master: MediaAsset, admin_client: Client) -> None:
    page = admin_client.get(reverse("admin:media_assets_mediaasset_change", args=[master.pk]))
    assert usdz_url(master) in page.content.decode()


def test_only_usd_masters_are_packed(world: World, admin_client: Client) -> None:
    assert admin_client.get(usdz_url(world.asset)).status_code == 404


def test_strangers_and_staff_without_the_permission_get_no_usdz(
    master: MediaAsset, staff: Callable[..., Client], client: Client
) -> None:
    assert client.get(usdz_url(master)).status_code == 302
    assert staff("media_assets.view_cadfile").get(usdz_url(master)).status_code == 403
    assert staff("media_assets.view_mediaasset").post(usdz_url(master)).status_code in {403, 405}


def test_master_that_is_gone_is_said_to_be_gone(master: MediaAsset, admin_client: Client) -> None:
    path_of(master).unlink()
    response = admin_client.get(usdz_url(master))
    assert response.status_code == 404
    assert "missing from the media folder" in response.content.decode()


@pytest.mark.parametrize("size", [0, 1, 63, 64, 100_000])
def test_bytes_in_a_package_begin_at_a_multiple_of_64(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    content = b"".join(Package.of(io.BytesIO(data[:size]), "master.usdc").chunks())
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        (only,) = package.infolist()
        begin = only.header_offset + 30 + int.from_bytes(content[26:28], "little")
        begin += int.from_bytes(content[28:30], "little")
        assert (begin % 64, only.compress_type, only.file_size) == (0, zipfile.ZIP_STORED, size)
        assert content[begin : begin + size] == data[:size] == package.read(only)
