"""Reads back a GLB of ours, with NumPy and without any code of the converter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.media_assets.cad.conftest import Glb
from tests.media_assets.cad.shown import Floats, Shown, Surfaces, hex_of_linear

TO_CAD = np.array([[1000.0, 0, 0, 0], [0, 0, -1000.0, 0], [0, 1000.0, 0, 0], [0, 0, 0, 1]])
"""From glTF's meters with Y up to CAD's millimeters with Z up."""

TYPES = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = {"SCALAR": 1, "VEC3": 3}


def shown_in_glb(path: Path) -> Shown:
    """Return what a GLB shows; AssertionError where the file contradicts itself."""
    glb = Glb.read(path)
    meshes = [_surfaces(glb, mesh) for mesh in glb.document["meshes"]]
    shown = Shown()
    stack = [(number, np.eye(4)) for number in glb.document["scenes"][0]["nodes"]]
    visited: set[int] = set()
    while stack:
        number, around = stack.pop()
        assert number not in visited, "a node has two parents"
        visited.add(number)
        node = glb.nodes[number]
        world = around @ _matrix(node)
        if "mesh" in node:
            extras = node["extras"]
            in_cad = TO_CAD @ world @ np.linalg.inv(TO_CAD)
            names = (node["name"], extras["product"])
            shown.add(extras["part_key"], names, str(node["mesh"]), in_cad, meshes[node["mesh"]])
        else:
            shown.groups += [node["name"], node["extras"]["product"]]
        stack.extend((child, world) for child in node.get("children", ()))
    assert len(visited) == len(glb.nodes), "a node is outside the scene"
    return shown


def _matrix(node: dict[str, Any]) -> Floats:
    assert not {"rotation", "scale"} & node.keys()
    if "matrix" in node:
        return np.array(node["matrix"]).reshape(4, 4).T
    matrix = np.eye(4)
    matrix[:3, 3] = node.get("translation", (0, 0, 0))
    return matrix


def _surfaces(glb: Glb, mesh: dict[str, Any]) -> Surfaces:
    found: Surfaces = []
    for primitive in mesh["primitives"]:
        assert primitive.get("mode", 4) == 4, "points or lines"
        points = _array(glb, primitive["attributes"]["POSITION"]).astype(np.float64)
        normals = _array(glb, primitive["attributes"]["NORMAL"])
        corners = _array(glb, primitive["indices"]).reshape(-1, 3)
        assert np.isfinite(points).all() and np.isfinite(normals).all()
        assert corners.max() < len(points) == len(normals)
        found.append(
            (
                _color(glb.document["materials"][primitive["material"]]),
                points @ TO_CAD[:3, :3].T,
                corners,
            )
        )
    return found


def _color(material: dict[str, Any]) -> str:
    color = hex_of_linear(*material["pbrMetallicRoughness"]["baseColorFactor"])
    said = material["extras"]["cad_color"]
    assert said in (None, color)
    return color if said else ""


def _array(glb: Glb, number: int) -> npt.NDArray[Any]:
    accessor = glb.document["accessors"][number]
    view = glb.document["bufferViews"][accessor["bufferView"]]
    width = WIDTHS[accessor["type"]]
    start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    values = np.frombuffer(glb.binary, TYPES[accessor["componentType"]], accessor["count"] * width, start)
    return values.reshape(-1, width) if width > 1 else values
