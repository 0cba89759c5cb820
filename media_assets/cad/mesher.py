"""Turns the faces of parts into triangles, each part once. Runs in the child process only.

Delabella is three to four times faster than OpenCASCADE's own mesher (Watson) with a sixth of its memory, but leaves
more faces out; what one leaves out, the next takes, and last a coarser attempt.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from OCP.Bnd import Bnd_Box
from OCP.BRep import BRep_Tool
from OCP.BRepBndLib import BRepBndLib
from OCP.BRepMesh import BRepMesh_IncrementalMesh
from OCP.BRepTools import BRepTools
from OCP.IMeshTools import (
    IMeshTools_MeshAlgoType_Delabella,
    IMeshTools_MeshAlgoType_Watson,
    IMeshTools_Parameters,
)
from OCP.TopAbs import TopAbs_FACE
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS

from media_assets.cad.errors import CadError
from media_assets.cad.placing import Box, Floats, box_around, world_matrices
from media_assets.cad.product_tree import Part, Product
from media_assets.cad.settings import Tessellation
from media_assets.cad.xcaf import shape_map

LOOSE = 1.3
"""A box before meshing that is larger than the true one by this factor made the triangles too coarse."""

COARSER = 5.0
COARSEST_ANGLE = 1.0

BUDGET_STEPS = (1.0, 3.0, 9.0, 27.0)
"""How much coarser each attempt is that follows one with too many triangles."""


@dataclass
class Meshed:
    """What meshing one part gave."""

    deflection_mm: float
    triangles: int
    unmeshed_faces: int


@dataclass
class MeshedProduct:
    """What meshing all parts gave; ``coarsened`` is how much coarser than ordered, to stay within the budget."""

    parts: list[Meshed]
    coarsened: float

    @property
    def triangles(self) -> int:
        return sum(part.triangles for part in self.parts)


def mesh_product(
    product: Product, tessellation: Tessellation, max_triangles: int, told: Callable[[int], None]
) -> MeshedProduct:
    """Mesh every part in place and return what came of it. Raises CadError no_usable_geometry, out_of_memory.

    ``told`` is called with the number of parts done.
    """
    for coarsened in BUDGET_STEPS:
        meshing = _Meshing(product, tessellation, coarsened, max_triangles)
        if meshing.run(told):
            return MeshedProduct(meshing.results, coarsened)
    raise CadError(
        "out_of_memory",
        f"Even a coarse version of the file has more than {max_triangles:,} triangles. "
        "Export it without threads, knurls and lettering, or split it into several files.",
    )


class _Meshing:
    """One attempt at one coarseness."""

    def __init__(self, product: Product, tessellation: Tessellation, coarsened: float, budget: int) -> None:
        self.product = product
        self.tessellation = tessellation
        self.coarsened = coarsened
        self.budget = budget
        self.results: list[Meshed] = []
        self.placed = world_matrices(product.root)

    def run(self, told: Callable[[int], None]) -> bool:
        """Mesh all parts; return False as soon as there are more triangles than the budget."""
        boxes = [_loose_box(part) for part in self.product.parts]
        whole = self._diagonal(boxes)
        if whole is None:
            raise CadError(
                "no_usable_geometry",
                "The parts in the file have no size: their coordinates are missing or not numbers. "
                "Export the file again from the CAD system.",
            )
        if self.coarsened > 1.0:
            for part in self.product.parts:
                BRepTools.Clean_s(part.shape, True)
        total = 0
        for number, part in enumerate(self.product.parts):
            self.results.append(self._mesh(part, self._deflection(whole, boxes[number])))
            total += self.results[-1].triangles
            if total > self.budget:
                return False
            told(number + 1)
        return self._mesh_again_where_too_coarse(boxes)

    def _mesh_again_where_too_coarse(self, loose: list[Box | None]) -> bool:
        """Correct the parts whose deflection followed from a box that was far too large."""
        boxes = [
            _true_box(part) if box else None for part, box in zip(self.product.parts, loose, strict=True)
        ]
        whole = self._diagonal(boxes)
        for number, part in enumerate(self.product.parts):
            done, box = self.results[number], boxes[number]
            if whole is None or box is None or done.deflection_mm == 0.0:
                continue
            wanted = self._deflection(whole, box)
            if done.deflection_mm / wanted > LOOSE:
                BRepTools.Clean_s(part.shape, True)
                self.results[number] = self._mesh(part, wanted)
        return sum(result.triangles for result in self.results) <= self.budget

    def _diagonal(self, boxes: list[Box | None]) -> float | None:
        points: dict[int, Floats] = {}
        for look in self.placed:
            box = boxes[self.product.looks[look].part]
            if box:
                points[look] = box.corners()
        around = box_around(self.placed, points)
        return around.diagonal if around and around.diagonal > 0.0 else None

    def _deflection(self, whole: float, box: Box | None) -> float:
        if box is None:
            return 0.0
        return self.tessellation.deflection(whole, box.diagonal) * self.coarsened

    def _mesh(self, part: Part, deflection: float) -> Meshed:
        if deflection == 0.0:
            return Meshed(0.0, 0, part.faces)
        angle = min(self.tessellation.angular * self.coarsened, COARSEST_ANGLE)
        _mesh_shape(part.shape, deflection, angle, IMeshTools_MeshAlgoType_Delabella)
        result = _count(part, deflection)
        if result.unmeshed_faces:
            _mesh_shape(part.shape, deflection, angle, IMeshTools_MeshAlgoType_Watson)
            result = _count(part, deflection)
        if result.unmeshed_faces:
            coarse = min(angle * COARSER, COARSEST_ANGLE)
            _mesh_shape(part.shape, deflection * COARSER, coarse, IMeshTools_MeshAlgoType_Watson)
            result = _count(part, deflection)
        return result


def faces_of(shape: Any) -> list[Any]:
    """Return the distinct faces of a shape in their fixed order."""
    found = shape_map(shape, TopAbs_FACE)
    return [TopoDS.Face(found.FindKey(number)) for number in range(1, found.Extent() + 1)]


def _mesh_shape(shape: Any, deflection: float, angle: float, algorithm: Any) -> None:
    parameters = IMeshTools_Parameters()
    parameters.Deflection = deflection
    parameters.Angle = angle
    parameters.Relative = False
    # One file, one thread: workers share the machine, and threads double the memory.
    parameters.InParallel = False
    parameters.MeshAlgo = algorithm
    BRepMesh_IncrementalMesh(shape, parameters)


def _count(part: Part, deflection: float) -> Meshed:
    triangles = unmeshed = 0
    for face in faces_of(part.shape):
        triangulation = BRep_Tool.Triangulation_s(face, TopLoc_Location())
        count = triangulation.NbTriangles() if triangulation else 0
        triangles += count
        unmeshed += count == 0
    return Meshed(deflection, triangles, unmeshed)


def _loose_box(part: Part) -> Box | None:
    """Return the box around the control points of a part: quick, never too small, up to four times too large."""
    if part.shape.IsNull() or part.faces == 0:
        return None
    box = Bnd_Box()
    BRepBndLib.Add_s(part.shape, box, False)
    return _finite(box)


def _true_box(part: Part) -> Box | None:
    """Return the box around the triangles of a part."""
    box = Bnd_Box()
    for face in faces_of(part.shape):
        location = TopLoc_Location()
        triangulation = BRep_Tool.Triangulation_s(face, location)
        if triangulation and triangulation.NbTriangles():
            triangulation.MinMax(box, location.Transformation())
    return _finite(box)


def _finite(box: Bnd_Box) -> Box | None:
    if box.IsVoid() or box.IsOpen():
        return None
    low, high = box.CornerMin(), box.CornerMax()
    values = (low.X(), low.Y(), low.Z(), high.X(), high.Y(), high.Z())
    if not all(math.isfinite(value) for value in values):
        return None
    return Box(values[:3], values[3:])
