"""One queue per GPU through real clusters on real queues: who takes what, and a GPU that is lost while they run.

There is no GPU: a fake Blender renders on the CPU behind two recorded ones, with the same tokens and exit codes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from tests.end_to_end.installation import SLOW, installation
from tests.fake_gpu import FakeMachine, recorded

pytestmark = pytest.mark.timeout(200)

ALIVE = (
    "from gpu.models import Worker\n"
    "print(*Worker.objects.alive().exclude(gpu='').values_list('queue', 'device'))"
)


def test_each_gpu_takes_its_own_and_the_jobs_of_a_lost_one_run_on_the_other(tmp_path: Path) -> None:
    with installation(tmp_path, server="") as desk:
        machine = FakeMachine(tmp_path, "two_nvidia")
        desk.environment |= machine.environment
        desk.shell("from gpu.models import SystemSettings; SystemSettings(light_lane_max_px=64).save()")
        desk.make_tiny("thumbnail")
        desk.make_tiny("draft", **SLOW)
        desk.make_tiny("still-1024", width=96, height=96, samples=4)
        desk.start_workers()
        desk.manage("import_cad", str(SAMPLE), "--product", "B-1")
        desk.wait_until(lambda: desk.jobs("render", "succeeded"), "the thumbnail is rendered", 90)
        (light,) = desk.jobs("render")
        assert (light["device_used"], light["compute_type"]) == ("GPU", "OPTIX")
        assert light["queue"] == "asset_pipeline_light"
        assert "0000:" in light["device_id"]

        desk.manage("order", "--product", "B-1", "--output-type", "draft")
        (heavy,) = desk.wait_until(
            lambda: [job for job in desk.jobs("render", "running") if job["device_used"]], "it runs", 60
        )
        assert (heavy["queue"], heavy["device_used"]) == ("asset_pipeline", "GPU")
        desk.manage("order", "--product", "B-1", "--output-type", "still-1024")

        # The large GPU is gone: what ran and what waited there runs on the other one, which takes all work now.
        machine.become_document(without_the_first(recorded("two_nvidia")))
        desk.shell("from gpu import probes; probes.request_everywhere('operator')")
        done = desk.wait_until(
            lambda: [job for job in desk.jobs("render", "succeeded") if job["id"] > heavy["id"]],
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


def without_the_first(machine: dict[str, object]) -> dict[str, object]:
    """The recorded machine after its GPU at 01:00 fell off the bus: the drivers and nvidia-smi list the other."""
    import json

    from tests.fake_gpu import TOKEN

    backends = machine["backends"]
    assert isinstance(backends, dict)
    for part in backends.values():
        for number, line in enumerate(part["stdout"]):
            if line.startswith(TOKEN):
                said = json.loads(line[len(TOKEN) :])
                said["devices"] = [one for one in said["devices"] if "0000:01:00" not in one["id"]]
                part["stdout"][number] = TOKEN + json.dumps(said)
    tools = machine["tools"]
    assert isinstance(tools, dict)
    smi = tools["nvidia-smi"]
    smi["stdout"] = "".join(line for line in smi["stdout"].splitlines(True) if ":01:00.0" not in line)
    return machine | {"falls_back": False}
