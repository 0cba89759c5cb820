"""Counts the names and colors of an XCAF document independently, to detect whether any is lost on the way.

Runs in the child process only.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from typing import Any

from OCP.collections import IndexedMap_TopoDS_Shape_TopTools_ShapeMapHasher as ShapeMap
from OCP.collections import Sequence_TDF_Label
from OCP.Quantity import Quantity_ColorRGBA, Quantity_TOC_sRGB
from OCP.TCollection import TCollection_AsciiString
from OCP.TDataStd import TDataStd_Name
from OCP.TDF import TDF_Label, TDF_Tool
from OCP.TopAbs import TopAbs_FACE
from OCP.TopExp import TopExp
from OCP.XCAFDoc import (
    XCAFDoc_ColorGen,
    XCAFDoc_ColorSurf,
    XCAFDoc_ColorTool,
    XCAFDoc_DocumentTool,
    XCAFDoc_ShapeTool,
)

from media_assets.cad.contract import Finding
from media_assets.cad.glb_check import KeptContents
from media_assets.cad.labels import hidden_by_layers
from media_assets.cad.names import instance_name, product_name
from media_assets.cad.product_tree import Color

NO_NAME = "Part"
"""What a part is called that has no name which means something."""

SHOWN_OF_LOST = 20


@dataclass
class FoundNames:
    """Names that mean something and colors (#RRGGBB) of what a document shows."""

    names: set[str] = field(default_factory=set)
    colors: set[str] = field(default_factory=set)


def names_and_colors(document: Any) -> FoundNames:
    """Return what the labels hold that place or define shown parts; a color under another one is not shown."""
    walk = _Walk(hidden_by_layers(document))
    for label in _free(document):
        walk.visit(label, None, None)
    return walk.found


def compare(
    document: Any, kept: KeptContents, left_out: Set[str] = frozenset()
) -> tuple[dict[str, Any], list[Finding]]:
    """Return the report's ``found`` and ``kept`` counts, and a finding for what was lost.

    ``left_out`` are names of parts that were left out on purpose, and with them their colors.
    """
    found = names_and_colors(document)
    lost_names = found.names - kept.names - left_out
    lost_colors = set() if left_out else found.colors - kept.colors
    findings = []
    if lost_names:
        findings.append(_lost("names_lost", "names of parts", lost_names))
    # Styles of single places deep in an assembly cover others; they are the colors that this walk does not find.
    if lost_colors and kept.colors <= found.colors:
        findings.append(_lost("colors_lost", "colors", lost_colors))
    counts = {"names": len(found.names), "colors": len(found.colors | kept.colors)}
    return {
        "found": counts,
        "kept": {"names": len(found.names & kept.names), "colors": len(kept.colors)},
    }, findings


def _lost(code: str, what: str, lost: set[str]) -> Finding:
    return Finding(
        code,
        f"{len(lost)} {what} of the CAD file did not reach the geometry. Compare the picture with the CAD system; "
        "rules that match them find nothing.",
        ", ".join(sorted(lost)[:SHOWN_OF_LOST]),
    )


class _Walk:
    def __init__(self, hidden: set[str]) -> None:
        self.found = FoundNames()
        self.hidden = hidden
        self._seen: dict[tuple[str, Color | None, Color | None], bool] = {}

    def visit(self, label: TDF_Label, over: Color | None, under: Color | None) -> bool:
        """Note what is found at a label and below; return whether anything is shown there."""
        target = label
        if XCAFDoc_ShapeTool.IsReference_s(label):
            target = TDF_Label()
            XCAFDoc_ShapeTool.GetReferredShape_s(label, target)
            over = over or _color(label)
        if not (self._is_visible(label) and self._is_visible(target)):
            return False
        key = (_entry(target), over, under)
        if key not in self._seen:
            self._seen[key] = False
            self._seen[key] = self._define(target, over, under)
        if self._seen[key] and not label.IsEqual(target):
            self._note(instance_name(_name(label), NO_NAME))
        return self._seen[key]

    def _define(self, target: TDF_Label, over: Color | None, under: Color | None) -> bool:
        if XCAFDoc_ShapeTool.IsAssembly_s(target):
            below = Sequence_TDF_Label()
            XCAFDoc_ShapeTool.GetComponents_s(target, below)
            under = _color(target) or under
            shown = [self.visit(child, over, under) for child in _labels(below)]
        else:
            shown = [self._part(target, over, under)]
        if any(shown):
            self._note(product_name(_name(target)))
        return any(shown)

    def _part(self, target: TDF_Label, over: Color | None, under: Color | None) -> bool:
        shape = XCAFDoc_ShapeTool.GetShape_s(target)
        if shape.IsNull():
            return False
        own: dict[int, Color] = {}
        bodies: dict[int, Color] = {}
        unseen: set[int] = set()
        faces = _faces(shape)
        subs = Sequence_TDF_Label()
        XCAFDoc_ShapeTool.GetSubShapes_s(target, subs)
        for sub in _labels(subs):
            color, piece = _color(sub), XCAFDoc_ShapeTool.GetShape_s(sub)
            if not piece.IsNull() and not self._is_visible(sub):
                inside = _faces(piece)
                unseen.update(faces.FindIndex(inside.FindKey(n)) for n in range(1, inside.Extent() + 1))
            if color is None or piece.IsNull():
                continue
            inside = _faces(piece)
            among = own if piece.ShapeType() == TopAbs_FACE else bodies
            among.update({faces.FindIndex(inside.FindKey(n)): color for n in range(1, inside.Extent() + 1)})
        rest = _color(target) or under
        for number in range(1, faces.Extent() + 1):
            color = own.get(number) or over or bodies.get(number) or rest
            if color and number not in unseen:
                self.found.colors.add(color.hex)
        return int(faces.Extent()) > len(unseen)

    def _is_visible(self, label: TDF_Label) -> bool:
        return XCAFDoc_ColorTool.IsVisible_s(label) and _entry(label) not in self.hidden

    def _note(self, name: str) -> None:
        if name != NO_NAME:
            self.found.names.add(name)


def _free(document: Any) -> list[TDF_Label]:
    found = Sequence_TDF_Label()
    XCAFDoc_DocumentTool.ShapeTool_s(document.Main()).GetFreeShapes(found)
    return _labels(found)


def _labels(sequence: Sequence_TDF_Label) -> list[TDF_Label]:
    return [sequence.Value(number) for number in range(1, len(sequence) + 1)]


def _entry(label: TDF_Label) -> str:
    text = TCollection_AsciiString()
    TDF_Tool.Entry_s(label, text)
    return str(text.ToCString())


def _faces(shape: Any) -> ShapeMap:
    found = ShapeMap()
    TopExp.MapShapes_s(shape, TopAbs_FACE, found)
    return found


def _name(label: TDF_Label) -> str:
    # Looking for an attribute that is not there crashes the binding, so it is asked for first.
    if not label.IsAttribute(TDataStd_Name.GetID_s()):
        return ""
    attribute = TDataStd_Name()
    label.FindAttribute(TDataStd_Name.GetID_s(), attribute)
    return str(attribute.Get().ToExtString())


def _color(label: TDF_Label) -> Color | None:
    for kind in (XCAFDoc_ColorSurf, XCAFDoc_ColorGen):
        value = Quantity_ColorRGBA()
        if XCAFDoc_ColorTool.GetColor_s(label, kind, value):
            channels = (*value.GetRGB().Values(Quantity_TOC_sRGB), value.Alpha())
            if all(0.0 <= channel <= 1.0 for channel in channels):
                return Color(*(round(float(channel), 5) for channel in channels))
    return None
