"""The bodies of a part: one shape for each solid that has a name of its own. Runs in the child process only."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from OCP.BinTools import BinTools, BinTools_FormatVersion
from OCP.BRep import BRep_Builder
from OCP.collections import IndexedMap_TopoDS_Shape_TopTools_ShapeMapHasher as ShapeMap
from OCP.collections import Sequence_TDF_Label
from OCP.TDF import TDF_Label
from OCP.TopAbs import TopAbs_FACE, TopAbs_SHELL, TopAbs_SOLID
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


def digest_of(shape: Any) -> bytes:
    """Return the SHA-256 of a shape, with the triangles that the file gives it.

    Call it before anything is meshed: that leaves marks in a shape which stay when its triangles are gone.
    """
    written = io.BytesIO()
    BinTools.Write_s(shape, written, True, True, BinTools_FormatVersion.BinTools_FormatVersion_CURRENT)
    return hashlib.sha256(written.getbuffer()).digest()


def bodies_of(label: TDF_Label, product: str, hidden: set[str]) -> tuple[list[Body], list[str]]:
    """Return the bodies of the part on a label, and words for what of it is switched off and left out.

    It is one body, the whole, unless solids have names or something is left out; none when nothing is visible.
    ``hidden`` are the entries of labels on layers that are switched off.
    """
    shape, material = XCAFDoc_ShapeTool.GetShape_s(label), _material(label)
    whole = [Body("", shape, material)]
    if shape.IsNull():
        return whole, []
    solids = shape_map(shape, TopAbs_SOLID)
    names: dict[int, str] = {}
    unseen: list[tuple[str, Any]] = []
    for sub_label in _sub_labels(label):
        piece = XCAFDoc_ShapeTool.GetShape_s(sub_label)
        if piece.IsNull():
            continue
        name = body_name(name_of(sub_label))
        if not XCAFDoc_ColorTool.IsVisible_s(sub_label) or entry_of(sub_label) in hidden:
            unseen.append((name, piece))
        elif name and name != product and piece.ShapeType() == TopAbs_SOLID and solids.Extent() > 1:
            names[solids.FindIndex(piece)] = name
    if not names and not unseen:
        return whole, []
    shown = _Shown(shape, [piece for _, piece in unseen])
    named = {number: shown.of(solids.FindKey(number)) for number in sorted(names) if number}
    visible = [Body(names[number], left, material) for number, left in named.items() if left]
    others = [solids.FindKey(number) for number in range(1, solids.Extent() + 1) if number not in named]
    rest = compound([left for left in (*map(shown.of, others), *_loose(shape, shown)) if left])
    words = [name or f"{product} ({_KINDS.get(piece.ShapeType(), 'part of it')})" for name, piece in unseen]
    return [*visible, Body("", rest, material)] if rest else visible, words


_KINDS = {TopAbs_SOLID: "solid", TopAbs_SHELL: "sheet", TopAbs_FACE: "face"}


class _Shown:
    """What is left of a shape where some of its pieces are not shown."""

    def __init__(self, shape: Any, unseen: list[Any]) -> None:
        self.faces = shape_map(shape, TopAbs_FACE)
        self.unseen: set[int] = set()
        for piece in unseen:
            inside = shape_map(piece, TopAbs_FACE)
            self.unseen.update(
                self.faces.FindIndex(inside.FindKey(number)) for number in range(1, inside.Extent() + 1)
            )

    def of(self, piece: Any) -> Any:
        """Return a piece as it is where all of it is shown, else its faces that are; None where none is."""
        inside = shape_map(piece, TopAbs_FACE)
        faces = [inside.FindKey(number) for number in range(1, inside.Extent() + 1)]
        left = [face for face in faces if self.faces.FindIndex(face) not in self.unseen]
        return piece if len(left) == len(faces) else compound(left)


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


def _loose(shape: Any, shown: _Shown) -> Iterator[Any]:
    """Yield the faces of a shape that belong to no solid and are shown."""
    loose = TopExp_Explorer(shape, TopAbs_FACE, TopAbs_SOLID)
    while loose.More():
        yield shown.of(loose.Current())
        loose.Next()


def compound(shapes: list[Any]) -> Any:
    """Return shapes as one; None for none."""
    if not shapes:
        return None
    compound, builder = TopoDS_Compound(), BRep_Builder()
    builder.MakeCompound(compound)
    for one in shapes:
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
