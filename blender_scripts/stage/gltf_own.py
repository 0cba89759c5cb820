"""Reads a GLB as Renderdesk writes it: triangles, base colors and a tree of placements, and nothing else.

Blender's importer understands all of glTF and takes its time for it; this one refuses what it does not know.
"""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int32]

_JSON, _BINARY = b"JSON", b"BIN\0"
_FLOAT = 5126
_INDICES: dict[int, np.dtype[Any]] = {5123: np.dtype("<u2"), 5125: np.dtype("<u4")}
_TRIANGLES = 4
_DOCUMENT = {
    "asset", "scene", "scenes", "nodes", "meshes", "materials", "accessors", "bufferViews", "buffers"
}  # fmt: skip
_NODE = {"name", "children", "mesh", "matrix", "translation", "extras"}
_PRIMITIVE = {"attributes", "indices", "mode", "material"}
_MATERIAL = {"name", "pbrMetallicRoughness", "alphaMode", "extras"}
_SURFACE = {"baseColorFactor", "metallicFactor", "roughnessFactor"}
_ACCESSOR = {"bufferView", "componentType", "count", "type", "min", "max"}
_VIEW = {"buffer", "byteOffset", "byteLength", "target"}
_Z_UP = np.array([[1.0, 0, 0, 0], [0, 0, -1.0, 0], [0, 1.0, 0, 0], [0, 0, 0, 1.0]])


class NotOurs(Exception):
    """The file is not as Renderdesk writes it; the message says in what."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One material slot of a mesh as the file has it: linear RGBA color and the material's name."""

    color: tuple[float, float, float, float]
    material: str


@dataclass(frozen=True, slots=True)
class OwnMesh:
    """Points and their normals (n, 3), three corners a triangle, and the slot of each triangle. Meters, Z up."""

    name: str
    points: Floats
    normals: Floats
    corners: Numbers
    slot_numbers: Numbers
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class OwnNode:
    """A place where a mesh is shown, with the texts that the file keeps with it (part_key and others)."""

    name: str
    mesh: int
    extras: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OwnScene:
    """A whole file; `matrices` (n, 4, 4) place the nodes in the world, acting on columns. Meters, Z up."""

    meshes: tuple[OwnMesh, ...]
    nodes: tuple[OwnNode, ...]
    matrices: npt.NDArray[np.float64]


def read(glb: Path) -> OwnScene:
    """Return what is in `glb`; raises NotOurs for all that Renderdesk would not write, OSError if it is unreadable."""
    try:
        return _GltfReader(glb.read_bytes()).read()
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
        struct.error,
    ) as error:
        raise NotOurs(f"{type(error).__name__} {error}") from error


class _GltfReader:
    def __init__(self, data: bytes) -> None:
        magic, version, length, size, kind = struct.unpack_from("<4sIII4s", data)
        if (magic, version, length, kind) != (b"glTF", 2, len(data), _JSON):
            raise NotOurs("it is no whole GLB of version 2")
        self._document = json.loads(data[20 : 20 + size])
        begin = 20 + size
        chunk, kind = struct.unpack_from("<I4s", data, begin)
        self._binary = memoryview(data)[begin + 8 :]
        if kind != _BINARY or chunk != len(self._binary):
            raise NotOurs("its binary chunk is missing, cut or followed by another")
        _only(self._document, _DOCUMENT)
        if len(self._document["buffers"]) != 1 or "uri" in self._document["buffers"][0]:
            raise NotOurs("its data is in other files")

    def read(self) -> OwnScene:
        slots = [_slot(material) for material in self._document["materials"]]
        meshes = tuple(self._mesh(mesh, slots) for mesh in self._document["meshes"])
        numbers, matrices = self._placed()
        nodes = [self._document["nodes"][number] for number in numbers]
        shown = [at for at, node in enumerate(nodes) if "mesh" in node]
        return OwnScene(
            meshes, tuple(_node(nodes[at], len(meshes)) for at in shown), matrices[np.array(shown, int)]
        )

    def _mesh(self, mesh: dict[str, Any], slots: list[Slot]) -> OwnMesh:
        _only(mesh, {"name", "primitives"})
        points, normals, corners, counts, used = [], [], [], [], []
        base = 0
        for primitive in mesh["primitives"]:
            _only(primitive, _PRIMITIVE)
            _only(primitive["attributes"], {"POSITION", "NORMAL"})
            if primitive["mode"] != _TRIANGLES:
                raise NotOurs("it has lines or points")
            places = self._vectors(primitive["attributes"]["POSITION"])
            turned = self._vectors(primitive["attributes"]["NORMAL"])
            indices = self._indices(primitive["indices"])
            if len(places) != len(turned) or len(indices) % 3 or not len(indices):
                raise NotOurs("its arrays do not fit each other")
            kept = np.zeros(len(places), bool)
            kept[indices] = True
            points.append(places[kept])
            normals.append(turned[kept])
            corners.append((np.cumsum(kept) - 1)[indices].astype(np.int32) + base)
            base += len(points[-1])
            counts.append(len(indices) // 3)
            used.append(_at(slots, primitive["material"]))
        if len(set(used)) != len(used):
            raise NotOurs("a mesh has one material twice")
        return OwnMesh(
            mesh["name"],
            np.concatenate(points),
            np.concatenate(normals),
            np.concatenate(corners),
            np.repeat(np.arange(len(counts), dtype=np.int32), counts),
            tuple(used),
        )

    def _vectors(self, number: int) -> Floats:
        accessor, data = self._accessor(number, "VEC3", 12)
        if accessor["componentType"] != _FLOAT:
            raise NotOurs("its points are no floats")
        values = np.frombuffer(data, "<f4").reshape(-1, 3)
        if not np.isfinite(values).all():
            raise NotOurs("it has points that are no numbers")
        return np.stack((values[:, 0], -values[:, 2], values[:, 1]), axis=1)

    def _indices(self, number: int) -> npt.NDArray[Any]:
        kind = _INDICES[_at(self._document["accessors"], number)["componentType"]]
        return np.frombuffer(self._accessor(number, "SCALAR", kind.itemsize)[1], kind)

    def _accessor(self, number: int, shape: str, size: int) -> tuple[dict[str, Any], memoryview]:
        accessor = _at(self._document["accessors"], number)
        _only(accessor, _ACCESSOR)
        view = _at(self._document["bufferViews"], accessor["bufferView"])
        _only(view, _VIEW)
        begin, length = view["byteOffset"], view["byteLength"]
        if (
            accessor["type"] != shape
            or accessor["count"] * size != length
            or not 0 <= begin <= begin + length <= len(self._binary)
        ):
            raise NotOurs("its arrays are laid out differently")
        return accessor, self._binary[begin : begin + length]

    def _placed(self) -> tuple[list[int], npt.NDArray[np.float64]]:
        """Return the numbers of all nodes of the scene, parents first, and where they are in the world."""
        nodes = self._document["nodes"]
        if len(self._document["scenes"]) != 1 or self._document["scene"] != 0:
            raise NotOurs("it has several scenes")
        _only(self._document["scenes"][0], {"name", "nodes"})
        local = np.broadcast_to(np.eye(4), (len(nodes), 4, 4)).copy()
        for number, node in enumerate(nodes):
            _only(node, _NODE)
            if "matrix" in node:
                local[number] = np.array(node["matrix"], float).reshape(4, 4).T
            elif "translation" in node:
                local[number, :3, 3] = node["translation"]
        if not np.isfinite(local).all() or (local[:, 3] != (0, 0, 0, 1)).any():
            raise NotOurs("it has placements that are none")
        level = list(self._document["scenes"][0]["nodes"])
        found: list[int] = []
        worlds = []
        above = np.broadcast_to(_Z_UP, (len(level), 4, 4))
        while level:
            found += level
            if len(found) > len(nodes) or not all(isinstance(one, int) and one >= 0 for one in level):
                raise NotOurs("its tree is none")
            worlds.append(above @ local[level])
            below = [nodes[number].get("children", ()) for number in level]
            above = np.repeat(worlds[-1], [len(children) for children in below], axis=0)
            level = [child for children in below for child in children]
        if len(set(found)) != len(nodes):
            raise NotOurs("its tree is none")
        # The meshes are turned to Z up already.
        return found, np.concatenate(worlds) @ _Z_UP.T


def _node(node: dict[str, Any], meshes: int) -> OwnNode:
    extras = node.get("extras", {})
    if not all(isinstance(text, str) for text in (node["name"], *extras, *extras.values())):
        raise NotOurs("its nodes carry more than texts")
    if not 0 <= node["mesh"] < meshes:
        raise NotOurs("it places a mesh that it has not")
    return OwnNode(node["name"], node["mesh"], extras)


def _slot(material: dict[str, Any]) -> Slot:
    _only(material, _MATERIAL)
    _only(material["pbrMetallicRoughness"], _SURFACE)
    if material.get("alphaMode", "BLEND") != "BLEND":
        raise NotOurs("it has another kind of transparency")
    # As Blender keeps colors.
    red, green, blue, alpha = np.array(
        material["pbrMetallicRoughness"]["baseColorFactor"], np.float32
    ).tolist()
    return Slot((red, green, blue, alpha if "alphaMode" in material else 1.0), material["name"])


def _only(thing: dict[str, Any], known: set[str]) -> None:
    if unknown := thing.keys() - known:
        raise NotOurs(f"it has {min(unknown)}")


def _at(things: list[Any], number: int) -> Any:
    if not 0 <= number < len(things):
        raise NotOurs("it names what it has not")
    return things[number]
