"""What OpenCASCADE itself says is in a STEP or IGES file; no code of the converter is used here.

It reads with the reader's defaults (full healing), walks the document by itself and measures the exact surfaces.
Runs in the process of ``witness.py`` only. Lengths in mm, areas in mm2.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from OCP.Bnd import Bnd_Box
from OCP.BRep import BRep_Builder
from OCP.BRepBndLib import BRepBndLib
from OCP.BRepGProp import BRepGProp
from OCP.collections import IndexedMap_TopoDS_Shape_TopTools_ShapeMapHasher as Shapes
from OCP.collections import Sequence_TCollection_AsciiString as Texts
from OCP.collections import Sequence_TDF_Label as Labels
from OCP.GProp import GProp_GProps
from OCP.IFSelect import IFSelect_RetDone
from OCP.IGESCAFControl import IGESCAFControl_Reader
from OCP.Quantity import Quantity_ColorRGBA, Quantity_TOC_sRGB
from OCP.STEPCAFControl import STEPCAFControl_Reader
from OCP.TCollection import TCollection_AsciiString, TCollection_ExtendedString
from OCP.TDataStd import TDataStd_Name
from OCP.TDF import TDF_Label, TDF_Tool
from OCP.TDocStd import TDocStd_Document
from OCP.TopAbs import TopAbs_FACE, TopAbs_SOLID
from OCP.TopExp import TopExp
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS_Compound
from OCP.XCAFDoc import (
    XCAFDoc_ColorGen,
    XCAFDoc_ColorSurf,
    XCAFDoc_ColorTool,
    XCAFDoc_DocumentTool,
    XCAFDoc_ShapeTool,
)

MEANINGLESS_PRODUCT = re.compile(
    r"(=>\[[\d:]+\]|Open CASCADE STEP translator [\d. ]+"
    r"|solid|shell|face|compound|compsolid|part|none|assembly|unnamed)?",
    re.I,
)
MEANINGLESS_INSTANCE = re.compile(r"((nauo|next_assembly_usage_occurrence)?[\s\d.:_#-]*)", re.I)


@dataclass
class Shape:
    """A distinct part: its exact box and the names of its bodies."""

    low: list[float]
    high: list[float]
    bodies: list[str]


@dataclass
class Placed:
    """A part where the product shows it: where, under which names, and how much area it shows in which color."""

    shape: int
    name: str
    product: str
    matrix: list[list[float]]
    areas: dict[str, float]


@dataclass
class Facts:
    """Everything a conversion has to keep. Names are "" where the file has none that means something."""

    unit: str
    roots: int
    root: str
    groups: list[str]
    shapes: list[Shape] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)


def facts_of(path: Path) -> dict[str, Any]:
    """Return the facts of a file as JSON values; RuntimeError when OpenCASCADE cannot read it."""
    is_iges = path.suffix.lower() in {".igs", ".iges"}
    reader = IGESCAFControl_Reader() if is_iges else STEPCAFControl_Reader()
    reader.SetColorMode(True)
    reader.SetNameMode(True)
    document = TDocStd_Document(TCollection_ExtendedString("BinXCAF"))
    if reader.ReadFile(str(path)) != IFSelect_RetDone or not reader.Transfer(document):
        raise RuntimeError(f"OpenCASCADE cannot read {path.name}")
    unit = "" if is_iges else _unit(reader)
    return asdict(_Walk(document, unit).facts)


def _unit(reader: STEPCAFControl_Reader) -> str:
    lengths = Texts()
    reader.Reader().FileUnits(lengths, Texts(), Texts())
    return lengths.Value(1).ToCString().lower() if lengths.Length() else ""


class _Walk:
    """Visits every place of every part. Colors, strongest first: of the face, of the outermost painted place, of the
    body, of the part, of the nearest assembly around."""

    def __init__(self, document: TDocStd_Document, unit: str) -> None:
        free = Labels()
        XCAFDoc_DocumentTool.ShapeTool_s(document.Main()).GetFreeShapes(free)
        roots = _list(free)
        self.facts = Facts(unit, len(roots), _name(roots[0]) if len(roots) == 1 else "", [])
        self.numbers: dict[str, int] = {}
        self.areas: dict[tuple[int, str, str], dict[str, float]] = {}
        self.whole = TopoDS_Compound()
        self.builder = BRep_Builder()
        self.builder.MakeCompound(self.whole)
        for root in roots:
            self.visit(root, TopLoc_Location(), "", "")
        self.facts.low, self.facts.high = _exact_box(self.whole)

    def visit(self, label: TDF_Label, around: TopLoc_Location, painted: str, inherited: str) -> bool:
        """Add everything at and below a label; return whether there was something to see."""
        target, where = label, around
        if XCAFDoc_ShapeTool.IsReference_s(label):
            target = TDF_Label()
            XCAFDoc_ShapeTool.GetReferredShape_s(label, target)
            where = around.Multiplied(XCAFDoc_ShapeTool.GetLocation_s(label))
            painted = painted or _color(label)
        if not (XCAFDoc_ColorTool.IsVisible_s(label) and XCAFDoc_ColorTool.IsVisible_s(target)):
            return False
        if XCAFDoc_ShapeTool.IsAssembly_s(target):
            below = Labels()
            XCAFDoc_ShapeTool.GetComponents_s(target, below)
            color = _color(target) or inherited
            seen = [self.visit(one, where, painted, color) for one in _list(below)]
            if any(seen):
                self.facts.groups.append(_name(target))
            return any(seen)
        shape = XCAFDoc_ShapeTool.GetShape_s(target)
        if shape.IsNull() or not _faces(shape).Extent():
            return False
        self.builder.Add(self.whole, shape.Moved(where))
        number = self.number(target, shape)
        key = (number, painted, inherited)
        if key not in self.areas:
            self.areas[key] = _areas(target, shape, painted, inherited)
        instance = _name(label, MEANINGLESS_INSTANCE) if not label.IsEqual(target) else ""
        rows = where.Transformation()
        matrix = [[rows.Value(row, column) for column in (1, 2, 3, 4)] for row in (1, 2, 3)]
        placed = Placed(number, instance, _name(target), [*matrix, [0, 0, 0, 1]], self.areas[key])
        self.facts.placed.append(placed)
        return True

    def number(self, label: TDF_Label, shape: Any) -> int:
        entry = TCollection_AsciiString()
        TDF_Tool.Entry_s(label, entry)
        if entry.ToCString() not in self.numbers:
            self.numbers[entry.ToCString()] = len(self.facts.shapes)
            below = Labels()
            XCAFDoc_ShapeTool.GetSubShapes_s(label, below)
            bodies = [_name(one) for one in _list(below) if _is_body(XCAFDoc_ShapeTool.GetShape_s(one))]
            self.facts.shapes.append(Shape(*_exact_box(shape), sorted(filter(None, bodies))))
        return self.numbers[entry.ToCString()]


def _areas(label: TDF_Label, shape: Any, painted: str, inherited: str) -> dict[str, float]:
    """Return the area of each color ("": none)."""
    below = Labels()
    XCAFDoc_ShapeTool.GetSubShapes_s(label, below)
    all_faces = _faces(shape)
    of_face: dict[int, str] = {}
    of_body: dict[int, str] = {}
    for one in _list(below):
        part, color = XCAFDoc_ShapeTool.GetShape_s(one), _color(one)
        if color and not part.IsNull():
            goal = of_face if part.ShapeType() == TopAbs_FACE else of_body
            painted_faces = _faces(part)
            for position in range(1, painted_faces.Extent() + 1):
                goal[all_faces.FindIndex(painted_faces.FindKey(position))] = color
    rest = _color(label) or inherited
    found: dict[str, float] = defaultdict(float)
    for number in range(1, all_faces.Extent() + 1):
        properties = GProp_GProps()
        BRepGProp.SurfaceProperties_s(all_faces.FindKey(number), properties)
        found[of_face.get(number) or painted or of_body.get(number) or rest] += properties.Mass()
    return dict(found)


def _faces(shape: Any) -> Shapes:
    found = Shapes()
    TopExp.MapShapes_s(shape, TopAbs_FACE, found)
    return found


def _is_body(shape: Any) -> bool:
    return not shape.IsNull() and shape.ShapeType() == TopAbs_SOLID


def _exact_box(shape: Any) -> tuple[list[float], list[float]]:
    box = Bnd_Box()
    BRepBndLib.AddOptimal_s(shape, box, False, False)
    if box.IsVoid():
        return [], []
    low, high = box.CornerMin(), box.CornerMax()
    return [low.X(), low.Y(), low.Z()], [high.X(), high.Y(), high.Z()]


def _list(labels: Labels) -> list[TDF_Label]:
    return [labels.Value(number) for number in range(1, labels.Length() + 1)]


def _name(label: TDF_Label, meaningless: re.Pattern[str] = MEANINGLESS_PRODUCT) -> str:
    if not label.IsAttribute(TDataStd_Name.GetID_s()):
        return ""
    attribute = TDataStd_Name()
    label.FindAttribute(TDataStd_Name.GetID_s(), attribute)
    text = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", attribute.Get().ToExtString()).split())
    return "" if MEANINGLESS_PRODUCT.fullmatch(text) or meaningless.fullmatch(text) else text


def _color(label: TDF_Label) -> str:
    for kind in (XCAFDoc_ColorSurf, XCAFDoc_ColorGen):
        value = Quantity_ColorRGBA()
        if XCAFDoc_ColorTool.GetColor_s(label, kind, value):
            channels = [*value.GetRGB().Values(Quantity_TOC_sRGB)]
            if round(value.Alpha(), 5) < 1.0:
                channels.append(value.Alpha())
            return "#" + "".join(f"{round(255 * round(channel, 5)):02X}" for channel in channels)
    return ""
