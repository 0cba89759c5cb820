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
    ExitCode,
    Look,
    RenderSpec,
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
    lighting=st.sampled_from([name for name in LIGHTING if name not in ("custom", "studio")]),
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
    elevations=st.sampled_from([(), (0.0, 30.0, 60.0)]),
    only_frames=st.lists(st.integers(1, 24)).map(tuple),
)


@given(specs)
def test_a_spec_survives_json(spec: RenderSpec) -> None:
    assert RenderSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


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
        ({"elevations": [10.0]}, "only a turntable has rows"),
        ({"kind": "turntable", "frames": 5, "elevations": [0.0, 30.0]}, "all of equally many frames"),
        ({"kind": "turntable", "frames": 4, "elevations": [0.0, 91.0]}, "elevations: expected -90 to 90"),
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


def test_each_row_of_a_turntable_turns_once_seen_from_its_elevation() -> None:
    spec = RenderSpec(
        "turntable", "a", "k", "b", look=Look(azimuth=20.0), frames=6, elevations=(0.0, 15.0, 40.0)
    )
    seen = [(spec.look_of(number).direction, spec.turned(number)) for number in range(1, 7)]
    assert seen == [((20.0, at), turned) for at in spec.elevations for turned in (0.0, 0.5)]
    one = RenderSpec("turntable", "a", "k", "b", frames=6)
    assert [one.turned(number) for number in (1, 4)] == [0.0, 0.5] and one.look_of(5) is one.look


def test_a_spec_without_its_geometry_says_which_fields_are_missing() -> None:
    with pytest.raises(ContractError, match="missing field glb_path, geometry_key, output_path"):
        RenderSpec.from_json({"kind": "still"})


def test_exit_codes_never_change() -> None:
    assert {code.name: code.value for code in ExitCode} == {"DONE": 0, "ERROR": 1, "GPU_REQUIRED": 2}
