from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox, BRepPrimAPI_MakeSphere
from OCP.Quantity import Quantity_Color, Quantity_TOC_sRGB
from OCP.TCollection import TCollection_ExtendedString
from OCP.TDataStd import TDataStd_Name
from OCP.TDocStd import TDocStd_Document
from OCP.XCAFDoc import XCAFDoc_ColorSurf, XCAFDoc_DocumentTool

from media_assets.cad.contract import ConversionResult
from media_assets.cad.errors import CadError
from media_assets.cad.fidelity import compare
from media_assets.cad.glb import GlbWriter
from media_assets.cad.glb_check import KeptContents, check_glb
from media_assets.cad.placing import Box
from media_assets.cad.product_tree import Appearance, CadProduct, Color, Node, Part
from media_assets.cad.surfaces import Mesh, Surface
from tests.media_assets.cad.conftest import CORPUS, Convert, Glb, needs_corpus

MOVED = (1.0, 0.0, 0.0, 30.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
BOX = Box((0.0, 0.0, 0.0), (32.0, 3.0, 4.0))


@pytest.fixture
def written(tmp_path: Path) -> tuple[Path, CadProduct, list[Mesh]]:
    """A tetrahedron in two places."""
    points = np.array([[0, 0, 0], [2, 0, 0], [0, 3, 0], [0, 0, 4]], np.float32)
    corners = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]], np.uint32)
    surface = Surface(points, np.tile(np.float32([0, 0, 1]), (4, 1)), corners)
    meshes = [Mesh("Keil", [(Color(1.0, 0.0, 0.0), surface)])]
    root = Node("Gerät", "Gerät", "/")
    root.children = [Node("Keil", "Keil", "/Keil", look=0), Node("Keil", "Keil", "/Keil#2", MOVED, 0)]
    product = CadProduct(root, [Part("Keil", None, 4, 1, None)], [Appearance(0, (None,) * 4)], 1, 1)
    path = tmp_path / "keil.glb"
    GlbWriter(product, meshes).write(path)
    return path, product, meshes


def test_written_file_holds_the_product(written: tuple[Path, CadProduct, list[Mesh]]) -> None:
    kept = check_glb(*written, BOX)
    assert (kept.meshes, kept.instances, kept.triangles) == (1, 2, 4)
    assert (kept.names, kept.colors) == ({"Gerät", "Keil"}, {"#FF0000"})
    assert kept.box is not None
    assert kept.box.size == pytest.approx(BOX.size)


def rewritten(path: Path, change: Callable[[dict[str, Any]], Any], binary: bytes | None = None) -> None:
    glb = Glb.read(path)
    change(glb.document)
    text = json.dumps(glb.document).encode()
    text += b" " * (-len(text) % 4)
    data = glb.binary if binary is None else binary
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(data), b"BIN\0") + data
    path.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks)


def primitive(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["meshes"][0]["primitives"][0]
    return found


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "an instance": (lambda doc: doc["nodes"][2].pop("mesh"), "instances: 1 in the file, 2 expected"),
    "a name": (lambda doc: doc["nodes"][0].update(name="=>[0:1:1:2]"), "names: 1 differ"),
    "a part key": (lambda doc: doc["nodes"][2]["extras"].update(part_key="/x"), "keys: 2 differ"),
    "a color": (lambda doc: doc["materials"][0]["extras"].update(cad_color=None), "colors: 1 differ"),
    "a place": (lambda doc: doc["nodes"][2].update(translation=[0.03, 0.0, 0.001]), "the box is off by 1 mm"),
    "triangles": (lambda doc: primitive(doc).update(mode=1), "points or lines"),
    "bytes": (lambda doc: doc["accessors"][0].update(count=400), "reaches beyond its bytes"),
    "a list": (lambda doc: doc.pop("meshes"), "KeyError"),
    "a node": (lambda doc: doc["nodes"][0].update(children=[1]), "in no scene"),
    "an end": (lambda doc: doc["nodes"][1].update(children=[0]), "placed twice"),
}


@pytest.mark.parametrize(("change", "why"), CHANGES.values(), ids=CHANGES)
def test_file_that_lacks_something_is_not_used(
    change: Callable[[dict[str, Any]], Any], why: str, written: tuple[Path, CadProduct, list[Mesh]]
) -> None:
    rewritten(written[0], change)
    with pytest.raises(CadError, match="so it is not used") as refused:
        check_glb(*written, BOX)
    assert refused.value.code == "unreadable"
    assert why in refused.value.words


def test_file_whose_bytes_were_lost_is_not_used(written: tuple[Path, CadProduct, list[Mesh]]) -> None:
    binary = Glb.read(written[0]).binary
    for changed in (binary[:-4], b"\xff" * len(binary), binary[:-2] + b"\xff\xff"):
        rewritten(written[0], lambda document: None, changed)
        with pytest.raises(CadError):
            check_glb(*written, BOX)
    written[0].write_bytes(written[0].read_bytes()[:-100])
    with pytest.raises(CadError, match="so it is not used"):
        check_glb(*written, BOX)


def document_of_two() -> TDocStd_Document:
    document = TDocStd_Document(TCollection_ExtendedString("BinXCAF"))
    shapes = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    colors = XCAFDoc_DocumentTool.ColorTool_s(document.Main())
    kinds = (("Käfig", BRepPrimAPI_MakeBox(1, 1, 1)), ("Kugel", BRepPrimAPI_MakeSphere(1)))
    for number, (name, maker) in enumerate(kinds):
        label = shapes.AddShape(maker.Shape(), False)
        TDataStd_Name.Set_s(label, TCollection_ExtendedString(name, True))
        colors.SetColor(label, Quantity_Color(1.0, number, 0.0, Quantity_TOC_sRGB), XCAFDoc_ColorSurf)
    return document


def test_name_or_color_that_gets_lost_is_counted_and_named() -> None:
    whole = KeptContents(names={"Käfig", "Kugel"}, colors={"#FF0000", "#FFFF00"})
    facts, findings = compare(document_of_two(), whole)
    assert facts == {"found": {"names": 2, "colors": 2}, "kept": {"names": 2, "colors": 2}}
    assert findings == []

    facts, findings = compare(document_of_two(), replace(whole, names={"Kugel"}, colors={"#FF0000"}))
    assert facts == {"found": {"names": 2, "colors": 2}, "kept": {"names": 1, "colors": 1}}
    assert [(one.code, one.details) for one in findings] == [
        ("names_lost", "Käfig"),
        ("colors_lost", "#FFFF00"),
    ]


def test_report_of_the_sample_says_that_all_names_and_colors_were_kept(sample: ConversionResult) -> None:
    assert sample.report["found"] == sample.report["kept"] == {"names": 26, "colors": 3}


@needs_corpus
@pytest.mark.parametrize(
    "name", ["bearing_names_x2.step", "hinge_creo_ap203.stp", "box_sides_inch_assembly.step"]
)
def test_no_name_and_no_color_of_a_corpus_file_is_lost(name: str, convert: Convert) -> None:
    report = convert(CORPUS / name).report
    assert report["found"] == report["kept"]
    assert report["found"]["names"] > 1
