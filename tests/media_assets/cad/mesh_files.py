"""Writes mesh files for tests: GLB in every way that glTF allows, STL, OBJ."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

COMPONENTS = {"i1": 5120, "u1": 5121, "i2": 5122, "u2": 5123, "u4": 5125, "f4": 5126}
WIDTHS = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}

CUBE_POINTS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float64)
CUBE_QUADS = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
CUBE_TRIANGLES = np.array([t for a, b, c, d in CUBE_QUADS for t in ((a, b, c), (a, c, d))])


@dataclass
class GlbFile:
    """A GLB that grows by its arrays; ``document`` is open to whatever a test puts into it."""

    document: dict[str, Any] = field(default_factory=lambda: {"asset": {"version": "2.0"}})
    binary: bytearray = field(default_factory=bytearray)

    def add(self, kind: str, entry: dict[str, Any]) -> int:
        entries = self.document.setdefault(kind, [])
        entries.append(entry)
        return len(entries) - 1

    def view(self, content: bytes, **entry: Any) -> int:
        self.binary.extend(b"\0" * (-len(self.binary) % 4))
        start = len(self.binary)
        self.binary.extend(content)
        return self.add(
            "bufferViews", {"buffer": 0, "byteOffset": start, "byteLength": len(content), **entry}
        )

    def array(
        self, values: Array, component: str, *, pad: int = 0, sparse: bool = False, **entry: Any
    ) -> int:
        """Add an accessor; ``pad`` bytes lie between its elements, or its last element is put in sparsely."""
        rows = values.reshape(len(values), -1).astype(f"<{component}")
        described = {
            "componentType": COMPONENTS[component],
            "count": len(rows),
            "type": WIDTHS[rows.shape[1]],
            **entry,
        }
        if sparse:
            described["sparse"] = {
                "count": 1,
                "indices": {"bufferView": self.view(struct.pack("<H", len(rows) - 1)), "componentType": 5123},
                "values": {"bufferView": self.view(rows[-1:].tobytes())},
            }
            rows = np.concatenate([rows[:-1], np.zeros_like(rows[:1])])
        stride = rows.itemsize * rows.shape[1] + pad
        padded = b"".join(row.tobytes() + b"\xff" * pad for row in rows)
        described["bufferView"] = self.view(padded, **({"byteStride": stride} if pad else {}))
        return self.add("accessors", described)

    def material(self, rgb: tuple[float, ...], alpha: float = 1.0, **entry: Any) -> int:
        return self.add("materials", {"pbrMetallicRoughness": {"baseColorFactor": [*rgb, alpha]}, **entry})

    def cube(self, name: str = "", **primitive: Any) -> int:
        """Add a mesh: a cube of 1 m."""
        described = {
            "attributes": {"POSITION": self.array(CUBE_POINTS, "f4")},
            "indices": self.array(CUBE_TRIANGLES.reshape(-1), "u1"),
            **primitive,
        }
        return self.add("meshes", {"primitives": [described], **({"name": name} if name else {})})

    def content(self) -> bytes:
        """Return the file's bytes."""
        if self.binary and "buffers" not in self.document:
            self.document["buffers"] = [{"byteLength": len(self.binary)}]
        text = json.dumps(self.document).encode()
        text += b" " * (-len(text) % 4)
        binary = bytes(self.binary) + b"\0" * (-len(self.binary) % 4)
        chunks = struct.pack("<I4s", len(text), b"JSON") + text
        if binary:
            chunks += struct.pack("<I4s", len(binary), b"BIN\0") + binary
        return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def one_cube(**primitive: Any) -> GlbFile:
    """A file with one object."""
    glb = GlbFile()
    glb.add("nodes", {"mesh": glb.cube("Cube", **primitive), "name": "Würfel"})
    return glb


def binary_stl(triangles: Array, header: bytes = b"") -> bytes:
    """Return a binary STL of triangles (n, 3, 3); its normals are zero, as many programs write them."""
    rows = np.zeros(len(triangles), [("normal", "<f4", 3), ("corners", "<f4", 9), ("more", "<u2")])
    rows["corners"] = triangles.reshape(-1, 9)
    return header.ljust(80) + struct.pack("<I", len(triangles)) + rows.tobytes()


def text_stl(*solids: tuple[str, Array]) -> bytes:
    lines = []
    for name, triangles in solids:
        lines.append(f"solid {name}")
        for triangle in triangles:
            lines += ["facet normal 0 0 0", " outer loop"]
            lines += [f"  vertex {' '.join(repr(float(number)) for number in corner)}" for corner in triangle]
            lines += [" endloop", "endfacet"]
        lines.append(f"endsolid {name}")
    return "\n".join(lines).encode() + b"\n"


def cylinder(steps: int, radius: float = 10.0, height: float = 5.0) -> Array:
    """Return the triangles of an upright cylinder, (4 x steps, 3, 3)."""
    angles = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    low = np.column_stack([radius * np.cos(angles), radius * np.sin(angles), np.zeros(steps)])
    high = low + np.array([0, 0, height])
    next_low, next_high = np.roll(low, -1, axis=0), np.roll(high, -1, axis=0)
    bottom, top = np.zeros((steps, 3)), np.tile((0.0, 0.0, height), (steps, 1))
    return np.concatenate(
        [
            np.stack(corners, axis=1)
            for corners in (
                (low, next_low, next_high),
                (low, next_high, high),
                (top, high, next_high),
                (bottom, next_low, low),
            )
        ]
    )
