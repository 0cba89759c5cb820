from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.ingest.report import Summary, summarize

REPORT: dict[str, Any] = {
    "format": "step",
    "schema": "AUTOMOTIVE_DESIGN { 1 0 10303 214 1 1 1 1 }",
    "protocol": "AP214",
    "originating_system": "CAD 9\x1b[31m",
    "unit": "millimetre",
    "code_page": {"used": "cp1251", "how": "detected", "sure": False},
    "size_mm": [72.0, 72.0, 20.75],
    "parts": 4,
    "instances": 23,
    "faces": 67,
    "faces_placed": 94,
    "free_surfaces": 3,
    "unmeshed_faces": 2,
    "triangles": 1234567,
    "names": ["a", "b"],
    "found": {"names": 5, "colors": 2},
    "kept": {"names": 4, "colors": 2},
    "colors": ["#C0BEBB", "#2A2A2A"],
    "tessellation": {
        "preset": "standard",
        "linear": 0.0003,
        "angular": 0.15,
        "min_mm": 0.0005,
        "max_mm": 5.0,
    },
    "bytes": {"geometry.glb": 705816},
    "seconds": {"read": 1.0, "mesh": 3.0},
    "peak_mb": 242,
    "stage_peak_mb": {"read": 100, "mesh": 242},
    "warnings": [{"code": "x", "message": "Two holes. Mend them.", "details": "line 7"}],
}


def told(summary: Summary) -> dict[str, str]:
    return {fact.name: fact.value for group in summary.groups for fact in group.facts}


def bad(summary: Summary) -> set[str]:
    return {fact.name for group in summary.groups for fact in group.facts if fact.is_bad}


def test_a_report_is_told_in_plain_words() -> None:
    facts = told(summarize(REPORT))
    assert facts["format"] == "STEP AP214"
    assert facts["size"] == "72 × 72 × 20.75 mm"
    assert facts["parts"] == "4 (23 placed)" and facts["faces"] == "67 (94 placed)"
    assert facts["triangles"] == "1,234,567"
    assert facts["free surfaces"] == "3 outside solids"
    assert facts["names"] == "4 kept of 5 found" and facts["colors"] == "all 2 kept"
    assert facts["quality"] == "standard, within 0.031 mm, 8.6° between facets"
    assert facts["made with"] == "CAD 9 [31m", "what steers a terminal is gone"


def test_what_asks_for_attention_is_marked() -> None:
    assert bad(summarize(REPORT)) == {"encoding of names", "names", "faces left out"}


def test_stages_fill_the_bar_in_their_order() -> None:
    summary = summarize(REPORT)
    read, mesh = summary.stages
    assert (read.start, read.share, mesh.start, mesh.share) == (0.0, 0.25, 0.25, 0.75)
    assert (summary.seconds, summary.peak_mb, mesh.peak_mb) == (4.0, 242, 242)


def test_what_differs_from_the_files_own_figures_is_marked() -> None:
    differing = [
        {"name": "Ring", "what": "volume", "stated": 1200.0, "found": 900.0},
        {"name": "Ring", "what": "centre", "stated": [0, 0, 5], "found": [0.0, 0.0, 7.25]},
    ]
    summary = summarize({"validation": {"checked": 3, "unsure": 1, "differing": differing}})
    (group,) = summary.groups
    assert [fact.value for fact in group.facts] == [
        "volume 900 instead of 1200",
        "center 0, 0, 7.25 instead of 0, 0, 5",
        "1: measuring them exactly takes too long",
    ]
    assert bad(summary) == {"Ring"}


def test_figures_that_agree_are_told_in_one_line() -> None:
    summary = summarize({"validation": {"checked": 3, "unsure": 0, "differing": []}})
    assert told(summary) == {"compared": "3: volume, area and center match"}
    assert not bad(summary)


def test_an_empty_report_says_nothing() -> None:
    assert summarize({}) == Summary((), (), 0, None, ())


@pytest.mark.parametrize("name", REPORT)
def test_a_report_that_lacks_a_value_tells_the_rest(name: str) -> None:
    rest = {key: value for key, value in REPORT.items() if key != name}
    assert summarize(rest).groups


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*REPORT, "checked", "differing", "found", "stated", "used"]), inner
        )
    ),
    max_leaves=8,
)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from([*REPORT, "validation", "materials", "area_mm2"]), JSON))
def test_a_report_of_any_shape_is_told_without_failing(report: dict[str, Any]) -> None:
    assert isinstance(summarize(json.loads(json.dumps(report))), Summary)
