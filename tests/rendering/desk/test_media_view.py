from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from media_assets import storage
from media_assets.models import MediaAsset
from media_assets.serving.links import asset_url, cad_url, small_url
from tests import factories
from tests.media import path_of
from tests.rendering.desk.conftest import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_world")]


def test_a_picture_is_shown_to_staff_who_may_see_assets(world: World, staff: Callable[..., Client]) -> None:
    response = staff("media_assets.view_mediaasset").get(asset_url(world.asset))
    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("inline")
    assert b"".join(response.streaming_content) == path_of(world.asset).read_bytes()


def test_a_picture_is_kept_by_the_browser_and_by_nobody_else(world: World, admin_client: Client) -> None:
    address = asset_url(world.asset)
    response = admin_client.get(address)
    assert {"private", "immutable", "max-age=31536000"} <= set(response["Cache-Control"].split(", "))
    again = admin_client.get(address, headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304
    assert again["ETag"] == response["ETag"]


def test_an_address_without_the_content_hash_is_asked_again_each_time(
    world: World, admin_client: Client
) -> None:
    response = admin_client.get(f"/media/{world.asset.pk}/bearing.png")
    assert "no-cache" in response["Cache-Control"] and "immutable" not in response["Cache-Control"]


def test_the_source_is_a_download_under_its_own_name(world: World, staff: Callable[..., Client]) -> None:
    response = staff("media_assets.view_cadfile").get(cad_url(world.failed_cad_file))
    assert response["Content-Disposition"] == f'attachment; filename="{world.failed_cad_file.original_name}"'
    assert b"".join(response.streaming_content) == b"ISO-10303-21;"


def test_geometry_is_a_download(world: World, admin_client: Client) -> None:
    world.asset.mime_type = "model/gltf-binary"
    world.asset.save()
    assert admin_client.get(asset_url(world.asset))["Content-Disposition"].startswith("attachment")


def test_one_permission_does_not_open_the_other(world: World, staff: Callable[..., Client]) -> None:
    assert staff("media_assets.view_cadfile").get(asset_url(world.asset)).status_code == 403
    assert staff("media_assets.view_mediaasset").get(cad_url(world.cad_file)).status_code == 403


def test_a_file_that_is_gone_is_said_to_be_gone(world: World, admin_client: Client) -> None:
    path_of(world.asset).unlink()
    response = admin_client.get(asset_url(world.asset))
    assert response.status_code == 404
    assert "missing from the media folder" in response.content.decode()


def test_files_can_only_be_read(world: World, admin_client: Client) -> None:
    assert admin_client.post(asset_url(world.asset)).status_code == 405


class TestFilms:
    """A film is played from any place, and has a poster."""

    @pytest.fixture
    def film(self, world: World, tmp_path: Path) -> MediaAsset:
        poster = factories.picture(tmp_path / "poster.png", (32, 32))
        world.asset.mime_type = "video/mp4"
        world.asset.poster = storage.store(poster, "poster", ".png").name
        world.asset.save()
        return world.asset

    def test_a_part_is_what_was_asked_for(self, film: MediaAsset, admin_client: Client) -> None:
        response = admin_client.get(asset_url(film), headers={"range": "bytes=5-9"})
        assert response.status_code == 206
        assert response["Content-Range"] == f"bytes 5-9/{film.bytes}"
        assert (response["Content-Length"], response["Content-Type"]) == ("5", "video/mp4")
        assert b"".join(response.streaming_content) == path_of(film).read_bytes()[5:10]

    def test_a_part_of_an_older_version_is_the_whole_film(
        self, film: MediaAsset, admin_client: Client
    ) -> None:
        response = admin_client.get(asset_url(film), headers={"range": "bytes=5-9", "if-range": '"old"'})
        assert response.status_code == 200
        assert response["Accept-Ranges"] == "bytes"

    def test_a_part_beyond_the_end_is_refused(self, film: MediaAsset, admin_client: Client) -> None:
        response = admin_client.get(asset_url(film), headers={"range": f"bytes={film.bytes}-"})
        assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{film.bytes}")

    def test_its_poster_has_its_own_address_and_the_same_permission(
        self, film: MediaAsset, admin_client: Client, staff: Callable[..., Client]
    ) -> None:
        response = admin_client.get(small_url(film))
        assert b"".join(response.streaming_content) == path_of(film.poster).read_bytes()
        assert "immutable" in response["Cache-Control"]
        assert staff("media_assets.view_cadfile").get(small_url(film)).status_code == 403

    def test_its_page_plays_it_and_lists_show_the_poster(
        self, film: MediaAsset, admin_client: Client
    ) -> None:
        page = admin_client.get(f"/admin/media_assets/mediaasset/{film.pk}/change/").content.decode()
        assert re.search(
            rf'<video class="picture"\s+src="{asset_url(film)}"\s+poster="{small_url(film)}"', page
        )
        listed = admin_client.get("/admin/media_assets/mediaasset/").content.decode()
        assert f'src="{small_url(film)}"' in listed
