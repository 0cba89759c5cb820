"""Writes an assembly that is described as JSON as STEP, IGES or BREP. Runs in the process of ``witness.py`` only.

::

    {"schema": "AP214IS", "unit": "MM",
     "parts": [{"name", "kind", "size": [x, y, z], "color": [r, g, b, a] or null, "faces": {"0": [r, g, b, a]}}],
     "assemblies": [{"name", "children": [{"part" or "assembly": number, "name", "color", "move", "axis", "angle"}]}]}

An assembly places parts and earlier assemblies; the last one is the product. Sizes are in mm, angles in radians.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from OCP.BRep import BRep_Builder
from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut
from OCP.BRepPrimAPI import (
    BRepPrimAPI_MakeBox,
    BRepPrimAPI_MakeCone,
    BRepPrimAPI_MakeCylinder,
    BRepPrimAPI_MakeSphere,
)
from OCP.BRepTools import BRepTools
from OCP.gp import gp_Ax1, gp_Dir, gp_Pnt, gp_Trsf, gp_Vec
from OCP.IGESCAFControl import IGESCAFControl_Writer
from OCP.Interface import Interface_Static
from OCP.Quantity import Quantity_Color, Quantity_ColorRGBA, Quantity_TOC_sRGB
from OCP.STEPCAFControl import STEPCAFControl_Writer
from OCP.STEPControl import STEPControl_AsIs
from OCP.TCollection import TCollection_ExtendedString
from OCP.TDataStd import TDataStd_Name
from OCP.TDF import TDF_Label
from OCP.TDocStd import TDocStd_Document
from OCP.TopAbs import TopAbs_FACE, TopAbs_SOLID
from OCP.TopExp import TopExp_Explorer
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS_Compound
from OCP.XCAFDoc import XCAFDoc_ColorSurf, XCAFDoc_DocumentTool


def write_assembly(described: dict[str, Any], path: Path) -> None:
    """Write the file in the format of its suffix; RuntimeError when OpenCASCADE cannot."""
    document = TDocStd_Document(TCollection_ExtendedString("BinXCAF"))
    shapes = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    colors = XCAFDoc_DocumentTool.ColorTool_s(document.Main())
    parts = [_part(shapes, colors, one) for one in described["parts"]]
    assemblies: list[TDF_Label] = []
    for one in described["assemblies"]:
        compound = TopoDS_Compound()
        BRep_Builder().MakeCompound(compound)
        assembly = shapes.AddShape(compound, True)
        _rename(assembly, one["name"])
        for child in one["children"]:
            target = parts[child["part"]] if "part" in child else assemblies[child["assembly"]]
            placed = shapes.AddComponent(assembly, target, _location(child))
            _rename(placed, child["name"])
            _paint(colors, placed, child["color"])
        assemblies.append(assembly)
    shapes.UpdateAssemblies()
    if path.suffix == ".step":
        _write_step(document, described, path)
    elif path.suffix == ".igs":
        _done(IGESCAFControl_Writer().Perform(document, str(path)))
    else:
        _done(BRepTools.Write_s(shapes.GetOneShape(), str(path)))


def _write_step(document: TDocStd_Document, described: dict[str, Any], path: Path) -> None:
    # The parameters exist from the first writer on.
    writer = STEPCAFControl_Writer()
    for name in ("schema", "unit"):
        _done(Interface_Static.SetCVal_s(f"write.step.{name}", described[name]))
    writer.SetColorMode(True)
    writer.SetNameMode(True)
    _done(writer.Transfer(document, STEPControl_AsIs))
    writer.Write(str(path))


def _done(is_done: bool) -> None:
    if not is_done:
        raise RuntimeError("OpenCASCADE cannot write this assembly")


def _part(shapes: Any, colors: Any, described: dict[str, Any]) -> TDF_Label:
    shape = _solid(described["kind"], *described["size"])
    label = shapes.AddShape(shape, False)
    _rename(label, described["name"])
    _paint(colors, label, described["color"])
    explorer = TopExp_Explorer(shape, TopAbs_FACE)
    number = 0
    while explorer.More():
        color = described["faces"].get(str(number))
        if color:
            _paint(colors, shapes.AddSubShape(label, explorer.Current()), color)
        explorer.Next()
        number += 1
    return label


def _solid(kind: str, x: float, y: float, z: float) -> Any:
    if kind == "box":
        return BRepPrimAPI_MakeBox(x, y, z).Shape()
    if kind == "cylinder":
        return BRepPrimAPI_MakeCylinder(x, z).Shape()
    if kind == "cone":
        return BRepPrimAPI_MakeCone(x, x / 3, z).Shape()
    if kind == "sphere":
        return BRepPrimAPI_MakeSphere(x).Shape()
    hole = BRepPrimAPI_MakeCylinder(min(x, y) / 3, z).Shape()
    cut = BRepAlgoAPI_Cut(BRepPrimAPI_MakeBox(x, y, z).Shape(), hole).Shape()
    # The cut comes as a compound, for whose instances OpenCASCADE's writer writes no color.
    return TopExp_Explorer(cut, TopAbs_SOLID).Current()


def _location(described: dict[str, Any]) -> TopLoc_Location:
    turned, moved = gp_Trsf(), gp_Trsf()
    if described["angle"]:
        around = gp_Dir(*described["axis"]) if any(described["axis"]) else gp_Dir(0, 0, 1)
        turned.SetRotation(gp_Ax1(gp_Pnt(0, 0, 0), around), math.fmod(described["angle"], 2 * math.pi))
    moved.SetTranslation(gp_Vec(*described["move"]))
    return TopLoc_Location(moved.Multiplied(turned))


def _rename(label: TDF_Label, name: str) -> None:
    TDataStd_Name.Set_s(label, TCollection_ExtendedString(name, True))


def _paint(colors: Any, label: TDF_Label, color: list[float] | None) -> None:
    if color:
        red, green, blue, alpha = color
        value = Quantity_ColorRGBA(Quantity_Color(red, green, blue, Quantity_TOC_sRGB), alpha)
        colors.SetColor(label, value, XCAFDoc_ColorSurf)
