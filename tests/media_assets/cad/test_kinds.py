"""What the converter says of each distinct part."""

from __future__ import annotations

from typing import Any

import pytest

from media_assets.cad.contract import ConversionResult
from tests.media_assets.cad.conftest import SAMPLES, Convert

pytestmark = pytest.mark.cad


def leaves(node: dict[str, Any]) -> list[dict[str, Any]]:
    below = node.get("children") or []
    return [leaf for child in below for leaf in leaves(child)] if below else [node]


def test_each_part_is_measured_exactly_and_known_again_in_another_file_and_quality(
    sample: ConversionResult, convert: Convert
) -> None:
    """The same bearing as AP242 and coarser: the same shapes, though the triangles differ."""
    other = convert(SAMPLES / "tapered_roller_bearing_ap242.step").report
    found, again = sample.report["kinds"], other["kinds"]
    assert [one["shape"] for one in found] == [one["shape"] for one in again]
    assert len({one["shape"] for one in found}) == 4
    assert {one["volume_from"] for one in found} == {"shape"}
    counts = {leaf["product"]: (leaf["kind"], leaf.get("count", 1)) for leaf in leaves(sample.report["tree"])}
    number, count = counts["Kegelrolle"]
    assert count == 20
    placed = sum(found[number]["volume_mm3"] * count for number, count in counts.values())
    assert placed == pytest.approx(sample.report["volume_mm3"], rel=2e-3), "the mesh agrees"
    assert found[number]["size_mm"][2] == pytest.approx(14.0)
