"""A file that waits for a look is converted, shown as it was read, and rendered once somebody has said yes."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from media_assets.ingest import receive
from media_assets.models import CadFile, Product
from rendering.models import Job, Order
from tests import factories
from tests.conftest import SAMPLE
from tests.rendering.desk.test_upload import said, upload

pytestmark = pytest.mark.django_db

STEP = SAMPLE.read_bytes()
GUESSED = STEP.replace(b"'Kegelrollenlager", b"'" + "베어링".encode("cp949"), 1)


def reading(cad_file: CadFile) -> str:
    return reverse("admin:media_assets_cadfile_reading", args=[cad_file.pk])


def test_an_upload_that_is_looked_at_first_is_only_converted_until_somebody_says_yes(
    admin_client: Client,
) -> None:
    response = upload(admin_client, ("bearing.step", STEP), look_first="on")
    cad_file = CadFile.objects.get()
    assert response.redirect_chain[-1][0] == reading(cad_file)
    assert said(response) == [
        "“bearing.step” has been uploaded as product bearing and is being converted. "
        "It is rendered once you have looked at how it was read."
    ]
    assert [job.kind for job in Job.objects.all()] == ["tessellate"]
    product = Product.objects.get()
    page = admin_client.get(reverse("admin:media_assets_product_change", args=[product.pk])).content.decode()
    assert f'<a href="{reading(cad_file)}">Look at how its CAD file was read</a>' in page

    CadFile.objects.update(
        state="ready",
        report={"originating_system": "CATIA", "unit": "inch", "size_mm": [1, 2, 3], "names": ["Ring"]},
    )
    shown = admin_client.get(reading(cad_file)).content.decode()
    assert all(
        word in shown for word in ("CATIA", "inch", "1 × 2 × 3 mm", "Ring", "This is right: render it")
    )
    answer = admin_client.post(reading(cad_file), {"looked_at": "yes"}, follow=True)
    assert said(answer) == ["The file is rendered as it was read."]
    assert Order.objects.get().lines.get().product == product
    assert not CadFile.objects.get().waits_for_look
    assert said(admin_client.post(reading(cad_file), {"looked_at": "yes"}, follow=True)) == []
    assert Order.objects.count() == 1


def test_names_whose_code_page_is_a_guess_are_looked_at_first(admin_client: Client) -> None:
    upload(admin_client, ("bearing.step", GUESSED))
    assert CadFile.objects.get().waits_for_look and not Order.objects.exists()


def test_other_uploads_wait_for_nobody(admin_client: Client) -> None:
    upload(admin_client, ("bearing.step", STEP))
    assert not CadFile.objects.get().waits_for_look and Order.objects.count() == 1


def test_another_reading_is_looked_at_too(admin_client: Client) -> None:
    upload(admin_client, ("bearing.step", GUESSED))
    cad_file = CadFile.objects.get()
    answer = admin_client.post(reading(cad_file), {"code_page": "euc-kr"}, follow=True)
    assert answer.redirect_chain[-1][0] == reading(cad_file)
    assert CadFile.objects.get().waits_for_look and not Order.objects.exists()


def test_a_revision_waits_as_well_and_what_somebody_orders_does_not() -> None:
    user = factories.user(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="add_order"))
    factories.product(number="7")
    arrival = receive.receive(SAMPLE, "new.step", number="7", look_first=True, max_bytes=10**9)
    assert arrival.cad_file is not None and arrival.cad_file.waits_for_look
    assert not Order.objects.exists()
