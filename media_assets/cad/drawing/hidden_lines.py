"""Lines of exact shapes by OpenCASCADE's hidden-line removal, polygonal and exact. Runs in the child process only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from OCP.BRep import BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Curve, BRepAdaptor_Surface
from OCP.BRepLib import BRepLib
from OCP.GCPnts import GCPnts_QuasiUniformDeflection
from OCP.GeomAbs import GeomAbs_Circle, GeomAbs_Cone, GeomAbs_Cylinder, GeomAbs_Ellipse, GeomAbs_Line
from OCP.gp import gp_Ax2, gp_Dir, gp_Pnt
from OCP.HLRAlgo import HLRAlgo_Projector
from OCP.HLRBRep import HLRBRep_Algo, HLRBRep_HLRToShape, HLRBRep_PolyAlgo, HLRBRep_PolyHLRToShape
from OCP.TopAbs import TopAbs_EDGE
from OCP.TopExp import TopExp
from OCP.TopoDS import TopoDS

from media_assets.cad.bodies import shape_map
from media_assets.cad.drawing.arcs import Arc
from media_assets.cad.mesher import faces_of
from media_assets.cad.placing import Floats

COMPOUNDS = {
    "visible": ("VCompound", "OutLineVCompound"),
    "smooth": ("Rg1LineVCompound", "RgNLineVCompound"),
    "hidden": ("HCompound", "OutLineHCompound"),
}

MOST_FACES = 5_000
"""Faces that are looked at for their axes."""


def lines_of(shape: Any, right: Floats, near: Floats) -> dict[str, Floats]:
    """Return the segments (k, 2, 2; mm to the right and up) of a meshed shape by layer, seen from a direction."""
    algorithm = HLRBRep_PolyAlgo()
    algorithm.Load(shape)
    algorithm.Projector(_projector(right, near))
    algorithm.Update()
    found = HLRBRep_PolyHLRToShape()
    found.Update(algorithm)
    return {layer: _segments(getattr(found, name)() for name in names) for layer, names in COMPOUNDS.items()}


@dataclass
class ExactLines:
    """The lines of one layer: segments (k, 2, 2; mm), and arcs as what they are."""

    segments: Floats
    arcs: list[Arc] = field(default_factory=list)


def exact_lines_of(shape: Any, right: Floats, near: Floats, deviation: float) -> dict[str, ExactLines]:
    """Return the lines of a shape by layer, of its surfaces themselves: this may take seconds, or an hour.

    Straight lines and arcs are exact; other curves are segments that are nowhere farther away than *deviation* (mm).
    """
    algorithm = HLRBRep_Algo()
    algorithm.Add(shape)
    algorithm.Projector(_projector(right, near))
    algorithm.Update()
    algorithm.Hide()
    found = HLRBRep_HLRToShape(algorithm)
    return {
        layer: _curves((getattr(found, name)() for name in names), deviation)
        for layer, names in COMPOUNDS.items()
    }


def _projector(right: Floats, near: Floats) -> HLRAlgo_Projector:
    return HLRAlgo_Projector(gp_Ax2(gp_Pnt(0, 0, 0), gp_Dir(*near.tolist()), gp_Dir(*right.tolist())))


def _segments(shapes: Iterable[Any]) -> Floats:
    found = []
    for edge in _edges(shapes):
        ends = (TopExp.FirstVertex_s(edge), TopExp.LastVertex_s(edge))
        if not any(end.IsNull() for end in ends):
            found.append([(point.X(), point.Y()) for point in map(BRep_Tool.Pnt_s, ends)])
    return np.array(found, np.float64).reshape(-1, 2, 2)


def _edges(shapes: Iterable[Any]) -> Iterator[Any]:
    for shape in shapes:
        if shape is None or shape.IsNull():
            continue
        edges = shape_map(shape, TopAbs_EDGE)
        for number in range(1, edges.Extent() + 1):
            yield TopoDS.Edge(edges.FindKey(number))


def _curves(shapes: Iterable[Any], deviation: float) -> ExactLines:
    segments: list[tuple[tuple[float, float], tuple[float, float]]] = []
    arcs = []
    for edge in _edges(shapes):
        BRepLib.BuildCurve3d_s(edge)
        curve = BRepAdaptor_Curve(edge)
        kind, first, last = curve.GetType(), curve.FirstParameter(), curve.LastParameter()
        if kind in (GeomAbs_Circle, GeomAbs_Ellipse):
            arcs.append(_arc(curve, kind, first, last))
            continue
        turns = [first, last]
        if kind != GeomAbs_Line:
            between = GCPnts_QuasiUniformDeflection(curve, deviation)
            if between.IsDone():
                turns = [between.Parameter(number) for number in range(1, between.NbPoints() + 1)]
        points = [(point.X(), point.Y()) for point in map(curve.Value, turns)]
        segments += pairwise(points)
    return ExactLines(np.array(segments, np.float64).reshape(-1, 2, 2), arcs)


def _arc(curve: Any, kind: Any, first: float, last: float) -> Arc:
    if kind == GeomAbs_Circle:
        round_one = curve.Circle()
        wide = high = round_one.Radius()
    else:
        round_one = curve.Ellipse()
        wide, high = round_one.MajorRadius(), round_one.MinorRadius()
    place = round_one.Position()
    center, x, y = place.Location(), place.XDirection(), place.YDirection()
    return Arc.about(
        (center.X(), center.Y()), (wide * x.X(), wide * x.Y()), (high * y.X(), high * y.Y()), first, last
    )


def axes_of(shape: Any) -> list[tuple[Floats, Floats, float]]:
    """Return the axes of the round faces of a shape: both ends (mm), and the largest radius around it."""
    found: dict[tuple[float, ...], tuple[Floats, Floats, float]] = {}
    for face in faces_of(shape)[:MOST_FACES]:
        surface = BRepAdaptor_Surface(face)
        kind = surface.GetType()
        if kind not in (GeomAbs_Cylinder, GeomAbs_Cone):
            continue
        if surface.LastUParameter() - surface.FirstUParameter() < np.pi - 1e-6:
            continue  # a rounded edge
        solid = surface.Cylinder() if kind == GeomAbs_Cylinder else surface.Cone()
        line, low, high = solid.Axis(), surface.FirstVParameter(), surface.LastVParameter()
        radius = solid.Radius() if kind == GeomAbs_Cylinder else solid.RefRadius()
        point = np.array([line.Location().X(), line.Location().Y(), line.Location().Z()])
        along = np.array([line.Direction().X(), line.Direction().Y(), line.Direction().Z()])
        ends = (point + low * along, point + high * along)
        foot = point - (point @ along) * along
        sign = 1.0 if along[int(np.abs(along).argmax())] > 0 else -1.0
        key = (*(sign * along).round(4), *foot.round(3))
        spans = [end @ along * sign for end in ends]
        if key in found:
            a, b, before = found[key]
            spans += [a @ along * sign, b @ along * sign]
            radius = max(radius, before)
        lowest, highest = min(spans), max(spans)
        found[key] = (foot + lowest * sign * along, foot + highest * sign * along, float(radius))
    return list(found.values())
