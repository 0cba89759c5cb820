"""Reads a finished GLB back with independent code and compares it with what it should contain.

No return code of a reader or writer is trusted alone: this checks what a renderer will see.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from media_assets.cad.errors import CadError
from media_assets.cad.placing import Box, Floats, box_around
from media_assets.cad.product_tree import CadProduct
from media_assets.cad.surfaces import Mesh

HEADER, CHUNK = struct.Struct("<4sII"), struct.Struct("<I4s")
TYPES = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
TRIANGLES = 4
CLOSE = 1e-4
"""Of the diagonal: the box of the file may be off by this, by single precision in meters."""

Z_UP_MM: Floats = np.array([[1e3, 0, 0, 0], [0, 0, -1e3, 0], [0, 1e3, 0, 0], [0, 0, 0, 1]])
TO_GLTF: Floats = np.linalg.inv(Z_UP_MM)


@dataclass
class KeptContents:
    """What a GLB holds: names of its nodes and their products, colors as #RRGGBB, the hashes of its textures' images,
    counts, and its box in mm, Z up."""

    names: set[str] = field(default_factory=set)
    colors: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    textures: set[str] = field(default_factory=set)
    meshes: int = 0
    instances: int = 0
    triangles: int = 0
    box: Box | None = None


def check_glb(path: Path, product: CadProduct, meshes: Sequence[Mesh], box: Box) -> KeptContents:
    """Return what the written file holds. Raises CadError unreadable when that is not the product."""
    try:
        kept = _Glb(path).kept()
    except (ValueError, KeyError, IndexError, TypeError, struct.error, OSError) as error:
        raise _broken(f"{type(error).__name__}: {error}") from error
    wrong = list(_differences(kept, _expected(product, meshes, box)))
    if wrong:
        raise _broken("; ".join(wrong))
    return kept


def _broken(details: str) -> CadError:
    return CadError("unreadable", "not_as_read", words=details)


def _expected(product: CadProduct, meshes: Sequence[Mesh], box: Box) -> KeptContents:
    wanted = KeptContents(box=box, meshes=sum(bool(mesh.surfaces) for mesh in meshes))
    for node in product.root.walk():
        wanted.names.update((node.name, node.product))
        wanted.keys.add(node.key)
        if node.look is not None and meshes[node.look].surfaces:
            wanted.instances += 1
    for mesh in meshes:
        wanted.triangles += mesh.triangles
        for color in (color for color, _ in mesh.surfaces if color):
            wanted.colors.add(color.hex)
            textures = color.described.textures if color.described else ()
            wanted.textures.update(hashlib.sha256(texture.png).hexdigest() for _, texture in textures)
    return wanted


def _differences(kept: KeptContents, wanted: KeptContents) -> list[str]:
    wrong = [
        f"{word}: {getattr(kept, word)} in the file, {getattr(wanted, word)} expected"
        for word in ("meshes", "instances", "triangles")
        if getattr(kept, word) != getattr(wanted, word)
    ]
    for word in ("names", "keys", "colors", "textures"):
        odd = getattr(kept, word) ^ getattr(wanted, word)
        if odd:
            wrong.append(f"{word}: {len(odd)} differ, such as {sorted(odd)[0]!r}")
    if kept.box is None or wanted.box is None:
        return [*wrong, "the file shows nothing that has a size"]
    off = np.abs(np.subtract([kept.box.low, kept.box.high], [wanted.box.low, wanted.box.high])).max()
    if not off <= CLOSE * wanted.box.diagonal:
        wrong.append(f"the box is off by {off:.4g} mm")
    return wrong


class _Glb:
    """A GLB file whose numbers stay on the disk until they are looked at."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as stream:
            magic, version, length = HEADER.unpack(stream.read(HEADER.size))
            text_length, text_kind = CHUNK.unpack(stream.read(CHUNK.size))
            self.document: dict[str, Any] = json.loads(stream.read(text_length))
            binary_length, binary_kind = CHUNK.unpack(stream.read(CHUNK.size))
            start = stream.tell()
        if (magic, version, length) != (b"glTF", 2, path.stat().st_size):
            raise ValueError("the header does not fit the file")
        if (text_kind, binary_kind, start + binary_length) != (b"JSON", b"BIN\0", length):
            raise ValueError("the chunks do not fill the file")
        self.binary = np.memmap(path, np.uint8, "r", start, (binary_length,))

    def kept(self) -> KeptContents:
        """Return what the scene shows. Raises ValueError and its kin where the file contradicts itself."""
        kept = KeptContents(meshes=len(self.document["meshes"]))
        clouds: dict[int, npt.NDArray[np.float64]] = {}
        for number, mesh in enumerate(self.document["meshes"]):
            points, triangles = self._mesh(mesh, kept)
            clouds[number] = np.concatenate(points) @ Z_UP_MM[:3, :3].T
            kept.triangles += triangles
        placed = self._placed(kept)
        in_mm = {mesh: Z_UP_MM @ np.array(places, np.float64) @ TO_GLTF for mesh, places in placed.items()}
        kept.box = box_around(in_mm, clouds)
        return kept

    def _mesh(self, mesh: dict[str, Any], kept: KeptContents) -> tuple[list[npt.NDArray[np.float64]], int]:
        clouds, triangles = [], 0
        for primitive in mesh["primitives"]:
            if primitive["mode"] != TRIANGLES:
                raise ValueError("a mesh holds points or lines")
            points = self._array(primitive["attributes"]["POSITION"])
            normals = self._array(primitive["attributes"]["NORMAL"])
            corners = self._array(primitive["indices"])
            if len(corners) % 3 or not len(corners) or int(corners.max()) >= len(points):
                raise ValueError("a triangle has a corner that does not exist")
            if (
                normals.shape != points.shape
                or not np.isfinite(points).all()
                or not np.isfinite(normals).all()
            ):
                raise ValueError("a point or normal is missing or not a number")
            for name, number in primitive["attributes"].items():
                more = self._array(number)
                if len(more) != len(points) or not np.isfinite(more).all():
                    raise ValueError(f"{name} does not fit the points")
            clouds.append(points.astype(np.float64))
            triangles += len(corners) // 3
            material = self.document["materials"][primitive["material"]]
            if material["extras"]["cad_color"]:
                kept.colors.add(material["extras"]["cad_color"])
            kept.textures.update(self._textures(material))
        return clouds, triangles

    def _textures(self, material: dict[str, Any]) -> Iterator[str]:
        """Yield the hashes of the images that a material refers to."""
        for section in (material, *material.values(), *material.get("extensions", {}).values()):
            for name, entry in section.items() if isinstance(section, dict) else ():
                if name.endswith("Texture"):
                    image = self.document["textures"][entry["index"]]["source"]
                    view = self.document["bufferViews"][self.document["images"][image]["bufferView"]]
                    start = view["byteOffset"]
                    yield hashlib.sha256(
                        self.binary[start : start + view["byteLength"]].tobytes()
                    ).hexdigest()

    def _placed(self, kept: KeptContents) -> dict[int, list[npt.NDArray[np.float64]]]:
        placed: dict[int, list[npt.NDArray[np.float64]]] = {}
        nodes, met = self.document["nodes"], 0
        stack = [(number, np.eye(4)) for number in self.document["scenes"][self.document["scene"]]["nodes"]]
        while stack:
            number, around = stack.pop()
            node = nodes[number]
            met += 1
            if met > len(nodes):
                raise ValueError("a node is placed twice")
            world = around @ _matrix(node)
            kept.names.update((node["name"], node["extras"]["product"]))
            kept.keys.add(node["extras"]["part_key"])
            if "mesh" in node:
                kept.instances += 1
                placed.setdefault(node["mesh"], []).append(world)
            stack.extend((child, world) for child in node.get("children", ()))
        if met != len(nodes):
            raise ValueError("a node is in no scene")
        return placed

    def _array(self, number: int) -> npt.NDArray[Any]:
        accessor = self.document["accessors"][number]
        view = self.document["bufferViews"][accessor["bufferView"]]
        kind, width = np.dtype(TYPES[accessor["componentType"]]), WIDTHS[accessor["type"]]
        size = accessor["count"] * width * kind.itemsize
        start = view["byteOffset"]
        if size != view["byteLength"] or start + size > len(self.binary):
            raise ValueError("an array reaches beyond its bytes")
        return self.binary[start : start + size].view(kind).reshape(-1, width)


def _matrix(node: dict[str, Any]) -> npt.NDArray[np.float64]:
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T
    matrix = np.eye(4)
    matrix[:3, 3] = node.get("translation", (0.0, 0.0, 0.0))
    return matrix
