"""The studio pages: what was taken from a .blend and what was not, and views that a studio is not made for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from blender_scripts.studios import CameraLimits
from rendering.catalog.images import studios
from rendering.models import OutputType, Studio
from tests import factories

pytestmark = pytest.mark.django_db

SPIN = {"kind": "spin", "format": "jpg360", "frames": "24"}
LIST, ADD = "admin:rendering_studio_changelist", "admin:rendering_studio_add"


@pytest.fixture
def hall() -> Studio:
    notes = [{"code": "scripts", "count": 2}, {"code": "world"}, {"code": "of a later version"}]
    return Studio.objects.create(
        name="Hall",
        file="studios/ab/ab.json",
        sha256="ab" * 32,
        summary={
            "lights": [["Key <1>", "AREA"], ["Sun", "SUN"]],
            "ground": ["Table"],
            "triangles": 2,
            "camera": CameraLimits(5.0, 60.0, 85.0).to_json(),
            "notes": notes,
        },
    )


def test_the_page_says_what_was_taken_and_what_was_not(admin_client: Client, hall: Studio) -> None:
    assert "2 lights, ground" in admin_client.get(reverse(LIST)).content.decode()
    page = admin_client.get(reverse("admin:rendering_studio_change", args=[hall.pk])).content.decode()
    for words in (
        "Key &lt;1&gt; (area light)",
        "Table",
        "from 5° to 60° above the ground",
        "focal length up to 85 mm",
        "Scripts are never run. Text blocks that were left out: 2.",
        "Upload a panorama by itself",
    ):
        assert words in page


def test_a_bad_upload_is_explained_beside_its_field_to_whoever_may(staff: Callable[..., Client]) -> None:
    def send(client: Client) -> HttpResponse:
        file = SimpleUploadedFile("hall.blend", b"GIF89a" * 20)
        return client.post(reverse(ADD), {"name": "Hall", "studio": file})  # type: ignore[return-value]

    assert send(staff()).status_code == 403
    client = staff("rendering.add_studio", "rendering.view_studio")
    assert "no Blender file" in send(client).content.decode()
    assert not Studio.objects.exists()


def test_without_blender_the_upload_says_so(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise studios.BlenderError("There is no Blender.")

    monkeypatch.setattr(studios, "blender", missing)
    fields = {"name": "Hall", "studio": SimpleUploadedFile("hall.blend", b"BLENDER-v402" * 20)}
    page = admin_client.post(reverse(ADD), fields).content.decode()
    assert "can&#x27;t be read here: There is no Blender." in page


def form_of(client: Client, row: OutputType) -> dict[str, object]:
    address = reverse("admin:rendering_outputtype_change", args=[row.pk])
    form = client.get(address).context["adminform"].form
    return {name: value for name, value in form.initial.items() if value is not None and value is not False}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"camera": "top"}, "camera"),
        ({"camera": "custom", "elevation": "70"}, "elevation"),
        ({"focal_length": "120"}, "focal_length"),
        (SPIN | {"rows": "3", "lowest_row": "10", "highest_row": "80"}, "highest_row"),
        ({"studio": ""}, "studio"),
        ({"lighting": "softbox"}, "studio"),
    ],
)
def test_a_view_that_a_studio_is_not_made_for_is_refused_at_its_field(
    admin_client: Client, hall: Studio, change: dict[str, str], field: str
) -> None:
    row = factories.output_type("hall", lighting="studio", studio=hall)
    fields = form_of(admin_client, row)
    address = reverse("admin:rendering_outputtype_change", args=[row.pk])
    page = admin_client.post(address, {**fields, **change})
    assert page.status_code == 200
    assert list(page.context["adminform"].form.errors) == [field]
    assert (
        admin_client.post(address, {**fields, "orthographic": "on", "focal_length": "120"}).status_code == 302
    )


def test_one_in_use_says_by_what_and_stays(admin_client: Client, hall: Studio) -> None:
    factories.output_type("hall", lighting="studio", studio=hall)
    assert "1 output type; it can&#x27;t be deleted" in admin_client.get(reverse(LIST)).content.decode()
    admin_client.post(reverse("admin:rendering_studio_delete", args=[hall.pk]), {"post": "yes"})
    assert Studio.objects.exists()
