"""Opens a mesh file as if it were CAD that has been meshed already. Runs in the child process only."""

from __future__ import annotations

import re
from pathlib import Path

from media_assets.cad.contract import Limits, Reading
from media_assets.cad.mesh_glb import read_glb
from media_assets.cad.mesh_obj import read_obj
from media_assets.cad.mesh_scene import MeshScene
from media_assets.cad.mesh_stl import read_stl
from media_assets.cad.mesher import Meshed, MeshedProduct
from media_assets.cad.names import clean

MESH_FORMATS = frozenset({"glb", "stl", "obj"})

_SUFFIX = re.compile(r"(\.(glb|stl|obj|gz|zip))+$", re.IGNORECASE)


def load_mesh(format_name: str, path: Path, name: str, reading: Reading, limits: Limits) -> MeshScene:
    """Return the scene of a GLB, STL or OBJ file; ``name`` is the file's, for a product without one of its own.

    Raises CadError, whatever the bytes are.
    """
    title = _SUFFIX.sub("", clean(name)) or "Product"
    if format_name == "glb":
        return read_glb(path, title, limits)
    if format_name == "stl":
        return read_stl(path, title, reading, limits)
    return read_obj(path, title, reading, limits)


def as_meshed(scene: MeshScene) -> MeshedProduct:
    """Return what a mesher would have told about these triangles: nothing is missing, nothing was coarsened."""
    triangles = [0] * len(scene.product.parts)
    for look, mesh in zip(scene.product.looks, scene.meshes, strict=True):
        triangles[look.part] = mesh.triangles
    return MeshedProduct([Meshed(0.0, count, 0) for count in triangles], 1.0)
