from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from gpu.models import SystemSettings
from media_assets import storage
from media_assets.ingest import receive
from media_assets.models import CadFile, Product
from rendering.models import Order
from tests import factories
from tests.conftest import SAMPLE
from tests.end_to_end.uploads import TETRAHEDRON
from tests.rendering.desk.test_product_page import deliver

pytestmark = pytest.mark.django_db

ADD = "/admin/media_assets/cadfile/add/"


def upload(client: Client, *files: tuple[str, bytes], **data: object) -> Any:
    uploads = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(ADD, {"cad_files": uploads, **data}, follow=True)


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


@pytest.fixture
def step() -> bytes:
    return SAMPLE.read_bytes()


def test_each_of_several_files_gets_its_own_answer(admin_client: Client, step: bytes) -> None:
    files = (
        ("Kegelrollenlager.step", step),
        ("letter.step", b"Dear Sir"),
        ("empty.step", b""),
        ("cut.step", step[:9000]),
    )
    answers = said(upload(admin_client, *files))
    assert answers[0].startswith("“Kegelrollenlager.step” has been uploaded as product Kegelrollenlager ")
    assert answers[1].startswith("“letter.step” was refused") and "not a CAD file" in answers[1]
    assert answers[2].startswith("“empty.step” was refused") and "0 bytes" in answers[2]
    assert (
        answers[3].startswith("“cut.step” was kept, but can't be converted")
        and "ends too early" in answers[3]
    )
    assert set(CadFile.objects.values_list("state", flat=True)) == {"uploaded", "failed"}
    assert Product.objects.count() == 2


def test_an_upload_orders_its_first_picture_for_the_one_who_uploaded(
    admin_client: Client, step: bytes
) -> None:
    upload(admin_client, ("a.step", step))
    order = Order.objects.get()
    assert order.trigger == Order.Trigger.UPLOAD and order.ordered_by is not None
    assert order.lines.get().product.number == "a"


def product_url() -> str:
    return reverse("admin:media_assets_product_change", args=[Product.objects.get().pk])


def test_one_file_leads_to_its_product_and_several_to_the_list(
    admin_client: Client, staff: Callable[..., Client], step: bytes
) -> None:
    one = upload(admin_client, ("a.step", step))
    assert one.redirect_chain[-1][0] == product_url()
    cad_file = reverse("admin:media_assets_cadfile_change", args=[CadFile.objects.get().pk])
    assert f'href="{cad_file}"' in one.content.decode(), "which is one click further"
    may_see_files = staff("media_assets.add_cadfile", "media_assets.view_cadfile")
    assert upload(may_see_files, ("a.step", step)).redirect_chain[-1][0] == cad_file
    assert (
        upload(admin_client, ("a.step", step), ("b.step", step)).redirect_chain[-1][0].endswith("/cadfile/")
    )
    assert upload(admin_client, ("x.step", b"no")).redirect_chain[-1][0] == ADD


def test_the_same_file_twice_is_known_already(admin_client: Client, step: bytes) -> None:
    upload(admin_client, ("a.step", step))
    assert said(upload(admin_client, ("b.step", step))) == [
        "“b.step” already exists: it is the CAD file of product a."
    ]
    assert CadFile.objects.count() == Product.objects.count() == 1


def test_the_same_file_twice_at_the_same_moment_is_one_product(
    admin_client: Client, step: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = receive._scan

    def rival(*args: Any) -> Any:
        """Another request brings the same bytes while this one looks into them."""
        monkeypatch.setattr(receive, "_scan", look)
        upload(admin_client, ("first.step", step))
        return look(*args)

    monkeypatch.setattr(receive, "_scan", rival)
    told = send(admin_client, "second.step", step).json()
    assert "already exists: it is the CAD file of product first" in told["text"]
    assert CadFile.objects.count() == Product.objects.count() == 1


def test_a_known_product_number_gets_a_new_revision(admin_client: Client, step: bytes) -> None:
    product = Product.objects.create(number="4711")
    upload(admin_client, ("a.step", step), product="4711")
    product.refresh_from_db()
    assert product.cad_file is not None and product.revised is not None


def test_a_new_revision_is_called_so_with_the_number_of_stale_pictures(
    admin_client: Client, step: bytes, tmp_path: Path
) -> None:
    first = factories.product(number="4711")
    deliver(first, tmp_path, "draft")
    deliver(first, tmp_path, "thumbnail")
    told = send(admin_client, "b.step", step, product="4711").json()["text"]
    assert (
        told
        == "“b.step” is the new revision of product 4711 and is being converted. 2 pictures of it are stale."
    )
    send(admin_client, "b.step", step, product="4712")
    told = send(admin_client, "c.step", step[:-1] + b"\n\n", product="4712").json()["text"]
    assert told == "“c.step” is the new revision of product 4712 and is being converted."
    told = send(admin_client, "b.step", step, product="4712").json()["text"]
    assert told == "“b.step” already exists and is now the new revision of product 4712."


def test_a_product_number_is_for_a_single_file(admin_client: Client, step: bytes) -> None:
    page = upload(admin_client, ("a.step", step), ("b.step", step), product="4711")
    assert "A product has one current CAD file" in page.content.decode()
    assert not CadFile.objects.exists()


@pytest.mark.parametrize("number", ["../4711", "<script>", "x" * 101])
def test_a_bad_product_number_is_refused_in_the_form(number: str, admin_client: Client, step: bytes) -> None:
    page = upload(admin_client, ("a.step", step), product=number)
    assert page.status_code == 200 and page.context["form"].errors["product"]
    assert not CadFile.objects.exists()


def test_no_file_at_all_is_asked_for(admin_client: Client) -> None:
    assert "Choose at least one CAD file" in admin_client.post(ADD, {}).content.decode()


def test_a_file_above_the_limit_is_refused(admin_client: Client) -> None:
    SystemSettings.load()
    SystemSettings.objects.update(upload_max_mb=1)
    answer = said(upload(admin_client, ("big.step", b"ISO-10303-21;" + bytes(1_100_000))))[0]
    assert answer.startswith("“big.step” was refused") and "has 1.2 MB; the limit is 1 MB" in answer


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>.step", "../../etc/passwd.step", "a\nb.step", "x" * 300 + ".step"]
)
def test_a_hostile_name_is_cleaned_and_escaped(name: str, admin_client: Client, step: bytes) -> None:
    response = upload(admin_client, (name, step))
    cad_file = CadFile.objects.get()
    assert response.status_code == 200 and "<script>alert" not in response.content.decode()
    assert "/" not in cad_file.original_name and "\n" not in cad_file.original_name
    assert len(cad_file.original_name) <= 255
    assert cad_file.file.name == f"cad/{cad_file.sha256[:2]}/{cad_file.sha256}.step"


def test_a_full_disk_is_an_answer_and_leaves_nothing(
    admin_client: Client, step: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, folder: str, suffix: str) -> storage.StoredFile:
        raise storage.StorageFull(1000, 10)

    monkeypatch.setattr(storage, "store", full)
    answer = said(upload(admin_client, ("a.step", step)))[0]
    assert answer.startswith("“a.step” was not accepted: The disk is full")
    assert not CadFile.objects.exists() and not Product.objects.exists()


def test_uploading_needs_the_permission(staff: Callable[..., Client], step: bytes) -> None:
    client = staff("media_assets.view_cadfile")
    assert client.get(ADD).status_code == 403
    assert upload(client, ("a.step", step)).status_code == 403
    assert "Upload CAD files" not in client.get("/admin/media_assets/cadfile/").content.decode()
    assert (
        upload(staff("media_assets.add_cadfile", "media_assets.view_cadfile"), ("a.step", step)).status_code
        == 200
    )
    assert CadFile.objects.count() == 1


def send(client: Client, name: str, content: bytes, **data: object) -> Any:
    """One file, as the page's script sends it."""
    data["cad_files"] = SimpleUploadedFile(name, content)
    return client.post(ADD, data, headers={"accept": "application/json"})


def test_a_single_file_is_answered_as_json_with_its_row(admin_client: Client, step: bytes) -> None:
    told = send(admin_client, "a.step", step).json()
    assert (
        told["is_good"] and told["is_kept"] and "uploaded as product a and is being converted" in told["text"]
    )
    assert told["url"] == product_url()
    assert "waiting to be converted" in told["html"] and "data-live=" in told["html"]
    again = send(admin_client, "b.step", step).json()
    assert again["is_good"] and "already exists" in again["text"]


def test_a_mesh_without_a_unit_leads_to_the_question_and_from_there_to_its_product(
    admin_client: Client,
) -> None:
    told = send(admin_client, "wedge.stl", TETRAHEDRON.encode()).json()
    cad_file = CadFile.objects.get()
    assert told["asks"] and "Needs a decision" in told["html"] and "Failed" not in told["html"]
    assert told["url"] == reverse("admin:media_assets_cadfile_reading", args=[cad_file.pk])
    assert "0 pictures" not in admin_client.get(told["url"]).content.decode()
    change = reverse("admin:media_assets_cadfile_change", args=[cad_file.pk])
    assert "Convert again" not in admin_client.get(change).content.decode(), "that would fail again"
    answer = admin_client.post(told["url"], {"unit": "mm"}, follow=True)
    assert answer.redirect_chain[-1][0] == product_url()
    assert said(answer) == ["Saved. The file is being read with these options."]


def test_a_refused_file_is_answered_as_json_with_the_reason(admin_client: Client, step: bytes) -> None:
    told = send(admin_client, "letter.step", b"Dear Sir").json()
    assert not told["is_good"] and not told["is_kept"] and "was refused" in told["text"]
    assert (told["url"], told["html"], told["may_try_again"]) == ("", "", False)
    cut = send(admin_client, "cut.step", step[:9000]).json()
    assert not cut["is_good"] and cut["is_kept"] and "The end of the file is missing" in cut["html"]
    bad_number = send(admin_client, "a.step", step, product="../1")
    assert bad_number.status_code == 400 and "letters, digits" in bad_number.json()["text"]
    assert bad_number.json()["may_try_again"], "with another number"


def test_an_answer_shows_no_more_than_its_reader_may_see(staff: Callable[..., Client], step: bytes) -> None:
    told = send(staff("media_assets.add_cadfile"), "a.step", step).json()
    assert told["is_good"] and (told["url"], told["html"]) == ("", "")
    refused = send(staff("media_assets.view_cadfile"), "a.step", step)
    assert refused.status_code == 403


def test_an_archive_of_two_files_becomes_two_products(
    admin_client: Client, step: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("left/Bracket.step", step)
        archive.writestr("right/Bracket.stp", step.replace(b"Kegelrolle", b"Zylinderrolle"))
        archive.writestr("letter.step", b"Dear Sir")
    answers = said(upload(admin_client, ("all.zip", path.read_bytes())))
    assert [answer.split(" ")[0] for answer in answers] == [
        "“Bracket.step”",
        "“Bracket.stp”",
        "“letter.step”",
    ]
    assert "was refused" in answers[2]
    assert set(Product.objects.values_list("number", flat=True)) == {"Bracket", "Bracket-2"}
    again = said(upload(admin_client, ("all.zip", path.read_bytes())))
    assert "already exists" in again[0] and Product.objects.count() == 2
    one = said(upload(admin_client, ("all.zip", path.read_bytes()), product="7"))
    assert "do not belong together" in one[0] and Product.objects.count() == 2
