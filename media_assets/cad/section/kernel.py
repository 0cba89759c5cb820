"""Cuts exact solids by planes with OpenCASCADE, and meshes what is left. Runs in the child process only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from OCP.Bnd import Bnd_Box
from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut
from OCP.BRepBndLib import BRepBndLib
from OCP.BRepGProp import BRepGProp
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox
from OCP.collections import IndexedMap_TopoDS_Shape_TopTools_ShapeMapHasher as ShapeMap
from OCP.collections import List_TopoDS_Shape
from OCP.gp import gp_Ax2, gp_Dir, gp_Pnt
from OCP.GProp import GProp_GProps
from OCP.TopAbs import TopAbs_FACE, TopAbs_SOLID
from OCP.TopExp import TopExp_Explorer
from OCP.TopoDS import TopoDS

from media_assets.cad.bodies import compound, shape_map
from media_assets.cad.mesher import faces_of, mesh_part
from media_assets.cad.placing import Floats
from media_assets.cad.product_tree import Appearance, CadProduct, Color, Node, Part
from media_assets.cad.section.clipping import Plane
from media_assets.cad.surfaces import Mesh
from media_assets.cad.triangles import take_triangles

FUZZY_MM = (0.0, 1e-5, 1e-4, 1e-3)
"""Tolerances that are tried one after the other: bodies that the reader did not repair need more than none."""

ROOM = 1.1
"""The tool is larger than the body by this factor."""

PERPENDICULAR = 1e-6

CAP = Color(0.0, 0.0, 0.0, mark="cap")
"""The color of a cut face until it gets that of its part."""


class NotCut(Exception):
    """The kernel can't cut a part; the message says why."""


@dataclass(frozen=True)
class Cut:
    """What is left of a part: its shape, the color of each face (`CAP`: a cut face), and the area of the cut faces on
    each plane in mm2."""

    shape: Any
    colors: tuple[Color | None, ...]
    areas: tuple[float, ...]


def cut(shape: Any, colors: Sequence[Color | None], planes: Sequence[Plane], fuzzy: float) -> Cut | None:
    """Return a part without what lies outside of all planes; None where nothing is left. Raises NotCut.

    ``colors`` are those of its faces; places nearer to each other than ``fuzzy`` (mm) are one.
    """
    if len(planes) == 2 and abs(float(planes[0].normal @ planes[1].normal)) > PERPENDICULAR:
        raise NotCut("it is placed sheared")
    try:
        return _Cutting(shape, colors, planes, fuzzy).run()
    except Exception as error:
        # What OpenCASCADE throws has no base class in Python.
        if not type(error).__module__.startswith("OCP"):
            raise
        raise NotCut(f"{type(error).__name__}: {error}") from error


def meshed(
    part: Part, left: Cut, deflection: float, angle: float, shift: tuple[float, float, float], folder: Path
) -> Mesh:
    """Return the triangles of what is left of a part, cut faces in `CAP`; ``shift`` is where their origin lies.

    Raises NotCut where faces get none.
    """
    piece = replace(part, shape=left.shape, faces=len(left.colors))
    if mesh_part(piece, deflection, angle).unmeshed_faces:
        raise NotCut("some of its faces could not be turned into triangles")
    alone = CadProduct(Node("", "", "/", look=0), [piece], [Appearance(0, left.colors)], 0, 1)
    alone.shifts[0] = shift
    (mesh,) = take_triangles(alone, folder, {})
    return mesh


class _Cutting:
    def __init__(
        self, shape: Any, colors: Sequence[Color | None], planes: Sequence[Plane], fuzzy: float
    ) -> None:
        self.shape = shape
        self.fuzzy = fuzzy
        self.colors = colors
        self.planes = planes
        self.numbers = shape_map(shape, TopAbs_FACE)
        self.kept: list[Any] = []
        self.known = ShapeMap()
        self.shown: dict[int, Color | None] = {}
        self.areas = [0.0] * len(planes)

    def run(self) -> Cut | None:
        for body in _bodies(self.shape):
            self._body(body)
        whole = compound(self.kept)
        if whole is None or not (faces := faces_of(whole)):
            return None
        colors = tuple(self.shown.get(self.known.Add(face)) for face in faces)
        return Cut(whole, colors, tuple(self.areas))

    def _body(self, body: Any) -> None:
        middle, reach = _around(body)
        heights = [float(plane.above(middle[None])[0]) for plane in self.planes]
        if any(height <= -reach for height in heights):
            self.kept.append(body)
            for face in faces_of(body):
                self._show(face, self._color(face))
        elif not all(height >= reach for height in heights):
            self._cut(body, _tool(self.planes, middle, reach, heights))

    def _cut(self, body: Any, tool: Any) -> None:
        done = _difference(body, tool, self.fuzzy)
        left = shape_map(done.Shape(), TopAbs_FACE)
        if not left.Extent():
            return
        self.kept.append(done.Shape())
        own = set()
        for face in faces_of(body):
            for piece in list(done.Modified(face)) or ([] if done.IsDeleted(face) else [face]):
                own.add(left.FindIndex(piece))
                self._show(piece, self._color(face))
        for number in {*range(1, left.Extent() + 1)} - own:
            face = TopoDS.Face(left.FindKey(number))
            self._show(face, CAP)
            self.areas[_nearest(face, self.planes)] += measure(face)[0]

    def _color(self, face: Any) -> Color | None:
        return self.colors[int(self.numbers.FindIndex(face)) - 1]

    def _show(self, face: Any, color: Color | None) -> None:
        self.shown[self.known.Add(face)] = color


def measure(face: Any) -> tuple[float, Floats]:
    """Return the area (mm2) of a face and the center of it."""
    found = GProp_GProps()
    BRepGProp.SurfaceProperties_s(face, found)
    center = found.CentreOfMass()
    return float(found.Mass()), np.array([center.X(), center.Y(), center.Z()])


def _bodies(shape: Any) -> Iterator[Any]:
    """Yield the solids of a shape, and the faces that belong to none."""
    solids = shape_map(shape, TopAbs_SOLID)
    for number in range(1, solids.Extent() + 1):
        yield solids.FindKey(number)
    loose = TopExp_Explorer(shape, TopAbs_FACE, TopAbs_SOLID)
    while loose.More():
        yield loose.Current()
        loose.Next()


def _around(body: Any) -> tuple[Floats, float]:
    """Return the middle of a ball around a body and its radius (mm)."""
    box = Bnd_Box()
    BRepBndLib.Add_s(body, box, False)
    if box.IsVoid() or box.IsOpen():
        raise NotCut("one of its bodies has no size")
    low, high = (np.array([one.X(), one.Y(), one.Z()]) for one in (box.CornerMin(), box.CornerMax()))
    return (low + high) / 2, float(np.linalg.norm(high - low)) / 2 * ROOM


def _tool(planes: Sequence[Plane], middle: Floats, reach: float, heights: Sequence[float]) -> Any:
    """Return a box that holds all of a body that lies outside of the planes."""
    normal = planes[0].normal
    corner = middle - heights[0] * normal
    if len(planes) == 2:
        across = planes[1].normal
        corner = corner - heights[1] * across
    else:
        across = planes[0].axes()[0]
        corner = corner - reach * across
    corner = corner - reach * np.cross(normal, across)
    place = gp_Ax2(gp_Pnt(*corner.tolist()), gp_Dir(*normal.tolist()), gp_Dir(*across.tolist()))
    return BRepPrimAPI_MakeBox(place, *(2 * reach,) * 3).Shape()


def _difference(body: Any, tool: Any, fuzzy: float) -> BRepAlgoAPI_Cut:
    bodies, tools = List_TopoDS_Shape(), List_TopoDS_Shape()
    bodies.Append(body)
    tools.Append(tool)
    done = BRepAlgoAPI_Cut()
    done.SetArguments(bodies)
    done.SetTools(tools)
    done.SetNonDestructive(True)
    done.SetRunParallel(False)
    done.SetFuzzyValue(fuzzy)
    done.Build()
    if not done.IsDone() or done.Shape().IsNull():
        raise NotCut("the kernel gives no result")
    return done


def _nearest(face: Any, planes: Sequence[Plane]) -> int:
    """Return the number of the plane on which a cut face lies."""
    center = measure(face)[1]
    return int(np.argmin([abs(float(plane.above(center[None])[0])) for plane in planes]))
