"""Reads a GLB of Renderdesk's, geometry or model, and writes a model: container, arrays, meshes and nodes."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from rendering.pictures.shapes import packing
from rendering.pictures.shapes.model import Array, Model, ModelMesh, Triangles

HEADER, CHUNK = struct.Struct("<4sII"), struct.Struct("<I4s")
COMPONENTS = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963
FLOAT, UNSIGNED_INT, UNSIGNED_SHORT = 5126, 5125, 5123
TEXTURES = ("images", "samplers", "textures")


def read(path: Path) -> Model:
    """Return what a GLB of Renderdesk's holds. Raises ValueError for what is none, OSError."""
    try:
        return _Reader(path).model()
    except (KeyError, IndexError, TypeError, struct.error, RecursionError) as error:
        raise ValueError(
            f"The geometry is not as Renderdesk writes it ({type(error).__name__} {error})."
        ) from error


class _Reader:
    def __init__(self, path: Path) -> None:
        with path.open("rb") as stream:
            magic, version, length = HEADER.unpack(stream.read(HEADER.size))
            text_length, _kind = CHUNK.unpack(stream.read(CHUNK.size))
            self.document: dict[str, Any] = json.loads(stream.read(text_length))
            binary_length, _kind = CHUNK.unpack(stream.read(CHUNK.size))
            start = stream.tell()
        if (magic, version, length) != (b"glTF", 2, path.stat().st_size):
            raise ValueError("The geometry is no whole GLB of version 2.")
        self.binary = np.memmap(path, np.uint8, "r", start, (binary_length,))
        self._triangles: dict[tuple[int, ...], Triangles] = {}

    def model(self) -> Model:
        document = self.document
        scene = document["scenes"][document["scene"]]
        return Model(
            name=scene["name"],
            nodes=document["nodes"],
            roots=scene["nodes"],
            meshes=[
                ModelMesh(
                    mesh["name"],
                    tuple((self._surface(one), one["material"]) for one in mesh["primitives"]),
                )
                for mesh in document["meshes"]
            ],
            materials=document["materials"],
            textures={name: document[name] for name in TEXTURES if name in document},
            images=[self._bytes(image["bufferView"]).tobytes() for image in document.get("images", ())],
            said=document["asset"].get("extras", {}),
        )

    def _surface(self, primitive: dict[str, Any]) -> Triangles:
        attributes = primitive["attributes"]
        key = (primitive["indices"], *attributes.values())
        if key not in self._triangles and (packed := primitive.get("extensions", {}).get(packing.NAME)):
            data = self._bytes(packed["bufferView"]).tobytes()
            self._triangles[key] = packing.unpack(data, packed["attributes"])
        if key not in self._triangles:
            more = {name: self._array(number) for name, number in attributes.items() if name != "POSITION"}
            corners = self._array(primitive["indices"]).reshape(-1, 3).astype(np.uint32)
            self._triangles[key] = Triangles(self._array(attributes["POSITION"]), more, corners)
        return self._triangles[key]

    def _array(self, number: int) -> Array:
        accessor = self.document["accessors"][number]
        kind, width = np.dtype(COMPONENTS[accessor["componentType"]]), WIDTHS[accessor["type"]]
        values = self._bytes(accessor["bufferView"])[: accessor["count"] * width * kind.itemsize]
        return values.view(kind).reshape(-1, width)

    def _bytes(self, number: int) -> Array:
        view = self.document["bufferViews"][number]
        return self.binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]


class ModelWriter:
    """Writes a model as one GLB; *packs*: with its triangles compressed, where they can be."""

    def __init__(self, model: Model, *, packs: bool) -> None:
        self.model = model
        self.packs = packs
        self.chunks: list[bytes] = []
        self.size = 0
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []
        self._written: dict[int, dict[str, Any]] = {}

    def write(self, path: Path) -> None:
        """Write the file."""
        model = self.model
        meshes = [
            {
                "name": mesh.name,
                "primitives": [
                    {**self._primitive(one), "material": number} for one, number in mesh.primitives
                ],
            }
            for mesh in model.meshes
        ]
        images = [
            {**known, "bufferView": self._view(data)}
            for known, data in zip(model.textures.get("images", ()), model.images, strict=True)
        ]
        document = {
            "asset": {
                "version": "2.0",
                "generator": "Renderdesk",
                **({"copyright": model.said["copyright"]} if "copyright" in model.said else {}),
                "extras": model.said,
            },
            "scene": 0,
            "scenes": [{"name": model.name, "nodes": model.roots}],
            "nodes": model.nodes,
            "meshes": meshes,
            "materials": model.materials,
            **model.textures,
            **({"images": images} if images else {}),
            "accessors": self.accessors,
            "bufferViews": self.views,
            "buffers": [{"byteLength": self.size}],
        }
        if used := sorted(_extensions([model.materials, meshes])):
            document["extensionsUsed"] = used
            if packing.NAME in used:
                document["extensionsRequired"] = [packing.NAME]
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        text += b" " * (-len(text) % 4)
        with path.open("wb") as out:
            out.write(HEADER.pack(b"glTF", 2, HEADER.size + 2 * CHUNK.size + len(text) + self.size))
            out.write(CHUNK.pack(len(text), b"JSON") + text)
            out.write(CHUNK.pack(self.size, b"BIN\0"))
            out.writelines(self.chunks)

    def _primitive(self, one: Triangles) -> dict[str, Any]:
        if id(one) not in self._written and self.packs and packing.may_pack(one):
            data, numbers, unpacked = packing.pack(one)
            packed = {"bufferView": self._view(data), "attributes": numbers}
            self._written[id(one)] = {
                **self._described(unpacked, is_packed=True),
                "extensions": {packing.NAME: packed},
            }
        if id(one) not in self._written:
            self._written[id(one)] = self._described(one)
        return self._written[id(one)]

    def _described(self, one: Triangles, *, is_packed: bool = False) -> dict[str, Any]:
        """Return the primitive of these triangles; *is_packed*: their arrays are not written, only described."""
        bounds = {"min": one.points.min(axis=0).tolist(), "max": one.points.max(axis=0).tolist()}
        accessor = self._accessor if not is_packed else self._unwritten
        attributes = {"POSITION": accessor(one.points, FLOAT, ARRAY_BUFFER, **bounds)}
        for name, values in one.more.items():
            colors = {"normalized": True} if values.dtype == np.uint16 else {}
            component = UNSIGNED_SHORT if colors else FLOAT
            attributes[name] = accessor(values, component, ARRAY_BUFFER, **colors)
        is_small = len(one.points) <= np.iinfo(np.uint16).max
        corners = one.corners.reshape(-1, 1).astype(np.uint16 if is_small else np.uint32)
        component = UNSIGNED_SHORT if is_small else UNSIGNED_INT
        return {
            "attributes": attributes,
            "indices": accessor(corners, component, ELEMENT_ARRAY_BUFFER),
            "mode": 4,
        }

    def _accessor(self, values: Array, component: int, target: int, **more: Any) -> int:
        view = self._view(np.ascontiguousarray(values).tobytes(), target=target)
        return self._unwritten(values, component, target, bufferView=view, **more)

    def _unwritten(self, values: Array, component: int, _target: int, **more: Any) -> int:
        kind = next(name for name, width in WIDTHS.items() if width == values.shape[1])
        self.accessors.append({"componentType": component, "count": len(values), "type": kind, **more})
        return len(self.accessors) - 1

    def _view(self, data: bytes, **more: int) -> int:
        self.views.append({"buffer": 0, "byteOffset": self.size, "byteLength": len(data), **more})
        padded = data + b"\0" * (-len(data) % 4)
        self.chunks.append(padded)
        self.size += len(padded)
        return len(self.views) - 1


def _extensions(entry: Any) -> set[str]:
    """Return the names of all extensions that are used below an entry of a document."""
    if isinstance(entry, list):
        return set().union(*map(_extensions, entry))
    if not isinstance(entry, dict):
        return set()
    below = set().union(*map(_extensions, entry.values()))
    return below | set(entry.get("extensions", {}))
