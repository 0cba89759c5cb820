"""The bodies of a part: one shape for each solid that has a name of its own. Runs in the child process only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from OCP.BRep import BRep_Builder
from OCP.collections import IndexedMap_TopoDS_Shape_TopTools_ShapeMapHasher as ShapeMap
from OCP.collections import Sequence_TDF_Label
from OCP.TDF import TDF_Label
from OCP.TopAbs import TopAbs_FACE, TopAbs_SOLID
from OCP.TopExp import TopExp, TopExp_Explorer
from OCP.TopoDS import TopoDS_Compound
from OCP.XCAFDoc import XCAFDoc_ColorTool, XCAFDoc_ShapeTool

from media_assets.cad.labels import color_of, entry_of, listed, material_of, name_of
from media_assets.cad.names import body_name
from media_assets.cad.product_tree import Part


@dataclass(frozen=True)
class Body:
    """A part of a part: its name (empty: it is the whole part, or all that has no name) and its shape."""

    name: str
    shape: Any
    material: str


def shape_map(shape: Any, kind: Any) -> ShapeMap:
    """Return the distinct sub-shapes of a kind, numbered from 1."""
    found = ShapeMap()
    TopExp.MapShapes_s(shape, kind, found)
    return found


def bodies_of(label: TDF_Label, product: str, hidden: set[str]) -> tuple[list[Body], int]:
    """Return the bodies of the part on a label, and how many of its solids are switched off and left out.

    It is one body, the whole, unless solids have names or some are left out; none when nothing is visible.
    ``hidden`` are the entries of labels on layers that are switched off.
    """
    shape, material = XCAFDoc_ShapeTool.GetShape_s(label), _material(label)
    whole = [Body("", shape, material)]
    solids = ShapeMap() if shape.IsNull() else shape_map(shape, TopAbs_SOLID)
    if solids.Extent() < 2:
        return whole, 0
    named: dict[int, Body] = {}
    unseen: set[int] = set()
    for sub_label in _sub_labels(label):
        solid = XCAFDoc_ShapeTool.GetShape_s(sub_label)
        number = 0 if solid.IsNull() or solid.ShapeType() != TopAbs_SOLID else solids.FindIndex(solid)
        if not number:
            continue
        if not XCAFDoc_ColorTool.IsVisible_s(sub_label) or entry_of(sub_label) in hidden:
            unseen.add(number)
        name = body_name(name_of(sub_label))
        if name and name != product:
            named[number] = Body(name, solids.FindKey(number), material)
    if not named and not unseen:
        return whole, 0
    visible = [named[number] for number in sorted(named) if number not in unseen]
    rest = _rest(shape, solids, {*named, *unseen})
    return [*visible, Body("", rest, material)] if rest else visible, len(unseen)


def collect_colors(label: TDF_Label, faces: ShapeMap, part: Part) -> None:
    """Fill in the colors set on solids and faces of a part; ``faces`` are those of the part or of a body of it."""
    for sub_label in _sub_labels(label):
        color = color_of(sub_label)
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


def _rest(shape: Any, solids: ShapeMap, taken: set[int]) -> Any:
    """Return what is left of a shape without some of its solids, or None when no face is."""
    left = [solids.FindKey(number) for number in range(1, solids.Extent() + 1) if number not in taken]
    loose = TopExp_Explorer(shape, TopAbs_FACE, TopAbs_SOLID)
    while loose.More():
        left.append(loose.Current())
        loose.Next()
    if not left:
        return None
    compound, builder = TopoDS_Compound(), BRep_Builder()
    builder.MakeCompound(compound)
    for one in left:
        builder.Add(compound, one)
    return compound


def _material(label: TDF_Label) -> str:
    """Return the material of a part; the reader notes that of a part of several solids at the first one alone."""
    said = {material_of(one) for one in _sub_labels(label)} - {""}
    return material_of(label) or (said.pop() if len(said) == 1 else "")


def _sub_labels(label: TDF_Label) -> list[TDF_Label]:
    found = Sequence_TDF_Label()
    XCAFDoc_ShapeTool.GetSubShapes_s(label, found)
    return listed(found)
