"""Turns an XCAF document into a plain product tree. Runs in the child process only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from OCP.collections import IndexedMap_TopoDS_Shape_TopTools_ShapeMapHasher as ShapeMap
from OCP.collections import Sequence_TDF_Label
from OCP.Quantity import Quantity_ColorRGBA, Quantity_TOC_sRGB
from OCP.TCollection import TCollection_AsciiString
from OCP.TDataStd import TDataStd_Name
from OCP.TDF import TDF_Label, TDF_Tool
from OCP.TopAbs import TopAbs_FACE, TopAbs_SOLID
from OCP.TopExp import TopExp
from OCP.XCAFDoc import (
    XCAFDoc_ColorGen,
    XCAFDoc_ColorSurf,
    XCAFDoc_ColorTool,
    XCAFDoc_DocumentTool,
    XCAFDoc_ShapeTool,
)

from media_assets.cad.errors import CadError
from media_assets.cad.names import clean, instance_name, product_name
from media_assets.cad.product_tree import IDENTITY, Color, Look, Matrix, Node, Part, Product, unique_key

COLOR_DIGITS = 5
"""The file's six digits come back from the reader's single precision with noise in the eighth."""


def shape_map(shape: Any, kind: Any) -> ShapeMap:
    """Return the distinct sub-shapes of a kind, numbered from 1."""
    found = ShapeMap()
    TopExp.MapShapes_s(shape, kind, found)
    return found


@dataclass(frozen=True)
class Place:
    """Where a label is met: the part key around it, names used there (None: it is the root), and inherited colours."""

    key: str
    taken: set[str] | None
    product: str
    override: Color | None = None
    fallback: Color | None = None


class TreeBuilder:
    """Walks the labels of one document once. Colours, strongest first: a face's own, the placed instance's (the
    outermost wins), the solid's, the part's, and last that of an assembly around it.
    """

    def __init__(self, document: Any, name: str, max_instances: int) -> None:
        self.document = document
        self.name = name
        self.max_instances = max_instances
        self.parts: list[Part] = []
        self.looks: list[Look] = []
        self._part_numbers: dict[str, int] = {}
        self._look_numbers: dict[tuple[int, Color | None, Color | None], int | None] = {}
        self._distinct_looks: dict[Look, int] = {}
        self._assemblies: set[str] = set()
        self.placed = 0
        self.hidden = 0

    def build(self) -> Product:
        """Return the product. Raises CadError too_many_instances or no_usable_geometry."""
        found = Sequence_TDF_Label()
        XCAFDoc_DocumentTool.ShapeTool_s(self.document.Main()).GetFreeShapes(found)
        roots = _labels(found)
        name = clean(self.name) or "Product"
        if len(roots) == 1:
            root = self._visit(roots[0], Place("/", None, name))
        else:
            around = Place("/", set(), name)
            placed = [self._visit(label, around) for label in roots]
            root = Node(name=name, product=name, key="/", children=[node for node in placed if node])
        return Product(
            root=root or Node(name=name, product=name, key="/"),
            parts=self.parts,
            looks=self.looks,
            assemblies=len(self._assemblies),
            free_roots=len(roots),
            hidden=self.hidden,
        )

    def _visit(self, label: TDF_Label, place: Place) -> Node | None:
        """Return the node of a label with everything below it, or None when there is nothing to see in it."""
        target, matrix, override = label, IDENTITY, place.override
        if XCAFDoc_ShapeTool.IsReference_s(label):
            target = TDF_Label()
            XCAFDoc_ShapeTool.GetReferredShape_s(label, target)
            matrix = _matrix(XCAFDoc_ShapeTool.GetLocation_s(label).Transformation())
            override = override or _color(label)
        if not (XCAFDoc_ColorTool.IsVisible_s(label) and XCAFDoc_ColorTool.IsVisible_s(target)):
            self.hidden += 1
            return None
        product = product_name(_name(target), instance_name(_name(label), ""), place.product)
        name = product if label.IsEqual(target) else instance_name(_name(label), product)
        key = place.key if place.taken is None else unique_key(place.key, name, place.taken)
        node = Node(name=name, product=product, key=key, matrix=matrix)
        if XCAFDoc_ShapeTool.IsAssembly_s(target):
            self._assemblies.add(_entry(target))
            components = Sequence_TDF_Label()
            XCAFDoc_ShapeTool.GetComponents_s(target, components)
            below = Place(key, set(), product, override, _color(target) or place.fallback)
            for child_label in _labels(components):
                child = self._visit(child_label, below)
                if child:
                    node.children.append(child)
            return node if node.children else None
        node.look = self._look(target, product, override, place.fallback)
        if node.look is None:
            return None
        self.placed += 1
        if self.placed > self.max_instances:
            raise CadError(
                "too_many_instances",
                f"The file places more than {self.max_instances:,} parts, which is the limit. "
                "Export it without its smallest repeated parts, or ask for a higher limit.",
            )
        return node

    def _look(
        self, label: TDF_Label, product: str, override: Color | None, fallback: Color | None
    ) -> int | None:
        """Return the number of the part's look in these colours; None for a part without faces."""
        number = self._part(label, product)
        wanted = (number, override, fallback)
        if wanted not in self._look_numbers:
            part = self.parts[number]
            rest = part.color or fallback
            colors = tuple(
                part.face_colors.get(face) or override or part.body_colors.get(face) or rest
                for face in range(part.faces)
            )
            look = Look(number, colors)
            if not colors:
                self._look_numbers[wanted] = None
            else:
                if look not in self._distinct_looks:
                    self._distinct_looks[look] = len(self.looks)
                    self.looks.append(look)
                self._look_numbers[wanted] = self._distinct_looks[look]
        return self._look_numbers[wanted]

    def _part(self, label: TDF_Label, product: str) -> int:
        entry = _entry(label)
        if entry not in self._part_numbers:
            shape = XCAFDoc_ShapeTool.GetShape_s(label)
            faces = ShapeMap() if shape.IsNull() else shape_map(shape, TopAbs_FACE)
            part = Part(
                name=product,
                shape=shape,
                faces=faces.Extent(),
                solids=0 if shape.IsNull() else shape_map(shape, TopAbs_SOLID).Extent(),
                color=_color(label),
            )
            _collect_colors(label, faces, part)
            self._part_numbers[entry] = len(self.parts)
            self.parts.append(part)
        return self._part_numbers[entry]


def _collect_colors(label: TDF_Label, faces: ShapeMap, part: Part) -> None:
    """Fill in the colours set on solids and faces of a part."""
    found = Sequence_TDF_Label()
    XCAFDoc_ShapeTool.GetSubShapes_s(label, found)
    for sub_label in _labels(found):
        color = _color(sub_label)
        shape = XCAFDoc_ShapeTool.GetShape_s(sub_label)
        if color is None or shape.IsNull():
            continue
        if shape.ShapeType() == TopAbs_FACE:
            number = faces.FindIndex(shape)
            if number:
                part.face_colors[number - 1] = color
            continue
        inside = shape_map(shape, TopAbs_FACE)
        for position in range(1, inside.Extent() + 1):
            number = faces.FindIndex(inside.FindKey(position))
            if number:
                part.body_colors[number - 1] = color


def _labels(sequence: Sequence_TDF_Label) -> list[TDF_Label]:
    return [sequence.Value(number) for number in range(1, sequence.Length() + 1)]


def _entry(label: TDF_Label) -> str:
    text = TCollection_AsciiString()
    TDF_Tool.Entry_s(label, text)
    return str(text.ToCString())


def _name(label: TDF_Label) -> str:
    # Looking for an attribute that is not there crashes the binding, so it is asked for first.
    if not label.IsAttribute(TDataStd_Name.GetID_s()):
        return ""
    attribute = TDataStd_Name()
    label.FindAttribute(TDataStd_Name.GetID_s(), attribute)
    return str(attribute.Get().ToExtString())


def _color(label: TDF_Label) -> Color | None:
    """Return the surface colour set on a label; colours of curves do not count."""
    for kind in (XCAFDoc_ColorSurf, XCAFDoc_ColorGen):
        value = Quantity_ColorRGBA()
        if XCAFDoc_ColorTool.GetColor_s(label, kind, value):
            red, green, blue = value.GetRGB().Values(Quantity_TOC_sRGB)
            return Color(
                *(round(float(channel), COLOR_DIGITS) for channel in (red, green, blue, value.Alpha()))
            )
    return None


def _matrix(placement: Any) -> Matrix:
    rows = [placement.Value(row, column) for row in (1, 2, 3) for column in (1, 2, 3, 4)]
    return (*rows, 0.0, 0.0, 0.0, 1.0)
