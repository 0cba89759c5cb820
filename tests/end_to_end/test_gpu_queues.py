"""One queue per GPU through real clusters on real queues: who takes what, and a GPU that is lost while they run.

There is no GPU: a fake Blender renders on the CPU behind two recorded ones, with the same tokens and exit codes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SAMPLE
from tests.end_to_end.installation import Installation, installation
from tests.fake_gpu import FakeMachine, recorded, without_card

pytestmark = pytest.mark.timeout(200)

PROBE = "from gpu.probing import life; life.request_everywhere('operator')"
ALIVE = (
    "from gpu.models import Worker\n"
    "print(*Worker.objects.alive().exclude(gpu='').values_list('queue', 'device'))"
)


def test_each_gpu_takes_its_own_and_the_jobs_of_a_lost_one_run_on_the_other(tmp_path: Path) -> None:
    with installation(tmp_path, server="") as desk:
        machine = FakeMachine(tmp_path, "two_nvidia")
        desk.environment |= machine.environment
        # A Blender for each job: one that is warm from the thumbnail would not know of the pause below.
        desk.shell(
            "from gpu.models import SystemSettings; SystemSettings(light_lane_max_px=64, session_jobs=1).save()"
        )
        desk.make_tiny("thumbnail")
        desk.make_tiny("draft", width=80, height=80)
        desk.make_tiny("still-1024", width=96, height=96, samples=4)
        desk.start_workers()
        desk.command("import_cad", str(SAMPLE), "--product", "B-1")
        desk.wait_until(lambda: desk.jobs("render", "succeeded"), "the thumbnail is rendered", 90)
        (light,) = desk.jobs("render")
        assert (light["device_used"], light["compute_type"]) == ("GPU", "OPTIX")
        assert light["queue"] == "asset_pipeline_light"
        assert "0000:" in light["device_id"]

        # From here on renders take long: this one is to be running when its GPU is lost.
        machine.become_document(recorded("two_nvidia") | {"falls_back": False, "pause": 120})
        desk.command("order", "--product", "B-1", "--output-type", "draft", "still-1024")
        (heavy,) = desk.wait_until(
            lambda: [job for job in desk.jobs("render", "running") if job["device_name"]], "it runs", 60
        )
        assert (heavy["queue"], heavy["device_used"]) == ("asset_pipeline", "GPU")
        assert heavy["device_name"] == "NVIDIA GeForce RTX 4090" and "0000:01:00" in heavy["device_id"]

        # The large GPU is gone: what ran and what waited there runs on the other one, which takes all work now.
        machine.become_document(without_card(recorded("two_nvidia"), "01:00"))
        desk.shell(PROBE)
        done = desk.wait_until(
            lambda: [
                job for job in desk.jobs("render", "succeeded") if job["id"] not in (light["id"], heavy["id"])
            ],
            "the waiting still is rendered by the GPU that is left",
            60,
        )
        assert done[0]["device_name"] == "NVIDIA GeForce RTX 3060"
        assert not done[0]["gpu_fallback"]
        said = desk.shell(
            "from rendering.models import Attempt\n"
            f"print(*Attempt.objects.filter(job={heavy['id']}).values_list('outcome', 'error').first())"
        )
        assert said.startswith("lost The GPU NVIDIA GeForce RTX 4090 was lost while this ran")
        desk.wait_until(lambda: "4090" not in desk.shell(ALIVE), "no worker of the lost GPU is left", 30)
        assert "3060" in desk.shell(ALIVE)
        desk.wait_until(
            lambda: [job for job in desk.jobs("render", "succeeded") if job["id"] == heavy["id"]],
            "what ran on the lost GPU ends on the other",
            90,
        )
        made = json.loads(
            desk.shell(
                "import json; from rendering.models import Job\n"
                f"print(json.dumps(Job.objects.get(pk={heavy['id']}).asset.receipt))"
            )
        )
        assert made["device_name"] == "NVIDIA GeForce RTX 3060" and "0000:41:00" in made["device_id"]
        assert (made["device_proof"], made["gpu_fallback"]) == ("OPTIX", False)


def test_a_gpu_that_appears_while_workers_run_works_and_so_it_does_under_another_queue_name(
    tmp_path: Path,
) -> None:
    with installation(tmp_path, server="") as desk:
        machine = FakeMachine(tmp_path, "two_nvidia")
        machine.become_document(without_card(recorded("two_nvidia"), "01:00"))
        desk.environment |= machine.environment
        desk.shell("from gpu.models import SystemSettings; SystemSettings(light_lane_max_px=64).save()")
        for slug, size in (("thumbnail", 64), ("draft", 96), ("still-1024", 112)):
            desk.make_tiny(slug, width=size, height=size)
        desk.start_workers()
        desk.command("import_cad", str(SAMPLE), "--product", "B-1")
        (first,) = desk.wait_until(lambda: desk.jobs("render", "succeeded"), "the only GPU renders", 90)
        assert (first["queue"], first["device_name"]) == ("asset_pipeline", "NVIDIA GeForce RTX 3060")

        machine.become("two_nvidia")
        desk.shell(PROBE)
        desk.wait_until(lambda: "4090" in desk.shell(ALIVE), "the new GPU has a worker", 30)
        heavy = rendered(desk, "draft")
        assert (heavy["queue"], heavy["device_name"]) == ("asset_pipeline", "NVIDIA GeForce RTX 4090")

        # Its queue is renamed in the admin: its worker follows, and what comes next waits and runs there.
        desk.shell(
            "from gpu.models import GpuDevice; GpuDevice.objects.filter(name__endswith='4090').update(queue='studio')"
        )
        desk.wait_until(lambda: "'studio'" in desk.shell(ALIVE), "its worker serves the new queue", 30)
        still = rendered(desk, "still-1024")
        assert (still["queue"], still["device_name"]) == ("studio", "NVIDIA GeForce RTX 4090")


def rendered(desk: Installation, slug: str) -> dict[str, Any]:
    """Order an output type and return its render once it is done."""
    known = {job["id"] for job in desk.jobs("render")}
    desk.command("order", "--product", "B-1", "--output-type", slug)
    (job,) = desk.wait_until(
        lambda: [job for job in desk.jobs("render", "succeeded") if job["id"] not in known], slug, 60
    )
    return dict(job)
