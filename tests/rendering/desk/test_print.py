"""Print: profiles of presses in the admin, a size on paper in the form, and a picture in inks by a worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import model_to_dict
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageCms

from gpu.queues.topology import CPU_QUEUE
from rendering.desk.output_types.form import OutputTypeForm
from rendering.farm import execute
from rendering.models import ColorProfile, OrderLine, OutputType
from tests import factories
from tests.icc import cmyk_profile
from tests.media import path_of
from tests.rendering.steps import order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_encoder")]

ADD = "admin:rendering_colorprofile_add"


def upload(client: Client, content: bytes, name: str = "Coated") -> str:
    fields = {"name": name, "profile": SimpleUploadedFile("a.icc", content)}
    return str(client.post(reverse(ADD), fields, follow=True).content.decode())


def test_a_profile_is_tried_before_it_is_kept(admin_client: Client) -> None:
    assert "was added successfully" in upload(admin_client, cmyk_profile())
    kept = ColorProfile.objects.get()
    assert (kept.name, kept.description, bytes(kept.icc)) == ("Coated", "Test press", cmyk_profile())
    for content, words in (
        (cmyk_profile(), "These bytes are the profile “Coated” already"),
        (
            ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
            "It is a profile of another kind (RGB",
        ),
        (cmyk_profile()[:900], "or a damaged one"),
        (b"%PDF-1.7", "It is no ICC profile"),
    ):
        assert words in upload(admin_client, content, "Other")
    page = admin_client.get(reverse("admin:rendering_colorprofile_changelist")).content.decode()
    assert "Test press" in page and "0 output types" in page


@pytest.mark.parametrize(
    ("paper", "found"),
    [
        ({"print_width": "100", "print_height": "50", "print_unit": "mm", "dpi": "300"}, (1181, 591)),
        ({"print_width": "2", "print_height": "1.5", "print_unit": "inch", "dpi": "600"}, (1200, 900)),
        ({"print_width": "100", "print_height": "50", "dpi": ""}, "dpi"),
        ({"print_width": "100", "dpi": "300"}, "print_height"),
        ({"print_width": "900", "print_height": "50", "dpi": "1200"}, "print_width"),
    ],
)
def test_a_size_on_paper_sets_the_pixels(paper: dict[str, str], found: Any) -> None:
    kind = factories.output_type("print", format="tiff")
    fields = {name: value for name, value in model_to_dict(kind).items() if value is not None}
    form_class = type(
        "Form", (OutputTypeForm,), {"Meta": type("Meta", (), {"model": OutputType, "fields": "__all__"})}
    )
    form = form_class({**fields, **paper}, instance=kind)
    if isinstance(found, str):
        assert not form.is_valid() and found in form.errors
    else:
        assert form.is_valid(), form.errors
        assert (form.cleaned_data["width"], form.cleaned_data["height"]) == found


def test_a_worker_writes_a_picture_in_the_inks_of_its_press(admin_client: Client, tmp_path: Path) -> None:
    upload(admin_client, cmyk_profile())
    fields = {"format": "jpg", "width": 64, "height": 64, "dpi": 300, "clipping_path": True}
    kind = factories.output_type("press", color_profile=ColorProfile.objects.get(), **fields)
    product = factories.product()
    factories.master(product.cad_file, kind, tmp_path)
    line = order(product, kind.slug).lines.get()
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    assert line.state == OrderLine.State.DONE and line.asset is not None, line.error
    with Image.open(path_of(line.asset)) as image:
        assert (image.mode, image.info["icc_profile"], image.info["dpi"]) == (
            "CMYK",
            cmyk_profile(),
            (300, 300),
        )
        assert {2000, 2999} <= set(image.info["photoshop"])
    facts = line.asset.how_made.facts
    assert facts is not None and (facts["profile"], facts["clipping_path"]) == ("Test press", True)
    small = admin_client.get(reverse("admin:media_assets_mediaasset_changelist"))
    assert small.status_code == 200
    assert (
        "can"
        in admin_client.post(
            reverse("admin:rendering_colorprofile_delete", args=[ColorProfile.objects.get().pk])
        ).content.decode()
    ), "in use"
    assert ColorProfile.objects.exists()
