"""Builds CAD documents with OpenCASCADE and writes them as STEP or IGES, for tests of what files can say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from OCP.BRep import BRep_Builder
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox, BRepPrimAPI_MakeCylinder
from OCP.collections import Sequence_TDF_Label
from OCP.gp import gp_Pnt, gp_Trsf, gp_Vec
from OCP.IGESCAFControl import IGESCAFControl_Writer
from OCP.IGESControl import IGESControl_Controller
from OCP.Interface import Interface_Static
from OCP.Quantity import Quantity_Color, Quantity_TOC_sRGB
from OCP.STEPCAFControl import STEPCAFControl_Writer
from OCP.STEPControl import STEPControl_AsIs
from OCP.TCollection import TCollection_ExtendedString, TCollection_HAsciiString
from OCP.TDataStd import TDataStd_Name
from OCP.TDF import TDF_ChildIterator, TDF_Label
from OCP.TDocStd import TDocStd_Document
from OCP.TopAbs import TopAbs_SOLID
from OCP.TopExp import TopExp_Explorer
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS_Compound
from OCP.XCAFDoc import (
    XCAFDoc_Area,
    XCAFDoc_Centroid,
    XCAFDoc_ColorSurf,
    XCAFDoc_DocumentTool,
    XCAFDoc_GraphNode,
    XCAFDoc_Volume,
)

Rgb = tuple[float, float, float]
GRAY, RED, BLUE, GREEN = (0.5, 0.5, 0.5), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0)


def box(*sides: float, at: Rgb = (0.0, 0.0, 0.0)) -> Any:
    return BRepPrimAPI_MakeBox(gp_Pnt(*at), *sides).Shape()


def cylinder(radius: float, height: float) -> Any:
    return BRepPrimAPI_MakeCylinder(radius, height).Shape()


def compound(*shapes: Any) -> TopoDS_Compound:
    made, builder = TopoDS_Compound(), BRep_Builder()
    builder.MakeCompound(made)
    for shape in shapes:
        builder.Add(made, shape)
    return made


class Document:
    """An XCAF document under construction; labels are its parts, assemblies and places."""

    def __init__(self) -> None:
        self.document = TDocStd_Document(TCollection_ExtendedString("BinXCAF"))
        self.shapes = XCAFDoc_DocumentTool.ShapeTool_s(self.document.Main())
        self.colors = XCAFDoc_DocumentTool.ColorTool_s(self.document.Main())
        self.layers = XCAFDoc_DocumentTool.LayerTool_s(self.document.Main())
        self.materials = XCAFDoc_DocumentTool.MaterialTool_s(self.document.Main())

    def assembly(self, name: str) -> TDF_Label:
        return self.named(self.shapes.AddShape(compound(), True), name)

    def part(self, name: str, shape: Any, color: Rgb | None = None) -> TDF_Label:
        label = self.named(self.shapes.AddShape(shape, False), name)
        return self.painted(label, color) if color else label

    def place(self, assembly: TDF_Label, what: TDF_Label, name: str, x: float = 0.0) -> TDF_Label:
        move = gp_Trsf()
        move.SetTranslation(gp_Vec(x, 0, 0))
        return self.named(self.shapes.AddComponent(assembly, what, TopLoc_Location(move)), name)

    def named(self, label: TDF_Label, name: str) -> TDF_Label:
        TDataStd_Name.Set_s(label, TCollection_ExtendedString(name, True))
        return label

    def painted(self, label: TDF_Label, color: Rgb) -> TDF_Label:
        self.colors.SetColor(label, Quantity_Color(*color, Quantity_TOC_sRGB), XCAFDoc_ColorSurf)
        return label

    def bodies(self, part: TDF_Label, names: list[str], colors: list[Rgb | None]) -> list[TDF_Label]:
        """Give the solids of a part names and colors."""
        found = TopExp_Explorer(self.shapes.GetShape_s(part), TopAbs_SOLID)
        labels = []
        for name, color in zip(names, colors, strict=True):
            label = self.shapes.AddSubShape(part, found.Current())
            if name:
                self.named(label, name)
            labels.append(self.painted(label, color) if color else label)
            found.Next()
        return labels

    def style(self, path: list[TDF_Label]) -> TDF_Label:
        """Return the label that styles the one place at the end of a path of places."""
        self.shapes.UpdateAssemblies()
        labels = Sequence_TDF_Label()
        for place in path:
            labels.Append(place)
        before = set(self._below(path[0]))
        assert self.shapes.SetSHUO(labels, XCAFDoc_GraphNode())
        (tag,) = set(self._below(path[0])) - before
        return path[0].FindChild(tag)

    def _below(self, label: TDF_Label) -> list[int]:
        found, tags = TDF_ChildIterator(label), []
        while found.More():
            tags.append(found.Value().Tag())
            found.Next()
        return tags

    def layer(self, label: TDF_Label, name: str, *, visible: bool) -> None:
        text = TCollection_ExtendedString(name)
        self.layers.SetLayer(label, text)
        self.layers.SetVisibility(self.layers.FindLayer(text), visible)

    def material(self, label: TDF_Label, name: str) -> None:
        words = [TCollection_HAsciiString(text) for text in (name, "", "density", "POSITIVE_RATIO_MEASURE")]
        self.materials.SetMaterial(label, self.materials.AddMaterial(words[0], words[1], 7.85, *words[2:]))

    def states(self, label: TDF_Label, volume: float, area: float, center: Rgb) -> None:
        XCAFDoc_Volume.Set_s(label, volume)
        XCAFDoc_Area.Set_s(label, area)
        XCAFDoc_Centroid.Set_s(label, gp_Pnt(*center))

    def step(self, path: Path, unit: str = "MM") -> Path:
        self.shapes.UpdateAssemblies()
        writer = STEPCAFControl_Writer()
        # Only now are these known by name.
        Interface_Static.SetCVal_s("write.step.unit", unit)
        Interface_Static.SetIVal_s("write.stepcaf.subshapes.name", 1)
        for mode in ("Name", "Color", "Layer", "Props", "Material"):
            getattr(writer, f"Set{mode}Mode")(True)
        writer.SetSHUOMode(True)
        assert writer.Transfer(self.document, STEPControl_AsIs)
        writer.Write(str(path))
        Interface_Static.SetCVal_s("write.step.unit", "MM")
        return path

    def iges(self, path: Path, unit: str = "MM") -> Path:
        self.shapes.UpdateAssemblies()
        IGESControl_Controller.Init_s()
        Interface_Static.SetCVal_s("write.iges.unit", unit)
        writer = IGESCAFControl_Writer()
        writer.SetNameMode(True)
        writer.SetColorMode(True)
        assert writer.Transfer(self.document)
        assert writer.Write(str(path))
        Interface_Static.SetCVal_s("write.iges.unit", "MM")
        return path
