from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media_assets.cad.glb import GlbWriter
from media_assets.cad.placing import Box
from media_assets.cad.product_tree import Appearance, CadProduct, Color, Node, Part
from media_assets.cad.surfaces import Mesh, Surface
from media_assets.cad.usd import UsdWriter
from tests.needs import blender_python

SCREWS = 500
BOX = Box((0.0, 0.0, 0.0), (5000.0, 100.0, 100.0))
RED, BLUE = Color(1.0, 0.0, 0.0), Color(0.0, 0.0, 1.0)
UNCOLORED = (0.604, 0.604, 0.604)
"""Linear light of sRGB 0.8."""


def at(x: float, mirror: float = 1.0) -> tuple[float, ...]:
    return (mirror, 0.0, 0.0, x, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)


def wedge(rows: slice) -> Surface:
    """Some sides of a tetrahedron, flat shaded."""
    points = np.array([[0, 0, 0], [2, 0, 0], [0, 3, 0], [0, 0, 4]], np.float32)
    corners = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]])[rows]
    triangles = points[corners]
    facing = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    facing /= np.linalg.norm(facing, axis=1, keepdims=True)
    numbers = np.arange(3 * len(corners), dtype=np.uint32).reshape(-1, 3)
    return Surface(triangles.reshape(-1, 3), np.repeat(facing, 3, axis=0).astype(np.float32), numbers)


def written(folder: Path, name: str, nodes: list[Node], meshes: list[Mesh]) -> list[Path]:
    root = Node("Maschine", "Maschine", "/", children=nodes)
    parts = [Part(mesh.name, None, 4, 1, None) for mesh in meshes]
    product = CadProduct(
        root, parts, [Appearance(number, (None,) * 4) for number in range(len(meshes))], 1, 1
    )
    GlbWriter(product, meshes).write(folder / f"{name}.glb")
    UsdWriter(product, meshes, {}, BOX).write(folder / f"{name}.usdc")
    return [folder / f"{name}.glb", folder / f"{name}.usdc"]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one Blender shows: many screws, and a wedge of two colors beside its mirror image and a repainted one."""
    folder = tmp_path_factory.mktemp("blender")
    whole, half, rest = wedge(slice(0, 4)), wedge(slice(0, 2)), wedge(slice(2, 4))
    screws = [Node("Schräubchen", "Schräube", f"/Schräubchen#{n}", at(10.0 * n), 0) for n in range(SCREWS)]
    paths = written(folder, "screws", screws, [Mesh("Schräube", [(RED, whole)])])
    wedges = [
        Node("Keil", "Keil", "/Keil", at(0.0), 0),
        Node("Keil", "Keil", "/Spiegel", at(40.0, -1.0), 0),
        Node("Keil", "Keil", "/Blau", at(80.0), 1),
    ]
    looks = [Mesh("Keil", [(RED, half), (None, rest)]), Mesh("Keil", [(RED, half), (BLUE, rest)])]
    paths += written(folder, "wedges", wedges, looks)
    argv = [blender_python(), str(Path(__file__).parent / "blender_shading.py"), *map(str, paths)]
    printed = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    answer: dict[str, Any] = json.loads(printed.split("ANSWER ")[1])
    return {Path(path).name: found for path, found in answer.items()}


@pytest.mark.parametrize("name", ["screws.glb", "screws.usdc"])
def test_five_hundred_screws_are_five_hundred_objects_on_one_mesh(name: str, seen: dict[str, Any]) -> None:
    assert (seen[name]["meshes"], len(seen[name]["placed"])) == (1, SCREWS)
    assert len({tuple(one["middle"]) for one in seen[name]["placed"]}) == SCREWS
    assert set(seen[name]["keys"]) >= {f"/Schräubchen#{number}" for number in range(SCREWS)}


@pytest.mark.parametrize("name", ["wedges.glb", "wedges.usdc"])
def test_faces_and_instances_keep_their_own_colors(name: str, seen: dict[str, Any]) -> None:
    red, blue = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)
    colors = [sorted(map(tuple, one["colors"])) for one in seen[name]["placed"]]
    assert seen[name]["meshes"] == 2
    assert sorted(colors) == sorted([[blue, red], sorted([UNCOLORED, red]), sorted([UNCOLORED, red])])


@pytest.mark.parametrize("name", ["screws.glb", "screws.usdc", "wedges.glb", "wedges.usdc"])
def test_triangles_face_outwards_and_are_shaded_so_even_when_mirrored(
    name: str, seen: dict[str, Any]
) -> None:
    assert min(one["out"] for one in seen[name]["placed"]) > 0
    assert min(one["fit"] for one in seen[name]["placed"]) > 0.999
