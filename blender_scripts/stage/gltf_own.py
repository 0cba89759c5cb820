"""Reads a GLB as Renderdesk writes it: triangles, surfaces and a tree of placements, and nothing else.

Blender's importer understands all of glTF and takes its time for it; this one refuses what it does not know.
"""

# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from blender_scripts.stage.gltf_material import OwnSurface, Unknown, described

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int32]

_JSON, _BINARY = b"JSON", b"BIN\0"
_FLOAT, _SHORT = 5126, 5123
_INDICES: dict[int, np.dtype[Any]] = {5123: np.dtype("<u2"), 5125: np.dtype("<u4")}
_TRIANGLES = 4
_DOCUMENT = {
    "asset", "scene", "scenes", "nodes", "meshes", "materials", "accessors", "bufferViews", "buffers"
}  # fmt: skip
_NODE = {"name", "children", "mesh", "matrix", "translation", "extras"}
_PRIMITIVE = {"attributes", "indices", "mode", "material"}
_MORE = {"images", "samplers", "textures", "extensionsUsed"}
_UVS = tuple(f"TEXCOORD_{number}" for number in range(4))
_ATTRIBUTES = {"POSITION", "NORMAL", "COLOR_0", *_UVS}
_ACCESSOR = {"bufferView", "componentType", "count", "type", "min", "max", "normalized"}
_VIEW = {"buffer", "byteOffset", "byteLength", "target"}
_HEX = re.compile(r"#([0-9A-F]{2})([0-9A-F]{2})([0-9A-F]{2})([0-9A-F]{2})?")
_Z_UP = np.array([[1.0, 0, 0, 0], [0, 0, -1.0, 0], [0, 1.0, 0, 0], [0, 0, 0, 1.0]])


class NotOurs(Exception):
    """The file is not as Renderdesk writes it; the message says in what."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One material slot of a mesh as the file has it: linear RGBA color, the material's name, and what else the file
    says of the surface."""

    color: tuple[float, float, float, float]
    material: str
    described: OwnSurface | None = None


@dataclass(frozen=True, slots=True)
class OwnMesh:
    """Points and their normals (n, 3), three corners a triangle, and the slot of each triangle. Meters, Z up.

    `uvs` (n, 2) lead to textures, from the bottom left as in Blender; `tints` (n, 4) are colors of the points in linear
    light, None where no slot needs them.
    """

    name: str
    points: Floats
    normals: Floats
    corners: Numbers
    slot_numbers: Numbers
    slots: tuple[Slot, ...]
    uvs: tuple[Floats, ...] = ()
    tints: Floats | None = None


@dataclass(frozen=True, slots=True)
class OwnNode:
    """A place where a mesh is shown, with the texts that the file keeps with it (part_key and others)."""

    name: str
    mesh: int
    extras: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OwnScene:
    """A whole file; `matrices` (n, 4, 4) place the nodes in the world, acting on columns; `images` are PNGs. Meters, Z
    up."""

    meshes: tuple[OwnMesh, ...]
    nodes: tuple[OwnNode, ...]
    matrices: npt.NDArray[np.float64]
    images: tuple[bytes, ...] = ()


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
        Unknown,
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
        _only(self._document, _DOCUMENT | _MORE)
        if len(self._document["buffers"]) != 1 or "uri" in self._document["buffers"][0]:
            raise NotOurs("its data is in other files")

    def read(self) -> OwnScene:
        slots = [_slot(material, self._document) for material in self._document["materials"]]
        for texture in self._document.get("textures", ()):
            _only(texture, {"source", "sampler"})
            _at(self._document["images"], texture["source"])
        meshes = tuple(self._mesh(mesh, slots) for mesh in self._document["meshes"])
        numbers, matrices = self._placed()
        nodes = [self._document["nodes"][number] for number in numbers]
        shown = [at for at, node in enumerate(nodes) if "mesh" in node]
        return OwnScene(
            meshes,
            tuple(_node(nodes[at], len(meshes)) for at in shown),
            matrices[np.array(shown, int)],
            tuple(self._image(image) for image in self._document.get("images", ())),
        )

    def _image(self, image: dict[str, Any]) -> bytes:
        _only(image, {"bufferView", "mimeType"})
        return bytes(self._viewed(image["bufferView"]))

    def _mesh(self, mesh: dict[str, Any], slots: list[Slot]) -> OwnMesh:
        _only(mesh, {"name", "primitives"})
        points, normals, corners, counts, used = [], [], [], [], []
        uvs: list[list[Floats]] = []
        tints: list[Floats | None] = []
        base = 0
        for primitive in mesh["primitives"]:
            _only(primitive, _PRIMITIVE)
            attributes = primitive["attributes"]
            _only(attributes, _ATTRIBUTES)
            if primitive["mode"] != _TRIANGLES:
                raise NotOurs("it has lines or points")
            places = self._vectors(attributes["POSITION"])
            turned = self._vectors(attributes["NORMAL"])
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
            slot = _at(slots, primitive["material"])
            mapped = [self._uv(attributes[name], kept) for name in _UVS if name in attributes]
            if slot.described and any(texture.uv >= len(mapped) for _, texture in slot.described.textures):
                raise NotOurs("it has a texture without a place")
            uvs.append(mapped)
            tints.append(self._tint(attributes["COLOR_0"], kept) if "COLOR_0" in attributes else None)
            if tints[-1] is not None and slot.described:
                slot = replace(slot, described=replace(slot.described, is_tinted=True))
            used.append(slot)
        if len(set(used)) != len(used):
            raise NotOurs("a mesh has one material twice")
        return OwnMesh(
            mesh["name"],
            np.concatenate(points),
            np.concatenate(normals),
            np.concatenate(corners),
            np.repeat(np.arange(len(counts), dtype=np.int32), counts),
            tuple(used),
            _filled(uvs, [len(one) for one in points]),
            _whole(tints, [len(one) for one in points]),
        )

    def _uv(self, number: int, kept: npt.NDArray[np.bool_]) -> Floats:
        accessor, data = self._accessor(number, "VEC2", 8)
        values = np.frombuffer(data, "<f4").reshape(-1, 2)
        if accessor["componentType"] != _FLOAT or len(values) != len(kept) or not np.isfinite(values).all():
            raise NotOurs("its places in textures are none")
        return np.stack((values[kept, 0], 1.0 - values[kept, 1]), axis=1)

    def _tint(self, number: int, kept: npt.NDArray[np.bool_]) -> Floats:
        accessor, data = self._accessor(number, "VEC4", 8)
        values = np.frombuffer(data, "<u2").reshape(-1, 4)
        if accessor["componentType"] != _SHORT or len(values) != len(kept) or not accessor["normalized"]:
            raise NotOurs("its colors of points are none")
        return (values[kept] / 65535).astype(np.float32)

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
        data = self._viewed(accessor["bufferView"])
        if accessor["type"] != shape or accessor["count"] * size != len(data):
            raise NotOurs("its arrays are laid out differently")
        return accessor, data

    def _viewed(self, number: int) -> memoryview:
        view = _at(self._document["bufferViews"], number)
        _only(view, _VIEW)
        begin, length = view["byteOffset"], view["byteLength"]
        if not 0 <= begin <= begin + length <= len(self._binary):
            raise NotOurs("its arrays are laid out differently")
        return self._binary[begin : begin + length]

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


def _slot(material: dict[str, Any], document: dict[str, Any]) -> Slot:
    said = described(material, document)
    if said and (shown := _HEX.fullmatch(material["name"])):
        # What finishes are chosen by, as a surface with textures has no color of its own.
        channels = [int(one, 16) / 255 for one in shown.groups("ff")]
        red, green, blue, alpha = (*(_to_linear(one) for one in channels[:3]), channels[3])
        return Slot((red, green, blue, alpha), material["name"], said)
    # As Blender keeps colors.
    red, green, blue, alpha = np.array(
        material["pbrMetallicRoughness"]["baseColorFactor"], np.float32
    ).tolist()
    return Slot((red, green, blue, alpha if "alphaMode" in material else 1.0), material["name"], said)


def _to_linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _filled(uvs: list[list[Floats]], counts: list[int]) -> tuple[Floats, ...]:
    """Join the places in textures of all primitives; those of one that has none are zeros."""
    return tuple(
        np.concatenate(
            [
                one[number] if number < len(one) else np.zeros((count, 2), np.float32)
                for one, count in zip(uvs, counts, strict=True)
            ]
        )
        for number in range(max(map(len, uvs)))
    )


def _whole(tints: list[Floats | None], counts: list[int]) -> Floats | None:
    """Join the colors of points of all primitives; those of one that has none are white."""
    if all(one is None for one in tints):
        return None
    return np.concatenate(
        [
            np.ones((count, 4), np.float32) if one is None else one
            for one, count in zip(tints, counts, strict=True)
        ]
    )


def _only(thing: dict[str, Any], known: set[str]) -> None:
    if unknown := thing.keys() - known:
        raise NotOurs(f"it has {min(unknown)}")


def _at(things: list[Any], number: int) -> Any:
    if not 0 <= number < len(things):
        raise NotOurs("it names what it has not")
    return things[number]
