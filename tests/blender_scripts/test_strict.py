"""Which device really samples: proved by Cycles' log, refused before the first sample, pinned to one GPU.

There is no GPU here: the fake Blender renders on the CPU behind a recorded GPU.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from blender_scripts.contract import DeviceUsed, Progress, RenderOutcome
from blender_scripts.launch import Blender, Session, SessionDied, find_blender
from tests.blender_scripts.conftest import Run, render, spec_for
from tests.fake_gpu import FakeMachine

R4090 = "GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11"


def rendered(machine: FakeMachine, glb: Path, folder: Path, policy: str, **options: Any) -> Run:
    session = Session(find_blender(machine.blender), device_policy=policy, cwd=folder, **options)
    session.start()
    try:
        return render(session, spec_for(glb, folder / "a.png", device_policy=policy, denoise=False))
    finally:
        session.kill()


def test_a_gpu_that_cycles_really_uses_is_named_and_proved(
    blender: Blender, red_box: Path, tmp_path: Path
) -> None:
    done = rendered(FakeMachine(tmp_path, "one_nvidia"), red_box, tmp_path, "gpu")
    assert done.outcome.ok, done.outcome.error
    assert (done.outcome.device, done.outcome.compute_type) == ("GPU", "OPTIX")
    assert (done.outcome.device_name, done.outcome.device_proof) == ("NVIDIA GeForce RTX 4090", "OPTIX")
    assert {(event.device, event.compute_type) for event in done.devices} == {("GPU", "OPTIX")}
    first = next(number for number, event in enumerate(done.events) if isinstance(event, Progress))
    named = {(one.name, one.id) for one in done.events[:first] if isinstance(one, DeviceUsed) and one.name}
    assert named == {(done.outcome.device_name, done.outcome.device_id)}, "told before all work"


@pytest.mark.parametrize(
    ("plays", "reason"),
    [
        ("falls_back", "its log says that it would render on the CPU"),
        ("is_silent", "its log does not name any"),
    ],
)
def test_strict_leaves_with_2_before_a_sample_without_the_proof_of_a_gpu(
    blender: Blender, red_box: Path, tmp_path: Path, plays: str, reason: str
) -> None:
    """The override was set and the device was there, yet the log says CPU, or nothing."""
    machine = FakeMachine(tmp_path, "one_nvidia", **{plays: True})
    session = Session(find_blender(machine.blender), device_policy="gpu", cwd=tmp_path)
    session.start()
    session.submit(spec_for(red_box, tmp_path / "a.png", device_policy="gpu"))
    events = []
    try:
        with pytest.raises(SessionDied) as died:
            for _ in range(200):
                events += session.poll(0.5)
    finally:
        session.kill()
    assert died.value.returncode == 2
    (outcome,) = (event for event in events if isinstance(event, RenderOutcome))
    assert outcome.error_code == "gpu_required" and reason in outcome.error
    assert not any(event.stage == "sample" for event in events if isinstance(event, Progress))
    assert not (tmp_path / "a.png").exists()


def test_auto_corrects_its_token_when_cycles_falls_back(
    blender: Blender, red_box: Path, tmp_path: Path
) -> None:
    done = rendered(FakeMachine(tmp_path, "one_nvidia", falls_back=True), red_box, tmp_path, "auto")
    assert done.outcome.ok
    assert [event.device for event in done.devices if event.name][-2:] == ["GPU", "CPU"]
    assert (done.outcome.device, done.outcome.compute_type) == ("CPU", "NONE")
    assert done.outcome.device_proof == "EMBREE"


def test_a_pinned_worker_uses_its_own_gpu(blender: Blender, red_box: Path, tmp_path: Path) -> None:
    machine = FakeMachine(tmp_path, "two_nvidia")
    done = rendered(
        machine,
        red_box,
        tmp_path,
        "gpu",
        backends=("OPTIX", "CUDA"),
        gpu="0000:01:00",
        env={"CUDA_VISIBLE_DEVICES": R4090},
    )
    assert done.outcome.device_name == "NVIDIA GeForce RTX 4090"
    assert done.outcome.device_id.endswith("0000:01:00_OptiX")


@pytest.mark.parametrize("seen", [{}, {"CUDA_VISIBLE_DEVICES": "GPU-typo"}])
def test_a_worker_whose_pinning_shows_more_than_its_gpu_or_none_is_refused(
    blender: Blender, seen: dict[str, str], red_box: Path, tmp_path: Path
) -> None:
    machine = FakeMachine(tmp_path, "two_nvidia")
    options: dict[str, Any] = {"gpu": "0000:41:00", "env": seen, "backends": ("OPTIX", "CUDA")}
    with pytest.raises(SessionDied) as died:
        rendered(machine, red_box, tmp_path, "gpu", **options)
    assert died.value.error_code == "gpu_required"
    words = " ".join(died.value.tail)
    assert "finds no GPU" in words if "typo" in str(seen) else "pinned to the GPU at 0000:41:00" in words


def test_a_session_without_backends_asks_no_driver(blender: Blender, red_box: Path, tmp_path: Path) -> None:
    """The recorded OptiX driver would end the process."""
    machine = FakeMachine(tmp_path, "backend_crashes")
    done = rendered(machine, red_box, tmp_path, "auto", backends=("CUDA", "HIP"))
    assert (done.outcome.compute_type, done.outcome.device_proof) == ("CUDA", "BVH2")
    assert isinstance(done.devices[-1], DeviceUsed)
    none = rendered(machine, red_box, tmp_path, "auto", backends=())
    assert none.outcome.device == "CPU"
