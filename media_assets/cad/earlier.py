"""Meshes of an earlier revision, found by all that they are a function of. Runs in the child process only.

The USD master notes beside each mesh the hash of the part's shape, of how finely it was meshed, and of the tools. A
part whose hash the master of an earlier revision has is not meshed again.
"""

from __future__ import annotations

import hashlib
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from OCP.collections import IndexedMap_TopoDS_Shape_TopTools_ShapeMapHasher as ShapeMap
from OCP.TopAbs import TopAbs_EDGE
from OCP.TopLoc import TopLoc_Location
from pxr import Sdf, Vt

from media_assets.cad.bodies import shape_map
from media_assets.cad.product_tree import Appearance, CadProduct, Part
from media_assets.cad.settings import tool_versions
from media_assets.cad.surfaces import Mesh, Meshed, Surface

NOTE = "renderdesk"
"""The entry in the custom data of a prototype in the master."""

Faces = tuple[int, ...]


class MeshMemory:
    """What the meshes of a product are functions of, and those that the master of an earlier revision has.

    ``reused`` are surfaces by part and the numbers of its faces; None where these faces have no triangles.
    """

    def __init__(self, product: CadProduct, earlier: Mapping[str, Any]) -> None:
        """``earlier`` are the prototypes of a master by their keys (`prototypes`)."""
        self.product = product
        self.earlier = earlier
        self.reused: dict[tuple[int, Faces], Surface | None] = {}
        self.parts: set[int] = set()
        self._looks: dict[int, list[Appearance]] = {}
        for look in product.looks:
            self._looks.setdefault(look.part, []).append(look)
        tools = repr(sorted(tool_versions().items())).encode()
        self._shapes = {number: tools + product.parts[number].digest for number in _alone(product)}
        self._keys: dict[int, bytes] = {}
        self._meshed: dict[int, Meshed] = {}

    def find(self, number: int, deflection: float, angle: float) -> Meshed | None:
        """Return what meshing a part gave in the earlier revision; None unless all its looks are known."""
        if number not in self._shapes:
            return None
        self._keys[number] = self._shapes[number] + struct.pack("<dd", deflection, angle)
        found: dict[tuple[int, Faces], Surface | None] = {}
        meshed: Meshed | None = None
        for look in self._looks.get(number, ()):
            groups = list(look.groups.values())
            read = _read(self.earlier.get(self._key(look)), len(groups))
            if read is None:
                return None
            (triangles, unmeshed), surfaces = read
            meshed = Meshed(deflection, triangles, unmeshed)
            found.update({(number, faces): surfaces.get(at) for at, faces in enumerate(groups)})
        if meshed:
            self.reused.update(found)
            self.parts.add(number)
        return meshed

    def note(self, number: int, meshed: Meshed) -> None:
        """Remember what meshing a part gave."""
        self._meshed[number] = meshed

    def forget(self) -> None:
        """Reuse and note nothing from now on."""
        for known in (self._shapes, self._keys, self.reused, self.parts):
            known.clear()

    def said_of(self, number: int, mesh: Mesh) -> dict[str, Any] | None:
        """Return what the master says beside the mesh of a look; None where it is a function of other parts too."""
        look = self.product.looks[number]
        if look.part not in self._keys or look.part in self.product.shifts:
            return None
        meshed, groups = self._meshed[look.part], list(look.groups)
        sizes = [
            (groups.index(color), len(surface.points), len(surface.corners))
            for color, surface in mesh.surfaces
        ]
        return {
            "key": self._key(look),
            "meshed": Vt.IntArray([meshed.triangles, meshed.unmeshed_faces]),
            "surfaces": Vt.IntArray([count for size in sizes for count in size]),
        }

    def _key(self, look: Appearance) -> str:
        groups = repr(list(look.groups.values())).encode()
        return hashlib.sha256(self._keys[look.part] + groups).hexdigest()


def prototypes(path: Path) -> dict[str, Any]:
    """Return the prototypes of a master by the keys that it notes; none for what is no sound file."""
    try:
        layer = Sdf.Layer.OpenAsAnonymous(str(path))
        root = layer.GetPrimAtPath(f"/{layer.defaultPrim}")
        waiting = [one for one in root.nameChildren if one.specifier == Sdf.SpecifierClass]
        found = [(one.customData.get(NOTE), one) for place in waiting for one in place.nameChildren]
        # What is known of a prototype dies with its layer.
        return {str(said["key"]): (layer, said, one) for said, one in found if said}
    except Exception:
        return {}


def _read(known: Any, groups: int) -> tuple[tuple[int, int], dict[int, Surface]] | None:
    """Return the counts of triangles and unmeshed faces, and the surfaces by group; None for what is not sound."""
    if known is None:
        return None
    try:
        _, said, prototype = known
        attributes = prototype.nameChildren["Mesh"].attributes
        points, normals, corners = (
            np.array(attributes[name].default) for name in ("points", "normals", "faceVertexIndices")
        )
        triangles, unmeshed = (int(count) for count in said["meshed"])
        sizes = np.array(said["surfaces"], np.int64).reshape(-1, 3)
        if unmeshed < 0 or triangles < sizes[:, 2].sum():  # mending takes triangles away
            return None
        return (triangles, unmeshed), dict(_surfaces(points, normals, corners.reshape(-1, 3), sizes, groups))
    except Exception:
        return None


def _surfaces(
    points: npt.NDArray[Any],
    normals: npt.NDArray[Any],
    corners: npt.NDArray[Any],
    sizes: npt.NDArray[np.int64],
    groups: int,
) -> Iterator[tuple[int, Surface]]:
    """Yield the surfaces of a mesh by their group. Raises ValueError for what the meshing never makes."""
    ends = np.cumsum(sizes[:, 1:], axis=0)
    is_whole = len(sizes) and (sizes >= 0).all() and (sizes[:, 0] < groups).all()
    if not is_whole or tuple(ends[-1]) != (len(points), len(corners)) or points.shape != normals.shape:
        raise ValueError("sizes")
    if points.dtype != np.float32 or normals.dtype != np.float32 or not np.isfinite([points, normals]).all():
        raise ValueError("numbers")
    for (group, count, triangles), (point, corner) in zip(sizes.tolist(), ends.tolist(), strict=True):
        start = point - count
        own = corners[corner - triangles : corner] - start
        if not triangles or own.min() < 0 or own.max() >= count:
            raise ValueError("corners")
        yield group, Surface(points[start:point], normals[start:point], own.astype(np.uint32))


def _alone(product: CadProduct) -> Iterable[int]:
    """Return the parts that share no edge with another one: a mesh ends at its edges as its neighbor meshed them."""
    known = ShapeMap()
    edges = {number: _edges(part, known) for number, part in enumerate(product.parts) if part.faces}
    uses = Counter(edge for own in edges.values() for edge in own)
    return [number for number, own in edges.items() if all(uses[edge] == 1 for edge in own)]


def _edges(part: Part, known: ShapeMap) -> set[int]:
    """Return the numbers in ``known`` of the edges of a part, wherever it places them."""
    found = shape_map(part.shape, TopAbs_EDGE)
    bare = TopLoc_Location()
    return {known.Add(found.FindKey(number).Located(bare)) for number in range(1, found.Extent() + 1)}
