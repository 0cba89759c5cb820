"""The web server in front sends the files, when the settings say so: a real nginx where there is one."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from media_assets import checks
from media_assets.models import MediaAsset
from media_assets.serving.links import asset_url
from tests import factories
from tests.deploy.nginx import in_front_of
from tests.media import path_of
from tests.rendering.desk.conftest import picture_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def asset(tmp_path: Path) -> MediaAsset:
    return picture_of(factories.product(number="Größe 1"), tmp_path)


@pytest.mark.parametrize("value", ["", "x-sendfile", "x-accel:/protected-media/"])
def test_good_settings_pass_the_check(value: str, settings: Any) -> None:
    settings.MEDIA_OFFLOAD = value
    assert checks.check_media_offload() == []


@pytest.mark.parametrize(
    "value", ["nginx", "x-accel:", "x-accel:/", "x-accel:media/", "x-accel:/a b/", "X-Sendfile"]
)
def test_bad_settings_fail_the_check(value: str, settings: Any) -> None:
    settings.MEDIA_OFFLOAD = value
    assert [one.id for one in checks.check_media_offload()] == ["media_assets.E002"]


def test_nginx_is_told_the_stored_file_and_gets_no_bytes(
    asset: MediaAsset, settings: Any, admin_client: Client
) -> None:
    settings.MEDIA_OFFLOAD = "x-accel:/protected-media/"
    response = admin_client.get(asset_url(asset), headers={"range": "bytes=0-9"})
    assert response.status_code == 200 and response.content == b""
    assert response["X-Accel-Redirect"] == f"/protected-media/{asset.file.name}"
    assert response["Content-Type"] == "image/png" and "ETag" not in response
    assert response["Content-Disposition"].startswith("inline") and "immutable" in response["Cache-Control"]


def test_apache_is_told_a_quoted_path(asset: MediaAsset, settings: Any, admin_client: Client) -> None:
    old = Path(settings.MEDIA_ROOT)
    settings.MEDIA_ROOT = old.with_name("média 1")
    old.rename(settings.MEDIA_ROOT)
    settings.MEDIA_OFFLOAD = "x-sendfile"
    told = admin_client.get(asset_url(asset))["X-Sendfile"]
    assert told == quote(str(settings.MEDIA_ROOT / asset.file.name)) and " " not in told


def test_who_may_not_see_it_gets_no_address(asset: MediaAsset, settings: Any, client: Client) -> None:
    settings.MEDIA_OFFLOAD = "x-sendfile"
    assert "X-Sendfile" not in client.get(asset_url(asset))


def test_a_file_that_is_gone_is_said_to_be_gone(
    asset: MediaAsset, settings: Any, admin_client: Client
) -> None:
    settings.MEDIA_OFFLOAD = "x-accel:/protected-media/"
    path_of(asset).unlink()
    response = admin_client.get(asset_url(asset))
    assert response.status_code == 404 and "missing from the media folder" in response.content.decode()


def test_a_head_request_knows_no_ranges(asset: MediaAsset, admin_client: Client) -> None:
    response = admin_client.head(asset_url(asset), headers={"range": "bytes=0-9"})
    assert response.status_code == 200 and int(response["Content-Length"]) == asset.bytes


@pytest.fixture
def nginx(settings: Any, live_server: Any, tmp_path: Path) -> Iterator[int]:
    """A real nginx in front of the live server. Yields its port."""
    settings.MEDIA_OFFLOAD = "x-accel:/protected-media/"
    upstream = live_server.url.removeprefix("http://")
    with in_front_of(upstream, settings.MEDIA_ROOT, tmp_path / "nginx") as port:
        yield port


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_nginx_sends_wholes_parts_and_nothing_where_nothing_is_new(
    nginx: int, asset: MediaAsset, admin_client: Client
) -> None:
    cookie = admin_client.cookies["sessionid"].value

    def ask(address: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", nginx, timeout=20)
        connection.request("GET", address, headers={"Cookie": f"sessionid={cookie}", **headers})
        answer = connection.getresponse()
        return answer, answer.read()

    whole, content = ask(asset_url(asset))
    assert (whole.status, content) == (200, path_of(asset).read_bytes())
    assert whole.headers["Content-Type"] == "image/png"
    assert "immutable" in whole.headers["Cache-Control"] and "X-Accel-Redirect" not in whole.headers
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    part, content = ask(asset_url(asset), Range="bytes=10-19")
    assert (part.status, content) == (206, path_of(asset).read_bytes()[10:20])
    again, content = ask(asset_url(asset), **{"If-None-Match": whole.headers["ETag"]})
    assert (again.status, content) == (304, b"")
    direct, _ = ask(f"/protected-media/{asset.file.name}")
    assert direct.status == 404
    connection = http.client.HTTPConnection("127.0.0.1", nginx, timeout=20)
    connection.request("GET", asset_url(asset))
    assert connection.getresponse().status == 302  # to the log-in
