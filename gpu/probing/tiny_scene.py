"""The smallest geometry with every kind of surface that renders use, as a GLB, to compile a GPU's kernels."""

from __future__ import annotations

import json
import struct

_MATERIALS = (
    ("steel", (0.60, 0.60, 0.60, 1.0)),  # metal with anisotropy, grain and rounded edges
    ("glass", (0.90, 0.90, 0.90, 0.3)),
    ("paint", (0.80, 0.05, 0.05, 1.0)),
)


def glb() -> bytes:
    """Return three cubes of 1 m in a row, each of another material (glTF 2.0, 4.4 "GLB File Format")."""
    points, normals, indices = _cube()
    chunks = [struct.pack(f"<{len(points)}f", *points), struct.pack(f"<{len(normals)}f", *normals)]
    chunks.append(struct.pack(f"<{len(indices)}H", *indices))
    starts = [sum(map(len, chunks[:number])) for number in range(3)]
    views = [
        {"buffer": 0, "byteOffset": start, "byteLength": len(chunk)}
        for start, chunk in zip(starts, chunks, strict=True)
    ]
    vectors = {"componentType": 5126, "count": len(points) // 3, "type": "VEC3"}
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": list(range(len(_MATERIALS)))}],
        "nodes": [
            {"mesh": number, "name": name, "translation": [1.5 * number, 0.0, 0.0]}
            for number, (name, _) in enumerate(_MATERIALS)
        ],
        "meshes": [
            {
                "name": name,
                "primitives": [
                    {"attributes": {"POSITION": 0, "NORMAL": 1}, "indices": 2, "material": number, "mode": 4}
                ],
            }
            for number, (name, _) in enumerate(_MATERIALS)
        ],
        "materials": [
            {"name": name, "pbrMetallicRoughness": {"baseColorFactor": color}, "alphaMode": "BLEND"}
            for name, color in _MATERIALS
        ],
        "accessors": [
            {"bufferView": 0, **vectors, "min": [-0.5] * 3, "max": [0.5] * 3},
            {"bufferView": 1, **vectors},
            {"bufferView": 2, "componentType": 5123, "count": len(indices), "type": "SCALAR"},
        ],
        "bufferViews": views,
        "buffers": [{"byteLength": sum(map(len, chunks))}],
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    binary = b"".join(chunks)
    binary += b"\0" * (-len(binary) % 4)
    body = (
        struct.pack("<II", len(text), 0x4E4F534A)
        + text
        + struct.pack("<II", len(binary), 0x004E4942)
        + binary
    )
    return struct.pack("<III", 0x46546C67, 2, 12 + len(body)) + body


def _cube() -> tuple[list[float], list[float], list[int]]:
    """Points and normals (24 x 3, meters) and the indices of 12 triangles, counter-clockwise from outside."""
    points: list[float] = []
    normals: list[float] = []
    indices: list[int] = []
    for axis in range(3):
        for side in (-1.0, 1.0):
            first = len(points) // 3
            for across, up in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
                point, normal = [0.0] * 3, [0.0] * 3
                point[axis], normal[axis] = side / 2, side
                point[(axis + 1) % 3], point[(axis + 2) % 3] = across, up
                points += point
                normals += normal
            corners = (0, 1, 2, 0, 2, 3) if side > 0 else (0, 2, 1, 0, 3, 2)
            indices += [first + corner for corner in corners]
    return points, normals, indices
