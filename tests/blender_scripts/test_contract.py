"""The contract: every value survives its JSON form, and nothing else gets in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_scripts.contract import (
    CAMERA_VIEWS,
    GROUNDS,
    LIGHTING,
    MATERIALS,
    VIEW_TRANSFORMS,
    DevicesSeen,
    DeviceUsed,
    ExitCode,
    GpuFound,
    Look,
    Progress,
    RenderOutcome,
    RenderSpec,
    device_line,
    device_name_line,
    devices_line,
    parse_devices,
    parse_line,
    parse_samples,
    progress_line,
    result_line,
)
from blender_scripts.jsonform import ContractError

looks = st.builds(
    Look,
    camera_view=st.sampled_from(sorted(CAMERA_VIEWS)),
    azimuth=st.none() | st.floats(-360, 360),
    elevation=st.none() | st.floats(-90, 90),
    focal_length_mm=st.floats(15, 600),
    orthographic=st.booleans(),
    margin=st.floats(0, 0.45),
    lighting=st.sampled_from([name for name in LIGHTING if name != "custom"]),
    ground=st.sampled_from(GROUNDS),
    view_transform=st.sampled_from(VIEW_TRANSFORMS),
    exposure=st.floats(-10, 10),
    materials=st.sampled_from(MATERIALS),
)
specs = st.builds(
    RenderSpec,
    kind=st.just("turntable"),
    glb_path=st.text(min_size=1),
    geometry_key=st.text(min_size=1),
    output_path=st.text(min_size=1),
    look=looks,
    width=st.integers(4, 16384),
    height=st.integers(4, 16384),
    frames=st.just(24),
    only_frames=st.lists(st.integers(1, 24)).map(tuple),
)
outcomes = st.builds(
    RenderOutcome,
    ok=st.booleans(),
    error=st.text(),
    files=st.lists(st.text()).map(tuple),
    seconds=st.dictionaries(st.text(), st.floats(0, 1e6)),
    peak_mb=st.floats(0, 1e6),
)


@given(specs)
def test_a_spec_survives_json(spec: RenderSpec) -> None:
    assert RenderSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


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


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"width": "256"}, "RenderSpec.width: expected int"),
        ({"width": True}, "RenderSpec.width: expected int"),
        ({"width": 2}, "width: expected 4 to 16384"),
        ({"kind": "movie"}, "kind: expected one of thumbnail, still, turntable"),
        ({"hostname": "x"}, "unknown field hostname"),
        ({"glb_path": ""}, "glb_path: must not be empty"),
        ({"frames": 3}, "a still has one frame"),
        ({"colour_depth": 12}, "expected 8 or 16"),
        ({"noise_threshold": float("nan")}, "noise_threshold: expected 0 to 1"),
        ({"look": {"camera_view": "sideways"}}, "camera_view: expected one of front"),
        ({"look": {"lighting": "custom"}}, "custom lighting needs the SHA-256"),
        ({"look": {"f_stop": 0.1}}, "f_stop: expected 0.5 to 64"),
        ({"look": "nice"}, "Look: expected an object"),
    ],
)
def test_a_wrong_spec_is_refused_by_the_name_of_its_field(change: dict[str, Any], words: str) -> None:
    document = {"kind": "still", "glb_path": "a", "geometry_key": "k", "output_path": "b"}
    with pytest.raises(ContractError) as refused:
        RenderSpec.from_json({**document, **change})
    assert words in str(refused.value)


def test_a_spec_without_its_geometry_says_which_fields_are_missing() -> None:
    with pytest.raises(ContractError, match="missing field glb_path, geometry_key, output_path"):
        RenderSpec.from_json({"kind": "still"})


def test_the_device_token_is_what_scripts_outside_rely_on() -> None:
    used = DeviceUsed(device="GPU", compute_type="OPTIX", name="RTX", id="x")
    assert device_line(used) == "RENDER_DEVICE_USED: engine=CYCLES device=GPU compute_type=OPTIX"
    assert parse_line(device_line(used)) == DeviceUsed(device="GPU", compute_type="OPTIX")
    assert parse_line("RENDER_DEVICE_USED: engine=CYCLES device=TPU compute_type=OPTIX") is None


def test_a_second_device_line_has_the_name_and_the_id() -> None:
    used = DeviceUsed(device="GPU", compute_type="OPTIX", name="RTX 4090 Ä", id="CUDA_x_0000:01:00_OptiX")
    assert parse_line(device_name_line(used)) == used
    assert parse_line('RENDER_DEVICE_NAME: {"device": "GPU"') is None


def test_exit_codes_never_change() -> None:
    assert {code.name: code.value for code in ExitCode} == {"DONE": 0, "ERROR": 1, "GPU_REQUIRED": 2}


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
