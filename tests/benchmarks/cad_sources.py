"""CAD files whose conversion is measured: `python -m tests.benchmarks.cad_sources FOLDER` writes them as STEP."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

from OCP.BRep import BRep_Builder
from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox, BRepPrimAPI_MakeCylinder, BRepPrimAPI_MakeTorus
from OCP.gp import gp_Ax2, gp_Dir, gp_Pnt, gp_Trsf, gp_Vec
from OCP.STEPCAFControl import STEPCAFControl_Writer
from OCP.TCollection import TCollection_ExtendedString
from OCP.TDataStd import TDataStd_Name
from OCP.TDocStd import TDocStd_Document
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS_Compound
from OCP.XCAFDoc import XCAFDoc_DocumentTool

PITCH = 12.0  # mm between neighbours
HOLES = 30  # in each of two directions


def write_assembly(path: Path, instances: int) -> None:
    """Write an assembly that places a pin, a ring and a plate *instances* times in all."""
    document = TDocStd_Document(TCollection_ExtendedString("BinXCAF"))
    shapes = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    pin, ring = BRepPrimAPI_MakeCylinder(2.0, 9.0).Shape(), BRepPrimAPI_MakeTorus(4.0, 1.0).Shape()
    parts = {"Stift": pin, "Ring": ring, "Platte": BRepPrimAPI_MakeBox(8.0, 8.0, 2.0).Shape()}
    labels = [named(shapes.AddShape(shape, False), name) for name, shape in parts.items()]
    root = named(shapes.NewShape(), "Maschine")
    side = math.ceil(math.sqrt(instances))
    for number in range(instances):
        move = gp_Trsf()
        move.SetTranslation(gp_Vec(number % side * PITCH, number // side * PITCH, 0.0))
        placed = shapes.AddComponent(root, labels[number % len(labels)], TopLoc_Location(move))
        named(placed, f"Ort {number:05}")
    shapes.UpdateAssemblies()
    save(document, path)


def write_plate(path: Path) -> None:
    """Write one plate with 900 round holes, as a perforated sheet or a circuit board has them."""
    document = TDocStd_Document(TCollection_ExtendedString("BinXCAF"))
    shapes = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    drills, builder = TopoDS_Compound(), BRep_Builder()
    builder.MakeCompound(drills)
    for row in range(HOLES):
        for column in range(HOLES):
            at = gp_Ax2(gp_Pnt(5.0 + row * 5.0, 5.0 + column * 5.0, -1.0), gp_Dir(0.0, 0.0, 1.0))
            builder.Add(drills, BRepPrimAPI_MakeCylinder(at, 1.5, 4.0).Shape())
    side = 5.0 * (HOLES + 1)
    plate = BRepAlgoAPI_Cut(BRepPrimAPI_MakeBox(side, side, 2.0).Shape(), drills).Shape()
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


if __name__ == "__main__":
    target = Path(sys.argv[1])
    write_assembly(target / "instances_2000.step", 2000)
    write_assembly(target / "instances_20000.step", 20_000)
    write_plate(target / "plate_900_holes.step")
