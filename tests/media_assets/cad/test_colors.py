from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from OCP.BRep import BRep_Builder
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox
from OCP.gp import gp_Trsf, gp_Vec
from OCP.Quantity import Quantity_Color, Quantity_TOC_sRGB
from OCP.STEPCAFControl import STEPCAFControl_Writer
from OCP.STEPControl import STEPControl_AsIs
from OCP.TCollection import TCollection_ExtendedString
from OCP.TDataStd import TDataStd_Name
from OCP.TDocStd import TDocStd_Document
from OCP.TopAbs import TopAbs_FACE
from OCP.TopExp import TopExp_Explorer
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS_Compound
from OCP.XCAFDoc import XCAFDoc_ColorSurf, XCAFDoc_DocumentTool

from media_assets.cad.contract import ConversionResult
from tests.media_assets.cad.conftest import Convert, Glb
from tests.needs import blender_python

GRAY, RED, BLUE = (0.5, 0.5, 0.5), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)


def color(rgb: tuple[float, float, float]) -> Quantity_Color:
    return Quantity_Color(*rgb, Quantity_TOC_sRGB)


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gray box with one red face, placed three times in an assembly; the last one is painted blue."""
    document = TDocStd_Document(TCollection_ExtendedString("BinXCAF"))
    shapes = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    colors = XCAFDoc_DocumentTool.ColorTool_s(document.Main())
    compound = TopoDS_Compound()
    BRep_Builder().MakeCompound(compound)
    assembly = shapes.AddShape(compound, True)
    TDataStd_Name.Set_s(assembly, TCollection_ExtendedString("Regal", True))
    shape = BRepPrimAPI_MakeBox(10, 20, 30).Shape()
    box = shapes.AddShape(shape, False)
    TDataStd_Name.Set_s(box, TCollection_ExtendedString("Kästchen 1/2", True))
    colors.SetColor(box, color(GRAY), XCAFDoc_ColorSurf)
    face = shapes.AddSubShape(box, TopExp_Explorer(shape, TopAbs_FACE).Current())
    colors.SetColor(face, color(RED), XCAFDoc_ColorSurf)
    for number in range(3):
        placement = gp_Trsf()
        placement.SetTranslation(gp_Vec(100 * number, 0, 0))
        placed = shapes.AddComponent(assembly, box, TopLoc_Location(placement))
        TDataStd_Name.Set_s(placed, TCollection_ExtendedString(str(number)))
        if number == 2:
            colors.SetColor(placed, color(BLUE), XCAFDoc_ColorSurf)
    shapes.UpdateAssemblies()
    writer = STEPCAFControl_Writer()
    assert writer.Transfer(document, STEPControl_AsIs)
    path = tmp_path_factory.mktemp("painted") / "painted.step"
    writer.Write(str(path))
    return path


@pytest.fixture
def result(painted: Path, convert: Convert) -> ConversionResult:
    return convert(painted, want_usd=True)


def colors_of(glb: Glb, node: dict[str, int]) -> set[str]:
    primitives = glb.document["meshes"][node["mesh"]]["primitives"]
    return {glb.document["materials"][primitive["material"]]["name"] for primitive in primitives}


def test_face_keeps_its_color_and_an_instance_its_own(result: ConversionResult) -> None:
    glb = Glb.read(result.glb)
    boxes = {node["extras"]["part_key"]: node for node in glb.nodes if "mesh" in node}
    keys = ["/Kästchen 1∕2", "/Kästchen 1∕2#2", "/Kästchen 1∕2#3"]
    assert [colors_of(glb, boxes[key]) for key in keys] == [
        {"#FF0000", "#808080"},
        {"#FF0000", "#808080"},
        {"#FF0000", "#0000FF"},
    ]
    assert boxes[keys[0]]["mesh"] == boxes[keys[1]]["mesh"] != boxes[keys[2]]["mesh"]


def test_looks_of_one_part_share_their_geometry(result: ConversionResult) -> None:
    glb = Glb.read(result.glb)
    points = {
        primitive["attributes"]["POSITION"]
        for mesh in glb.document["meshes"]
        for primitive in mesh["primitives"]
    }
    assert (len(glb.document["meshes"]), len(points)) == (2, 2)


def test_colors_are_linear_light(result: ConversionResult) -> None:
    materials = {entry["name"]: entry for entry in Glb.read(result.glb).document["materials"]}
    factor = materials["#808080"]["pbrMetallicRoughness"]["baseColorFactor"]
    assert factor == pytest.approx([0.214, 0.214, 0.214, 1.0], abs=0.001)


@pytest.mark.blender
@pytest.mark.parametrize("kind", ["glb", "usd"])
def test_blender_gets_instances_names_and_colors(kind: str, result: ConversionResult) -> None:
    program = """
import sys
import bpy
bpy.ops.wm.read_factory_settings(use_empty=True)
if sys.argv[1].endswith("glb"):
    bpy.ops.import_scene.gltf(filepath=sys.argv[1])
else:
    bpy.ops.wm.usd_import(filepath=sys.argv[1], support_scene_instancing=True)
meshes, xs = [], []
for one in bpy.context.evaluated_depsgraph_get().object_instances:
    if one.object.type == "MESH":
        meshes.append(one.object.original.data.name)
        xs += [(one.matrix_world @ vertex.co).x for vertex in one.object.data.vertices]
print("FACTS", len(meshes), len(set(meshes)), round(max(xs), 4))
keys = {str(value) for one in bpy.data.objects for key, value in one.items() if key.endswith("part_key")}
print("KEYS", len(keys - {"/"}), "/Kästchen 1∕2#3" in keys)
"""
    path = result.glb if kind == "glb" else result.usd
    argv = [blender_python(), "-c", program, str(path)]
    printed = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert "FACTS 3 2 0.21" in printed
    assert "KEYS 3 True" in printed


def test_transparency_of_a_style_is_kept_and_what_else_it_says_is_named(
    painted: Path, convert: Convert, tmp_path: Path
) -> None:
    """The rendering properties of AP242: how clear a surface is, and how strongly it reflects."""
    text = re.sub(r"\s+", " ", painted.read_text())
    gray = re.search(r"#(\d+) = COLOUR_RGB\('',0.49[^)]*\)", text) or re.search(
        r"#(\d+) = DRAUGHTING_PRE_DEFINED_COLOUR\('[^r]", text
    )
    assert gray
    more = (
        f"#90001 = SURFACE_STYLE_RENDERING_WITH_PROPERTIES(.NORMAL_SHADING.,#{gray[1]},(#90002,#90003));"
        "#90002 = SURFACE_STYLE_TRANSPARENT(0.4);"
        f"#90003 = SURFACE_STYLE_REFLECTANCE_AMBIENT_DIFFUSE_SPECULAR(0.3,0.7,0.5,20.,#{gray[1]});"
    )
    styled = re.sub(r"(SURFACE_SIDE_STYLE\('',\(#\d+)\)\)", r"\1,#90001))", text)
    path = tmp_path / "clear.step"
    path.write_text(styled.replace("ENDSEC; END-ISO", f"{more} ENDSEC; END-ISO").replace(";", ";\n"))
    report = convert(path).report
    assert any(len(color) == 9 and color.endswith("99") for color in report["colors"]), report["colors"]
    (warning,) = report["warnings"]
    assert warning["code"] == "properties_left_out"
    assert warning["details"] == "SURFACE_STYLE_REFLECTANCE_AMBIENT_DIFFUSE_SPECULAR"
