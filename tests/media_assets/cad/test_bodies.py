"""Parts of several solids, and what CAD says a part is made of."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from media_assets.cad.contract import ConversionResult
from media_assets.cad.names import body_name
from tests.media_assets.cad.conftest import Convert, Glb
from tests.media_assets.cad.documents import BLUE, GREEN, RED, Document, box, compound
from tests.media_assets.cad.test_places import colors_by_key


def boxes(count: int) -> object:
    return compound(*(box(5, 5, 5 + number, at=(10.0 * number, 0, 0)) for number in range(count)))


@pytest.fixture
def housing(convert: Convert, tmp_path: Path) -> ConversionResult:
    """A housing of a lid, a shell and two solids without a name that says anything, placed twice."""
    made = Document()
    top = made.assembly("Pumpe")
    part = made.part("Gehäuse", boxes(4))
    made.bodies(part, ["Deckel", "Schale", "SOLID 3", ""], [RED, BLUE, GREEN, None])
    made.material(part, "Aluminum EN AW-6060")
    made.place(top, part, "links")
    made.place(top, part, "rechts", 100)
    return convert(made.step(tmp_path / "housing.step"), want_usd=True)


def test_named_bodies_are_parts_of_their_own_and_the_others_one(housing: ConversionResult) -> None:
    assert colors_by_key(Glb.read(housing.glb)) == {
        f"/{side}/{body}": colors
        for side in ("links", "rechts")
        for body, colors in {
            "Deckel": {"#FF0000"},
            "Schale": {"#0000FF"},
            "Gehäuse": {"#00FF00", "uncolored"},
        }.items()
    }
    assert (housing.report["solids"], housing.report["faces"], housing.report["meshes"]) == (4, 24, 3)


def test_material_that_cad_names_is_kept_everywhere(housing: ConversionResult) -> None:
    material = "Aluminum EN AW-6060"
    nodes = [node for node in Glb.read(housing.glb).nodes if "mesh" in node]
    assert {node["extras"]["cad_material"] for node in nodes} == {material}
    bodies = housing.report["tree"]["children"][0]["children"]
    assert [body["material"] for body in bodies] == [material] * 3
    program = (
        "import sys; from pxr import Usd; stage = Usd.Stage.Open(sys.argv[1]);"
        "print({prim.GetAttribute('userProperties:cad_material').Get() for prim in stage.Traverse()})"
    )
    argv = [sys.executable, "-c", program, str(housing.usd)]
    assert material in subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def test_part_of_solids_without_names_stays_one(convert: Convert, tmp_path: Path) -> None:
    made = Document()
    made.bodies(made.part("Kühler", boxes(3)), ["", "SOLID", "Kühler"], [RED, None, None])
    result = convert(made.step(tmp_path / "one.step"))
    assert (result.report["parts"], result.report["instances"], result.report["solids"]) == (1, 1, 3)
    assert colors_by_key(Glb.read(result.glb)) == {"/": {"#FF0000", "uncolored"}}


def test_body_that_is_switched_off_is_left_out(convert: Convert, tmp_path: Path) -> None:
    made = Document()
    made.bodies(made.part("Teil", boxes(2)), ["Deckel", ""], [RED, BLUE])
    path = made.step(tmp_path / "off.step")
    styles = re.findall(r"#\d+(?= = STYLED_ITEM)", path.read_text())
    # OpenCASCADE reads what other programs write here, but does not write it.
    path.write_text(path.read_text().replace("DATA;", f"DATA;\n#99999 = INVISIBILITY(({styles[1]}));"))
    result = convert(path)
    assert colors_by_key(Glb.read(result.glb)) == {"/Deckel": {"#FF0000"}}
    assert [one["code"] for one in result.report["warnings"]] == ["hidden_parts"]


@pytest.mark.parametrize(
    ("name", "body"),
    [("SOLID", ""), ("Solid 12", ""), ("", ""), ("NONE", ""), ("0815", ""), ("MANIFOLD_SOLID_BREP(#12)", "")]
    + [(name, name) for name in ("Body1", "Deckel", "Solide Platte", "Brep Halter")],
)
def test_kind_and_number_are_no_name_of_a_body(name: str, body: str) -> None:
    assert body_name(name) == body
