"""Packs the triangles of a GLB with Draco (KHR_draco_mesh_compression), and unpacks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import DracoPy
import numpy as np

from rendering.pictures.shapes.model import Triangles

NAME = "KHR_draco_mesh_compression"
BITS, NORMAL_BITS, TEXTURE_BITS = 14, 10, 12  # points: 1/16,384 of a mesh's side
LEVEL = 7  # of 10: those above decode slower and save 1 %
TYPES = {"POSITION": 0, "NORMAL": 1, "TEXCOORD_0": 3}
"""The attributes that are packed, by Draco's numbers of their types."""


def may_pack(one: Triangles) -> bool:
    return one.more.keys() <= TYPES.keys()


def pack(one: Triangles) -> tuple[bytes, dict[str, int], Triangles]:
    """Return triangles packed, the number of each attribute in there, and what a viewer unpacks."""
    given: dict[str, Any] = {}
    if "NORMAL" in one.more:
        given |= {"normals": one.more["NORMAL"].astype(np.float64), "normal_quantization_bits": NORMAL_BITS}
    if "TEXCOORD_0" in one.more:
        uv = one.more["TEXCOORD_0"].astype(np.float64)
        given |= {"tex_coord": uv, "tex_coord_quantization_bits": TEXTURE_BITS}
    data = DracoPy.encode(one.points, one.corners, quantization_bits=BITS, compression_level=LEVEL, **given)
    found = {entry["attribute_type"]: entry["unique_id"] for entry in DracoPy.decode(data).attributes}
    numbers = {name: int(found[TYPES[name]]) for name in ("POSITION", *one.more)}
    return data, numbers, unpack(data, numbers)


def unpack(data: bytes, numbers: Mapping[str, int]) -> Triangles:
    """Return what was packed."""
    mesh = DracoPy.decode(data)
    arrays = {name: mesh.get_attribute_by_unique_id(number)["data"] for name, number in numbers.items()}
    return Triangles(arrays.pop("POSITION"), arrays, mesh.faces.astype(np.uint32))
