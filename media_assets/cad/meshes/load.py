"""Opens a mesh file as if it were CAD that is already meshed. Runs in the child process only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from media_assets.cad.contract import NO_FILES, Limits, Reading
from media_assets.cad.mesher import MeshedProduct
from media_assets.cad.meshes.scene import MeshScene
from media_assets.cad.names import clean
from media_assets.cad.surfaces import Meshed
from media_assets.formats import cad

_MESHES = [row for row in cad.CAD_FORMATS.values() if row.is_mesh]


# Now, so that a child is forked with them.
_READERS: dict[str, Callable[..., MeshScene]] = {row.name: cad.function(row.read) for row in _MESHES}


def load_mesh(
    format_name: str,
    path: Path,
    name: str,
    reading: Reading,
    limits: Limits,
    companions: Mapping[str, Path] = NO_FILES,
) -> MeshScene:
    """Return the scene of a mesh file; ``name`` is the file's, for a product without one of its own.

    ``companions`` are the files that were unpacked with it.

    Raises CadError, whatever the bytes are.
    """
    title = cad.without_endings(clean(name), _MESHES) or "Product"
    return _READERS[format_name](path, title, reading, limits, companions)


def as_meshed(scene: MeshScene) -> MeshedProduct:
    """Return what a mesher would report of these triangles: nothing is missing, nothing was coarsened."""
    triangles = [0] * len(scene.product.parts)
    for look, mesh in zip(scene.product.looks, scene.meshes, strict=True):
        triangles[look.part] = mesh.triangles
    return MeshedProduct([Meshed(0.0, count, 0) for count in triangles], 1.0)
