"""Writes the product as GLB: meters, Y up, one mesh per look and as many nodes on it as the product places.

Names, part keys, colors and what the file says of its surfaces are kept.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from media_assets.cad.glb_materials import MaterialWriter
from media_assets.cad.product_tree import IDENTITY, CadProduct, Matrix, Node
from media_assets.cad.surfaces import Mesh, Surface

METERS = 0.001
TO_Y_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
NO_TURN = 1e-12
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963
UNSIGNED_SHORT, UNSIGNED_INT, FLOAT = 5123, 5125, 5126


class GlbWriter:
    """Collects one glTF document and its binary chunk."""

    def __init__(self, product: CadProduct, meshes: list[Mesh]) -> None:
        self.product = product
        self.meshes = meshes
        self.chunks: list[bytes] = []
        self.size = 0
        self.accessors: list[dict[str, Any]] = []
        self.views: list[dict[str, Any]] = []
        self.materials = MaterialWriter(self._view)
        self.nodes: list[dict[str, Any]] = []
        self.gltf_meshes: list[dict[str, Any]] = []
        self._surfaces: dict[int, dict[str, Any]] = {}
        self._mesh_numbers: dict[int, int] = {}

    def write(self, path: Path) -> None:
        """Write the file."""
        for look, mesh in enumerate(self.meshes):
            if mesh.surfaces:
                self._mesh_numbers[look] = len(self.gltf_meshes)
                self.gltf_meshes.append(self._mesh(mesh))
        root = self._node(self.product.root)
        document = {
            "asset": {"version": "2.0", "generator": "Renderdesk"},
            "scene": 0,
            "scenes": [{"name": self.product.root.name, "nodes": [root]}],
            "nodes": self.nodes,
            "meshes": self.gltf_meshes,
            "materials": self.materials.written,
            **self.materials.images(),
            "accessors": self.accessors,
            "bufferViews": self.views,
            "buffers": [{"byteLength": self.size}],
        }
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        text += b" " * (-len(text) % 4)
        with path.open("wb") as out:
            out.write(struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + self.size))
            out.write(struct.pack("<I4s", len(text), b"JSON") + text)
            out.write(struct.pack("<I4s", self.size, b"BIN\0"))
            out.writelines(self.chunks)

    def _mesh(self, mesh: Mesh) -> dict[str, Any]:
        primitives = [
            {**self._surface(surface), "material": self.materials.number(color)}
            for color, surface in mesh.surfaces
        ]
        return {"name": mesh.name, "primitives": primitives}

    def _surface(self, surface: Surface) -> dict[str, Any]:
        """Return the primitive of a surface; the same surface in another color uses the same arrays."""
        if id(surface) not in self._surfaces:
            points = (surface.points @ (TO_Y_UP.T * METERS)).astype(np.float32)
            normals = (surface.normals @ TO_Y_UP.T).astype(np.float32)
            small = len(points) <= np.iinfo(np.uint16).max
            corners = surface.corners.reshape(-1).astype(np.uint16 if small else np.uint32)
            bounds = {"min": points.min(axis=0).tolist(), "max": points.max(axis=0).tolist()}
            attributes = {
                "POSITION": self._accessor(points, "VEC3", FLOAT, ARRAY_BUFFER, bounds),
                "NORMAL": self._accessor(normals, "VEC3", FLOAT, ARRAY_BUFFER, {}),
            }
            for number, uv in enumerate(surface.uvs):
                attributes[f"TEXCOORD_{number}"] = self._accessor(uv, "VEC2", FLOAT, ARRAY_BUFFER, {})
            if surface.tints is not None:
                attributes["COLOR_0"] = self._accessor(
                    surface.tints, "VEC4", UNSIGNED_SHORT, ARRAY_BUFFER, {"normalized": True}
                )
            self._surfaces[id(surface)] = {
                "attributes": attributes,
                "indices": self._accessor(
                    corners, "SCALAR", UNSIGNED_SHORT if small else UNSIGNED_INT, ELEMENT_ARRAY_BUFFER, {}
                ),
                "mode": 4,
            }
        return self._surfaces[id(surface)]

    def _accessor(
        self, values: npt.NDArray[Any], kind: str, component: int, target: int, bounds: dict[str, Any]
    ) -> int:
        view = self._view(np.ascontiguousarray(values).tobytes(), target=target)
        self.accessors.append(
            {
                "bufferView": view,
                "componentType": component,
                "count": len(values),
                "type": kind,
                **bounds,
            }
        )
        return len(self.accessors) - 1

    def _view(self, data: bytes, **more: int) -> int:
        self.views.append({"buffer": 0, "byteOffset": self.size, "byteLength": len(data), **more})
        padded = data + b"\0" * (-len(data) % 4)
        self.chunks.append(padded)
        self.size += len(padded)
        return len(self.views) - 1

    def _node(self, root: Node) -> int:
        """Add a node and everything below it; return its number. Parents come before their children."""
        top = len(self.nodes)
        self.nodes.append(self._described(root))
        stack = [(root, top)]
        while stack:
            node, number = stack.pop()
            below = []
            for child in node.children:
                below.append(len(self.nodes))
                self.nodes.append(self._described(child))
                stack.append((child, below[-1]))
            if below:
                self.nodes[number]["children"] = below
        return top

    def _described(self, node: Node) -> dict[str, Any]:
        described: dict[str, Any] = {"name": node.name, **_placement(node.matrix)}
        if node.look is not None and node.look in self._mesh_numbers:
            described["mesh"] = self._mesh_numbers[node.look]
        described["extras"] = {"part_key": node.key, "product": node.product, **node.notes}
        if material := self.product.material(node):
            described["extras"]["cad_material"] = material
        return described


def _placement(matrix: Matrix) -> dict[str, Any]:
    """Return glTF's placement (meters, Y up): nothing, a translation, or a matrix column by column."""
    if matrix == IDENTITY:
        return {}
    # Swapping two axes by hand: a file has up to 100,000 of these, and small arrays are slow.
    a, b, c, x, d, e, f, y, g, h, i, z = matrix[:12]
    moved = [x * METERS, z * METERS, -y * METERS]
    columns = (a, g, -d, c, i, -f, -b, -h, e)
    if all(
        abs(value - one) < NO_TURN for value, one in zip(columns, (1, 0, 0, 0, 1, 0, 0, 0, 1), strict=True)
    ):
        return {"translation": moved}
    first, second, third = columns[:3], columns[3:6], columns[6:]
    return {"matrix": [value + 0.0 for value in (*first, 0.0, *second, 0.0, *third, 0.0, *moved, 1.0)]}
