"""Exact shapes as products of the converter, for tests that measure its triangles; OpenCASCADE in this process."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from OCP.BRep import BRep_Builder, BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeEdge
from OCP.BRepFilletAPI import BRepFilletAPI_MakeFillet
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox
from OCP.TopAbs import TopAbs_EDGE, TopAbs_FACE
from OCP.TopExp import TopExp_Explorer
from OCP.TopoDS import TopoDS, TopoDS_Compound, TopoDS_Face, TopoDS_Wire

from media_assets.cad.bodies import shape_map
from media_assets.cad.mesher import MeshedProduct, faces_of, mesh_product
from media_assets.cad.placing import world_matrices
from media_assets.cad.product_tree import Appearance, CadProduct, Node, Part
from media_assets.cad.settings import Tessellation
from media_assets.cad.surfaces import Surface
from media_assets.cad.triangles import take_triangles

Floats = npt.NDArray[np.float64]


def product_of(*shapes: Any) -> CadProduct:
    """A product that shows each shape once, without color."""
    parts = [Part(f"Teil {n}", shape, len(faces_of(shape)), 1, None) for n, shape in enumerate(shapes)]
    looks = [Appearance(number, (None,) * part.faces) for number, part in enumerate(parts)]
    root = Node("Maschine", "Maschine", "/")
    root.children = [Node(part.name, part.name, f"/{part.name}", look=n) for n, part in enumerate(parts)]
    return CadProduct(root, parts, looks, 1, 1)


def tessellate(
    product: CadProduct, tessellation: Tessellation, folder: Path, budget: int = 10_000_000
) -> tuple[MeshedProduct, list[Surface]]:
    """What meshing gave, and the triangles of each look (each has one color)."""
    meshed = mesh_product(product, world_matrices(product.root), tessellation, budget, lambda done: None)
    return meshed, [mesh.surfaces[0][1] for mesh in take_triangles(product, folder, {})]


def corners_of(surface: Surface) -> tuple[Floats, Floats, Floats]:
    """Points (m, 3, 3), normals (m, 3, 3) and the triangles' own normals (m, 3)."""
    points = surface.points[surface.corners].astype(np.float64)
    across = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    normals = surface.normals[surface.corners].astype(np.float64)
    return points, normals, across / np.linalg.norm(across, axis=1, keepdims=True)


def rounded_plate(width: float, height: float, radius: float) -> Any:
    """A plate centered on the origin with all its edges rounded."""
    plate = BRepPrimAPI_MakeBox(width, width, height).Shape()
    fillet = BRepFilletAPI_MakeFillet(plate)
    edges = shape_map(plate, TopAbs_EDGE)
    for number in range(1, edges.Extent() + 1):
        fillet.Add(radius, TopoDS.Edge(edges.FindKey(number)))
    return fillet.Shape()


def without_surface_curves(solid: Any) -> Any:
    """The faces of a solid with boundaries in space alone, as careless exporters write them."""
    compound, builder = TopoDS_Compound(), BRep_Builder()
    builder.MakeCompound(compound)
    for face in faces_of(solid):
        bare, wire = TopoDS_Face(), TopoDS_Wire()
        builder.MakeFace(bare, BRep_Tool.Surface_s(face), 1e-7)
        builder.MakeWire(wire)
        found = TopExp_Explorer(face, TopAbs_EDGE)
        while found.More():
            edge = TopoDS.Edge(found.Current())
            curve = BRepAdaptor_Curve(edge)
            first, last = curve.FirstParameter(), curve.LastParameter()
            again = BRepBuilderAPI_MakeEdge(BRep_Tool.Curve_s(edge, first, last), first, last).Edge()
            builder.Add(wire, again.Oriented(edge.Orientation()))
            found.Next()
        builder.Add(bare, wire)
        builder.Add(compound, bare.Oriented(face.Orientation()))
    assert shape_map(compound, TopAbs_FACE).Extent() == len(faces_of(solid))
    return compound


def widest_angle(normals: Floats) -> float:
    """The largest angle between two corners' normals of one triangle, in radians."""
    dots = [(normals[:, one] * normals[:, other]).sum(axis=1) for one, other in ((0, 1), (1, 2), (2, 0))]
    return math.acos(float(np.clip(np.min(dots), -1.0, 1.0)))
