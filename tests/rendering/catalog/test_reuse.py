"""What a job says about what it found ready: geometry, and the document that an earlier conversion read."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains

from gpu.queues.topology import CPU_QUEUE
from media_assets.ingest import receive
from media_assets.models import CadFile, MediaAsset
from rendering import orders
from rendering.farm import execute
from rendering.farm.runners import tessellate
from rendering.models import Job
from tests import factories
from tests.media import path_of
from tests.paths import SAMPLE
from tests.rendering.shell import Shell
from tests.rendering.steps import order, runs

pytestmark = pytest.mark.django_db


def newest(kind: str) -> Job:
    return Job.objects.filter(kind=kind).latest("id")


def test_the_first_conversion_says_that_it_is_the_first(tmp_path: Path) -> None:
    order(factories.product(), "draft")
    said = "miss: first conversion of this CAD file"
    assert newest("tessellate").reused == {"geometry": said}
    runs(tmp_path)
    assert newest("render").reused["geometry"] == said


def test_a_picture_of_known_geometry_starts_no_conversion_and_says_hit(tmp_path: Path) -> None:
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    order(product, "draft")
    (job,) = Job.objects.all()
    assert (job.kind, job.reused["geometry"]) == ("render", "hit")


def test_another_quality_names_what_changed(tmp_path: Path) -> None:
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    factories.output_type("fine", tessellation="fine")
    order(product, "fine")
    assert newest("tessellate").reused["geometry"] == (
        "miss: tessellation.angular, tessellation.linear, tessellation.part_linear, tessellation.preset changed"
    )


def test_another_tool_is_named_on_the_conversion_and_on_its_picture(tmp_path: Path) -> None:
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    product.cad_file.converter = 99
    product.cad_file.save()
    order(product, "draft")
    runs(tmp_path)
    for kind in ("tessellate", "render"):
        assert newest(kind).reused["geometry"] == "miss: tools.converter changed"


def test_geometry_whose_file_was_lost_is_a_miss_with_that_reason(tmp_path: Path) -> None:
    product = factories.product()
    path_of(factories.geometry(product.cad_file, tmp_path)).unlink()
    order(product, "draft")
    assert newest("tessellate").reused["geometry"] == "miss: its file is gone from the storage"


def test_what_was_found_is_on_the_page_and_in_the_command(
    tmp_path: Path, manage: Shell, admin_client: Client
) -> None:
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    order(product, "draft")
    job = Job.objects.get()
    assert manage("job", "show", job.pk, "--json").document["reused"]["geometry"] == "hit"
    assert "geometry: reused" in manage("job", "show", job.pk).out
    page = admin_client.get(reverse("admin:rendering_job_change", args=[job.pk]))
    assertContains(page, '<tr><th scope="row">Geometry</th><td>reused</td></tr>', html=True)


@pytest.fixture
def converted(one_connection: None) -> Job:
    """The sample's conversion in standard quality, by the real reader."""
    receive.receive(SAMPLE, "bearing.step", max_bytes=10_000_000)
    execute.work(CPU_QUEUE)
    return newest("tessellate")


def again(job: Job, preset: str) -> Job:
    orders.tessellate_job(job.cad_file, preset, 50, None)
    execute.work(CPU_QUEUE)
    return newest("tessellate")


def test_another_quality_opens_the_document_that_the_first_one_read(converted: Job) -> None:
    assert converted.reused == {
        "geometry": "miss: first conversion of this CAD file",
        "document": "miss: none was kept",
    }
    assert {"read", "transfer"} < converted.seconds.keys()
    draft = again(converted, "draft")
    assert draft.reused["document"] == "hit"
    assert "document" in draft.seconds and not {"read", "transfer"} & draft.seconds.keys()
    assert draft.asset is not None and draft.asset.bytes < converted.asset.bytes  # type: ignore[union-attr]
    cad = draft.cad_file
    cad.refresh_from_db()
    assert (cad.state, cad.instances, cad.report["document"]["reused"]) == ("ready", 23, True)
    assert MediaAsset.objects.filter(kind=MediaAsset.Kind.CAD_DOCUMENT).count() == 1
    assert MediaAsset.Kind.CAD_DOCUMENT not in MediaAsset.PICTURES


def test_a_revision_takes_over_the_meshes_of_parts_that_have_not_changed(
    converted: Job, tmp_path: Path
) -> None:
    revision = tmp_path / "bearing.step"
    revision.write_bytes(SAMPLE.read_bytes().replace(b"DATA;", b"DATA; /* revised */", 1))
    receive.receive(revision, "bearing.step", number="bearing", max_bytes=10_000_000)
    execute.work(CPU_QUEUE)
    job = newest("tessellate")
    assert job.pk != converted.pk
    assert "4 of 4 parts are meshed as in an earlier revision" in job.log
    assert job.cad_file.report["meshes_reused"] == 4


def test_a_conversion_of_what_exists_starts_no_child_and_says_hit(
    converted: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tessellate, "Conversion", None)
    CadFile.objects.update(report={}, triangles=7)  # as if another quality had been converted since
    job = again(converted, "standard")
    assert job.pk != converted.pk
    assert (job.state, job.reused, job.asset_id) == ("succeeded", {"geometry": "hit"}, converted.asset_id)
    job.cad_file.refresh_from_db()
    assert (job.cad_file.state, job.cad_file.report["instances"]) == ("ready", 23)
    assert job.cad_file.triangles == job.cad_file.report["triangles"] > 1000


def test_a_conversion_whose_usd_master_was_lost_is_made_again(converted: Job) -> None:
    master = MediaAsset.objects.get(kind=MediaAsset.Kind.USD_MASTER)
    path_of(master).unlink()
    job = again(converted, "standard")
    assert job.reused["geometry"] == "miss: its USD master is gone from the storage"
    assert path_of(master).exists()


def test_a_kept_document_has_a_page_but_no_picture(converted: Job, admin_client: Client) -> None:
    document = MediaAsset.objects.get(kind=MediaAsset.Kind.CAD_DOCUMENT)
    page = admin_client.get(reverse("admin:media_assets_mediaasset_change", args=[document.pk]))
    assert page.status_code == 200
    assert "CAD document" in page.content.decode()


def test_a_lost_document_costs_a_reading_says_so_and_is_kept_anew(converted: Job) -> None:
    document = MediaAsset.objects.get(kind=MediaAsset.Kind.CAD_DOCUMENT)
    path_of(document).unlink()
    draft = again(converted, "draft")
    assert draft.state == Job.State.SUCCEEDED
    assert draft.reused["document"].startswith("miss: the kept document is gone from the storage")
    assert path_of(document).exists()


def test_a_document_that_crashes_the_reader_costs_a_reading_and_says_so(converted: Job) -> None:
    document = MediaAsset.objects.get(kind=MediaAsset.Kind.CAD_DOCUMENT)
    path_of(document).chmod(0o600)
    path_of(document).write_bytes(b"")
    # Stored like this by another program: its hash is right, its content is none.
    MediaAsset.objects.filter(pk=document.pk).update(sha256=hashlib.sha256(b"").hexdigest())
    draft = again(converted, "draft")
    assert draft.state == Job.State.SUCCEEDED
    assert draft.reused["document"] == "miss: the reader crashed in the stage 'document'"
    assert "the reader crashed" in draft.log
