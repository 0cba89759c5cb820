"""Files of a bucket, as people get them: pictures from us, downloads and films by addresses that end."""

from __future__ import annotations

import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from media_assets import checks, storage
from media_assets.models import CadFile, MediaAsset
from media_assets.serving.links import asset_name, asset_url, cad_url, small_url
from rendering.delivery import shares
from rendering.models import ShareLink
from tests import factories
from tests.bucket import Server, move_to, use
from tests.rendering.desk.conftest import picture_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def asset(object_server: Server, settings: Any, tmp_path: Path) -> MediaAsset:
    use(object_server, settings)
    found = picture_of(factories.product(number="Größe 1"), tmp_path)
    cad = storage.store_bytes(b"cad" * 1000, "cad", ".step")
    CadFile.objects.update(file=cad.name, sha256=cad.sha256, original_name="part.step")
    return MediaAsset.objects.get(pk=found.pk)


def content_of(asset: MediaAsset) -> bytes:
    with storage.open_stored(asset.file) as stream:
        return stream.read()


def test_pictures_come_from_us_and_downloads_from_the_bucket(
    asset: MediaAsset, admin_client: Client, client: Client
) -> None:
    shown = admin_client.get(asset_url(asset))
    assert shown.status_code == 200 and b"".join(shown.streaming_content) == content_of(asset)  # type: ignore[attr-defined]
    assert admin_client.get(small_url(asset)).status_code == 200
    cad_file = CadFile.objects.get()
    led = admin_client.get(cad_url(cad_file))
    assert led.status_code == 302 and led["Cache-Control"] == "private, no-store" and "ETag" not in led
    with urllib.request.urlopen(led["Location"]) as answer:
        assert answer.read() == b"cad" * 1000
        assert answer.headers["Content-Disposition"] == 'attachment; filename="part.step"'
    assert admin_client.head(cad_url(cad_file)).status_code == 200  # the address is for GET alone
    known = admin_client.get(cad_url(cad_file), headers={"if-none-match": f'"{cad_file.sha256}"'})
    assert known.status_code == 304
    stranger = client.get(cad_url(cad_file))
    assert stranger.status_code == 302 and "X-Amz" not in stranger["Location"]
    storage.delete(cad_file.file)
    gone = admin_client.get(cad_url(cad_file))
    assert gone.status_code == 404 and "missing" in gone.content.decode()


def test_films_are_played_from_the_bucket_and_parts_come_straight_from_it(
    asset: MediaAsset, admin_client: Client
) -> None:
    storage.delete(asset.file)
    film = storage.store_bytes(bytes(range(256)) * 100, "turntable", ".mp4")
    MediaAsset.objects.update(file=film.name, sha256=film.sha256, mime_type="video/mp4", bytes=film.bytes)
    asset.refresh_from_db()
    led = admin_client.get(asset_url(asset), headers={"range": "bytes=10-19"})
    asked = urllib.request.Request(led["Location"], headers={"Range": "bytes=10-19"})
    with urllib.request.urlopen(asked) as answer:
        assert (answer.status, answer.read()) == (206, bytes(range(10, 20)))
        assert answer.headers["Content-Disposition"].startswith("inline")


def test_where_browsers_do_not_reach_the_bucket_we_send_all(
    asset: MediaAsset, object_server: Server, settings: Any, admin_client: Client
) -> None:
    prefix = settings.MEDIA_BUCKET["prefix"]
    move_to(object_server.url(prefix, more="&public=off"), settings)
    address = cad_url(CadFile.objects.get())
    part = admin_client.get(address, headers={"range": "bytes=3-7"})
    assert part.status_code == 206 and b"".join(part.streaming_content) == b"cadca"  # type: ignore[attr-defined]
    assert part["Content-Range"] == "bytes 3-7/3000"
    assert not Path(storage.shown_path(CadFile.objects.get().file)).exists()  # straight from there
    whole = admin_client.get(address)
    assert b"".join(whole.streaming_content) == b"cad" * 1000  # type: ignore[attr-defined]
    again = admin_client.get(address, headers={"range": "bytes=-2"})
    assert b"".join(again.streaming_content) == b"ad"  # type: ignore[attr-defined]
    assert admin_client.get(address, headers={"range": "bytes=3000-"}).status_code == 416


def test_a_share_link_leads_to_the_bucket_for_a_download_and_counts_it(
    asset: MediaAsset, client: Client
) -> None:
    made = ShareLink.objects.create(asset=asset, expires=timezone.now() + timedelta(minutes=5))
    assert client.get(shares.path(made)).status_code == 200
    address = reverse("shares:file", args=[shares.token(made), asset.sha256[:12], asset_name(asset)])
    assert client.get(address).status_code == 200
    led = client.get(f"{address}?save")
    assert led.status_code == 302 and ShareLink.objects.get().downloads == 1
    seconds = int(led["Location"].partition("X-Amz-Expires=")[2].partition("&")[0])
    assert 290 <= seconds <= 300  # no longer than the link itself


def test_a_server_that_does_not_answer_is_said_to_be_away(
    asset: MediaAsset, admin_client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    move_to("s3://a:b@media/x?endpoint=http://127.0.0.1:9", settings)
    for address in (asset_url(asset), cad_url(CadFile.objects.get())):
        response = admin_client.get(address)
        assert response.status_code == 503 and response["Retry-After"] == "30"
        assert (
            "can&#x27;t be reached" in response.content.decode()
            or "can't be reached" in response.content.decode()
        )
    assert admin_client.get("/readyz").json() == {"database": "ok", "media": "away", "broker": "ok"}
    found = checks.check_bucket_takes_files()
    assert [one.id for one in found] == ["media_assets.E005"] and "s3://media/x" in found[0].msg


def test_what_is_wrong_with_the_settings_is_said(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.check_bucket() == checks.check_bucket_takes_files() == []
    settings.MEDIA_BUCKET_WRONG = "it does not begin with s3://"
    assert [one.id for one in checks.check_bucket()] == ["media_assets.E003"]
    assert "can't be used" in storage.media_trouble() and "can't be used" in storage.media_away()
    settings.MEDIA_BUCKET_WRONG = ""
    settings.MEDIA_BUCKET = {"place": "s3://x"}
    settings.MEDIA_OFFLOAD = "x-sendfile"
    assert [one.id for one in checks.check_media_offload()] == ["media_assets.W001"]
    monkeypatch.setattr(checks, "find_spec", lambda _: None)
    assert [one.id for one in checks.check_bucket()] == ["media_assets.E004"]
    assert "requirements-s3.txt" in str(checks.check_bucket()[0].hint)
