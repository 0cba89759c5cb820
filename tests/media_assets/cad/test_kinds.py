"""What the converter says of each distinct part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from media_assets.cad.contract import ConversionResult
from media_assets.cad.settings import PRESETS
from tests.media_assets.cad.conftest import SAMPLES, Convert
from tests.paths import CASES

pytestmark = pytest.mark.cad


def leaves(node: dict[str, Any]) -> list[dict[str, Any]]:
    below = node.get("children") or []
    return [leaf for child in below for leaf in leaves(child)] if below else [node]


def test_each_part_is_measured_exactly_and_known_again_in_another_file_and_quality(
    sample: ConversionResult, convert: Convert
) -> None:
    """The same bearing as AP242, coarser and finer: the same shapes, though the triangles differ."""
    found = sample.report["kinds"]
    for quality in ("draft", "fine"):
        other = convert(SAMPLES / "tapered_roller_bearing_ap242.step", tessellation=PRESETS[quality]).report
        assert other["triangles"] != sample.report["triangles"]
        assert [one["shape"] for one in found] == [one["shape"] for one in other["kinds"]]
    assert len({one["shape"] for one in found}) == 4
    assert {one["volume_from"] for one in found} == {"shape"}
    counts = {leaf["product"]: (leaf["kind"], leaf.get("count", 1)) for leaf in leaves(sample.report["tree"])}
    number, count = counts["Kegelrolle"]
    assert count == 20
    placed = sum(found[number]["volume_mm3"] * count for number, count in counts.values())
    assert placed == pytest.approx(sample.report["volume_mm3"], rel=2e-3), "the mesh agrees"
    assert found[number]["size_mm"][2] == pytest.approx(14.0)


@pytest.mark.skipif(not CASES.is_dir(), reason=f"the files that fail are not at {CASES}")
def test_a_part_of_triangles_alone_is_known_by_them(convert: Convert, tmp_path: Path) -> None:
    source = CASES / "step-tessellated-without-normals" / "tessmin_nonormals.step"
    longer = tmp_path / "longer.step"
    longer.write_text(source.read_text(encoding="ascii").replace("(60.000,", "(70.000,"), encoding="ascii")
    (one,), (same,), (other,) = (convert(path).report["kinds"] for path in (source, source, longer))
    assert one == same
    assert one["shape"] != other["shape"]
    assert (one["size_mm"][0], other["size_mm"][0]) == (60.0, 70.0)
