"""CAD files whose conversion is measured: `python -m tests.benchmarks.cad_sources FOLDER NAME...`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut
from OCP.BRepBuilderAPI import (
    BRepBuilderAPI_MakeEdge,
    BRepBuilderAPI_MakeFace,
    BRepBuilderAPI_MakePolygon,
    BRepBuilderAPI_MakeWire,
)
from OCP.BRepFilletAPI import BRepFilletAPI_MakeFillet
from OCP.BRepPrimAPI import (
    BRepPrimAPI_MakeBox,
    BRepPrimAPI_MakeCylinder,
    BRepPrimAPI_MakePrism,
    BRepPrimAPI_MakeTorus,
)
from OCP.gp import gp_Ax2, gp_Circ, gp_Dir, gp_Pln, gp_Pnt, gp_Trsf, gp_Vec
from OCP.STEPCAFControl import STEPCAFControl_Writer
from OCP.TCollection import TCollection_ExtendedString
from OCP.TDataStd import TDataStd_Name
from OCP.TDocStd import TDocStd_Document
from OCP.TopAbs import TopAbs_EDGE
from OCP.TopExp import TopExp_Explorer
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS
from OCP.XCAFDoc import XCAFDoc_DocumentTool

from tests.paths import SAMPLE

PITCH = 12.0  # mm between neighbors
HOLES = 30  # in each of two directions
FLAT = 2000
MODULES, IN_MODULE = 100, 200
PARTS = 500
COPIES_BYTES = 180_000_000


def write_flat(path: Path) -> None:
    """Write an assembly that places a pin, a ring and a plate 2,000 times in all, each directly in the root."""
    document, shapes, parts = _with_parts()
    root = named(shapes.NewShape(), "Maschine")
    for number in range(FLAT):
        where = _at(number % 45 * PITCH, number // 45 * PITCH)
        named(shapes.AddComponent(root, parts[number % len(parts)], where), f"Ort {number:05}")
    shapes.UpdateAssemblies()
    save(document, path)


def write_nested(path: Path) -> None:
    """Write 100 places of an assembly of 200 parts: 20,000 instances, as machines of equal modules have them."""
    document, shapes, parts = _with_parts()
    root, module = named(shapes.NewShape(), "Maschine"), named(shapes.NewShape(), "Modul")
    for number in range(IN_MODULE):
        where = _at(number * PITCH, 0.0)
        named(shapes.AddComponent(module, parts[number % len(parts)], where), f"Ort {number:03}")
    for number in range(MODULES):
        named(shapes.AddComponent(root, module, _at(0.0, number * PITCH)), f"Reihe {number:03}")
    shapes.UpdateAssemblies()
    save(document, path)


def _with_parts() -> tuple[Any, Any, list[Any]]:
    """Return a document, its shape tool, and the labels of a pin, a ring and a plate in it."""
    document = TDocStd_Document(TCollection_ExtendedString("BinXCAF"))
    shapes = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    pin, ring = BRepPrimAPI_MakeCylinder(2.0, 9.0).Shape(), BRepPrimAPI_MakeTorus(4.0, 1.0).Shape()
    parts = {"Stift": pin, "Ring": ring, "Platte": BRepPrimAPI_MakeBox(8.0, 8.0, 2.0).Shape()}
    return document, shapes, [named(shapes.AddShape(shape, False), name) for name, shape in parts.items()]


def _at(x: float, y: float) -> TopLoc_Location:
    move = gp_Trsf()
    move.SetTranslation(gp_Vec(x, y, 0.0))
    return TopLoc_Location(move)


def write_plate(path: Path) -> None:
    """Write one plate with 900 round holes, as a perforated sheet or a circuit board has them."""
    # Drawn and extruded: to cut 900 holes out of a box takes OpenCASCADE more than a minute.
    side = 5.0 * (HOLES + 1)
    outline = BRepBuilderAPI_MakePolygon()
    for x, y in ((0.0, 0.0), (side, 0.0), (side, side), (0.0, side)):
        outline.Add(gp_Pnt(x, y, 0.0))
    outline.Close()
    face = BRepBuilderAPI_MakeFace(gp_Pln(gp_Pnt(0.0, 0.0, 0.0), gp_Dir(0.0, 0.0, 1.0)), outline.Wire())
    for number in range(HOLES * HOLES):
        center = gp_Pnt(5.0 + number % HOLES * 5.0, 5.0 + number // HOLES * 5.0, 0.0)
        circle = gp_Circ(gp_Ax2(center, gp_Dir(0.0, 0.0, -1.0)), 1.5)
        face.Add(BRepBuilderAPI_MakeWire(BRepBuilderAPI_MakeEdge(circle).Edge()).Wire())
    plate = BRepPrimAPI_MakePrism(face.Face(), gp_Vec(0.0, 0.0, 2.0)).Shape()
    document = TDocStd_Document(TCollection_ExtendedString("BinXCAF"))
    shapes = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    named(shapes.AddShape(plate, False), "Lochblech")
    save(document, path)


def write_crowd(path: Path, count: int) -> None:
    """Write an assembly that places one pin many times: OpenCASCADE's writer takes minutes for 100,000."""
    document = TDocStd_Document(TCollection_ExtendedString("BinXCAF"))
    shapes = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    pin = named(shapes.AddShape(BRepPrimAPI_MakeCylinder(2.0, 9.0).Shape(), False), "Stift")
    root = named(shapes.NewShape(), "Maschine")
    named(shapes.AddComponent(root, pin, _at(0.0, 0.0)), "Ort")
    shapes.UpdateAssemblies()
    save(document, path)
    text = path.read_text()

    def found(pattern: str) -> re.Match[str]:
        match = re.search(pattern, text)
        assert match, pattern
        return match

    axes = found(r" = SHAPE_REPRESENTATION\(''\s*,\s*\(#\d+,\s*#\d+")
    part, whole = found(r"REPRESENTATION_RELATIONSHIP\(''\s*,\s*'',\s*#(\d+),\s*#(\d+)").groups()
    origin = found(r"ITEM_DEFINED_TRANSFORMATION\(''\s*,\s*'',\s*#(\d+)")[1]
    assembly, product = found(r"NEXT_ASSEMBLY_USAGE_OCCURRENCE\([^#]*#(\d+),\s*#(\d+)").groups()
    first = max(map(int, re.findall(r"#(\d+) =", text))) + 1
    statements, items = [], []
    for number in range(1, count):
        point, axis, by, related, shape, place, shown = range(first, first + 7)
        first += 7
        items.append(f",\n#{axis}")
        statements.append(
            f"#{point}=CARTESIAN_POINT('',({number % 200 * PITCH},{number // 200 * PITCH},0.));\n"
            f"#{axis}=AXIS2_PLACEMENT_3D('',#{point},$,$);\n"
            f"#{by}=ITEM_DEFINED_TRANSFORMATION('','',#{origin},#{axis});\n"
            f"#{related}=(REPRESENTATION_RELATIONSHIP('','',#{part},#{whole})"
            f"REPRESENTATION_RELATIONSHIP_WITH_TRANSFORMATION(#{by})SHAPE_REPRESENTATION_RELATIONSHIP());\n"
            f"#{place}=NEXT_ASSEMBLY_USAGE_OCCURRENCE('{number}','Ort {number}','',#{assembly},#{product},$);\n"
            f"#{shape}=PRODUCT_DEFINITION_SHAPE('','',#{place});\n"
            f"#{shown}=CONTEXT_DEPENDENT_SHAPE_REPRESENTATION(#{related},#{shape});\n"
        )
    end = text.rindex("ENDSEC;")
    at = axes.end()
    path.write_text("".join([text[:at], *items, text[at:end], *statements, text[end:]]))


def write_copies(path: Path) -> None:
    """Write 180 MB of sample bearings, each with geometry of its own."""
    text = SAMPLE.read_bytes()
    begin, end = text.index(b"DATA;") + 5, text.rindex(b"ENDSEC;")
    body = text[begin:end]
    step = max(map(int, re.findall(rb"#(\d+)", body))) + 1
    with path.open("wb") as out:
        out.write(text[:begin])
        for number in range(COPIES_BYTES // len(body)):
            shift = number * step
            out.write(re.sub(rb"#(\d+)", lambda found, shift=shift: b"#%d" % (int(found[1]) + shift), body))  # type: ignore[misc]
        out.write(text[end:])


def write_parts(path: Path, *, revised: bool) -> None:
    """Write 500 distinct parts (drilled plates with fillets, grooved sleeves, pins); revised, one more among them."""
    document = TDocStd_Document(TCollection_ExtendedString("BinXCAF"))
    shapes = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    root = named(shapes.NewShape(), "Maschine")
    numbers = list(range(PARTS))
    if revised:
        numbers.insert(PARTS // 3, PARTS)
    for number in numbers:
        part = named(shapes.AddShape(_distinct(number), False), f"Teil {number}")
        at = number if number < PARTS else PARTS // 2
        where = _at(at % 22 * 50.0, at // 22 * 50.0 + (9.0 if number == PARTS else 0.0))
        named(shapes.AddComponent(root, part, where), f"Ort {number}")
    shapes.UpdateAssemblies()
    save(document, path)


def _distinct(number: int) -> Any:
    height = 3.0 + number % 11 * 0.3
    up = gp_Dir(0.0, 0.0, 1.0)
    if number % 3 == 0:
        plate = BRepPrimAPI_MakeBox(20 + number * 7 % 31 * 0.37, 14 + number * 5 % 23 * 0.41, height).Shape()
        shape = _rounded(plate, 0.5 + number * 0.0005)
        for hole in range(4):
            at = gp_Ax2(gp_Pnt(3 + hole * 4.0, 5, -1), up)
            shape = _cut(shape, BRepPrimAPI_MakeCylinder(at, 1 + number % 5 * 0.05, height + 2).Shape())
        return shape
    if number % 3 == 1:
        sleeve = BRepPrimAPI_MakeCylinder(4 + number * 0.01, height * 3).Shape()
        sleeve = _cut(sleeve, BRepPrimAPI_MakeCylinder(2 + number * 0.005, height * 3).Shape())
        return _cut(sleeve, BRepPrimAPI_MakeTorus(4 + number * 0.01, 0.8).Shape())
    pin = BRepPrimAPI_MakeCylinder(3 + number * 0.01, height * 4).Shape()
    slot = BRepPrimAPI_MakeBox(gp_Pnt(-1 - number * 0.002, -9, height * 3), 2.2, 18, height * 4).Shape()
    return _cut(pin, slot)


def _cut(shape: Any, tool: Any) -> Any:
    return BRepAlgoAPI_Cut(shape, tool).Shape()


def _rounded(shape: Any, radius: float) -> Any:
    fillet = BRepFilletAPI_MakeFillet(shape)
    found = TopExp_Explorer(shape, TopAbs_EDGE)
    for _ in range(8):
        fillet.Add(radius, TopoDS.Edge(found.Current()))
        found.Next()
    return fillet.Shape()


def named(label: Any, name: str) -> Any:
    TDataStd_Name.Set_s(label, TCollection_ExtendedString(name, True))
    return label


def save(document: Any, path: Path) -> None:
    writer = STEPCAFControl_Writer()
    writer.SetNameMode(True)
    writer.Transfer(document)
    writer.Write(str(path))


WRITERS: dict[str, Callable[[Path], None]] = {
    "instances_2000_flat": write_flat,
    "instances_20000_nested": write_nested,
    "plate_900_holes": write_plate,
    "crowd_20000": partial(write_crowd, count=20_000),
    "crowd_100000": partial(write_crowd, count=100_000),
    "bearings_180_mb": write_copies,
    "assembly_500": partial(write_parts, revised=False),
    "assembly_500_revised": partial(write_parts, revised=True),
}

if __name__ == "__main__":
    target = Path(sys.argv[1])
    for wanted in sys.argv[2:]:
        WRITERS[wanted](target / f"{wanted}.step")
