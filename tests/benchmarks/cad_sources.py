"""CAD files whose conversion is measured: `python -m tests.benchmarks.cad_sources FOLDER NAME...`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from OCP.BRepBuilderAPI import (
    BRepBuilderAPI_MakeEdge,
    BRepBuilderAPI_MakeFace,
    BRepBuilderAPI_MakePolygon,
    BRepBuilderAPI_MakeWire,
)
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
from OCP.TopLoc import TopLoc_Location
from OCP.XCAFDoc import XCAFDoc_DocumentTool

PITCH = 12.0  # mm between neighbors
HOLES = 30  # in each of two directions
FLAT = 2000
MODULES, IN_MODULE = 100, 200


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
}

if __name__ == "__main__":
    target = Path(sys.argv[1])
    for wanted in sys.argv[2:]:
        WRITERS[wanted](target / f"{wanted}.step")
