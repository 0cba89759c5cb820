from __future__ import annotations

import json

import pytest

from media_assets.cad.contract import Limits, Request
from media_assets.cad.settings import PRESETS, Tessellation, tool_versions


@pytest.mark.parametrize("preset", PRESETS)
def test_settings_travel_as_json(preset: str) -> None:
    settings = PRESETS[preset]
    assert Tessellation.from_json(json.loads(json.dumps(settings.to_json()))) == settings


def test_request_travels_as_json() -> None:
    request = Request("a.step", "/out", "/work", "Käfig", PRESETS["fine"], Limits(wall_s=3), want_usd=False)
    assert Request.from_json(json.loads(json.dumps(request.to_json()))) == request


def test_presets_are_finer_one_by_one() -> None:
    found = [PRESETS[name].deflection(100.0, 100.0) for name in ("draft", "standard", "fine")]
    assert found == sorted(found, reverse=True)


def test_small_part_of_a_large_machine_stays_round() -> None:
    standard = PRESETS["standard"]
    assert standard.deflection(5000.0, 10.0) == pytest.approx(10.0 * standard.part_linear)


def test_deflection_is_clamped_at_both_ends() -> None:
    standard = PRESETS["standard"]
    assert standard.deflection(0.001, 0.001) == standard.min_mm
    assert standard.deflection(1e9, 1e9) == standard.max_mm


def test_versions_name_everything_that_shapes_geometry() -> None:
    assert set(tool_versions()) == {"converter", "cadquery-ocp-novtk", "usd-core"}
