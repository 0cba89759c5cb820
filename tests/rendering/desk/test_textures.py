"""The texture pages, and textures in finishes: what is wrong stands beside its field, and an edit says what it does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from rendering.models import Finish, Texture
from tests.rendering.panoramas import needs_reader
from tests.rendering.textures import write_texture

pytestmark = [pytest.mark.django_db, needs_reader]

LIST, ADD = "admin:rendering_texture_changelist", "admin:rendering_texture_add"


def send(client: Client, content: bytes) -> str:
    fields = {"name": "Oak", "license": "CC0", "texture": SimpleUploadedFile("oak.png", content)}
    answer = client.post(reverse(ADD), fields, follow=True)
    return f"{answer.status_code} {answer.content.decode()}"


def test_a_texture_is_uploaded_and_shown_by_whoever_may(staff: Callable[..., Client], tmp_path: Path) -> None:
    content = write_texture(tmp_path / "a.png").read_bytes()
    assert send(staff(), content).startswith("403")
    client = staff("rendering.add_texture", "rendering.view_texture")
    assert "was added successfully" in send(client, content)
    kept = Texture.objects.get()
    page = client.get(reverse("admin:rendering_texture_change", args=[kept.pk])).content.decode()
    assert f'fill="{kept.color}"' in page
    preview = reverse("admin:rendering_texture_preview", args=[kept.pk])
    assert preview in page
    assert b"".join(client.get(preview).streaming_content)[8:12] == b"WEBP"  # type: ignore[attr-defined]
    assert staff().get(preview).status_code == 403


def test_a_bad_upload_is_explained_beside_its_field(admin_client: Client) -> None:
    assert "no PNG, JPEG, WebP or TIFF" in send(admin_client, b"GIF89a" * 20)
    assert not Texture.objects.exists()


@pytest.fixture
def oak() -> Texture:
    return Texture.objects.create(
        name="Oak", file="textures/a.png", sha256="a" * 64, width=64, height=64, color="#ff8000"
    )


def test_a_finish_gets_a_texture_and_its_limits_are_told(admin_client: Client, oak: Texture) -> None:
    finish = Finish.objects.get(slug="rubber")
    address = reverse("admin:rendering_finish_change", args=[finish.pk])
    form = admin_client.get(address).context["adminform"].form
    fields = {name: value for name, value in form.initial.items() if value is not None}
    fields |= {"texture": oak.pk, "texture_mm": "25", "texture_mapping": "cylinder", "texture_relief": "0.1"}
    for wrong in (
        {"texture_mm": "0"},
        {"texture_relief": "7"},
        {"texture_mapping": "sphere"},
        {"texture": "77"},
    ):
        page = admin_client.post(address, {**fields, **wrong})
        assert page.status_code == 200, wrong
        assert page.context["errors"], wrong
    assert admin_client.post(address, fields).status_code == 302
    texture = Finish.objects.get(slug="rubber").as_form().texture
    assert texture
    assert (texture.sha256, texture.mm, texture.mapping, texture.relief) == ("a" * 64, 25.0, "cylinder", 0.1)


def test_one_in_use_says_by_what_and_stays(admin_client: Client, oak: Texture) -> None:
    Finish.objects.filter(slug="rubber").update(texture=oak)
    assert "1 finish; it can&#x27;t be deleted" in admin_client.get(reverse(LIST)).content.decode()
    admin_client.post(reverse("admin:rendering_texture_delete", args=[oak.pk]), {"post": "yes"})
    assert Texture.objects.exists()


def test_a_swatch_and_the_3d_view_have_the_mean_color(admin_client: Client, oak: Texture) -> None:
    Finish.objects.filter(slug="rubber").update(texture=oak, color="#ffffff", tint=0.0)
    page = admin_client.get(reverse("admin:rendering_finish_changelist")).content.decode()
    assert 'fill="#ff8000"' in page
