"""Takes the triangles of meshed parts out of OpenCASCADE as arrays. Runs in the child process only.

The kernel hands out one point per call, which costs more than meshing; its glTF writer hands out all at once. So each
group of faces that shares a color is written as one mesh to a scratch file, which is read back as it lies in memory.
"""

from __future__ import annotations

import errno
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from OCP.Bnd import Bnd_Box
from OCP.BRep import BRep_Builder, BRep_Tool
from OCP.BRepBndLib import BRepBndLib
from OCP.collections import IndexedDataMap_TCollection_AsciiString_TCollection_AsciiString as FileInfo
from OCP.gp import gp_Trsf, gp_Vec
from OCP.Message import Message_ProgressRange
from OCP.RWGltf import RWGltf_CafWriter
from OCP.RWMesh import RWMesh_NameFormat_Product
from OCP.TCollection import TCollection_AsciiString, TCollection_ExtendedString
from OCP.TDataStd import TDataStd_Name
from OCP.TopAbs import TopAbs_EDGE
from OCP.TopExp import TopExp
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS, TopoDS_Compound
from OCP.XCAFDoc import XCAFDoc_DocumentTool

from media_assets.cad.bodies import shape_map
from media_assets.cad.centering import far_middle
from media_assets.cad.mesher import faces_of
from media_assets.cad.meshes.normals import smooth_surface
from media_assets.cad.product_tree import CadProduct
from media_assets.cad.reader import new_document
from media_assets.cad.soundness import mend
from media_assets.cad.surfaces import Mesh, Surface, joined

COMPONENT_TYPES = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3}


def take_triangles(
    product: CadProduct, folder: Path, known: Mapping[tuple[int, tuple[int, ...]], Surface | None]
) -> list[Mesh]:
    """Return one mesh per look, of parts that have triangles; OSError when the scratch file cannot be written.

    Looks that differ in their colors only share their surfaces' arrays. ``known`` are surfaces by part and the numbers
    of their faces that need not be taken.
    """
    wanted = [look.groups for look in product.looks]
    groups = {
        (look.part, faces): None
        for look, by_color in zip(product.looks, wanted, strict=True)
        for faces in by_color.values()
        if (look.part, faces) not in known
    }
    taken = _through_gltf(product, list(groups), folder / "triangles.glb") if groups else {}
    surfaces = {**known, **{group: taken.get(number) for number, group in enumerate(groups)}}
    meshes = []
    for look, by_color in zip(product.looks, wanted, strict=True):
        found = [(color, surfaces[look.part, faces]) for color, faces in by_color.items()]
        kept = [(color, surface) for color, surface in found if surface is not None]
        meshes.append(Mesh(product.parts[look.part].name, kept))
    return meshes


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
        smooth, flat = TopoDS_Compound(), TopoDS_Compound()
        for compound in (smooth, flat):
            builder.MakeCompound(compound)
        shift = product.shifts.get(part)
        for face in (part_faces[part][number_of_face] for number_of_face in faces):
            builder.Add(smooth if _has_normals(face) else flat, face.Moved(_back(shift)) if shift else face)
        tips[number] = _tips(smooth)
        for compound in (smooth, flat):
            if compound.NbChildren():
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


def note_far_parts(product: CadProduct) -> None:
    """Give parts that were drawn far from their origin (``centering``) a shift that their triangles are taken with."""
    for number, part in enumerate(product.parts):
        box = Bnd_Box()
        if not part.shape.IsNull():
            BRepBndLib.AddClose_s(part.shape, box)
        if not (box.IsVoid() or box.IsOpen()):
            low, high = box.CornerMin(), box.CornerMax()
            middle = far_middle(
                np.array([low.X(), low.Y(), low.Z()]), np.array([high.X(), high.Y(), high.Z()])
            )
            if middle is not None:
                product.shifts[number] = (float(middle[0]), float(middle[1]), float(middle[2]))


def _back(shift: tuple[float, float, float]) -> TopLoc_Location:
    moved = gp_Trsf()
    moved.SetTranslation(gp_Vec(-shift[0], -shift[1], -shift[2]))
    return TopLoc_Location(moved)


def _has_normals(face: Any) -> bool:
    """Return whether a face has normals or a surface to get them from; tessellated STEP may have neither."""
    if BRep_Tool.Surface_s(face, TopLoc_Location()) is not None:
        return True
    triangulation = BRep_Tool.Triangulation_s(face, TopLoc_Location())
    return triangulation is not None and triangulation.HasNormals()


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
    found: dict[int, list[Surface]] = {}
    for mesh in described.get("meshes", ()):
        for primitive in mesh["primitives"]:
            if primitive.get("mode", 4) != 4:
                continue
            attributes = primitive["attributes"]
            points = _array(described, content, binary, attributes["POSITION"])
            corners = _array(described, content, binary, primitive["indices"]).reshape(-1, 3)
            if "NORMAL" in attributes:
                normals = _array(described, content, binary, attributes["NORMAL"])
                surface: Surface | None = Surface(points, normals, corners.astype(np.uint32))
            else:
                surface = smooth_surface(points.astype(np.float64), corners.astype(np.int64))
            if surface:
                found.setdefault(int(mesh["name"]), []).append(surface)
    surfaces = {}
    for number, several in found.items():
        one = joined(several)
        mended = mend(one.points, one.normals, one.corners, tips[number])
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
