"""GPU truth through real clusters: strict refusals, proofs in receipts, probes on request, a GPU that is lost.

There is no GPU: a fake Blender renders on the CPU behind a recorded one, with the same tokens and exit codes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SAMPLE
from tests.end_to_end.installation import Installation, installation
from tests.fake_gpu import FakeMachine

pytestmark = pytest.mark.timeout(300)

SET_POLICY = (
    "from gpu.models import SystemSettings\n"
    "SystemSettings.load(); SystemSettings.objects.update(cycles_device={!r})"
)
NOW = "from django.utils import timezone; print(timezone.now().timestamp())"
# Since a moment two seconds have gone by for every worker that is alive.
BEATS = (
    "from gpu.models import Worker\n"
    "print(all(row.heartbeat.timestamp() > {} + 2 for row in Worker.objects.alive()))"
)
RECEIPT = (
    "import json; from media_assets.models import MediaAsset\n"
    "print(json.dumps(MediaAsset.objects.filter(kind='render_master').latest('id').receipt))"
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path) as it:
        it.make_tiny("thumbnail")
        it.make_tiny("draft", samples=3)
        yield it


def receipt(desk: Installation) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(desk.shell(RECEIPT))
    return document


def test_a_gpu_proves_its_picture_and_when_it_is_lost_strict_waits_and_auto_says_so(
    desk: Installation,
) -> None:
    machine = FakeMachine(desk.folder, "one_nvidia")
    desk.environment |= machine.environment
    desk.start_workers()
    desk.manage("import_cad", str(SAMPLE), "--product", "B-1")
    desk.wait_until(lambda: desk.jobs("encode", "succeeded"), "the thumbnail is there", 120)
    (job,) = desk.jobs("render")
    assert (job["device_used"], job["compute_type"], job["gpu_fallback"]) == ("GPU", "OPTIX", False)
    made = receipt(desk)
    assert (made["device_used"], made["compute_type"], made["device_proof"]) == ("GPU", "OPTIX", "OPTIX")
    assert made["device_name"] == "NVIDIA GeForce RTX 4090" and "0000:01:00" in made["device_id"]

    machine.become("no_gpu")
    desk.shell("from gpu.probing import life; life.request_everywhere('operator')")
    lost = "from gpu.models import GpuDevice; print(GpuDevice.objects.filter(lost_at=None).count())"
    desk.wait_until(lambda: desk.shell(lost) == "0", "the probe marks the GPU as lost", 30)

    # The policy becomes strict while the workers run; a new policy also renews the warm Blender.
    desk.shell(SET_POLICY.format("gpu"))
    alive = (
        "from gpu.models import Worker; print(Worker.objects.alive().filter(queue='asset_pipeline').exists())"
    )
    desk.wait_until(lambda: desk.shell(alive) == "False", "nobody renders on the CPU", 60)
    desk.manage("order", "--product", "B-1", "--output-type", "draft")
    ordered = desk.shell(NOW)
    desk.wait_until(
        lambda: desk.shell(BEATS.format(ordered)) == "True", "whoever lives had time to take it", 60
    )
    (job,) = desk.jobs("render", "queued")
    assert (job["attempt"], job["device_used"]) == (0, None), "it waits for a GPU"

    desk.shell(SET_POLICY.format("auto"))
    desk.wait_until(lambda: len(desk.jobs("render", "succeeded")) == 2, "the CPU renders it", 120)
    made = receipt(desk)
    assert (made["device_used"], made["device_proof"], made["gpu_fallback"]) == ("CPU", "EMBREE", True)
    assert "GPU lost: NVIDIA GeForce RTX 4090" in desk.logs()


def test_strict_refuses_within_seconds_when_cycles_falls_back_in_silence(desk: Installation) -> None:
    desk.environment |= FakeMachine(desk.folder, "one_nvidia", falls_back=True).environment
    desk.shell(SET_POLICY.format("gpu"))
    desk.start_workers()
    desk.manage("import_cad", str(SAMPLE), "--product", "B-1")
    (job,) = desk.wait_until(lambda: desk.jobs("render", "failed"), "the render is refused", 120)
    assert (job["error_code"], job["attempt"], job["device_used"]) == ("gpu_required", 1, None)
    assert job["progress"] == 0
    begun, ended = (datetime.fromisoformat(job[name]) for name in ("started", "finished"))
    assert (ended - begun).total_seconds() < 5.0
