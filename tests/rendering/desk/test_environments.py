"""The panorama pages: what is wrong with an upload stands beside it, and nothing in use can go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from rendering.catalog.images.panoramas import PANORAMA
from rendering.catalog.images.receiving import receive
from rendering.models import Environment
from tests import factories
from tests.media import path_of
from tests.rendering.panoramas import needs_reader, write_exr, write_hdr

pytestmark = [pytest.mark.django_db, needs_reader]

LIST = "admin:rendering_environment_changelist"
ADD = "admin:rendering_environment_add"


def send(client: Client, content: bytes, name: str = "Hall", file: str = "hall.hdr") -> object:
    fields = {"name": name, "license": "CC0", "panorama": SimpleUploadedFile(file, content)}
    return client.post(reverse(ADD), fields, follow=True)


def test_an_upload_is_kept_and_shown(admin_client: Client, tmp_path: Path) -> None:
    page = send(admin_client, write_exr(tmp_path / "a.exr").read_bytes(), file="hall.exr")
    kept = Environment.objects.get()
    assert (kept.name, kept.original_name, kept.license) == ("Hall", "hall.exr", "CC0")
    assert "was added successfully" in page.content.decode()  # type: ignore[attr-defined]
    address = reverse("admin:rendering_environment_preview", args=[kept.pk])
    assert address in page.content.decode()  # type: ignore[attr-defined]
    picture = admin_client.get(address)
    assert picture["Content-Type"] == "image/webp"
    assert b"".join(picture.streaming_content)[8:12] == b"WEBP"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"GIF89a" * 20, "neither a Radiance"),
        (b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 9 +X 9\n" + b"\x80" * 324, "9 × 9 px"),
    ],
)
def test_a_bad_upload_is_explained_beside_its_field(admin_client: Client, content: bytes, words: str) -> None:
    html = send(admin_client, content).content.decode()  # type: ignore[attr-defined]
    assert words in html
    assert not Environment.objects.exists()


def test_the_same_bytes_and_the_same_name_are_told(admin_client: Client, tmp_path: Path) -> None:
    content = write_hdr(tmp_path / "a.hdr").read_bytes()
    send(admin_client, content)
    assert "the panorama “Hall” already" in send(admin_client, content, "Yard").content.decode()  # type: ignore[attr-defined]
    other = write_hdr(tmp_path / "b.hdr", light=(1, 1, 1)).read_bytes()
    assert "already" in send(admin_client, other).content.decode()  # type: ignore[attr-defined]
    assert Environment.objects.count() == 1


def test_whoever_may_add_panoramas_may_upload_them(staff: Callable[..., Client], tmp_path: Path) -> None:
    content = write_hdr(tmp_path / "a.hdr").read_bytes()
    assert send(staff(), content).status_code == 403  # type: ignore[attr-defined]
    client = staff("rendering.add_environment", "rendering.view_environment")
    assert send(client, content).status_code == 200  # type: ignore[attr-defined]
    assert Environment.objects.exists()
    address = reverse("admin:rendering_environment_preview", args=[Environment.objects.get().pk])
    assert staff().get(address).status_code == 403


def test_one_in_use_is_not_deleted_and_the_page_says_by_what(admin_client: Client, tmp_path: Path) -> None:
    kept = receive(PANORAMA, write_hdr(tmp_path / "a.hdr"), "a.hdr", name="Hall")
    factories.output_type("in-the-hall", lighting="custom", environment=kept)
    assert "1 output type; it can&#x27;t be deleted" in admin_client.get(reverse(LIST)).content.decode()
    page = admin_client.get(reverse("admin:rendering_environment_delete", args=[kept.pk]))
    assert "in-the-hall" in page.content.decode()
    admin_client.post(page.request["PATH_INFO"], {"post": "yes"})
    admin_client.post(
        reverse(LIST), {"action": "delete_selected", "_selected_action": [kept.pk], "post": "yes"}
    )
    assert Environment.objects.filter(pk=kept.pk).exists()
    assert path_of(kept).exists()
