"""GLB as a source: what any glTF 2.0 says about shape, tree, names and colors arrives; what lies ends in words."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from media_assets.cad.contract import ConversionResult, Limits, Reading
from media_assets.cad.errors import CadError
from media_assets.cad.meshes import draco
from media_assets.cad.meshes.axes import TO_Z_UP
from media_assets.cad.meshes.glb import read_glb
from media_assets.cad.meshes.scene import MeshScene
from media_assets.cad.prescan import prescan
from media_assets.cad.product_tree import Node
from tests.media_assets.cad.conftest import Convert, Glb
from tests.media_assets.cad.mesh_files import CUBE_POINTS, CUBE_TRIANGLES, Array, GlbFile, one_cube

Read = Callable[..., MeshScene]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def run(glb: GlbFile | bytes, limits: Limits | None = None) -> MeshScene:
        path = tmp_path / "source.glb"
        path.write_bytes(glb if isinstance(glb, bytes) else glb.content())
        return read_glb(path, "bracket", Reading(), limits or Limits())

    return run


def placed(scene: MeshScene) -> list[tuple[str, Array]]:
    """Every placed part in the order of the tree: its name, and its triangles in the world (n, 3, 3), in mm."""
    found = []
    stack: list[tuple[Node, Array]] = [(scene.product.root, np.eye(4))]
    while stack:
        node, around = stack.pop()
        matrix = around @ np.array(node.matrix).reshape(4, 4)
        if node.look is not None:
            corners = [s.points.astype(np.float64)[s.corners] for _, s in scene.meshes[node.look].surfaces]
            found.append((node.name, np.concatenate(corners) @ matrix[:3, :3].T + matrix[:3, 3]))
        stack.extend((child, matrix) for child in reversed(node.children))
    return found


def refused(read: Read, glb: GlbFile | bytes, limits: Limits | None = None) -> CadError:
    with pytest.raises(CadError) as caught:
        read(glb, limits)
    assert len(caught.value.message.split(". ")) >= 2, "what happened, and what to do"
    return caught.value


def test_meters_with_y_up_become_millimeters_with_z_up(read: Read) -> None:
    scene = read(one_cube())
    (name, triangles), *rest = placed(scene)
    assert (name, rest, scene.unit, scene.product.root.key) == ("Würfel", [], "metre", "/")
    assert np.allclose(
        triangles, 1000 * (CUBE_POINTS[CUBE_TRIANGLES] @ np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]]))
    )


MODES = {"triangles": 4, "strip": 5, "fan": 6}


def drawn(mode: str, numbers: Array) -> Array:
    """The triangles of a row of corners, as the specification tells them (glTF 2.0, 3.7.2.1)."""
    if mode == "triangles":
        return numbers.reshape(-1, 3)
    count = len(numbers) - 2
    if mode == "fan":
        return np.array([(numbers[0], numbers[i + 1], numbers[i + 2]) for i in range(count)])
    return np.array([(numbers[i], numbers[i + 1 + i % 2], numbers[i + 2 - i % 2]) for i in range(count)])


# Any numbers do, as long as no three points lie on one line: then no triangle is left out.
POINTS = np.array([[i, i * i % 11, i * i * i % 13] for i in range(11)], np.float64) / 8


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.data())
def test_every_way_to_write_triangles_gives_the_same_ones(data: some.DataObject, tmp_path: Path) -> None:
    glb, expected = GlbFile(), []
    meshes: list[tuple[int, Array]] = []
    for number in range(data.draw(some.integers(1, 3), "meshes")):
        primitives, triangles = [], []
        for _ in range(data.draw(some.integers(1, 2), "primitives")):
            primitive, corners = _primitive(glb, data)
            primitive["material"] = glb.material((0.5, number / 3, len(primitives) / 2))
            primitives.append(primitive)
            triangles.append(corners)
        meshes.append((glb.add("meshes", {"primitives": primitives}), np.concatenate(triangles)))
    names = some.text(some.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
    for _ in range(data.draw(some.integers(1, 4), "chains")):
        chain = data.draw(some.lists(_placements, min_size=1, max_size=3), "placements")
        mesh, triangles = data.draw(some.sampled_from(meshes), "mesh")
        name = data.draw(names, "name")
        world = np.eye(4)
        for _, matrix in chain:
            world = world @ matrix
        last = glb.add("nodes", {"mesh": mesh, "name": name, **chain[-1][0]})
        for placement, _ in reversed(chain[:-1]):
            last = glb.add("nodes", {"children": [last], **placement})
        glb.document.setdefault("scenes", [{"nodes": []}])[0]["nodes"].append(last)
        inside = triangles @ world[:3, :3].T + world[:3, 3]
        expected.append((name, 1000 * inside @ TO_Z_UP.T))
    path = tmp_path / "source.glb"
    path.write_bytes(glb.content())
    assert prescan(path).format == "glb"
    scene = read_glb(path, "bracket", Reading(), Limits())
    found = placed(scene)
    assert [name for name, _ in found] == [name for name, _ in expected]
    for (_, got), (_, wanted) in zip(found, expected, strict=True):
        assert got.shape == wanted.shape
        assert np.abs(got - wanted).max() <= 1e-5 * (1 + np.abs(wanted).max())
    used = {mesh for mesh in (node.get("mesh") for node in glb.document["nodes"]) if mesh is not None}
    assert len(scene.meshes) <= len(used)


def _primitive(glb: GlbFile, data: some.DataObject) -> tuple[dict[str, Any], Array]:
    """A primitive in one of the many ways to write it, and its triangles in meters."""
    mode = data.draw(some.sampled_from(sorted(MODES)), "mode")
    order = np.array(data.draw(some.permutations(range(len(POINTS))), "order"))
    row = order[:9]
    points, is_indexed = POINTS, data.draw(some.booleans(), "indexed")
    how: dict[str, Any] = {"pad": data.draw(some.sampled_from([0, 4, 8]), "pad")}
    how["sparse"] = data.draw(some.booleans(), "sparse")
    primitive: dict[str, Any] = {"mode": MODES[mode]} if mode != "triangles" else {}
    if is_indexed:
        primitive["indices"] = glb.array(row, data.draw(some.sampled_from(["u1", "u2", "u4"]), "indices"))
    given = points if is_indexed else points[row]
    written = data.draw(some.sampled_from(["f4", "i2 normalized", "u1"]), "written")
    if written == "f4":
        real, position = given, glb.array(given, "f4", **how)
    else:
        glb.document["extensionsRequired"] = glb.document["extensionsUsed"] = ["KHR_mesh_quantization"]
        if written == "u1":
            real = np.round(given * 8)
            position = glb.array(real, "u1", **how)
        else:
            steps = np.round(given / 2 * 32767)
            real, position = steps / 32767, glb.array(steps, "i2", normalized=True, **how)
    primitive["attributes"] = {"POSITION": position}
    if data.draw(some.booleans(), "normals"):
        primitive["attributes"]["NORMAL"] = glb.array(np.tile((0.0, 1.0, 0.0), (len(given), 1)), "f4")
    corners = drawn(mode, row if is_indexed else np.arange(len(row)))
    return primitive, real[corners]


def _from_parts(parts: tuple[list[int], list[int], int]) -> tuple[dict[str, Any], Array]:
    """A placement by translation, rotation about an axis and scale, as glTF has it, and its matrix."""
    moved, axis, size = parts
    matrix = np.eye(4)
    length = float(np.linalg.norm(axis))
    if not length:
        matrix[:3, 3] = moved
        return {"translation": moved}, matrix
    x, y, z = (float(number) / length for number in axis)
    c, s = np.cos(0.7), np.sin(0.7)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    matrix[:3, :3] = (c * np.eye(3) + s * cross + (1 - c) * np.outer((x, y, z), (x, y, z))) * size
    matrix[:3, 3] = moved
    if moved[0] > 0:
        return {"matrix": matrix.T.reshape(-1).tolist()}, matrix
    half = np.sin(0.35)
    rotation = [x * half, y * half, z * half, float(np.cos(0.35))]
    return {"translation": moved, "rotation": rotation, "scale": [size] * 3}, matrix


_small = some.lists(some.integers(-3, 3), min_size=3, max_size=3)
_placements = some.tuples(_small, _small, some.sampled_from([-1, 1, 2])).map(_from_parts)


def test_colors_come_as_cad_writes_them_and_only_blended_ones_are_transparent(read: Read) -> None:
    glb = GlbFile()
    materials = [
        {"material": glb.material((0.21586, 0.0, 1.0))},
        {"material": glb.material((1.0, 1.0, 1.0), 0.5, alphaMode="BLEND")},
        {"material": glb.material((1.0, 1.0, 1.0), 0.5)},
        {},
    ]
    glb.add("nodes", {"children": [1, 2, 3, 4]})
    for material in materials:
        glb.add("nodes", {"mesh": glb.cube(**material)})
    shown = [mesh.surfaces[0][0] for mesh in read(glb).meshes]
    assert [color.hex if color else None for color in shown] == ["#8000FF", "#FFFFFF80", "#FFFFFF", None]


def test_copies_share_one_mesh_also_when_the_writer_made_a_mesh_of_each(read: Read) -> None:
    glb = GlbFile()
    mesh = glb.cube("Bolt")
    twin = glb.add("meshes", {**glb.document["meshes"][mesh], "name": "Bolt.001"})
    red = {**glb.document["meshes"][mesh]["primitives"][0], "material": glb.material((1.0, 0.0, 0.0))}
    painted = glb.add("meshes", {"primitives": [red]})
    for number in (mesh, mesh, twin, painted):
        glb.add("nodes", {"mesh": number})
    scene = read(glb)
    assert (len(scene.product.parts), len(scene.meshes)) == (1, 2)
    keys = [node.key for node in scene.product.root.walk()]
    assert keys == ["/", "/Bolt", "/Bolt#2", "/Bolt.001", "/bracket"]
    surfaces = [mesh.surfaces[0][1] for mesh in scene.meshes]
    assert surfaces[0] is surfaces[1], "looks that differ in color only share their arrays"


def test_an_object_with_a_mesh_and_others_below_it_keeps_both(read: Read) -> None:
    glb = GlbFile()
    glb.add("nodes", {"name": "Housing", "mesh": glb.cube("Casting"), "children": [1]})
    glb.add("nodes", {"name": "Lid", "mesh": 0, "translation": [0, 2, 0]})
    scene = read(glb)
    assert [(node.name, node.key, node.look) for node in scene.product.root.walk()] == [
        ("Housing", "/", None),
        ("Casting", "/Casting", 0),
        ("Lid", "/Lid", 0),
    ]


def test_cameras_lights_and_empty_objects_are_no_parts(read: Read) -> None:
    glb = one_cube()
    glb.document["nodes"] += [{"name": "Camera", "camera": 0}, {"children": [3]}, {"name": "Empty"}]
    assert [node.name for node in read(glb).product.root.walk()] == ["bracket", "Würfel"]


def test_normals_of_the_file_are_kept_and_bad_ones_replaced(read: Read) -> None:
    normals = CUBE_POINTS - 0.5
    normals[0] = np.nan
    glb = one_cube()
    primitive = glb.document["meshes"][0]["primitives"][0]
    primitive["attributes"]["NORMAL"] = glb.array(normals, "f4")
    surface = read(glb).meshes[0].surfaces[0][1]
    corner = surface.points / 500 - (1, -1, 1)
    assert np.allclose(np.abs((surface.normals * corner).sum(axis=1)), np.sqrt(3), atol=0.01)


def test_what_is_left_out_is_said(read: Read) -> None:
    glb = one_cube()
    primitive = glb.document["meshes"][0]["primitives"][0]
    primitive["attributes"]["COLOR_0"] = 0
    primitive["targets"] = [{}]
    material = {"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}
    primitive["material"] = glb.add("materials", material)
    glb.document["meshes"][0]["primitives"].append({**primitive, "mode": 1})
    glb.document["animations"] = [{}]
    codes = {finding.code for finding in read(glb).product.findings}
    assert codes == {f"{what}_left_out" for what in ("textures", "motion", "lines")}


def test_damaged_points_cost_their_triangles_only(read: Read) -> None:
    points = CUBE_POINTS.copy()
    points[7, 1] = np.nan
    glb = one_cube()
    glb.document["meshes"][0]["primitives"][0]["attributes"]["POSITION"] = glb.array(points, "f4")
    scene = read(glb)
    lost = int((CUBE_TRIANGLES == 7).any(axis=1).sum())
    assert scene.meshes[0].triangles == 12 - lost
    assert [(finding.code, str(lost) in finding.message) for finding in scene.product.findings] == [
        ("bad_triangles", True)
    ]


Spoil = Callable[[GlbFile], object]


def _set(kind: str, number: int, **fields: Any) -> Spoil:
    return lambda glb: glb.document[kind][number].update(fields)


BROKEN: dict[str, tuple[str, Spoil]] = {
    "needs meshopt": (
        "unreadable",
        lambda glb: glb.document.update(extensionsRequired=["EXT_meshopt_compression"]),
    ),
    "needs what nobody knows": (
        "unreadable",
        lambda glb: glb.document.update(extensionsRequired=["ACME_shape"]),
    ),
    "another file": ("external_reference", lambda glb: glb.document.update(buffers=[{"uri": "../x.bin"}])),
    "a web page": (
        "external_reference",
        lambda glb: glb.document.update(buffers=[{"uri": "http://x/y.bin"}]),
    ),
    "no objects": ("nothing_to_show", lambda glb: glb.document.update(nodes=[])),
    "objects without a mesh": (
        "no_usable_geometry",
        lambda glb: glb.document["nodes"][0].pop("mesh"),
    ),
    "a loop": (
        "cyclic_assembly",
        lambda glb: glb.document.update(nodes=[{"children": [1]}, {"children": [0]}]),
    ),
    "a loop below the scene": (
        "cyclic_assembly",
        lambda glb: glb.document.update(nodes=[{"children": [0], "mesh": 0}], scenes=[{"nodes": [0]}]),
    ),
    "an object in two places": (
        "cyclic_assembly",
        lambda glb: glb.document["nodes"].extend([{"children": [0]}, {"children": [0]}]),
    ),
    "a very deep tree": (
        "damaged",
        lambda glb: glb.document["nodes"].extend({"children": [number]} for number in range(300)),
    ),
    "a child that is not there": ("damaged", _set("nodes", 0, children=[7])),
    "a mesh that is not there": ("damaged", _set("nodes", 0, mesh=-1)),
    "a mesh that is true": ("damaged", _set("nodes", 0, mesh=True)),
    "an index behind the points": ("damaged", _set("accessors", 0, count=4)),
    "more than its data": ("damaged", _set("accessors", 1, count=40)),
    "a count below zero": ("damaged", _set("accessors", 0, count=-8)),
    "a huge count": ("too_large", _set("accessors", 0, count=1 << 40)),
    "a huge count of nothing": (
        "too_large",
        lambda glb: glb.document["accessors"].__setitem__(
            0, {"componentType": 5126, "type": "VEC3", "count": 1 << 40}
        ),
    ),
    "a view behind the end": ("damaged", _set("bufferViews", 0, byteOffset=1 << 30)),
    "a stride below the element": ("damaged", _set("bufferViews", 0, byteStride=4)),
    "points of another kind": ("damaged", _set("accessors", 0, type="SCALAR")),
    "indices that are floats": ("damaged", _set("accessors", 1, componentType=5126)),
    "half a triangle": ("damaged", _set("accessors", 1, count=35)),
    "a matrix of words": ("damaged", _set("nodes", 0, matrix=["1"] * 16)),
    "a matrix with perspective": ("damaged", _set("nodes", 0, matrix=[1.0] * 16)),
    "a placement at infinity": ("damaged", _set("nodes", 0, translation=[1e308, 1e308, 1e999])),
    "a rotation by nothing": ("damaged", _set("nodes", 0, rotation=[0, 0, 0, 0])),
    "a scale by a huge integer": ("damaged", _set("nodes", 0, scale=[10**400, 1, 1])),
    "nodes that are no list": ("damaged", lambda glb: glb.document.update(nodes={})),
    "a mesh of points alone": (
        "no_usable_geometry",
        lambda glb: glb.document["meshes"][0]["primitives"][0].update(mode=0),
    ),
    "a mode that is none": ("damaged", lambda glb: glb.document["meshes"][0]["primitives"][0].update(mode=9)),
    "no triangle with an area": (
        "no_usable_geometry",
        lambda glb: glb.document["accessors"][0].pop("bufferView"),
    ),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_file_that_lies_ends_in_words(how: str, read: Read) -> None:
    code, spoil = BROKEN[how]
    glb = one_cube()
    spoil(glb)
    assert refused(read, glb).code == code


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"nan", b'{"nodes": NaN}', b"\xff" * 8, b"[" * 100_000])
def test_a_description_that_is_none_is_damage(text: bytes, read: Read) -> None:
    content = struct.pack("<4sIII4s", b"glTF", 2, 20 + len(text), len(text), b"JSON") + text
    assert refused(read, content).code == "damaged"


def test_limits_hold_and_say_what_to_do(read: Read) -> None:
    assert refused(read, one_cube(), Limits(max_triangles=11)).code == "too_large"
    assert read(one_cube(), Limits(max_triangles=12)).meshes[0].triangles == 12
    glb = one_cube()
    glb.document["meshes"][0]["primitives"] *= 1000
    assert refused(read, glb, Limits(max_triangles=11_999)).code == "too_large"
    glb = one_cube()
    glb.document["nodes"] += [{"mesh": 0}] * 5
    assert refused(read, glb, Limits(max_instances=5)).code == "too_many_instances"


def test_mutated_files_end_as_a_mesh_or_in_words(read: Read) -> None:
    """Single bytes changed, cut out or doubled, in the description and in the arrays."""
    glb = one_cube()
    glb.document["meshes"][0]["primitives"][0]["material"] = glb.material((1.0, 0.0, 0.0))
    glb.document["nodes"][0].update(children=[1], rotation=[0, 0, 0, 1])
    glb.document["nodes"].append({"mesh": 0, "matrix": np.eye(4).reshape(-1).tolist()})
    sound, chance, ends = glb.content(), random.Random(7), set()
    for _ in range(400):
        content = bytearray(sound)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(12, len(content))
            match chance.randrange(4):
                case 0:
                    content[place] = chance.randrange(256)
                case 1:
                    content[place] = ord(chance.choice('0123456789-.eE,:[]{}"'))
                case 2:
                    del content[place : place + chance.randint(1, 8)]
                case 3:
                    content[place:place] = content[place : place + chance.randint(1, 8)]
        try:
            scene = read(bytes(content))
        except CadError as error:
            ends.add(error.code)
        else:
            assert all(np.isfinite(s.points).all() for mesh in scene.meshes for _, s in mesh.surfaces)
            ends.add("read")
    assert {"read", "damaged"} <= ends


def test_our_own_geometry_comes_back_as_it_went(
    sample: ConversionResult, convert: Convert, tmp_path: Path
) -> None:
    """Through the contained child: STEP to GLB, and that GLB to GLB."""
    copy = tmp_path / "bearing.glb"
    copy.write_bytes(sample.glb.read_bytes())
    again = convert(copy, want_usd=True)
    first, second = Glb.read(sample.glb), Glb.read(again.glb)
    assert [node["name"] for node in second.nodes] == [node["name"] for node in first.nodes]
    keys = [[node["extras"]["part_key"] for node in glb.nodes] for glb in (first, second)]
    assert keys[0] == keys[1]
    for field in ("parts", "instances", "meshes", "triangles", "triangles_placed", "names", "colors"):
        assert again.report[field] == sample.report[field], field
    assert np.allclose(again.report["size_mm"], sample.report["size_mm"], atol=1e-3)
    assert again.report["warnings"] == []
    assert again.report["originating_system"] == "Renderdesk"
    assert again.usd is not None and again.usd.stat().st_size > 1000


def packed_by_draco() -> GlbFile:
    """A cube whose arrays are compressed."""
    library = pytest.importorskip("DracoPy", reason="DracoPy (requirements.txt) is not installed")
    points, corners = CUBE_POINTS.astype(np.float32), CUBE_TRIANGLES.astype(np.uint32)
    content = library.encode(points, corners, preserve_order=True, quantization_bits=14)
    ((number, kind),) = (
        (one["unique_id"], one["attribute_type"]) for one in library.decode(content).attributes
    )
    assert kind == 0
    glb = GlbFile()
    position = {"componentType": 5126, "count": 8, "type": "VEC3"}
    shown = {
        "attributes": {"POSITION": glb.add("accessors", position)},
        "indices": glb.add("accessors", {"componentType": 5123, "count": 36, "type": "SCALAR"}),
        "extensions": {
            draco.NAME: {"bufferView": glb.view(content), "attributes": {"POSITION": number}},
        },
    }
    glb.add("nodes", {"mesh": glb.add("meshes", {"primitives": [shown]})})
    glb.document["extensionsRequired"] = [draco.NAME]
    return glb


def test_what_draco_compressed_is_read(read: Read) -> None:
    (mesh,) = read(packed_by_draco()).meshes
    assert mesh.triangles == 12
    points = mesh.surfaces[0][1].points
    assert (points.max(axis=0) - points.min(axis=0)).tolist() == pytest.approx([1000.0] * 3, abs=0.2)


def test_what_draco_compressed_may_lie(read: Read) -> None:
    glb = packed_by_draco()
    glb.document["accessors"][0]["count"] = 9
    with pytest.raises(CadError) as told:
        read(glb)
    assert told.value.code == "damaged"
    glb = packed_by_draco()
    glb.binary[0:5] = bytes(5)
    with pytest.raises(CadError) as told:
        read(glb)
    assert told.value.code == "damaged"


def test_without_its_library_draco_is_refused_with_the_command_that_unpacks_it(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    glb = one_cube(extensions={draco.NAME: {}})
    monkeypatch.setattr(draco, "DracoPy", None)
    with pytest.raises(CadError, match="gltf-transform copy"):
        read(glb)


def test_the_child_refuses_a_compressed_mesh_in_words(convert: Convert, tmp_path: Path) -> None:
    glb = one_cube()
    glb.document["extensionsRequired"] = ["EXT_meshopt_compression"]
    (tmp_path / "a.glb").write_bytes(glb.content())
    with pytest.raises(CadError, match=r"EXT_meshopt_compression.*without compression.*gltfpack"):
        convert(tmp_path / "a.glb")
