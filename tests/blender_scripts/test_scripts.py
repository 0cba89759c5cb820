"""The one-shot scripts, run as an administrator would run them by hand."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from blender_scripts.contract import BACKENDS, RenderOutcome
from blender_scripts.launch import SCRIPTS, Blender, command, run_script
from blender_scripts.tokens import parse_devices, parse_line
from tests.blender_scripts.conftest import spec_for


@pytest.mark.parametrize(
    ("script", "kind", "result"),
    [
        ("blender_render.py", "thumbnail", "a.json"),
        ("still_render.py", "still", "a.json"),
        ("turntable_render.py", "turntable", "a.png/result.json"),
    ],
)
def test_a_script_writes_the_picture_and_its_result(
    blender: Blender, red_box: Path, tmp_path: Path, script: str, kind: str, result: str
) -> None:
    frames = 2 if kind == "turntable" else 1
    spec = spec_for(red_box, tmp_path / "a.png", kind=kind, frames=frames)
    done = run_script(blender, script, spec=spec, timeout=120)
    assert done.returncode == 0, done.output
    assert done.device is not None
    assert done.device.device == "CPU"
    written = RenderOutcome.from_json(json.loads((tmp_path / result).read_text()))
    assert written == done.outcome
    assert len(written.files) == frames
    assert all(Path(name).is_file() for name in written.files)
    assert written.seconds["import"] > 0


def test_a_session_by_hand_refuses_nonsense_and_leaves_when_its_input_ends(blender: Blender) -> None:
    lines = 'nonsense\n{"kind": "still"}\n'
    done = subprocess.run(
        command(blender, SCRIPTS / "session.py", "--policy", "cpu"),
        input=lines,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = [parse_line(line) for line in done.stdout.splitlines()]
    refused = [event for event in said if isinstance(event, RenderOutcome)]
    assert done.returncode == 0
    assert [outcome.error_code for outcome in refused] == ["bad_spec", "bad_spec"]
    assert "no JSON document" in refused[0].error
    assert "missing field glb_path" in refused[1].error


def test_a_strict_script_leaves_with_2_and_no_picture(
    blender: Blender, red_box: Path, tmp_path: Path
) -> None:
    done = run_script(
        blender,
        "still_render.py",
        spec=spec_for(red_box, tmp_path / "a.png", device_policy="gpu"),
        timeout=60,
    )
    if done.device is not None and done.device.device == "GPU":
        pytest.skip("there is a GPU")
    assert done.returncode == 2
    assert done.outcome is not None
    assert done.outcome.error_code == "gpu_required"
    assert not (tmp_path / "a.png").exists()


def test_a_script_refuses_another_kind_and_a_missing_spec(
    blender: Blender, red_box: Path, tmp_path: Path
) -> None:
    wrong = run_script(
        blender, "still_render.py", spec=spec_for(red_box, tmp_path, kind="thumbnail"), timeout=60
    )
    assert wrong.returncode == 1
    assert wrong.outcome is not None
    assert "renders a still, the spec asks for a thumbnail" in wrong.outcome.error
    none = run_script(blender, "still_render.py", timeout=60)
    assert none.returncode == 1
    assert none.outcome is not None
    assert "Give one spec file" in none.outcome.error


def test_a_script_that_takes_too_long_is_stopped(blender: Blender, red_box: Path, tmp_path: Path) -> None:
    endless = replace(
        spec_for(red_box, tmp_path / "a.png"), samples=65536, noise_threshold=0.0, width=512, height=512
    )
    done = run_script(blender, "still_render.py", spec=endless, timeout=5)
    assert done.timed_out
    assert done.outcome is None
    assert not (tmp_path / "a.png").exists()


def test_the_probe_lists_what_there_is_or_leaves_with_1(blender: Blender) -> None:
    done = run_script(blender, "gpu_probe.py", *BACKENDS, timeout=60)
    seen = next(seen for line in done.output if (seen := parse_devices(line)) is not None)
    assert done.returncode == (0 if seen.devices else 1)
    assert all(device.type in BACKENDS for device in seen.devices)
    assert seen.blender_version == blender.version
    assert "CUDA" in seen.compiled


def test_a_blender_proves_its_device_without_a_picture(blender: Blender) -> None:
    done = run_script(blender, "prove_device.py", backends=(), timeout=60)
    assert done.outcome is not None
    assert (done.outcome.device, done.outcome.device_proof) == ("CPU", "EMBREE")
    assert done.returncode == (1 if done.outcome.error else 0), "one that cannot denoise is no good"


def test_the_probe_refuses_an_unknown_backend(blender: Blender) -> None:
    done = run_script(blender, "gpu_probe.py", "METAL", timeout=60)
    assert done.returncode == 1
    assert any("Unknown backend METAL" in line for line in done.output)
