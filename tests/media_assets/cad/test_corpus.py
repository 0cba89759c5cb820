from __future__ import annotations

import csv
from pathlib import Path

import pytest

from media_assets.cad.errors import CadError
from tests.media_assets.cad.conftest import CORPUS, Convert, Glb, needs_corpus

pytestmark = needs_corpus

WIRES_ONLY = {"nist_ctc_01_ap242.stp": 1}
"""Placed shapes of a file that have no surface: OpenCASCADE counts them, a picture does not show them."""

SIZE_OF_ROTATED_BOXES = {"hinge_creo_ap203.stp": [45.80, 28.11, 21.13]}
"""The table's size is that of the rotated parts' boxes; this is OpenCASCADE's exact box of the geometry."""

BROKEN = {
    "empty.step": "empty",
    "text.step": "not_cad",
    "trunc_99.step": "truncated",
    "no_end.step": "truncated",
    "header_only.step": "nothing_to_show",
    "dangling_ref.step": "no_usable_geometry",
    "nan_coord.step": "no_usable_geometry",
    "zero_radius.step": "no_usable_geometry",
    "mangled_type.step": "damaged",
    "U008.stp": "damaged",
    "instances_2p17.step": "too_many_instances",
}


def expected() -> list[dict[str, str]]:
    table = CORPUS / "EXPECTED.tsv"
    if not table.is_file():
        return []
    with table.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


@pytest.mark.parametrize("row", expected(), ids=lambda row: row["file"])
def test_file_arrives_as_opencascade_counts_it(row: dict[str, str], convert: Convert) -> None:
    result = convert(CORPUS / row["file"])
    report, glb = result.report, Glb.read(result.glb)
    invisible = WIRES_ONLY.get(row["file"], 0)
    size = SIZE_OF_ROTATED_BOXES.get(
        row["file"], [float(side) for side in row["size_mm_from_mesh"].split(" x ")]
    )

    assert report["schema"].startswith(row["schema"])
    assert report["unit"] == row["file_unit"].lower()
    assert report["free_roots"] == int(row["free_roots"])
    assert report["instances"] == int(row["mesh_nodes"]) - invisible
    assert report["solids_placed"] == int(row["solids_placed"])
    assert report["faces_placed"] == int(row["faces_placed"])
    assert report["unmeshed_faces"] <= int(row["faces_unmeshed_default"])
    assert report["size_mm"] == pytest.approx(size, rel=0.005, abs=0.02)
    assert len(glb.document["meshes"]) == int(row["distinct_geometries"]) - invisible
    assert len(glb.colors() - {None}) == int(row["materials"])
    assert sum("mesh" in node for node in glb.nodes) == report["instances"]
    assert not [name for name in glb.names() if name.startswith("=>") or name in {"SOLID", "COMPOUND", ""}]


def test_names_in_three_scripts_survive(convert: Convert) -> None:
    names = Glb.read(convert(CORPUS / "bearing_names_x2.step").glb).names()
    assert names >= {"Wälzkörper ½″ 🛞", "Наружное кольцо №1", "内圈 Ø15", "O'Brien/çage\\path"}


@pytest.mark.parametrize(("name", "code"), BROKEN.items())
def test_damaged_file_ends_with_its_own_reason(
    name: str, code: str, convert: Convert, tmp_path: Path
) -> None:
    with pytest.raises(CadError) as failure:
        convert(CORPUS / "broken" / name)
    assert failure.value.code == code
    assert failure.value.message.endswith(".")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("name", ["bom.step", "gzip.step"])
def test_packed_file_is_read_like_the_plain_one(name: str, convert: Convert) -> None:
    assert convert(CORPUS / "broken" / name).report["instances"] == 14


def test_partly_readable_file_is_ready_with_a_warning_that_names_the_line(convert: Convert) -> None:
    warnings = convert(CORPUS / "broken" / "mangled_semicolon.step").report["warnings"]
    assert [warning["code"] for warning in warnings] == ["damaged_entities"]
    assert "Line 26" in warnings[0]["details"]
