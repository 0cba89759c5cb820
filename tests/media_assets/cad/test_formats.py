"""IGES, BREP and the units of STEP: the same product, whichever way it comes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from OCP.BinTools import BinTools
from OCP.BRepTools import BRepTools

from media_assets.cad.errors import CadError
from tests.media_assets.cad.conftest import Convert, Glb
from tests.media_assets.cad.documents import BLUE, RED, Document, box, compound
from tests.media_assets.cad.test_places import colors_by_key


def pair() -> Document:
    made = Document()
    top = made.assembly("Paar")
    made.place(top, made.part("Rot", box(25.4, 50.8, 76.2), RED), "r")
    made.place(top, made.part("Blau", box(10, 10, 10), BLUE), "b", 101.6)
    return made


SIZE = pytest.approx([111.6, 50.8, 76.2], abs=1e-3)


def failure(convert: Convert, path: Path) -> CadError:
    with pytest.raises(CadError) as caught:
        convert(path)
    return caught.value


@pytest.mark.parametrize(
    ("unit", "name"),
    [("MM", "millimetre"), ("CM", "centimetre"), ("M", "metre"), ("INCH", "inch"), ("UM", "micrometre")],
)
def test_units_of_step_make_no_difference_to_the_size(
    unit: str, name: str, convert: Convert, tmp_path: Path
) -> None:
    report = convert(pair().step(tmp_path / "pair.step", unit)).report
    assert (report["unit"], report["size_mm"]) == (name, SIZE)


def test_part_in_inches_inside_an_assembly_in_millimeters_has_its_size(
    convert: Convert, tmp_path: Path
) -> None:
    """Two files are joined into one: their numbers of statements are kept apart."""
    alone = Document()
    alone.part("Zoll", box(25.4, 25.4, 25.4))
    inch = alone.step(tmp_path / "inch.step", "INCH").read_text()
    millimeters = pair().step(tmp_path / "pair.step")
    data = inch[inch.index("DATA;") + 5 : inch.rindex("ENDSEC;")]
    moved = re.sub(r"#(\d+)", lambda found: f"#{int(found[1]) + 100_000}", data)
    text = millimeters.read_text()
    end = text.rindex("ENDSEC;")
    product = re.search(r"#(\d+) = PRODUCT_DEFINITION\(", text)
    part = re.search(r"#(\d+) = PRODUCT_DEFINITION\(", moved)
    frame = re.search(r"#(\d+) = AXIS2_PLACEMENT_3D", moved)
    shapes = [re.search(r"SHAPE_DEFINITION_REPRESENTATION\(#\d+,#(\d+)\)", one) for one in (text, moved)]
    here = re.search(r"#(\d+) = AXIS2_PLACEMENT_3D", text)
    assert product and part and frame and here and shapes[0] and shapes[1]
    link = f"""
#900001=NEXT_ASSEMBLY_USAGE_OCCURRENCE('9','z','',#{product[1]},#{part[1]},$);
#900002=PRODUCT_DEFINITION_SHAPE('','',#900001);
#900003=ITEM_DEFINED_TRANSFORMATION('','',#{frame[1]},#{here[1]});
#900004=(REPRESENTATION_RELATIONSHIP('','',#{shapes[1][1]},#{shapes[0][1]})
REPRESENTATION_RELATIONSHIP_WITH_TRANSFORMATION(#900003)SHAPE_REPRESENTATION_RELATIONSHIP());
#900005=CONTEXT_DEPENDENT_SHAPE_REPRESENTATION(#900004,#900002);
"""
    millimeters.write_text(text[:end] + moved + link + text[end:])
    result = convert(millimeters)
    sizes = {}
    glb = Glb.read(result.glb)
    for node in glb.nodes:
        if "mesh" in node:
            places = [
                glb.document["accessors"][primitive["attributes"]["POSITION"]]
                for primitive in glb.document["meshes"][node["mesh"]]["primitives"]
            ]
            sizes[node["extras"]["product"]] = max(place["max"][0] - place["min"][0] for place in places)
    assert sizes == pytest.approx({"Rot": 0.0254, "Blau": 0.01, "Zoll": 0.0254}, rel=1e-5)


@pytest.mark.parametrize("unit", ["MM", "INCH"])
def test_iges_keeps_size_names_and_colors(unit: str, convert: Convert, tmp_path: Path) -> None:
    made = Document()
    made.part("Rot", box(25.4, 50.8, 76.2), RED)
    made.part("Blau", box(10, 10, 10, at=(101.6, 0, 0)), BLUE)
    result = convert(made.iges(tmp_path / "pair.igs", unit), name="Paar")
    assert (result.report["format"], result.report["size_mm"]) == ("iges", SIZE)
    assert result.report["unit"] == {"MM": "millimetre", "INCH": "inch"}[unit]
    assert Glb.read(result.glb).names() == {"Paar", "Rot", "Blau"}
    assert colors_by_key(Glb.read(result.glb)) == {"/Rot": {"#FF0000"}, "/Blau": {"#0000FF"}}
    assert (result.report["triangles_placed"], result.report["unmeshed_faces"]) == (24, 0)


@pytest.mark.parametrize("kind", ["text", "binary"])
def test_brep_is_read_in_both_forms(kind: str, convert: Convert, tmp_path: Path) -> None:
    path = tmp_path / "klotz.brep"
    shape = compound(box(10, 20, 30), box(5, 5, 5, at=(20, 0, 0)))
    (BRepTools.Write_s if kind == "text" else BinTools.Write_s)(shape, str(path))
    report = convert(path, name="Klotz").report
    assert (report["format"], report["unit"], report["names"]) == ("brep", "millimetre", ["Klotz"])
    assert report["size_mm"] == pytest.approx([25, 20, 30], abs=1e-3)
    assert (report["solids"], report["faces"], report["triangles"]) == (2, 12, 24)


@pytest.mark.parametrize("kind", ["text", "binary", "iges"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_cut_file_of_another_format_ends_with_a_reason(
    kind: str, share: float, convert: Convert, tmp_path: Path
) -> None:
    path = tmp_path / f"cut.{'igs' if kind == 'iges' else 'brep'}"
    if kind == "iges":
        pair().iges(path)
    else:
        (BRepTools.Write_s if kind == "text" else BinTools.Write_s)(box(10, 20, 30), str(path))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    error = failure(convert, path)
    assert error.code in {"truncated", "unreadable", "no_usable_geometry", "damaged", "not_cad"}
    assert error.message.endswith(".")


def test_iges_and_brep_with_nothing_in_them_say_so(convert: Convert, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.brep"
    BRepTools.Write_s(compound(), str(nothing))
    assert failure(convert, nothing).code in {"nothing_to_show", "no_usable_geometry"}
    iges = pair().iges(tmp_path / "pair.igs")
    lines = iges.read_text().splitlines()
    kept = [line for line in lines if line[72:73] in "SG"]
    ends = f"S{sum(line[72] == 'S' for line in kept):7}G{sum(line[72] == 'G' for line in kept):7}D      0P      0"
    iges.write_text("\n".join([*kept, f"{ends:72}T      1"]) + "\n")
    assert failure(convert, iges).code in {"nothing_to_show", "no_usable_geometry", "unreadable"}
