"""Files of all kinds convert one after the other with the real reader: a bad one is told, the rest goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpu.queues.topology import CPU_QUEUE
from media_assets.cad.contract import Limits
from media_assets.ingest import receive
from media_assets.models import MediaAsset, Product
from rendering.farm import execute
from rendering.farm.runners import tessellate
from rendering.models import Job, OrderLine
from rendering.models.errors import ERRORS
from tests.paths import SAMPLE
from tests.rendering.steps import order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]


def arrived(folder: Path, name: str, content: bytes) -> Product:
    """Upload a file and order a picture of it."""
    path = folder / name
    path.write_bytes(content)
    product = receive.receive(path, name, max_bytes=10_000_000).product
    assert product
    order(product, "draft")
    return product


def ended(product: Product) -> tuple[str, str]:
    """Return the state of a product's CAD file, and the code of its failure."""
    cad_file = product.cad_file
    cad_file.refresh_from_db()
    return cad_file.state, cad_file.error_code


@pytest.mark.slow
def test_rest_of_a_batch_goes_on_after_a_crash_and_after_nothing_to_show(tmp_path: Path) -> None:
    sound = SAMPLE.read_bytes()
    first, crash, none, last = (
        arrived(tmp_path, "first.step", sound),
        # OpenCASCADE follows references to what it does not know, and ends by SIGSEGV.
        arrived(tmp_path, "crash.step", sound.replace(b"CARTESIAN_POINT(", b"CARTESIAN_POIMT(")),
        arrived(tmp_path, "none.step", sound.replace(b"CLOSED_SHELL(", b"CLOSED_SHEEP(")),
        arrived(tmp_path, "last.step", sound + b"\n"),
    )
    execute.work(CPU_QUEUE)

    assert [ended(product)[0] for product in (first, last)] == ["ready", "ready"]
    assert ended(crash) == ("failed", "damaged")
    assert ended(none) == ("failed", "no_usable_geometry")
    assert MediaAsset.objects.filter(kind="gltf_geometry").count() == 2
    lines = OrderLine.objects.filter(product__in=[crash, none])
    assert {line.state for line in lines} == {OrderLine.State.FAILED}
    for job in Job.objects.filter(cad_file__in=[crash.cad_file, none.cad_file]):
        assert job.error_code in ERRORS
        assert "again" in job.error
        assert job.asset is None
    assert "SIGSEGV" in Job.objects.get(cad_file=crash.cad_file).error


@pytest.mark.parametrize(
    ("limits", "code"), [(Limits(wall_s=0.05), "hung"), (Limits(memory_mb=1), "out_of_memory")]
)
def test_file_beyond_its_limits_fails_and_the_next_one_converts(
    limits: Limits, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heavy = arrived(tmp_path, "heavy.step", SAMPLE.read_bytes())
    with monkeypatch.context() as patch:
        patch.setattr(tessellate, "limits", lambda: limits)
        execute.work(CPU_QUEUE)
    job = Job.objects.get(cad_file=heavy.cad_file)
    assert (job.state, job.error_code) == (Job.State.FAILED, code), "it would hang again for as long"
    assert "limit" in job.error
    light = arrived(tmp_path, "light.step", SAMPLE.read_bytes() + b"\n")
    execute.work(CPU_QUEUE)
    assert ended(light) == ("ready", "")
