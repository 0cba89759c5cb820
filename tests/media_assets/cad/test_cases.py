"""Small files that fail elsewhere, each for one public problem, end as their descriptions say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from media_assets.cad.contract import Reading
from tests.media_assets.cad.conftest import Convert
from tests.paths import CASES

pytestmark = [
    pytest.mark.cad,
    pytest.mark.skipif(not CASES.is_dir(), reason=f"the files that fail are not at {CASES}"),
]

BRACKET = (60.0, 40.0, 45.0)
MESH_BRACKET = (60.0, 40.0, 46.0)


@dataclass(frozen=True)
class Expected:
    """Size in mm, colors, and codes of the warnings that must be there."""

    size: tuple[float, float, float]
    colors: tuple[str, ...] | None = None
    warnings: tuple[str, ...] = ()
    triangles: int | None = None
    names: tuple[str, ...] = ()


GRAY = ("no_colors",)
EXPECTED = {
    "glb-node-visibility-ignored/visibility.glb": Expected((50, 50, 50), ("#E72727",), ("hidden_parts",)),
    "glb-specular-glossiness-white/specgloss.glb": Expected((100, 60, 80), ("#19307C", "#FF8900")),
    "glb-transmission-opaque/transmission.glb": Expected((90, 90, 31.5), ("#E72727", "#F3F3F3", "#FFFFFF1A")),
    "iges-blanked-entities-shown/two_blank.igs": Expected(BRACKET, ("#CC261A",), ("hidden_parts",)),
    "obj-face-of-two-corners/face2.obj": Expected(MESH_BRACKET, (), ("odd_faces", *GRAY), 24),
    "obj-mtl-zip-and-y-up/objmtl.zip": Expected((60, 46, 40), ("#0D1ACC", "#CC0D0D")),
    "step-1km-from-origin/far1km.step": Expected(BRACKET, ("#1A4CCC",)),
    "step-1km-from-origin/far500m.step": Expected(BRACKET, ("#1A4CCC",)),
    "step-hidden-sheet-body-shown/sheet_inv.step": Expected(BRACKET, ("#CC261A",), ("hidden_parts",)),
    "step-hidden-sheet-body-shown/two_inv.step": Expected(BRACKET, ("#CC261A",), ("hidden_parts",)),
    "step-mirrored-mapped-item-turned/mirror.step": Expected((140, 40, 45), ("#CC261A",)),
    "step-several-data-sections/ed2_twodata.step": Expected(BRACKET, ("#CC261A",)),
    "step-tessellated-without-normals/tessmin_nonormals.step": Expected(
        BRACKET, ("#1A9933",), triangles=24, names=("Halter",)
    ),
    "step-trailing-bytes/trailing6k.step": Expected(BRACKET, ("#CC261A",)),
    "stl-binary-solid-header-extra-bytes/plainhead_tail.stl": Expected(MESH_BRACKET, (), GRAY, 24),
    "stl-binary-solid-header-extra-bytes/solidhead.stl": Expected(MESH_BRACKET, (), GRAY, 24),
    "stl-binary-solid-header-extra-bytes/solidhead_tail.stl": Expected(MESH_BRACKET, (), GRAY, 24),
    "stl-decimal-comma/comma.stl": Expected(MESH_BRACKET, (), ("decimal_commas", *GRAY)),
    "stl-obj-colours-denied/vcol.obj": Expected(MESH_BRACKET, ("#1A33FF", "#FF1A1A")),
    "stray-part-empty-picture/stray.step": Expected(BRACKET, ("#CC261A",), ("stray_parts",)),
    "zip-from-macos-or-supplier/mac.zip": Expected(BRACKET, ("#CC261A",)),
}
SAID = ("properties_left_out",)  # beside what the case is about


@pytest.mark.parametrize("name", EXPECTED)
def test_file_ends_as_its_description_says(name: str, convert: Convert) -> None:
    path, expected = CASES / name, EXPECTED[name]
    if not path.is_file():
        pytest.skip(f"{name} is not here")
    unit = "mm" if path.suffix in (".stl", ".obj") or "obj" in name else ""
    report = convert(path, reading=Reading(unit=unit)).report
    assert report["size_mm"] == pytest.approx(expected.size, abs=0.02)
    assert tuple(report["colors"]) == expected.colors
    found = [warning["code"] for warning in report["warnings"] if warning["code"] not in SAID]
    assert sorted(found) == sorted(expected.warnings)
    assert expected.triangles in (None, report["triangles"])
    assert set(expected.names) <= set(report["names"])


def test_stray_part_is_kept_where_the_operator_says_so(convert: Convert) -> None:
    path = CASES / "stray-part-empty-picture" / "stray.step"
    report = convert(path, reading=Reading(strays="keep")).report
    assert report["size_mm"][0] > 20_000
    (warning,) = report["warnings"]
    assert warning["code"] == "stray_parts" and "Stray screw" in warning["details"]


def test_place_of_a_far_part_is_kept(convert: Convert) -> None:
    report = convert(CASES / "step-1km-from-origin" / "far1km.step").report
    assert max(map(abs, report["origin_mm"])) > 900_000
    low, high = report["box_mm"]["low"], report["box_mm"]["high"]
    assert [b - a for a, b in zip(low, high, strict=True)] == pytest.approx(report["size_mm"], abs=0.01)
    assert max(map(abs, low)) > 900_000


def test_report_says_how_the_bracket_could_stand_and_who_wrote_it(convert: Convert) -> None:
    iges = convert(CASES / "iges-blanked-entities-shown" / "two_blank.igs").report
    assert iges["originating_system"] == "Open CASCADE 8.0"
    assert iges["preprocessor"] == "Open CASCADE IGES processor 8.0"
    assert iges["orientations"].keys() == {"flat"}
    assert iges["tree"]["name"] == "two_blank"


def test_every_case_is_looked_at() -> None:
    files = {str(path.relative_to(CASES)) for path in CASES.glob("*/*") if path.name != "README.txt"}
    others = {name for name in files if Path(name).parts[0].startswith("names-") or name.endswith("yup.obj")}
    assert files - others <= EXPECTED.keys()


@pytest.mark.parametrize(
    ("name", "page"), [("name_euc_kr.step", "euc-kr"), ("name_shift_jis.step", "shift-jis")]
)
def test_names_in_an_eastern_code_page_are_right_or_unsure(name: str, page: str, convert: Convert) -> None:
    report = convert(CASES / "names-korean-big5-certain-but-wrong" / name).report
    assert report["code_page"] == {"used": page, "how": "detected", "sure": False}
    assert [warning["code"] for warning in report["warnings"]] == ["code_page_unsure"]


@pytest.mark.parametrize(
    ("up", "size"), [("", (60, 46, 40)), ("y", (60, 40, 46)), ("x", (46, 40, 60)), ("-z", (60, 46, 40))]
)
def test_product_stands_as_the_operator_says(
    up: str, size: tuple[float, float, float], convert: Convert
) -> None:
    path = CASES / "obj-mtl-zip-and-y-up" / "yup.obj"
    report = convert(path, reading=Reading(unit="mm", up=up)).report
    assert report["size_mm"] == pytest.approx(size, abs=0.02)
