"""Tiny GLB files made by hand, as Renderdesk writes them: flat-shaded boxes with a color and a name."""

from __future__ import annotations

import json
import struct
from pathlib import Path

FACES = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
FACING = ((-1, 0, 0), (1, 0, 0), (0, -1, 0), (0, 1, 0), (0, 0, -1), (0, 0, 1))


def write_box(
    path: Path,
    *,
    size: tuple[float, float, float] = (0.02, 0.02, 0.02),
    color: tuple[float, float, float] = (0.5, 0.5, 0.5),
    name: str = "Box",
    places: tuple[tuple[float, float, float], ...] = ((0.0, 0.0, 0.0),),
    keys: tuple[str, ...] = (),
    notes: tuple[dict[str, str], ...] = (),
) -> Path:
    """Write a GLB with one box mesh (meters, Y up) and a node for each place, and return its path.

    *keys*: the part keys of the places, if they have any, and *notes* more texts beside them.
    """
    corners = [tuple(size[axis] * ((index >> (2 - axis)) & 1) for axis in range(3)) for index in range(8)]
    points = [corners[corner] for face in FACES for corner in face]
    triangles = [at + 4 * face for face in range(6) for at in (0, 1, 2, 0, 2, 3)]
    positions = b"".join(struct.pack("<3f", *point) for point in points)
    normals = b"".join(struct.pack("<3f", *facing) * 4 for facing in FACING)
    indices = b"".join(struct.pack("<H", index) for index in triangles)
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": list(range(len(places)))}],
        "nodes": [{"mesh": 0, "name": name, "translation": list(place)} for place in places],
        "meshes": [
            {
                "name": name,
                "primitives": [
                    {"attributes": {"POSITION": 0, "NORMAL": 2}, "indices": 1, "material": 0, "mode": 4}
                ],
            }
        ],
        "materials": [{"name": "", "pbrMetallicRoughness": {"baseColorFactor": [*color, 1.0]}}],
        "buffers": [{"byteLength": len(positions) + len(indices) + len(normals)}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": len(positions)},
            {"buffer": 0, "byteOffset": len(positions), "byteLength": len(indices)},
            {"buffer": 0, "byteOffset": len(positions) + len(indices), "byteLength": len(normals)},
        ],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": 5126,
                "count": len(points),
                "type": "VEC3",
                "min": [0.0, 0.0, 0.0],
                "max": list(size),
            },
            {"bufferView": 1, "componentType": 5123, "count": len(triangles), "type": "SCALAR"},
            {"bufferView": 2, "componentType": 5126, "count": len(points), "type": "VEC3"},
        ],
    }
    for node, key in zip(document["nodes"], keys, strict=False):  # type: ignore[call-overload]
        node["extras"] = {"part_key": key, "product": name}
    for node, more in zip(document["nodes"], notes, strict=False):  # type: ignore[call-overload]
        node["extras"] |= more
    return write_document(path, document, positions + indices + normals)


def write_document(path: Path, document: dict[str, object], binary: bytes = b"") -> Path:
    """Write any glTF document as a GLB and return its path."""
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
    if binary:
        chunks += struct.pack("<II", len(binary), 0x004E4942) + binary
    path.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks)
    return path
