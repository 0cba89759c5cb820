"""The lines of scripts: every token survives being printed and read, and no other line breaks the reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_scripts.contract import DevicesSeen, DeviceUsed, GpuFound, Progress, RenderOutcome
from blender_scripts.tokens import (
    device_line,
    device_name_line,
    devices_line,
    parse_devices,
    parse_line,
    parse_samples,
    progress_line,
    result_line,
)

outcomes = st.builds(
    RenderOutcome,
    ok=st.booleans(),
    error=st.text(),
    files=st.lists(st.text()).map(tuple),
    seconds=st.dictionaries(st.text(), st.floats(0, 1e6)),
    peak_mb=st.floats(0, 1e6),
)


@given(outcomes)
def test_an_outcome_survives_its_token_line(outcome: RenderOutcome) -> None:
    line = result_line(outcome)
    assert "\n" not in line
    assert parse_line(line) == outcome


@given(st.text())
def test_no_line_breaks_the_parser(line: str) -> None:
    for prefix in ("", "RENDER_PROGRESS: ", "RENDER_RESULT: ", "RENDER_DEVICE_USED: ", "RENDER_DEVICES: "):
        parse_line(prefix + line)
        parse_devices(prefix + line)
        parse_samples(prefix + line)


def test_the_device_token_is_what_scripts_outside_rely_on() -> None:
    used = DeviceUsed(device="GPU", compute_type="OPTIX", name="RTX", id="x")
    assert device_line(used) == "RENDER_DEVICE_USED: engine=CYCLES device=GPU compute_type=OPTIX"
    assert parse_line(device_line(used)) == DeviceUsed(device="GPU", compute_type="OPTIX")
    assert parse_line("RENDER_DEVICE_USED: engine=CYCLES device=TPU compute_type=OPTIX") is None


def test_a_second_device_line_has_the_name_and_the_id() -> None:
    used = DeviceUsed(device="GPU", compute_type="OPTIX", name="RTX 4090 Ä", id="CUDA_x_0000:01:00_OptiX")
    assert parse_line(device_name_line(used)) == used
    assert parse_line('RENDER_DEVICE_NAME: {"device": "GPU"') is None


def test_a_probe_line_gives_its_devices() -> None:
    found = GpuFound(name="RTX 4090 Ä", id="CUDA_x_0000:01:00", type="OPTIX")
    for seen in (DevicesSeen("4.5.15", ("OPTIX", "CUDA"), (found,)), DevicesSeen("4.5.15")):
        assert parse_devices(devices_line(seen)) == seen
    assert parse_devices('RENDER_DEVICES: {"devices": [{"name": 1}]}') is None
    assert parse_devices("RENDER_DEVICES: []") is None


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (
            "Fra:1 Mem:18.53M (Peak 18.53M) | Time:00:00.00 | Remaining:00:00.06 | Mem:4.15M, Peak:4.15M "
            "| Scene, ViewLayer | Sample 1/32",
            (1, 32, 0.06),
        ),
        (
            "Fra:12 Mem:1.1G (Peak 1.2G) | Time:01:02.50 | Remaining:1:02:03.50 | Scene, View | Sample 64/4096",
            (64, 4096, 3723.5),
        ),
        (
            "Fra:1 Mem:4M (Peak 4M) | Time:00:00.00 | Mem:4M, Peak:4M | Scene, ViewLayer | Sample 0/32",
            (0, 32, None),
        ),
        ("Fra:1 Mem:4M (Peak 4M) | Time:00:00.28 | Scene, ViewLayer | Finished", None),
    ],
)
def test_samples_are_read_from_what_cycles_4_5_prints(status: str, expected: object) -> None:
    assert parse_samples(status) == expected


def test_progress_counts_samples_over_all_frames() -> None:
    half_of_second = Progress(stage="sample", frame=2, frames=4, sample=8, samples=16)
    assert half_of_second.fraction == pytest.approx(0.375)
    assert Progress(stage="save", frame=4, frames=4).fraction == 1.0
    assert parse_line(progress_line(half_of_second)) == half_of_second
