"""The directions of a part's exact faces: normals of planes, axes of turned faces. Runs in the child process only."""

from __future__ import annotations

from typing import Any

import numpy as np
from OCP.BRepAdaptor import BRepAdaptor_Surface
from OCP.BRepGProp import BRepGProp
from OCP.GeomAbs import (
    GeomAbs_Cone,
    GeomAbs_Cylinder,
    GeomAbs_Plane,
    GeomAbs_SurfaceOfExtrusion,
    GeomAbs_SurfaceOfRevolution,
    GeomAbs_Torus,
)
from OCP.GProp import GProp_GProps

from media_assets.cad.explode.axes import gathered
from media_assets.cad.explode.solids import Floats
from media_assets.cad.mesher import faces_of

MOST_FACES = 4000
"""A part with more faces is looked at by its triangles."""


def directions(shape: Any) -> Floats | None:
    """Return the directions of a part's planes and round faces, as long as their share of them (n, 3).

    None where the part has no exact shape, too many faces, or none of these.
    """
    if shape is None or shape.IsNull():
        return None
    faces = faces_of(shape)
    if not 0 < len(faces) <= MOST_FACES:
        return None
    found, areas = [], []
    for face in faces:
        direction = _direction(BRepAdaptor_Surface(face))
        if direction is not None:
            properties = GProp_GProps()
            BRepGProp.SurfaceProperties_s(face, properties)
            found.append((direction.X(), direction.Y(), direction.Z()))
            areas.append(abs(properties.Mass()))
    if not found or not np.isfinite(areas).all() or not sum(areas):
        return None
    return gathered(np.array(found), np.array(areas))


def _direction(surface: BRepAdaptor_Surface) -> Any:
    kind = surface.GetType()
    if kind == GeomAbs_Plane:
        return surface.Plane().Axis().Direction()
    if kind == GeomAbs_Cylinder:
        return surface.Cylinder().Axis().Direction()
    if kind == GeomAbs_Cone:
        return surface.Cone().Axis().Direction()
    if kind == GeomAbs_Torus:
        return surface.Torus().Axis().Direction()
    if kind == GeomAbs_SurfaceOfRevolution:
        return surface.AxeOfRevolution().Direction()
    if kind == GeomAbs_SurfaceOfExtrusion:
        return surface.Direction()
    return None
