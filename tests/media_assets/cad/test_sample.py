from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from media_assets.cad.contract import ConversionResult
from tests.media_assets.cad.conftest import SAMPLES, Convert, Glb

ROLLERS = {f"Kegelrolle {number:02d}" for number in range(1, 21)}


@pytest.fixture(scope="module")
def glb(sample: ConversionResult) -> Glb:
    return Glb.read(sample.glb)


@pytest.fixture(scope="module")
def usd(sample: ConversionResult) -> dict[str, Any]:
    script = Path(__file__).parent / "usd_facts.py"
    argv = [sys.executable, str(script), str(sample.usd)]
    return json.loads(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)


def test_report_tells_what_the_bearing_is_made_of(sample: ConversionResult) -> None:
    report = sample.report
    assert (report["parts"], report["instances"], report["assemblies"], report["meshes"]) == (4, 23, 2, 4)
    assert (report["protocol"], report["unit"]) == ("AP214", "millimetre")
    assert report["size_mm"] == pytest.approx([72.0, 72.0, 20.75], abs=0.05)
    assert report["unmeshed_faces"] == 0
    assert report["warnings"] == []
    assert report["colors"] == ["#B2B5B8", "#C29954", "#CCCFD4"]
    assert set(report["seconds"]) >= {"prescan", "read", "transfer", "mesh", "glb", "usd"}
    assert report["peak_mb"] > 0


def test_report_has_the_product_tree_with_the_rollers_kept_compact(sample: ConversionResult) -> None:
    tree = sample.report["tree"]
    assert tree["name"] == "Kegelrollenlager 30x72 Größe 306"
    assert [child["name"] for child in tree["children"]] == ["Innenring", "Außenring", "Rollenkranz"]
    cage, rollers = tree["children"][2]["children"]
    assert (cage["name"], cage["colors"]) == ("Käfig", ["#C29954"])
    assert (rollers["product"], rollers["count"]) == ("Kegelrolle", 20)
    assert rollers["keys"][6] == "/Rollenkranz/Kegelrolle 07"


def test_glb_keeps_every_name(glb: Glb) -> None:
    assert glb.names() == ROLLERS | {
        "Kegelrollenlager 30x72 Größe 306",
        "Innenring",
        "Außenring",
        "Rollenkranz",
        "Käfig",
    }


def test_glb_places_twenty_rollers_on_one_mesh(glb: Glb) -> None:
    users = Counter(node["mesh"] for node in glb.nodes if "mesh" in node)
    names = {glb.document["meshes"][mesh]["name"]: count for mesh, count in users.items()}
    assert names == {"Innenring": 1, "Außenring": 1, "Käfig": 1, "Kegelrolle": 20}


def test_glb_holds_triangles_of_materials_that_are_not_metal(glb: Glb) -> None:
    for mesh in glb.document["meshes"]:
        assert all(primitive["mode"] == 4 for primitive in mesh["primitives"])
    for material in glb.document["materials"]:
        assert material["pbrMetallicRoughness"]["metallicFactor"] == 0.0


def test_glb_is_in_meters_with_y_up(glb: Glb) -> None:
    rings = [mesh for mesh in glb.document["meshes"] if mesh["name"] == "Außenring"]
    accessor = glb.document["accessors"][rings[0]["primitives"][0]["attributes"]["POSITION"]]
    size = [high - low for low, high in zip(accessor["min"], accessor["max"], strict=True)]
    assert size == pytest.approx([0.072, 0.016, 0.072], abs=1e-4)


def test_part_keys_are_unique_and_the_same_in_glb_and_usd(glb: Glb, usd: dict[str, Any]) -> None:
    keys = [node["extras"]["part_key"] for node in glb.nodes if "mesh" in node]
    assert len(set(keys)) == 23
    assert sorted(keys) == usd["part_keys"]


def test_usd_master_is_a_bearing_of_instances_in_millimeters(usd: dict[str, Any]) -> None:
    assert usd["default_prim"] == "Kegelrollenlager 30x72 Größe 306"
    assert usd["kind"] == "assembly"
    assert (usd["meters_per_unit"], usd["up_axis"]) == (0.001, "Z")
    assert (usd["instances"], usd["prototypes"]) == (23, 4)
    assert set(usd["names"]) == ROLLERS | {"Innenring", "Außenring", "Käfig"}
    assert usd["all_bound"]
    assert usd["size"] == pytest.approx([72.0, 72.0, 20.75], abs=0.1)


def test_rim_is_round_to_a_pixel_of_a_large_still(sample: ConversionResult) -> None:
    widest = max(sample.report["size_mm"])
    assert 72.0 - widest < 72.0 / 2048


def test_ap242_file_is_the_same_bearing(sample: ConversionResult, convert: Convert) -> None:
    other = convert(SAMPLES / "tapered_roller_bearing_ap242.step").report
    assert other["protocol"] == "AP242"
    for same in ("names", "colors", "parts", "instances", "faces_placed"):
        assert other[same] == sample.report[same]
