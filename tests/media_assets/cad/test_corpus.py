from __future__ import annotations

import csv
import dataclasses
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from media_assets.cad.client import Conversion
from media_assets.cad.contract import ConversionResult
from media_assets.cad.errors import CadError
from media_assets.cad.settings import PRESETS
from tests.media_assets.cad.agreement import differences
from tests.media_assets.cad.conftest import CORPUS, PROJECT, Convert, Glb, finish, needs_corpus
from tests.media_assets.cad.glb_facts import shown_in_glb
from tests.media_assets.cad.shown import Shown
from tests.media_assets.cad.witness import Witness
from tests.needs import blender_python

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


FILES = [row["file"] for row in expected()]
IN_BLENDER_AS_USD = ("bearing_names_x2.step", "hinge_creo_ap203.stp")

DEFLECTION, AREA = 0.003, 0.01
"""How far triangles of the standard quality may be from OpenCASCADE's exact surfaces: of a part's diagonal, of an
area. The quality allows 0.002 of the diagonal."""


@dataclasses.dataclass(frozen=True)
class Case:
    """A file of the corpus, converted, and what OpenCASCADE says about it."""

    cad: dict[str, Any]
    result: ConversionResult
    glb: Shown
    usd: Shown


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory, witness: Witness) -> dict[str, Case]:
    found = {}
    for name in FILES:
        result = finish(Conversion(CORPUS / name, tmp_path_factory.mktemp("corpus"), PRESETS["standard"]))
        assert result.usd
        cad = witness.ask("cad", str(CORPUS / name))
        usd = Shown.from_json(witness.ask("usd", str(result.usd)))
        found[name] = Case(cad, result, shown_in_glb(result.glb), usd)
    return found


@pytest.fixture(scope="module")
def blender(cases: dict[str, Case]) -> dict[Path, Shown]:
    """What one Blender shows of all files: each GLB, and two as USD."""
    paths = [case.result.glb for case in cases.values()]
    paths += [usd for name in IN_BLENDER_AS_USD if (usd := cases[name].result.usd)]
    argv = [blender_python(), "-m", "tests.media_assets.cad.blender_facts", *map(str, paths)]
    finished = subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, check=True)
    answer = json.loads(finished.stdout.split("\nANSWER ")[1])
    return {Path(name): Shown.from_json(shown) for name, shown in answer.items()}


@pytest.mark.parametrize("row", expected(), ids=lambda row: row["file"])
def test_file_arrives_as_opencascade_counts_it(row: dict[str, str], cases: dict[str, Case]) -> None:
    case = cases[row["file"]]
    report, glb = case.result.report, Glb.read(case.result.glb)
    invisible = WIRES_ONLY.get(row["file"], 0)
    size = SIZE_OF_ROTATED_BOXES.get(
        row["file"], [float(side) for side in row["size_mm_from_mesh"].split(" x ")]
    )

    assert report["schema"].startswith(row["schema"])
    assert report["unit"] == row["file_unit"].lower() == case.cad["unit"]
    assert report["free_roots"] == int(row["free_roots"]) == case.cad["roots"]
    assert report["instances"] == int(row["mesh_nodes"]) - invisible == len(case.cad["placed"])
    assert report["parts"] == len(case.cad["shapes"])
    assert report["solids_placed"] == int(row["solids_placed"])
    assert report["faces_placed"] == int(row["faces_placed"])
    assert report["unmeshed_faces"] <= int(row["faces_unmeshed_default"])
    assert report["size_mm"] == pytest.approx(size, rel=0.005, abs=0.02)
    assert len(glb.document["meshes"]) == int(row["distinct_geometries"]) - invisible
    assert len(glb.colors() - {None}) == int(row["materials"])
    assert not [name for name in glb.names() if name.startswith("=>") or name in {"SOLID", "COMPOUND", ""}]


@pytest.mark.parametrize("name", FILES)
def test_glb_shows_all_that_opencascade_reads(name: str, cases: dict[str, Case]) -> None:
    assert differences(cases[name].cad, cases[name].glb, deflection=DEFLECTION, area=AREA) == []


@pytest.mark.parametrize("name", FILES)
def test_usd_shows_all_that_opencascade_reads(name: str, cases: dict[str, Case]) -> None:
    case = cases[name]
    assert differences(case.cad, case.usd, deflection=DEFLECTION, area=AREA) == []
    assert {part.key for part in case.usd.placed} == {part.key for part in case.glb.placed}


@pytest.mark.parametrize("name", FILES)
def test_blender_shows_all_that_opencascade_reads(
    name: str, cases: dict[str, Case], blender: dict[Path, Shown]
) -> None:
    case = cases[name]
    kinds = [case.result.glb] + ([case.result.usd] if name in IN_BLENDER_AS_USD else [])
    for path in kinds:
        assert path
        assert differences(case.cad, blender[path], deflection=DEFLECTION, area=AREA) == []
        assert {part.key for part in blender[path].placed} == {part.key for part in case.glb.placed}


@pytest.mark.parametrize("harm", ["name", "color", "place", "mesh", "part", "size"])
def test_comparison_notices_a_loss(harm: str, cases: dict[str, Case]) -> None:
    case = cases["bearing_names_x2.step"]
    shown = Shown.from_json(case.glb.to_json())
    part = next(one for one in shown.placed if one.name.startswith("Wälzkörper"))
    if harm == "name":
        part.name = part.name.replace("ä", "Ã¤")
    elif harm == "color":
        part.areas = {"#808080": sum(part.areas.values())}
    elif harm == "place":
        part.matrix[0] = [*part.matrix[0][:3], part.matrix[0][3] + 0.01]
    elif harm == "mesh":
        part.mesh = "a copy"
    elif harm == "part":
        shown.placed.remove(part)
    else:
        shown.high = [1.01 * number for number in shown.high]
    assert differences(case.cad, shown, deflection=DEFLECTION, area=AREA)


def test_names_in_three_scripts_survive(cases: dict[str, Case]) -> None:
    names = Glb.read(cases["bearing_names_x2.step"].result.glb).names()
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


def test_faces_that_the_reader_leaves_out_in_silence_are_a_warning(convert: Convert, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.step"
    damaged.write_bytes((CORPUS / "two_roots_metre.step").read_bytes().replace(b" PLANE(", b" PLAME(", 1))
    warnings = convert(damaged).report["warnings"]
    assert [warning["code"] for warning in warnings] == ["faces_missing"]
    assert "describes 9 faces, and 8" in warnings[0]["message"]


@pytest.mark.parametrize("name", FILES)
def test_sound_file_has_no_warning_of_a_loss(name: str, cases: dict[str, Case]) -> None:
    codes = {warning["code"] for warning in cases[name].result.report["warnings"]}
    assert codes <= {"no_colors", "unmeshed_faces"}
