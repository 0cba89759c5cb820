from __future__ import annotations

import json
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_scripts.stage import extent, gltf_own
from media_assets.cad.glb import GlbWriter
from media_assets.cad.product_tree import Appearance, CadProduct, Color, Node, Part
from media_assets.cad.surfaces import Mesh, Surface
from tests.blender_scripts.glb import write_document
from tests.needs import blender_python

Document = dict[str, Any]
SHIFT = (1.0, 0.0, 0.0, 30.0, 0.0, 1.0, 0.0, 5.0, 0.0, 0.0, 1.0, -7.0, 0.0, 0.0, 0.0, 1.0)
TURN = (0.6, -0.8, 0.0, 3.0, 0.8, 0.6, 0.0, 0.0, 0.0, 0.0, 1.0, 9.0, 0.0, 0.0, 0.0, 1.0)
MIRROR = (-1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 40.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)


def surface(seed: int, triangles: int) -> Surface:
    """Triangles of any shape: smooth ones, a flat one, one of no area, and a point that none uses."""
    random = np.random.default_rng(seed)
    points = random.normal(size=(3 * triangles, 3)).astype(np.float32) * 10
    normals = random.normal(size=points.shape).astype(np.float32)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    facing = np.cross(points[1] - points[0], points[2] - points[0])
    normals[:3] = facing / np.linalg.norm(facing)
    corners = np.arange(3 * triangles, dtype=np.uint32).reshape(-1, 3)
    corners[-1] = corners[-1, 0]
    return Surface(points, normals, corners)


@pytest.fixture(scope="module")
def glb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A product of two levels: parts shown again, turned and mirrored, of several colors, one of glass."""
    red, glass = Color(1.0, 0.1, 0.0), Color(0.2, 0.4, 0.9, 0.25)
    meshes = [
        Mesh("Gehäuse", [(red, surface(1, 40)), (None, surface(2, 9)), (glass, surface(3, 5))]),
        Mesh("Stift", [(None, surface(4, 6))]),
    ]
    inner = Node("Gruppe", "Gruppe", "/Gruppe", TURN)
    inner.children = [
        Node("Stift", "Stift", "/Gruppe/Stift", SHIFT, 1),
        Node("Stift", "Stift", "/Gruppe/Stift#2", MIRROR, 1),
    ]
    nodes = [Node("Gehäuse", "Gehäuse", "/Gehäuse", SHIFT, 0), inner, Node("Leer", "Leer", "/Leer")]
    parts = [Part("Gehäuse", None, 1, 1, None, material="Stahl"), Part("Stift", None, 1, 1, None)]
    looks = [Appearance(0, (None,)), Appearance(1, (None,))]
    product = CadProduct(Node("Maschine", "Maschine", "/", children=nodes), parts, looks, 2, 1)
    path = tmp_path_factory.mktemp("own") / "product.glb"
    GlbWriter(product, meshes).write(path)
    return path


@pytest.mark.blender
def test_our_reader_makes_what_blenders_importer_makes(glb: Path) -> None:
    argv = [blender_python(), "-m", "tests.blender_scripts.both_readers", str(glb)]
    printed = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    found = json.loads(printed.splitlines()[-1])[str(glb)]
    assert (found["objects"], found["meshes"], found["odd"], found["left_behind"]) == (3, [2, 2], [], 0)
    for name in ("points", "corners", "normals", "slots", "smooth", "edges"):
        assert found["worst"].pop(name) == 0.0, name
    assert max(found["worst"].values()) < 3e-6, found["worst"]  # places, in radii of the product


def document_of(glb: Path) -> tuple[Document, bytes]:
    data = glb.read_bytes()
    size = struct.unpack_from("<I", data, 12)[0]
    return json.loads(data[20 : 20 + size]), data[28 + size :]


def test_what_was_written_is_what_is_read(glb: Path) -> None:
    own = gltf_own.read(glb)
    assert [node.extras["part_key"] for node in own.nodes] == ["/Gehäuse", "/Gruppe/Stift", "/Gruppe/Stift#2"]
    assert own.nodes[0].extras["cad_material"] == "Stahl"
    assert [slot.material for slot in own.meshes[0].slots] == ["#FF1A00", "uncolored", "#3366E640"]
    assert own.meshes[0].slots[2].color[3] == pytest.approx(0.25)
    # Millimeters before the writer, meters after it: the group is turned, the second pin also mirrored.
    placed = np.array(TURN).reshape(4, 4) @ np.array(MIRROR).reshape(4, 4)
    placed[:3, 3] /= 1000
    assert own.matrices[2] == pytest.approx(placed, abs=1e-9)


CHANGES: dict[str, Callable[[Document], object]] = {
    "a texture": lambda it: it.update(textures=[{}]),
    "an extension": lambda it: it["nodes"][1].update(extensions={}),
    "a second scene": lambda it: it["scenes"].append({"nodes": [0]}),
    "lines": lambda it: it["meshes"][0]["primitives"][0].update(mode=1),
    "texture coordinates": lambda it: it["meshes"][0]["primitives"][0]["attributes"].update(TEXCOORD_0=0),
    "a color per point": lambda it: it["meshes"][0]["primitives"][0]["attributes"].update(COLOR_0=0),
    "cut-out transparency": lambda it: it["materials"][0].update(alphaMode="MASK"),
    "data elsewhere": lambda it: it["buffers"][0].update(uri="other.bin"),
    "spaced data": lambda it: it["bufferViews"][0].update(byteStride=24),
    "data beyond the end": lambda it: it["bufferViews"][-1].update(byteOffset=10**9),
    "data before the beginning": lambda it: it["bufferViews"][0].update(byteOffset=-4),
    "a mesh that is not there": lambda it: it["nodes"][1].update(mesh=7),
    "a mesh counted from the end": lambda it: it["nodes"][1].update(mesh=-1),
    "a material that is not there": lambda it: it["meshes"][0]["primitives"][0].update(material=9),
    "a tree that bites its tail": lambda it: it["nodes"][1].update(children=[0]),
    "a node in two places": lambda it: it["nodes"][0]["children"].append(1),
    "a node that is nowhere": lambda it: it["nodes"].append({"name": "Lost"}),
    "a place that is no number": lambda it: it["nodes"][1].update(translation=[float("nan"), 0, 0]),
    "a perspective": lambda it: it["nodes"][1].update(
        matrix=[1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    ),
    "a turn": lambda it: it["nodes"][1].update(rotation=[0, 0, 0, 1]),
    "no materials": lambda it: it.pop("materials"),
    "a number for a name": lambda it: it["nodes"][1].update(name=3),
    "deep extras": lambda it: it["nodes"][1]["extras"].update(more={"a": 1}),
    "a list for a document": lambda it: it.update(nodes={}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_we_would_not_write_is_left_to_blenders_importer(change: str, glb: Path, tmp_path: Path) -> None:
    document, binary = document_of(glb)
    CHANGES[change](document)
    with pytest.raises(gltf_own.NotOurs):
        gltf_own.read(write_document(tmp_path / "other.glb", document, binary))


def test_a_corner_beyond_the_points_is_refused(glb: Path, tmp_path: Path) -> None:
    document, binary = document_of(glb)
    view = document["bufferViews"][document["meshes"][0]["primitives"][0]["indices"]]
    changed = bytearray(binary)
    changed[view["byteOffset"] : view["byteOffset"] + 2] = b"\xff\xff"
    with pytest.raises(gltf_own.NotOurs):
        gltf_own.read(write_document(tmp_path / "other.glb", document, bytes(changed)))


@given(st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(
    glb: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = glb.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = data.draw(
        st.sampled_from([whole[:at], whole[:at] + data.draw(st.binary(min_size=1)) + whole[at + 1 :]])
    )
    path = tmp_path_factory.getbasetemp() / "damaged.glb"
    path.write_bytes(changed)
    try:
        own = gltf_own.read(path)
    except gltf_own.NotOurs:
        return
    for mesh in own.meshes:
        assert np.isfinite(mesh.points).all()
        assert 0 <= mesh.corners.min() <= mesh.corners.max() < len(mesh.points)
        assert mesh.slot_numbers.max() < len(mesh.slots)
    assert all(0 <= node.mesh < len(own.meshes) for node in own.nodes)


@pytest.mark.slow
def test_a_million_points_frame_as_all_of_them_would() -> None:
    random = np.random.default_rng(1)
    matrices = np.broadcast_to(np.eye(4), (3000, 4, 4)).copy()
    matrices[:, :3, :3] = np.linalg.qr(random.normal(size=(3000, 3, 3)))[0] * random.uniform(
        0.5, 2, (3000, 1, 1)
    )
    matrices[:, :3, 3] = random.uniform(-50, 50, (3000, 3))
    placed = [
        extent.Placed(random.normal(size=(300, 3)), matrices[:2000]),
        extent.Placed(random.normal(size=(400, 3)), matrices[2000:]),
    ]
    everything = np.concatenate([one.moved() for one in placed])
    kept = extent.spread(placed)
    assert len(kept) < 600
    assert kept.min(axis=0) == pytest.approx(everything.min(axis=0))
    assert kept.max(axis=0) == pytest.approx(everything.max(axis=0))
    views = random.normal(size=(50, 3))
    views /= np.linalg.norm(views, axis=1, keepdims=True)
    size = np.linalg.norm(np.ptp(everything, axis=0))
    assert (kept @ views.T).max(axis=0) == pytest.approx((everything @ views.T).max(axis=0), abs=0.01 * size)
