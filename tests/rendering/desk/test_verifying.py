"""What a file is that somebody brings back: by command and on a page, for staff and for everybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gpu.models import SystemSettings
from gpu.queues.topology import CPU_QUEUE
from media_assets.models import MediaAsset, Product
from rendering.desk.verifying import page
from rendering.farm import execute
from rendering.models import Job, OrderLine, OutputType
from rendering.orders import held
from tests.media import path_of
from tests.rendering import films
from tests.rendering.desk.test_every_page import assert_strict
from tests.rendering.films import film_master, film_type, in_this_process, no_blender_left
from tests.rendering.shell import Shell
from tests.rendering.steps import order

__all__ = ["in_this_process", "no_blender_left"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def product(tmp_path: Path, settings: Any) -> Product:
    settings.C2PA_CERTIFICATE = tmp_path / "signing" / "certificate.pem"
    settings.C2PA_KEY = tmp_path / "signing" / "key.pem"
    settings.C2PA_TRUST = tmp_path / "signing" / "roots.pem"
    made = films.product(tmp_path)
    film_master(made, film_type("frames", width=96, height=96), tmp_path)
    return made


def ordered(product: Product, format_name: str = "mp4") -> OrderLine:
    kind = film_type(f"film-{format_name}", format=format_name, signed=True, background="color")
    line = order(product, kind.slug).lines.get()
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    return line


def signed_film(product: Product, format_name: str = "mp4") -> MediaAsset:
    line = ordered(product, format_name)
    assert line.asset is not None, line.error
    return line.asset


def upload(client: Client, content: bytes) -> str:
    response = client.post("/verify/", {"file": SimpleUploadedFile("a.mp4", content)})
    assert response.status_code == 200
    return str(response.content.decode())


def test_without_a_key_nothing_is_delivered_unsigned_and_the_job_waits_for_it(
    product: Product, manage: Shell
) -> None:
    line = ordered(product)
    job = Job.objects.get()
    assert (line.asset, job.state, job.error_code) == (None, "queued", "signing_failed")
    assert "signing_key create" in job.error
    assert manage("signing_key", "create", "--organization", "Acme GmbH").code == 0
    Job.objects.update(not_before=job.queued)
    assert held.look() == 1
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    assert line.asset is not None


def test_a_key_is_made_once_for_its_owner_alone(product: Product, manage: Shell, tmp_path: Path) -> None:
    assert manage("signing_key", "show").code == 2
    assert manage("signing_key", "create").code == 2, "whom does it name?"
    made = manage("signing_key", "create", "--organization", "Acme GmbH", "--json")
    assert made.document["algorithm"] == "ES256" and "Acme GmbH" in made.document["subject"]
    assert (tmp_path / "signing" / "key.pem").stat().st_mode & 0o077 == 0
    again = manage("signing_key", "create", "--organization", "Acme GmbH")
    assert again.code == 2 and "already" in again.err


def test_the_command_knows_a_file_a_changed_one_and_a_stranger(
    product: Product, manage: Shell, tmp_path: Path
) -> None:
    manage("signing_key", "create", "--organization", "Acme GmbH")
    for format_name in ("mp4", "awebp"):
        asset = signed_film(product, format_name)
        content = path_of(asset).read_bytes()
        found = manage("verify", path_of(asset), "--json")
        assert (found.code, found.document["status"], found.document["delivery"]) == (
            0,
            "unchanged",
            "current",
        )
        assert found.document["signature"] == {"state": "trusted", "signer": "Acme GmbH", "codes": []}
        assert found.document["cad_sha256"] == asset.cad_file.sha256
        (tmp_path / "changed").write_bytes(content[:-20] + bytes([content[-20] ^ 1]) + content[-19:])
        changed = manage("verify", tmp_path / "changed", "--json")
        assert (changed.code, changed.document["status"]) == (1, "changed"), format_name
        assert changed.document["signature"]["state"] == "invalid"
        assert changed.document["asset"] == asset.pk
        # Signed twice, it has other bytes, and is whole all the same.
        MediaAsset.objects.filter(pk=asset.pk).update(sha256="0" * 64)
        assert manage("verify", path_of(asset), "--json").document["status"] == "unchanged"
    (tmp_path / "stranger").write_bytes(b"\xff\xd8\xff" + bytes(100))
    assert manage("verify", tmp_path / "stranger", "--json").document["status"] == "unknown"
    assert manage("verify", tmp_path / "nothing").code == 2


def test_everybody_may_look_where_it_is_switched_on_and_sees_what_was_released(
    product: Product, manage: Shell, client: Client, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    manage("signing_key", "create", "--organization", "Acme GmbH")
    asset = signed_film(product)
    content = path_of(asset).read_bytes()
    assert client.get("/verify/").status_code == 302, "off: a log-in is needed"
    assert "Made on" in upload(admin_client, content)
    SystemSettings.load()
    SystemSettings.objects.update(verify_public=True)
    shown = client.get("/verify/")
    assert_strict(shown, "verify page")
    assert "sessionid" not in shown.cookies and "noindex" in shown["X-Robots-Tag"]
    seen = upload(client, content)
    assert "It is current." in seen and product.number in seen and "Signed by Acme GmbH, whole." in seen
    assert "changed afterwards" in upload(client, content[:-1] + b"?")
    assert product.number in client.get("/verify/", {"sha256": asset.sha256.upper()}).content.decode()
    assert "64 digits" in client.get("/verify/", {"sha256": "<b>"}).content.decode()
    OutputType.objects.update(needs_approval=True)
    assert product.number not in client.get("/verify/", {"sha256": asset.sha256}).content.decode()
    monkeypatch.setattr(page.VerifiedUpload, "limit", 100)
    assert 'role="alert"' in upload(client, content), "what is larger is dropped as it arrives"
    monkeypatch.setattr(page, "MOST", 0)
    assert client.get("/verify/", {"sha256": asset.sha256}).status_code == 429
