"""What is written on the labels of an XCAF document: names, colors, layers, materials, stated properties.

Runs in the child process only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from OCP.collections import Sequence_TDF_Label
from OCP.Quantity import Quantity_ColorRGBA, Quantity_TOC_sRGB
from OCP.TCollection import TCollection_AsciiString
from OCP.TDataStd import TDataStd_Name, TDataStd_TreeNode
from OCP.TDF import TDF_AttributeIterator, TDF_ChildIterator, TDF_Label, TDF_Tool
from OCP.XCAFDoc import (
    XCAFDoc,
    XCAFDoc_Area,
    XCAFDoc_Centroid,
    XCAFDoc_ColorGen,
    XCAFDoc_ColorSurf,
    XCAFDoc_ColorTool,
    XCAFDoc_DocumentTool,
    XCAFDoc_GraphNode,
    XCAFDoc_LayerTool,
    XCAFDoc_Material,
    XCAFDoc_ShapeTool,
    XCAFDoc_Volume,
)

from media_assets.cad.names import clean
from media_assets.cad.product_tree import Color, Matrix, Stated

COLOR_DIGITS = 5
"""The file's six digits come back from the reader's single precision with noise in the eighth."""

DEEPEST_PATH = 100
"""Levels of assemblies that one override of a color may reach through."""


@dataclass(frozen=True)
class PathStyle:
    """What a file says about a part in one place deep in an assembly (STEP: specified higher usage occurrence).

    ``path`` are the labels' entries of the usages that lead there, the outermost first.
    """

    path: tuple[str, ...]
    color: Color | None
    visible: bool


def listed(sequence: Sequence_TDF_Label) -> list[TDF_Label]:
    """Return the labels of a sequence."""
    # Length() of the binding takes a thousand times as long as len().
    return [sequence.Value(number) for number in range(1, len(sequence) + 1)]


def entry_of(label: TDF_Label) -> str:
    """Return the address of a label in its document."""
    text = TCollection_AsciiString()
    TDF_Tool.Entry_s(label, text)
    return str(text.ToCString())


def name_of(label: TDF_Label) -> str:
    """Return the name on a label as it is written; empty when there is none."""
    # Looking for an attribute that is not there crashes the binding, so it is asked for first.
    if not label.IsAttribute(TDataStd_Name.GetID_s()):
        return ""
    attribute = TDataStd_Name()
    label.FindAttribute(TDataStd_Name.GetID_s(), attribute)
    return str(attribute.Get().ToExtString())


def color_of(label: TDF_Label) -> Color | None:
    """Return the surface color set on a label; colors of curves do not count."""
    for kind in (XCAFDoc_ColorSurf, XCAFDoc_ColorGen):
        value = Quantity_ColorRGBA()
        if XCAFDoc_ColorTool.GetColor_s(label, kind, value):
            channels = (*value.GetRGB().Values(Quantity_TOC_sRGB), value.Alpha())
            # A damaged file may say anything, not a number included.
            if all(0.0 <= channel <= 1.0 for channel in channels):
                return Color(*(round(float(channel), COLOR_DIGITS) for channel in channels))
    return None


def placement_of(label: TDF_Label) -> Matrix:
    """Return where a component is placed, in mm."""
    placement = XCAFDoc_ShapeTool.GetLocation_s(label).Transformation()
    rows = [placement.Value(row, column) for row in (1, 2, 3) for column in (1, 2, 3, 4)]
    return (*rows, 0.0, 0.0, 0.0, 1.0)


def material_of(label: TDF_Label) -> str:
    """Return the name of the material that CAD gave to what is on a label; empty when it gave none."""
    for attribute in _attributes(label):
        if isinstance(attribute, TDataStd_TreeNode) and attribute.ID().IsSame(XCAFDoc.MaterialRefGUID_s()):
            father = attribute.Father()
            for found in _attributes(father.Label()) if father else ():
                if isinstance(found, XCAFDoc_Material) and found.GetName():
                    return clean(found.GetName().ToCString())
    return ""


def stated_of(label: TDF_Label) -> Stated | None:
    """Return volume, area and center that the file states for what is on a label; None when it states nothing."""
    volume = area = None
    center: tuple[float, float, float] | None = None
    for attribute in _attributes(label):
        if isinstance(attribute, XCAFDoc_Volume):
            volume = float(attribute.Get())
        elif isinstance(attribute, XCAFDoc_Area):
            area = float(attribute.Get())
        elif isinstance(attribute, XCAFDoc_Centroid):
            point = attribute.Get()
            center = (point.X(), point.Y(), point.Z())
    return Stated(volume, area, center) if volume or area or center else None


def hidden_by_layers(document: Any) -> set[str]:
    """Return the entries of all labels that lie on a layer which is switched off."""
    tool: XCAFDoc_LayerTool = XCAFDoc_DocumentTool.LayerTool_s(document.Main())
    layers, hidden = Sequence_TDF_Label(), set[str]()
    tool.GetLayerLabels(layers)
    for layer in listed(layers):
        if not tool.IsVisible(layer):
            shapes = Sequence_TDF_Label()
            XCAFDoc_LayerTool.GetShapesOfLayer_s(layer, shapes)
            hidden.update(map(entry_of, listed(shapes)))
    return hidden


def path_styles(document: Any) -> dict[str, list[PathStyle]]:
    """Return all styles of parts deep in assemblies, by the entry of the first usage of their path."""
    found: dict[str, list[PathStyle]] = defaultdict(list)
    shapes = Sequence_TDF_Label()
    XCAFDoc_DocumentTool.ShapeTool_s(document.Main()).GetShapes(shapes)
    for assembly in listed(shapes):
        components = Sequence_TDF_Label()
        if XCAFDoc_ShapeTool.IsAssembly_s(assembly):
            XCAFDoc_ShapeTool.GetComponents_s(assembly, components)
        for component in listed(components):
            for style in _path_styles_from(component):
                found[style.path[0]].append(style)
    return dict(found)


def _path_styles_from(component: TDF_Label) -> Iterator[PathStyle]:
    below = TDF_ChildIterator(component)
    while below.More():
        label = below.Value()
        below.Next()
        usage = _usage(label)
        if usage is None or usage.NbFathers():
            continue
        color, visible = color_of(label), XCAFDoc_ColorTool.IsVisible_s(label)
        if color or not visible:
            for path in _paths(usage, ()):
                yield PathStyle(path, color, visible)


def _paths(usage: Any, before: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the ways from a usage down to the parts that it styles, in entries of components."""
    path = (*before, entry_of(usage.Label().Father()))
    if len(path) > DEEPEST_PATH:
        return
    if usage.NbChildren() == 0:
        yield path
    for number in range(1, usage.NbChildren() + 1):
        yield from _paths(usage.GetChild(number), path)


def _usage(label: TDF_Label) -> Any:
    for attribute in _attributes(label):
        if isinstance(attribute, XCAFDoc_GraphNode) and attribute.ID().IsSame(XCAFDoc.SHUORefGUID_s()):
            return attribute
    return None


def _attributes(label: TDF_Label) -> Iterator[Any]:
    found = TDF_AttributeIterator(label)
    while found.More():
        yield found.Value()
        found.Next()
