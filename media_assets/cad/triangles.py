"""Takes the triangles of meshed parts out of OpenCASCADE as arrays. Runs in the child process only.

The kernel hands out one point per call, which costs more than meshing; its glTF writer hands out all at once. So each
group of faces that shares a colour is written as one mesh to a scratch file, which is read back as it lies in memory.
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
from OCP.BRep import BRep_Builder
from OCP.collections import IndexedDataMap_TCollection_AsciiString_TCollection_AsciiString as FileInfo
from OCP.Message import Message_ProgressRange
from OCP.RWGltf import RWGltf_CafWriter
from OCP.RWMesh import RWMesh_NameFormat_Product
from OCP.TCollection import TCollection_AsciiString, TCollection_ExtendedString
from OCP.TDataStd import TDataStd_Name
from OCP.TopoDS import TopoDS_Compound
from OCP.XCAFDoc import XCAFDoc_DocumentTool

from media_assets.cad.mesher import faces_of
from media_assets.cad.product_tree import Color, Look, Product
from media_assets.cad.reader import new_document

COMPONENT_TYPES = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3}


@dataclass
class Surface:
    """Triangles of one colour of one part: float32 points and normals of shape (n, 3) in mm and CAD axes, and
    uint32 corner numbers of shape (m, 3), counter-clockwise seen from outside."""

    points: npt.NDArray[np.float32]
    normals: npt.NDArray[np.float32]
    corners: npt.NDArray[np.uint32]


@dataclass
class Mesh:
    """The look of a part as triangles: its surfaces by colour."""

    name: str
    surfaces: list[tuple[Color | None, Surface]]

    @property
    def triangles(self) -> int:
        return sum(len(surface.corners) for _, surface in self.surfaces)


def take_triangles(product: Product, folder: Path) -> list[Mesh]:
    """Return one mesh per look, of parts that have triangles; OSError when the scratch file cannot be written.

    Looks that differ in their colours only share their surfaces' arrays.
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


def _grouped(look: Look) -> dict[Color | None, tuple[int, ...]]:
    groups: dict[Color | None, list[int]] = {}
    for face, color in enumerate(look.colors):
        groups.setdefault(color, []).append(face)
    return {color: tuple(faces) for color, faces in groups.items()}


def _through_gltf(
    product: Product, groups: list[tuple[int, tuple[int, ...]]], path: Path
) -> dict[int, Surface]:
    """Write the groups as meshes named by their number, and return the surfaces read back, by that number."""
    document = new_document()
    shapes = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    part_faces: dict[int, list[Any]] = {}
    builder = BRep_Builder()
    for number, (part, faces) in enumerate(groups):
        if part not in part_faces:
            part_faces[part] = faces_of(product.parts[part].shape)
        compound = TopoDS_Compound()
        builder.MakeCompound(compound)
        for face in faces:
            builder.Add(compound, part_faces[part][face])
        label = shapes.AddShape(compound, False)
        TDataStd_Name.Set_s(label, TCollection_ExtendedString(str(number)))
    writer = RWGltf_CafWriter(TCollection_AsciiString(str(path)), True)
    writer.SetMergeFaces(True)
    writer.SetNodeNameFormat(RWMesh_NameFormat_Product)
    writer.SetMeshNameFormat(RWMesh_NameFormat_Product)
    if not writer.Perform(document, FileInfo(), Message_ProgressRange()):
        # There are triangles, so the only thing that can fail is writing them.
        raise OSError(errno.ENOSPC, "OpenCASCADE could not write its scratch file", str(path))
    return _read_surfaces(path)


def _read_surfaces(path: Path) -> dict[int, Surface]:
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
            surface = _sound(np.concatenate(points), np.concatenate(normals), np.concatenate(corners))
            if surface:
                surfaces[int(mesh["name"])] = surface
    return surfaces


def _array(described: dict[str, Any], content: bytes, binary: int, number: int) -> npt.NDArray[Any]:
    accessor = described["accessors"][number]
    view = described["bufferViews"][accessor["bufferView"]]
    kind, width = np.dtype(COMPONENT_TYPES[accessor["componentType"]]), WIDTHS[accessor["type"]]
    start = binary + view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    stride = view.get("byteStride", kind.itemsize * width)
    shape, strides = (accessor["count"], width), (stride, kind.itemsize)
    return np.ndarray(shape, kind, content, start, strides)


def _sound(points: npt.NDArray[Any], normals: npt.NDArray[Any], corners: npt.NDArray[Any]) -> Surface | None:
    """Return a surface without triangles that a renderer cannot use: not finite, or without an area."""
    corners = corners.astype(np.uint32)
    usable = np.isfinite(points).all(axis=1)[corners].all(axis=1)
    first, second, third = corners[:, 0], corners[:, 1], corners[:, 2]
    usable &= (first != second) & (second != third) & (third != first)
    corners = corners[usable]
    if not len(corners):
        return None
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    facing = np.where(
        np.isfinite(lengths) & (lengths > 1e-6), normals / np.maximum(lengths, 1e-6), (0.0, 0.0, 1.0)
    )
    used, renumbered = np.unique(corners, return_inverse=True)
    return Surface(
        np.ascontiguousarray(points[used], np.float32),
        np.ascontiguousarray(facing[used], np.float32),
        renumbered.reshape(-1, 3).astype(np.uint32),
    )
