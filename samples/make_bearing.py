"""Write the sample product: a tapered roller bearing of our own design, as STEP AP214 and AP242.

Run it by hand with ``python samples/make_bearing.py [folder]``; the files beside this script are its output.
The same program and the same OpenCASCADE write the same bytes (``fix_addresses``, and a fixed time stamp).

All contact lines of a tapered roller bearing meet in one point of the axis. The rollers' axes are inclined by
``AXIS_ANGLE`` and a roller tapers by ``TAPER_ANGLE`` to each side, so the inner raceway is a cone of the half
angle ``AXIS_ANGLE - TAPER_ANGLE`` and the outer one of ``AXIS_ANGLE + TAPER_ANGLE``: the rollers touch both.
Lengths are millimeters, angles radians; z is the axis of the bearing, z = 0 the back of the outer ring.
"""

from __future__ import annotations

import ctypes
import math
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from OCP.BRep import BRep_Builder
from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeEdge, BRepBuilderAPI_MakeFace, BRepBuilderAPI_MakeWire
from OCP.BRepPrimAPI import BRepPrimAPI_MakePrism, BRepPrimAPI_MakeRevol
from OCP.collections import List_TopoDS_Shape
from OCP.GC import GC_MakeArcOfCircle
from OCP.gp import gp_Ax1, gp_Ax3, gp_Dir, gp_Pnt, gp_Trsf, gp_Vec
from OCP.Interface import Interface_Static
from OCP.Message import Message, Message_PrinterOStream
from OCP.Quantity import Quantity_Color, Quantity_TOC_sRGB
from OCP.STEPCAFControl import STEPCAFControl_Writer
from OCP.STEPControl import STEPControl_AsIs
from OCP.TCollection import TCollection_ExtendedString
from OCP.TDataStd import TDataStd_Name
from OCP.TDF import TDF_Label
from OCP.TDocStd import TDocStd_Document
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS_Compound, TopoDS_Shape
from OCP.XCAFDoc import XCAFDoc_ColorSurf, XCAFDoc_DocumentTool

BORE_RADIUS = 15.0
OUTER_RADIUS = 36.0
OUTER_RING_WIDTH = 16.0
INNER_RING_FRONT = 1.2
INNER_RING_BACK = 20.75

ROLLERS = 20
AXIS_ANGLE = math.radians(14.5)
TAPER_ANGLE = math.radians(2.0)
PITCH_RADIUS = 26.1
PITCH_HEIGHT = 10.4
ROLLER_LENGTH = 14.0
END_PLAY = 0.03

CAGE_OFFSET = 1.9
"""The cage's mid surface lies this far outside the rollers' axes, where the gaps between them are wider."""
CAGE_THICKNESS = 1.0

APEX_DISTANCE = PITCH_RADIUS / math.sin(AXIS_ANGLE)
APEX_HEIGHT = PITCH_HEIGHT - APEX_DISTANCE * math.cos(AXIS_ANGLE)

READ_PERSONA = 0xFFFFFFFF
ADDR_NO_RANDOMIZE = 0x0040000
"""From Linux' sys/personality.h."""

Point = tuple[float, float]
"""(radius, z) in a half plane through the axis."""


@dataclass(frozen=True)
class Corner:
    """A corner of a profile, rounded with ``fillet`` (0: sharp)."""

    radius: float
    z: float
    fillet: float = 0.0


def on_cone(half_angle: float, z: float) -> float:
    """Return the radius at height z of the cone whose tip is the common apex."""
    return (z - APEX_HEIGHT) * math.tan(half_angle)


def on_roller_axis(along: float, outward: float) -> Point:
    """Return (radius, z) of a point ``along`` the roller's axis from its middle and ``outward`` across it."""
    distance = APEX_DISTANCE + along
    return (
        distance * math.sin(AXIS_ANGLE) + outward * math.cos(AXIS_ANGLE),
        APEX_HEIGHT + distance * math.cos(AXIS_ANGLE) - outward * math.sin(AXIS_ANGLE),
    )


def rounded_face(corners: list[Corner]) -> TopoDS_Shape:
    """Return the plane face in y = 0 bounded by a closed polygon whose corners are rounded by exact arcs."""
    wire = BRepBuilderAPI_MakeWire()
    pieces = [
        _corner_piece(corners[i - 1], corner, corners[(i + 1) % len(corners)])
        for i, corner in enumerate(corners)
    ]
    for index, piece in enumerate(pieces):
        start, middle, end = piece
        if start != end:
            arc = GC_MakeArcOfCircle(_pnt(start), _pnt(middle), _pnt(end)).Value()
            wire.Add(BRepBuilderAPI_MakeEdge(arc).Edge())
        following = pieces[(index + 1) % len(pieces)][0]
        if math.dist(end, following) > 1e-7:
            wire.Add(BRepBuilderAPI_MakeEdge(_pnt(end), _pnt(following)).Edge())
    return BRepBuilderAPI_MakeFace(wire.Wire(), True).Face()


def _corner_piece(before: Corner, corner: Corner, after: Corner) -> tuple[Point, Point, Point]:
    """Return start, middle and end of the arc that rounds a corner; three times the corner if it is sharp."""
    at = (corner.radius, corner.z)
    if corner.fillet == 0.0:
        return at, at, at
    incoming = _unit((before.radius - at[0], before.z - at[1]))
    outgoing = _unit((after.radius - at[0], after.z - at[1]))
    half = math.acos(max(-1.0, min(1.0, incoming[0] * outgoing[0] + incoming[1] * outgoing[1]))) / 2
    setback = corner.fillet / math.tan(half)
    bisector = _unit((incoming[0] + outgoing[0], incoming[1] + outgoing[1]))
    to_arc = corner.fillet / math.sin(half) - corner.fillet
    return _moved(at, incoming, setback), _moved(at, bisector, to_arc), _moved(at, outgoing, setback)


def _unit(vector: Point) -> Point:
    length = math.hypot(*vector)
    return vector[0] / length, vector[1] / length


def _moved(point: Point, direction: Point, distance: float) -> Point:
    return point[0] + direction[0] * distance, point[1] + direction[1] * distance


def _pnt(point: Point) -> gp_Pnt:
    return gp_Pnt(point[0], 0.0, point[1])


def revolved(corners: list[Corner]) -> TopoDS_Shape:
    """Return the solid of revolution of a profile about z."""
    axis = gp_Ax1(gp_Pnt(0, 0, 0), gp_Dir(0, 0, 1))
    return BRepPrimAPI_MakeRevol(rounded_face(corners), axis).Shape()


def outer_ring() -> TopoDS_Shape:
    """Return the cup: cylindrical outside, conical raceway inside."""
    angle = AXIS_ANGLE + TAPER_ANGLE
    return revolved(
        [
            Corner(on_cone(angle, 0.0), 0.0, 0.5),
            Corner(OUTER_RADIUS, 0.0, 1.5),
            Corner(OUTER_RADIUS, OUTER_RING_WIDTH, 1.2),
            Corner(on_cone(angle, OUTER_RING_WIDTH), OUTER_RING_WIDTH, 0.8),
        ]
    )


def inner_ring() -> TopoDS_Shape:
    """Return the cone: bore, and a conical raceway between two ribs whose faces guide the rollers' ends."""
    angle = AXIS_ANGLE - TAPER_ANGLE
    half = ROLLER_LENGTH / 2 + END_PLAY
    small_foot = on_roller_axis(-half, -(APEX_DISTANCE - half) * math.tan(TAPER_ANGLE))
    large_foot = on_roller_axis(half, -(APEX_DISTANCE + half) * math.tan(TAPER_ANGLE))
    across = (math.cos(AXIS_ANGLE), -math.sin(AXIS_ANGLE))
    small_top = _moved(small_foot, across, 1.1)
    large_top = _moved(large_foot, across, 2.0)
    # Both ends of the raceway must lie on its cone, or the rollers would not touch it.
    for radius, z in (small_foot, large_foot):
        if abs(radius - on_cone(angle, z)) > 0.02:
            raise ValueError("The ribs do not stand on the raceway: check the angles of the bearing.")
    return revolved(
        [
            Corner(BORE_RADIUS, INNER_RING_FRONT, 1.0),
            Corner(small_top[0] - 0.35, INNER_RING_FRONT, 0.5),
            Corner(*small_top, 0.25),
            Corner(*small_foot),
            Corner(*large_foot),
            Corner(*large_top, 0.3),
            Corner(large_top[0] + 0.55, INNER_RING_BACK, 1.0),
            Corner(BORE_RADIUS, INNER_RING_BACK, 1.5),
        ]
    )


def roller() -> TopoDS_Shape:
    """Return one tapered roller about z, middle in the origin, large end up with a shallow turned recess."""
    half = ROLLER_LENGTH / 2
    small = (APEX_DISTANCE - half) * math.tan(TAPER_ANGLE)
    large = (APEX_DISTANCE + half) * math.tan(TAPER_ANGLE)
    return revolved(
        [
            Corner(0.0, -half),
            Corner(small, -half, 0.5),
            Corner(large, half, 0.6),
            Corner(large * 0.52, half, 0.2),
            Corner(large * 0.46, half - 0.35, 0.2),
            Corner(0.0, half - 0.35),
        ]
    )


def cage() -> TopoDS_Shape:
    """Return the cage: a conical shell, its small end turned inwards, with one rounded pocket per roller."""
    half = ROLLER_LENGTH / 2
    outside, inside = CAGE_OFFSET + CAGE_THICKNESS / 2, CAGE_OFFSET - CAGE_THICKNESS / 2
    top, bottom = half + 2.6, -half - 2.0
    turned_in = -1.5
    shell = revolved(
        [
            Corner(*on_roller_axis(top, inside), 0.3),
            Corner(*on_roller_axis(top, outside), 0.3),
            Corner(*on_roller_axis(bottom, outside), 1.4),
            Corner(*on_roller_axis(bottom, turned_in), 0.3),
            Corner(*on_roller_axis(bottom + CAGE_THICKNESS, turned_in), 0.3),
            Corner(*on_roller_axis(bottom + CAGE_THICKNESS, inside), 0.5),
        ]
    )
    pocket = _pocket()
    tools = List_TopoDS_Shape()
    for index in range(ROLLERS):
        tools.Append(pocket.Moved(TopLoc_Location(roller_placement(index))))
    arguments = List_TopoDS_Shape()
    arguments.Append(shell)
    cut = BRepAlgoAPI_Cut()
    cut.SetArguments(arguments)
    cut.SetTools(tools)
    cut.Build()
    if not cut.IsDone():
        raise RuntimeError("OpenCASCADE could not cut the pockets into the cage.")
    return cut.Shape()


def _pocket() -> TopoDS_Shape:
    """Return the cutter of a pocket in the roller's own frame: a rounded trapezium with some clearance."""
    clearance, corner = 0.18, 0.7
    inside = CAGE_OFFSET - CAGE_THICKNESS / 2

    def half_width(along: float) -> float:
        return math.sqrt(((APEX_DISTANCE + along) * math.tan(TAPER_ANGLE)) ** 2 - inside**2) + clearance

    half = ROLLER_LENGTH / 2 + clearance
    face = rounded_face(
        [
            Corner(-half_width(-half), -half, corner),
            Corner(half_width(-half), -half, corner),
            Corner(half_width(half), half, corner),
            Corner(-half_width(half), half, corner),
        ]
    )
    # The trapezium lies in x-z; in the roller's frame x points outwards and y along the circumference.
    turn, shift = gp_Trsf(), gp_Trsf()
    turn.SetRotation(gp_Ax1(gp_Pnt(0, 0, 0), gp_Dir(0, 0, 1)), math.pi / 2)
    shift.SetTranslation(gp_Vec(CAGE_OFFSET - 2 * CAGE_THICKNESS, 0, 0))
    placed = face.Moved(TopLoc_Location(shift.Multiplied(turn)))
    return BRepPrimAPI_MakePrism(placed, gp_Vec(4 * CAGE_THICKNESS, 0, 0)).Shape()


def roller_placement(index: int) -> gp_Trsf:
    """Return where the roller of this number lies: on the raceways, at its share of the full turn."""
    turn = 2 * math.pi * index / ROLLERS
    outward = (math.cos(turn), math.sin(turn))
    radius, z = on_roller_axis(0.0, 0.0)
    sine, cosine = math.sin(AXIS_ANGLE), math.cos(AXIS_ANGLE)
    frame = gp_Ax3(
        gp_Pnt(radius * outward[0], radius * outward[1], z),
        gp_Dir(outward[0] * sine, outward[1] * sine, cosine),
        gp_Dir(outward[0] * cosine, outward[1] * cosine, -sine),
    )
    placement = gp_Trsf()
    placement.SetTransformation(frame, gp_Ax3())
    return placement


def document() -> TDocStd_Document:
    """Return the bearing as an XCAF document: two rings, and a set of rollers in their cage."""
    doc = TDocStd_Document(TCollection_ExtendedString("BinXCAF"))
    shapes = XCAFDoc_DocumentTool.ShapeTool_s(doc.Main())
    colors = XCAFDoc_DocumentTool.ColorTool_s(doc.Main())

    def part(shape: TopoDS_Shape, name: str, red: float, green: float, blue: float) -> TDF_Label:
        label = shapes.AddShape(shape, False)
        _name(label, name)
        colors.SetColor(label, Quantity_Color(red, green, blue, Quantity_TOC_sRGB), XCAFDoc_ColorSurf)
        return label

    def assembly(name: str) -> TDF_Label:
        compound = TopoDS_Compound()
        BRep_Builder().MakeCompound(compound)
        label = shapes.AddShape(compound, True)
        _name(label, name)
        return label

    def place(parent: TDF_Label, child: TDF_Label, name: str, placement: gp_Trsf) -> None:
        _name(shapes.AddComponent(parent, child, TopLoc_Location(placement)), name)

    bearing = assembly("Kegelrollenlager 30x72 Größe 306")
    roller_set = assembly("Rollenkranz")
    inner = part(inner_ring(), "Innenring", 0.70, 0.71, 0.72)
    outer = part(outer_ring(), "Außenring", 0.70, 0.71, 0.72)
    cage_part = part(cage(), "Käfig", 0.76, 0.60, 0.33)
    roller_part = part(roller(), "Kegelrolle", 0.80, 0.81, 0.83)

    place(bearing, inner, "Innenring", gp_Trsf())
    place(bearing, outer, "Außenring", gp_Trsf())
    place(bearing, roller_set, "Rollenkranz", gp_Trsf())
    place(roller_set, cage_part, "Käfig", gp_Trsf())
    for index in range(ROLLERS):
        place(roller_set, roller_part, f"Kegelrolle {index + 1:02d}", roller_placement(index))
    shapes.UpdateAssemblies()
    return doc


def _name(label: TDF_Label, text: str) -> None:
    # The second argument says that the bytes are UTF-8; without it umlauts are mangled.
    TDataStd_Name.Set_s(label, TCollection_ExtendedString(text, True))


def write(doc: TDocStd_Document, path: Path, schema: str) -> None:
    """Write the document as STEP of the given schema ("AP214IS" or "AP242DIS") with a fixed header."""
    writer = STEPCAFControl_Writer()
    writer.SetNameMode(True)
    writer.SetColorMode(True)
    Message.DefaultMessenger_s().RemovePrinters(Message_PrinterOStream.get_type_descriptor_s())
    Interface_Static.SetCVal_s("write.step.schema", schema)
    Interface_Static.SetCVal_s("write.step.unit", "MM")
    Interface_Static.SetCVal_s("write.step.product.name", "Kegelrollenlager")
    # Curves on surfaces double the file and can be computed again by every reader.
    Interface_Static.SetIVal_s("write.surfacecurve.mode", 0)
    if not writer.Transfer(doc, STEPControl_AsIs):
        raise RuntimeError("OpenCASCADE could not translate the bearing to STEP.")
    writer.Write(str(path))
    text = _fixed_header(path.read_text(encoding="utf-8"), path.name)
    if schema == "AP214IS":
        # Its edition of the exchange format knows ASCII only; AP242's allows UTF-8.
        text = re.sub(r"[^\x00-\x7f]+", _escaped, text)
    path.write_text(text, encoding="utf-8")


def _escaped(found: re.Match[str]) -> str:
    return f"\\X2\\{found[0].encode('utf-16-be').hex().upper()}\\X0\\"


def _fixed_header(text: str, file_name: str) -> str:
    header = (
        f"FILE_NAME('{file_name}','2026-01-01T00:00:00',('Renderdesk'),('Renderdesk'),\n"
        "  'Open CASCADE STEP processor 8.0','Renderdesk samples/make_bearing.py','');"
    )
    return re.sub(r"FILE_NAME\(.*?\);", header, text, count=1, flags=re.DOTALL)


def fix_addresses() -> None:
    """Start this program again without address randomisation, if it has it (Linux).

    OpenCASCADE writes the colors in the order of the addresses of the shapes that carry them.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    persona = libc.personality(READ_PERSONA)
    if not persona & ADDR_NO_RANDOMIZE and libc.personality(persona | ADDR_NO_RANDOMIZE) != -1:
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606


def main(argv: list[str]) -> int:
    """Write both files into the folder given (default: beside this script)."""
    fix_addresses()
    folder = Path(argv[1]) if len(argv) > 1 else Path(__file__).resolve().parent
    for name, schema in (("tapered_roller_bearing", "AP214IS"), ("tapered_roller_bearing_ap242", "AP242DIS")):
        path = folder / f"{name}.step"
        write(document(), path, schema)
        print(f"{path}: {path.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv))
