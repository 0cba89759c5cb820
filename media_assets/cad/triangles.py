"""Takes the triangles of meshed parts out of OpenCASCADE as arrays. Runs in the child process only.

The kernel hands out one point per call, which costs more than meshing; its glTF writer hands out all at once. So each
group of faces that shares a color is written as one mesh to a scratch file, which is read back as it lies in memory.
"""

from __future__ import annotations

import errno
import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from OCP.BRep import BRep_Builder, BRep_Tool
from OCP.collections import IndexedDataMap_TCollection_AsciiString_TCollection_AsciiString as FileInfo
from OCP.Message import Message_ProgressRange
from OCP.RWGltf import RWGltf_CafWriter
from OCP.RWMesh import RWMesh_NameFormat_Product
from OCP.TCollection import TCollection_AsciiString, TCollection_ExtendedString
from OCP.TDataStd import TDataStd_Name
from OCP.TopAbs import TopAbs_EDGE
from OCP.TopExp import TopExp
from OCP.TopoDS import TopoDS, TopoDS_Compound
from OCP.XCAFDoc import XCAFDoc_DocumentTool

from media_assets.cad.bodies import shape_map
from media_assets.cad.mesher import faces_of
from media_assets.cad.product_tree import Appearance, CadProduct, Color
from media_assets.cad.reader import new_document
from media_assets.cad.soundness import mend

COMPONENT_TYPES = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3}


@dataclass
class Surface:
    """Triangles of one color of one part: float32 points and normals of shape (n, 3) in mm and CAD axes, and
    uint32 corner numbers of shape (m, 3), counter-clockwise seen from outside."""

    points: npt.NDArray[np.float32]
    normals: npt.NDArray[np.float32]
    corners: npt.NDArray[np.uint32]


@dataclass
class Mesh:
    """The look of a part as triangles: its surfaces by color."""

    name: str
    surfaces: list[tuple[Color | None, Surface]]

    @property
    def triangles(self) -> int:
        return sum(len(surface.corners) for _, surface in self.surfaces)


def take_triangles(product: CadProduct, folder: Path) -> list[Mesh]:
    """Return one mesh per look, of parts that have triangles; OSError when the scratch file cannot be written.

    Looks that differ in their colors only share their surfaces' arrays.
    """
    groups: dict[tuple[int, tuple[int, ...]], int] = {}
    wanted = [_grouped(look) for look in product.looks]
    for look, by_color in zip(product.looks, wanted, strict=True):
        for faces in by_color.values():
            groups.setdefault((look.part, faces), len(groups))
    surfaces = _through_gltf(product, list(groups), folder / "triangles.glb") if groups else {}
    meshes = []
    for look, by_color in zip(product.looks, wanted, strict=True):
        found = [(color, surfaces.get(groups[look.part, faces])) for color, faces in by_color.items()]
        kept = [(color, surface) for color, surface in found if surface is not None]
        meshes.append(Mesh(product.parts[look.part].name, kept))
    return meshes


def _grouped(look: Appearance) -> dict[Color | None, tuple[int, ...]]:
    groups: dict[Color | None, list[int]] = {}
    for face, color in enumerate(look.colors):
        groups.setdefault(color, []).append(face)
    return {color: tuple(faces) for color, faces in groups.items()}


def _through_gltf(
    product: CadProduct, groups: list[tuple[int, tuple[int, ...]]], path: Path
) -> dict[int, Surface]:
    """Write the groups as meshes named by their number, and return the surfaces read back, by that number."""
    document = new_document()
    shapes = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    part_faces: dict[int, list[Any]] = {}
    tips: dict[int, npt.NDArray[np.float64]] = {}
    builder = BRep_Builder()
    for number, (part, faces) in enumerate(groups):
        if part not in part_faces:
            part_faces[part] = faces_of(product.parts[part].shape)
        compound = TopoDS_Compound()
        builder.MakeCompound(compound)
        for face in faces:
            builder.Add(compound, part_faces[part][face])
        tips[number] = _tips(compound)
        label = shapes.AddShape(compound, False)
        TDataStd_Name.Set_s(label, TCollection_ExtendedString(str(number)))
    writer = RWGltf_CafWriter(TCollection_AsciiString(str(path)), True)
    writer.SetMergeFaces(True)
    writer.SetNodeNameFormat(RWMesh_NameFormat_Product)
    writer.SetMeshNameFormat(RWMesh_NameFormat_Product)
    if not writer.Perform(document, FileInfo(), Message_ProgressRange()):
        # There are triangles, so the only thing that can fail is writing them.
        raise OSError(errno.ENOSPC, "OpenCASCADE could not write its scratch file", str(path))
    return _read_surfaces(path, tips)


def _tips(shape: Any) -> npt.NDArray[np.float64]:
    """Return the points (k, 3) to which an edge of a surface has shrunk: poles, and tips of cones."""
    edges = shape_map(shape, TopAbs_EDGE)
    found = []
    for number in range(1, edges.Extent() + 1):
        edge = TopoDS.Edge(edges.FindKey(number))
        if BRep_Tool.Degenerated_s(edge):
            vertex = TopExp.FirstVertex_s(edge)
            if not vertex.IsNull():
                point = BRep_Tool.Pnt_s(vertex)
                found.append((point.X(), point.Y(), point.Z()))
    return np.array(found, np.float64).reshape(-1, 3)


def _read_surfaces(path: Path, tips: dict[int, npt.NDArray[np.float64]]) -> dict[int, Surface]:
    content = path.read_bytes()
    path.unlink()
    (json_length,) = struct.unpack_from("<I", content, 12)
    described = json.loads(content[20 : 20 + json_length])
    binary = 20 + json_length + 8
    surfaces: dict[int, Surface] = {}
    for mesh in described.get("meshes", ()):
        points, normals, corners, offset = [], [], [], 0
        for primitive in mesh["primitives"]:
            if primitive.get("mode", 4) != 4:
                continue
            attributes = primitive["attributes"]
            points.append(_array(described, content, binary, attributes["POSITION"]))
            normals.append(_array(described, content, binary, attributes["NORMAL"]))
            corners.append(
                _array(described, content, binary, primitive["indices"]).reshape(-1, 3) + np.uint32(offset)
            )
            offset += len(points[-1])
        if points:
            number = int(mesh["name"])
            mended = mend(
                np.concatenate(points), np.concatenate(normals), np.concatenate(corners), tips[number]
            )
            if mended:
                surfaces[number] = Surface(*mended)
    return surfaces


def _array(described: dict[str, Any], content: bytes, binary: int, number: int) -> npt.NDArray[Any]:
    accessor = described["accessors"][number]
    view = described["bufferViews"][accessor["bufferView"]]
    kind, width = np.dtype(COMPONENT_TYPES[accessor["componentType"]]), WIDTHS[accessor["type"]]
    start = binary + view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    stride = view.get("byteStride", kind.itemsize * width)
    shape, strides = (accessor["count"], width), (stride, kind.itemsize)
    return np.ndarray(shape, kind, content, start, strides)
