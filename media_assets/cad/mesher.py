"""Turns the faces of parts into triangles, each part once. Runs in the child process only.

Delabella is three to four times faster than OpenCASCADE's own mesher (Watson) with a sixth of its memory, but leaves
more faces out; what one leaves out, the next takes, then a coarser attempt, and last a repaired copy.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from OCP.Bnd import Bnd_Box
from OCP.BRep import BRep_Builder, BRep_Tool
from OCP.BRepBndLib import BRepBndLib
from OCP.BRepBuilderAPI import BRepBuilderAPI_Copy
from OCP.BRepLib import BRepLib_ToolTriangulatedShape
from OCP.BRepMesh import BRepMesh_IncrementalMesh
from OCP.BRepTools import BRepTools
from OCP.IMeshTools import (
    IMeshTools_MeshAlgoType_Delabella,
    IMeshTools_MeshAlgoType_Watson,
    IMeshTools_Parameters,
)
from OCP.OSD import OSD_ThreadPool
from OCP.ShapeFix import ShapeFix_Shape
from OCP.TopAbs import TopAbs_FACE
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS

from media_assets.cad.bodies import compound, shape_map
from media_assets.cad.contract import Finding
from media_assets.cad.earlier import MeshMemory
from media_assets.cad.errors import CadError
from media_assets.cad.placing import Box, Floats, box_around
from media_assets.cad.product_tree import CadProduct, Part
from media_assets.cad.settings import Tessellation
from media_assets.cad.surfaces import Meshed

LOOSE = 1.3
"""A box from control points that is larger than that of the edges by this factor may be far too large; it is then
measured on a rough mesh. 27 of 116 files had one, the worst 3.9 times the part."""

ROUGH_LINEAR, ROUGH_ANGLE = 0.01, 0.8

FINEST_MM = 0.0001
"""OpenCASCADE refuses a deflection near its own precision of 1e-7 mm."""

SHORTEST_EDGE = 0.01
"""Of the deflection. At this length the angle decides how round small things are; no corpus file got 1 % larger."""

COARSER = (1.0, 5.0, 25.0)
"""How much coarser each further attempt at a face is that the mesher left out. The tips of screws need the last in the
preset fine; their edges are as round as their neighbors' already."""

COARSEST_ANGLE = 1.0

MANY_FACES = 250
"""A part with as many is meshed with several threads, each face by one of them: the triangles are the same."""

MOST_THREADS = 8

BUDGET_STEPS = (1.0, 3.0, 9.0, 27.0)
"""How much coarser each attempt is that follows one with too many triangles."""


@dataclass
class MeshedProduct:
    """What meshing all parts gave; ``coarsened`` is how much coarser than ordered, to stay within the budget."""

    parts: list[Meshed]
    coarsened: float
    findings: list[Finding] = field(default_factory=list)

    @property
    def triangles(self) -> int:
        return sum(part.triangles for part in self.parts)


def mesh_product(
    product: CadProduct,
    placed: dict[int, Floats],
    tessellation: Tessellation,
    max_triangles: int,
    told: Callable[[int], None],
    memory: MeshMemory | None = None,
) -> MeshedProduct:
    """Mesh every part in place and return the result. Raises CadError no_usable_geometry, out_of_memory.

    ``placed`` holds the matrices of each look's places (``placing.world_matrices``); ``told`` is called with the
    number of parts done. What ``memory`` has is not meshed again.
    """
    for coarsened in BUDGET_STEPS:
        meshing = _Meshing(product, placed, tessellation, coarsened, max_triangles, memory)
        if meshing.run(told):
            return MeshedProduct(meshing.results, coarsened)
        if memory:
            memory.forget()
    raise CadError("out_of_memory", "triangles", limit=max_triangles)


class _Meshing:
    """One attempt at one coarseness."""

    def __init__(
        self,
        product: CadProduct,
        placed: dict[int, Floats],
        tessellation: Tessellation,
        coarsened: float,
        budget: int,
        memory: MeshMemory | None,
    ) -> None:
        self.product = product
        self.placed = placed
        self.tessellation = tessellation
        self.coarsened = coarsened
        self.budget = budget
        self.memory = memory
        self.results: list[Meshed] = []

    def run(self, told: Callable[[int], None]) -> bool:
        """Mesh all parts; return False as soon as there are more triangles than the budget."""
        if self.coarsened > 1.0:
            for part in self.product.parts:
                BRepTools.Clean_s(part.shape, True)
        boxes = [_box(part) for part in self.product.parts]
        whole = self._diagonal(boxes)
        if whole is None:
            raise CadError("no_usable_geometry", "no_size")
        total = 0
        for number, part in enumerate(self.product.parts):
            self.results.append(self._remembered(number, part, self._deflection(whole, boxes[number])))
            total += self.results[-1].triangles
            if total > self.budget:
                return False
            told(number + 1)
        return True

    def _diagonal(self, boxes: list[Box | None]) -> float | None:
        points: dict[int, Floats] = {}
        for look in self.placed:
            box = boxes[self.product.looks[look].part]
            if box:
                points[look] = box.corners()
        around = box_around(self.placed, points)
        return around.diagonal if around else None

    def _deflection(self, whole: float, box: Box | None) -> float:
        if box is None:
            return 0.0
        return self.tessellation.deflection(whole, box.diagonal) * self.coarsened

    def _remembered(self, number: int, part: Part, deflection: float) -> Meshed:
        angle = min(self.tessellation.angular * self.coarsened, COARSEST_ANGLE)
        if deflection == 0.0:
            return Meshed(0.0, 0, part.faces)
        known = self.memory.find(number, deflection, angle) if self.memory else None
        meshed = known or mesh_part(part, deflection, angle)
        if self.memory:
            self.memory.note(number, meshed)
        return meshed


def mesh_part(part: Part, deflection: float, angle: float) -> Meshed:
    """Mesh a part in place and return what that gave."""
    in_parallel = part.faces >= MANY_FACES
    if in_parallel:
        # The first call decides. A thread takes its stack from the memory that the child is allowed.
        OSD_ThreadPool.DefaultPool_s(min(len(os.sched_getaffinity(0)), MOST_THREADS))
    _mesh_shape(part.shape, deflection, angle, IMeshTools_MeshAlgoType_Delabella, in_parallel=in_parallel)
    missing = _unmeshed(part)
    for factor in COARSER:
        if missing:
            coarse = min(angle * factor, COARSEST_ANGLE)
            _mesh_shape(compound(missing), deflection * factor, coarse, IMeshTools_MeshAlgoType_Watson)
            missing = [face for face in missing if _triangles(face) == 0]
    missing = [face for face in missing if not _mesh_repaired(face, deflection, angle)]
    return Meshed(deflection, sum(map(_triangles, faces_of(part.shape))), len(missing))


def faces_of(shape: Any) -> list[Any]:
    """Return the distinct faces of a shape in their fixed order."""
    found = shape_map(shape, TopAbs_FACE)
    return [TopoDS.Face(found.FindKey(number)) for number in range(1, found.Extent() + 1)]


def _mesh_shape(
    shape: Any, deflection: float, angle: float, algorithm: Any, *, in_parallel: bool = False
) -> None:
    parameters = IMeshTools_Parameters()
    parameters.Deflection = deflection
    parameters.Angle = angle
    parameters.Relative = False
    # By default no edge is shorter than a tenth of the deflection, and a small fillet on a large plate has corners.
    parameters.MinSize = max(deflection * SHORTEST_EDGE, FINEST_MM)
    parameters.InParallel = in_parallel
    parameters.MeshAlgo = algorithm
    BRepMesh_IncrementalMesh(shape, parameters)


def _mesh_repaired(face: Any, deflection: float, angle: float) -> bool:
    """Mesh a repaired copy of a face and give its triangles to the face; return whether that worked.

    The reader leaves out the repairs that are slow; a face whose boundary has no curves on its surface needs them.
    """
    bare = face.Located(TopLoc_Location())
    repair = ShapeFix_Shape(BRepBuilderAPI_Copy(bare).Shape())
    repair.Perform()
    repaired = faces_of(repair.Shape())
    if len(repaired) != 1 or not repaired[0].Location().IsIdentity():
        return False
    _mesh_shape(repaired[0], deflection, angle, IMeshTools_MeshAlgoType_Watson)
    if _triangles(repaired[0]) == 0:
        return False
    triangulation = BRep_Tool.Triangulation_s(repaired[0], TopLoc_Location())
    # The repaired surface may be another one, so its normals go along.
    BRepLib_ToolTriangulatedShape.ComputeNormals_s(repaired[0], triangulation)
    BRep_Builder().UpdateFace(face, triangulation)
    return True


def _triangles(face: Any) -> int:
    triangulation = BRep_Tool.Triangulation_s(face, TopLoc_Location())
    return int(triangulation.NbTriangles()) if triangulation else 0


def _unmeshed(part: Part) -> list[Any]:
    return [face for face in faces_of(part.shape) if _triangles(face) == 0]


def _box(part: Part) -> Box | None:
    """Return the box around a part, at most ``LOOSE`` times too large; None for a part without a finite size."""
    if part.shape.IsNull() or part.faces == 0:
        return None
    loose, edges = Bnd_Box(), Bnd_Box()
    BRepBndLib.Add_s(part.shape, loose, False)
    BRepBndLib.AddClose_s(part.shape, edges)
    box, inner = _finite(loose), _finite(edges)
    if box is None:
        # The edges of a face that has no curves on its surface still say where it ends.
        return inner
    if inner and box.diagonal <= LOOSE * inner.diagonal:
        return box
    deflection = max(box.diagonal * ROUGH_LINEAR, FINEST_MM)
    _mesh_shape(part.shape, deflection, ROUGH_ANGLE, IMeshTools_MeshAlgoType_Delabella)
    rough = Bnd_Box()
    for face in faces_of(part.shape):
        location = TopLoc_Location()
        triangulation = BRep_Tool.Triangulation_s(face, location)
        if triangulation and triangulation.NbTriangles():
            triangulation.MinMax(rough, location.Transformation())
    BRepTools.Clean_s(part.shape, True)
    return _finite(rough) or box


def _finite(box: Bnd_Box) -> Box | None:
    if box.IsVoid() or box.IsOpen():
        return None
    low, high = box.CornerMin(), box.CornerMax()
    found = Box((low.X(), low.Y(), low.Z()), (high.X(), high.Y(), high.Z()))
    return found if found.is_plausible else None
