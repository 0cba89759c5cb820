"""Twelve parts as catalogs show them: `python -m tests.benchmarks.studio_parts FOLDER` writes STEP files."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut, BRepAlgoAPI_Fuse
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeFace, BRepBuilderAPI_MakePolygon
from OCP.BRepFilletAPI import BRepFilletAPI_MakeFillet
from OCP.BRepPrimAPI import BRepPrimAPI_MakeCylinder, BRepPrimAPI_MakePrism, BRepPrimAPI_MakeRevol
from OCP.gp import gp_Ax1, gp_Ax2, gp_Dir, gp_Pnt, gp_Vec
from OCP.TopAbs import TopAbs_EDGE
from OCP.TopExp import TopExp_Explorer
from OCP.TopoDS import TopoDS

from tests.media_assets.cad.documents import Document, Rgb, box

STEEL, BLACK, WHITE = (0.55, 0.55, 0.56), (0.005, 0.005, 0.006), (0.85, 0.85, 0.83)
YELLOW, GREEN, BLUE = (0.75, 0.55, 0.15), (0.01, 0.16, 0.05), (0.01, 0.06, 0.30)


def turned(*profile: tuple[float, float]) -> Any:
    """Turn a closed outline of radii and heights (mm) around z."""
    outline = BRepBuilderAPI_MakePolygon()
    for radius, height in profile:
        outline.Add(gp_Pnt(radius, 0.0, height))
    outline.Close()
    axis = gp_Ax1(gp_Pnt(0, 0, 0), gp_Dir(0, 0, 1))
    return BRepPrimAPI_MakeRevol(BRepBuilderAPI_MakeFace(outline.Wire()).Face(), axis).Shape()


def raised(points: Sequence[tuple[float, float]], height: float, at: float = 0.0) -> Any:
    """Raise a closed outline (mm) from z = at."""
    outline = BRepBuilderAPI_MakePolygon()
    for x, y in points:
        outline.Add(gp_Pnt(x, y, at))
    outline.Close()
    return BRepPrimAPI_MakePrism(BRepBuilderAPI_MakeFace(outline.Wire()).Face(), gp_Vec(0, 0, height)).Shape()


def bar(points: Sequence[tuple[float, float]], length: float) -> Any:
    """Draw a closed outline in x and z (mm) out along y."""
    outline = BRepBuilderAPI_MakePolygon()
    for x, z in points:
        outline.Add(gp_Pnt(x, 0.0, z))
    outline.Close()
    return BRepPrimAPI_MakePrism(BRepBuilderAPI_MakeFace(outline.Wire()).Face(), gp_Vec(0, length, 0)).Shape()


def cylinder(radius: float, height: float, at: Rgb, towards: Rgb = (0, 0, 1)) -> Any:
    return BRepPrimAPI_MakeCylinder(gp_Ax2(gp_Pnt(*at), gp_Dir(*towards)), radius, height).Shape()


def without(shape: Any, *tools: Any) -> Any:
    for tool in tools:
        shape = BRepAlgoAPI_Cut(shape, tool).Shape()
    return shape


def joined(shape: Any, *others: Any) -> Any:
    for other in others:
        shape = BRepAlgoAPI_Fuse(shape, other).Shape()
    return shape


def rounded(shape: Any, radius: float) -> Any:
    made, edges = BRepFilletAPI_MakeFillet(shape), TopExp_Explorer(shape, TopAbs_EDGE)
    while edges.More():
        made.Add(radius, TopoDS.Edge(edges.Current()))
        edges.Next()
    return made.Shape()


def polygon(sides: int, radius: float) -> list[tuple[float, float]]:
    turns = [2 * math.pi * side / sides for side in range(sides)]
    return [(radius * math.cos(turn), radius * math.sin(turn)) for turn in turns]


Parts = list[tuple[str, Any, Rgb]]


def shaft() -> Parts:
    steps = turned(
        *[(0, 0), (9, 0), (10, 1), (10, 30), (14, 30), (14, 85), (18, 85), (18, 92), (12, 92)],
        *[(12, 119), (11, 120), (0, 120)],
    )
    return [("Shaft", without(steps, box(6, 6, 22, at=(8, -3, 4))), STEEL)]


def bushing() -> Parts:
    body = turned((8, 0), (26, 0), (27, 1), (27, 6), (14, 6), (14, 31), (13, 32), (8, 32))
    holes = [
        cylinder(2.6, 20, (20 * math.cos(turn), 20 * math.sin(turn), -5)) for turn in (0.0, 1.57, 3.14, 4.71)
    ]
    return [("Bushing brass", without(body, *holes), YELLOW)]


def bolt() -> Parts:
    head = raised(polygon(6, 15.0), 10.0)
    rod = turned((0, 10), (7.5, 10), (8, 11), (8, 58), (7, 60), (0, 60))
    return [("Bolt DIN 933", joined(head, rod), STEEL)]


def gear() -> Parts:
    outline = []
    for tooth in range(28):
        for radius, share in ((26.0, 0.0), (26.3, 0.22), (30.0, 0.36), (30.0, 0.64), (26.3, 0.78)):
            turn = 2 * math.pi * (tooth + share) / 28
            outline.append((radius * math.cos(turn), radius * math.sin(turn)))
    hub = cylinder(13, 20, (0, 0, 0))
    return [("Gear steel", without(joined(raised(outline, 12.0), hub), cylinder(7, 60, (0, 0, -10))), STEEL)]


def knob() -> Parts:
    cap = turned((0, 0), (20, 0), (20, 3), (16, 5), (15, 19), (13, 21), (0, 21))
    cuts = [cylinder(2.0, 30, (16.5 * x, 16.5 * y, 4)) for x, y in polygon(12, 1.0)]
    line = box(1.2, 12, 0.4, at=(-0.6, 3, 21))
    return [("Knob plastic", without(cap, *cuts), BLACK), ("Mark", line, WHITE)]


def manifold() -> Parts:
    block = box(70, 40, 32)
    holes = [cylinder(5, 25, (14 + 21 * n, 20, 15)) for n in range(3)]
    holes += [cylinder(6.5, 15, (24 + 24 * n, -1, 12), (0, 1, 0)) for n in range(2)]
    return [("Manifold steel", without(block, *holes, box(80, 6, 6, at=(-5, -1, 26))), STEEL)]


def heat_sink() -> Parts:
    base = box(60, 50, 5)
    return [
        ("Heat sink alu", joined(base, *[box(1.6, 50, 24, at=(6.45 * n, 0, 4)) for n in range(10)]), STEEL)
    ]


def housing() -> Parts:
    shell = rounded(box(80, 55, 26), 3.0)
    lid = box(66, 41, 1.2, at=(7, 7, 26))
    screws = [
        (f"Screw {n}", cylinder(2.4, 1.6, (x, y, 26)), STEEL)
        for n, (x, y) in enumerate(((5, 5), (75, 5), (5, 50), (75, 50)))
    ]
    return [("Housing plastic", shell, BLACK), ("Lid plastic", lid, BLACK), *screws]


def bracket() -> Parts:
    outer = [(0, 0), (50, 0), (50, 2), (4, 2), (2.6, 2.6), (2, 4), (2, 45), (0, 45)]
    plate = bar(outer, 60)
    holes = [cylinder(3.2, 10, (32, y, -4)) for y in (14, 46)]
    slots = [cylinder(4, 10, (-4, y, 28), (1, 0, 0)) for y in (14, 30, 46)]
    return [("Bracket sheet", without(plate, *holes, *slots), STEEL)]


def cover() -> Parts:
    outline = [(0, 0), (90, 0), (90, 40), (105, 40), (105, 41.5), (88.5, 41.5), (88.5, 1.5)]
    outline += [(1.5, 1.5), (1.5, 41.5), (-15, 41.5), (-15, 40), (0, 40)]
    channel = bar([(x, 41.5 - z) for x, z in outline], 70)
    slots = [box(50, 3, 12, at=(20, 12 + 9 * n, 36)) for n in range(6)]
    feet = [cylinder(3, 10, (x, y, -4)) for x in (-8, 98) for y in (10, 60)]
    return [("Cover sheet", without(channel, *slots, *feet), STEEL)]


def board(color: Rgb = GREEN) -> Parts:
    plate = without(box(80, 55, 1.6), *[cylinder(1.6, 9, (x, y, -3)) for x in (4, 76) for y in (4, 51)])
    found: Parts = [("PCB", plate, color)]
    found += [("Chip plastic", box(16, 16, 1.6, at=(32, 20, 1.8)), BLACK)]
    found += [("Chip plastic", box(9, 6, 1.5, at=(12 + 14 * n, 42, 1.8)), BLACK) for n in range(3)]
    found += [("Leg", box(0.5, 1.2, 0.8, at=(32.6 + 1.2 * n, 18.9, 1.6)), STEEL) for n in range(13)]
    found += [("Capacitor alu", cylinder(4, 10, (64, 12 + 11 * n, 1.6)), STEEL) for n in range(3)]
    found += [("USB shell sheet", box(14, 12, 7, at=(-2, 20, 1.6)), STEEL)]
    found += [("Header plastic", box(30, 2.5, 2.5, at=(20, 4, 1.6)), BLACK)]
    found += [("Pin gold", box(0.64, 0.64, 9, at=(21 + 2.54 * n, 5, 1.6)), YELLOW) for n in range(12)]
    found += [("Resistor", box(2, 1.2, 0.6, at=(10 + 4 * n, 14, 1.6)), (0.3, 0.3, 0.3)) for n in range(6)]
    found += [("LED", box(2, 1.2, 0.9, at=(52, 44 + 2.5 * n, 1.6)), (0.8, 0.05, 0.03)) for n in range(2)]
    return found


def module() -> Parts:
    sink = joined(
        box(20, 20, 2, at=(30, 18, 3.4)), *[box(1, 20, 9, at=(30 + 3.1 * n, 18, 4)) for n in range(7)]
    )
    return [
        *board(BLUE),
        ("Heat sink alu", sink, STEEL),
        ("Relay plastic", box(18, 10, 12, at=(8, 28, 1.6)), BLUE),
    ]


MADE: dict[str, Callable[[], Parts]] = {
    made.__name__: made
    for made in (
        *(shaft, bushing, bolt, gear, knob, manifold, heat_sink, housing, bracket, cover),
        *(board, module),
    )
}


def main() -> None:
    folder = Path(sys.argv[1])
    for name, make in MADE.items():
        document = Document()
        root = document.assembly(name)
        for number, (part, shape, color) in enumerate(make()):
            document.place(root, document.part(part, shape, color), f"{part} {number}")
        document.step(folder / f"{name}.step")


if __name__ == "__main__":
    main()
