"""STL and OBJ as sources: the stated unit, names, polygons, and normals that look right on a coarse mesh."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as some

from media_assets.cad.contract import Limits, Reading
from media_assets.cad.errors import CadError
from media_assets.cad.meshes.load import load_mesh
from media_assets.cad.meshes.polygons import cut
from media_assets.cad.meshes.scene import MeshScene
from media_assets.cad.prescan import prescan
from media_assets.cad.surfaces import Surface
from tests.media_assets.cad.conftest import Convert, Glb
from tests.media_assets.cad.mesh_files import (
    CUBE_POINTS,
    CUBE_QUADS,
    CUBE_TRIANGLES,
    Array,
    binary_stl,
    cylinder,
    text_stl,
)

Read = Callable[..., MeshScene]

CUBE = CUBE_POINTS[CUBE_TRIANGLES]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def run(
        content: bytes,
        unit: str = "mm",
        code_page: str = "",
        limits: Limits | None = None,
        name: str = "part",
    ) -> MeshScene:
        path = tmp_path / "source"
        path.write_bytes(content)
        found = prescan(path).format
        return load_mesh(found, path, name, Reading(code_page, unit), limits or Limits())

    return run


def surface(scene: MeshScene, look: int = 0) -> Surface:
    ((_, found),) = scene.meshes[look].surfaces
    return found


def triangles(scene: MeshScene, look: int = 0) -> Array:
    found = surface(scene, look)
    return found.points[found.corners]


def obj(*lines: str) -> bytes:
    points = [f"v {x:g} {y:g} {z:g}" for x, y, z in CUBE_POINTS]
    return "\n".join([*points, *lines]).encode()


QUADS = [f"f {' '.join(str(corner + 1) for corner in quad)}" for quad in CUBE_QUADS]
SOURCES = {
    "binary STL": binary_stl(CUBE),
    "binary STL that begins like text": binary_stl(CUBE, b"solid part"),
    "binary STL with more behind it": binary_stl(CUBE) + b"made by a careful exporter",
    "text STL": text_stl(("part", CUBE)),
    "text STL in capitals": text_stl(("part", CUBE))
    .replace(b"vertex", b"VERTEX")
    .replace(b"facet", b"FACET"),
    "OBJ": obj(*QUADS),
    "OBJ from Windows": obj(*QUADS).replace(b"\n", b"\r\n"),
    "OBJ with lines that go on": obj(*QUADS).replace(b"f 1", b"f\\\n1"),
    "OBJ that counts backwards": obj(*(f"f {' '.join(str(c - 8) for c in quad)}" for quad in CUBE_QUADS)),
}


@pytest.mark.parametrize("how", SOURCES)
@pytest.mark.parametrize(
    ("unit", "size", "name"), [("mm", 1, "millimetre"), ("inch", 25.4, "inch"), ("m", 1000, "metre")]
)
def test_the_same_cube_comes_out_whatever_it_was_written_as(
    how: str, unit: str, size: float, name: str, read: Read
) -> None:
    scene = read(SOURCES[how], unit)
    assert (scene.unit, scene.product.root.name, scene.product.root.look) == (name, "part", 0)
    assert np.allclose(triangles(scene), size * CUBE, rtol=1e-6)
    # Three normals at each corner: a cube has no smooth edge.
    assert len(surface(scene).points) == 24
    assert np.allclose(np.abs(surface(scene).normals).max(axis=1), 1.0)


@pytest.mark.parametrize("content", [binary_stl(CUBE), obj(*QUADS)])
def test_without_a_unit_nothing_is_guessed(content: bytes, read: Read) -> None:
    with pytest.raises(CadError, match=r"Reading options.*--unit") as caught:
        read(content, "")
    assert caught.value.code == "unit_unknown"


def test_a_coarse_cylinder_is_round_with_sharp_rims(read: Read) -> None:
    """24 steps of 15 degrees: smooth all around, and the 90 degrees to the lids stay sharp."""
    found = surface(read(binary_stl(cylinder(24))))
    is_wall = np.abs(found.normals[:, 2]) < 0.5
    outward = found.points[is_wall] / 10 * (1, 1, 0)
    assert is_wall.sum() == 48
    assert np.allclose(found.normals[is_wall], outward, atol=1e-5)
    assert np.allclose(np.abs(found.normals[~is_wall, 2]), 1.0)


def test_a_hexagonal_bar_keeps_its_edges(read: Read) -> None:
    found = surface(read(binary_stl(cylinder(6))))
    assert len(found.points) == 6 * 4 + 2 * 7


def test_two_turned_over_neighbors_share_no_normal(read: Read) -> None:
    flat = np.array([[[0, 0, 0], [1, 0, 0], [1, 1, 0]], [[0, 0, 0], [0, 1, 0], [1, 1, 0]]], float)
    assert sorted(surface(read(binary_stl(flat))).normals[:, 2].tolist()) == [-1.0] * 3 + [1.0] * 3


_points = some.tuples(*[some.integers(-40, 40)] * 3)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=some.lists(some.tuples(_points, _points, _points), min_size=1, max_size=30),
    kind=some.sampled_from(["binary", "text", "obj"]),
)
def test_every_triangle_with_an_area_arrives_and_its_normals_look_its_way(
    rows: list[Array], kind: str, tmp_path: Path
) -> None:
    given_triangles = np.array(rows, np.float64) / 8
    edges = given_triangles[:, 1:] - given_triangles[:, :1]
    faces = np.cross(edges[:, 0], edges[:, 1])
    has_area = np.linalg.norm(faces, axis=1) > 0
    assume(has_area.any())
    if kind == "obj":
        corners = given_triangles.reshape(-1, 3)
        lines = [f"v {x!r} {y!r} {z!r}" for x, y, z in corners.tolist()]
        lines += [f"f {n + 1} {n + 2} {n + 3}" for n in range(0, len(corners), 3)]
        content = "\n".join(lines).encode()
    else:
        content = binary_stl(given_triangles) if kind == "binary" else text_stl(("x", given_triangles))
    path = tmp_path / "source"
    path.write_bytes(content)
    scene = load_mesh(prescan(path).format, path, "part", Reading(unit="mm"), Limits())
    assert np.array_equal(triangles(scene), given_triangles[has_area])
    found = surface(scene)
    assert np.allclose(np.linalg.norm(found.normals, axis=1), 1.0, atol=1e-5)
    facing = (found.normals[found.corners] * faces[has_area][:, None]).sum(axis=2)
    # Over a chain of smooth edges a normal may turn far from a small triangle; alone it does not turn away.
    if len(found.corners) == 1:
        assert (facing > 0).all()


def test_every_solid_is_a_part_of_its_name(read: Read) -> None:
    scene = read(text_stl(("Außenring", CUBE), ("Käfig", CUBE + 2), ("Käfig", CUBE + 4), ("", CUBE + 6)))
    assert [(node.name, node.key) for node in scene.product.root.children] == [
        ("Außenring", "/Außenring"),
        ("Käfig", "/Käfig"),
        ("Käfig", "/Käfig#2"),
        ("part", "/part"),
    ]
    assert scene.product.root.name == "part"


def test_objects_and_groups_of_an_obj_are_its_tree(read: Read) -> None:
    scene = read(
        obj(
            "o Gehäuse", "g Deckel", QUADS[0], "g Boden", QUADS[1], "o Welle", QUADS[2], "g default", QUADS[3]
        ),
        name="Getriebe.obj",
    )
    assert [(node.key, node.look) for node in scene.product.root.walk()] == [
        ("/", None),
        ("/Gehäuse", None),
        ("/Gehäuse/Deckel", 0),
        ("/Gehäuse/Boden", 1),
        ("/Welle", 2),
    ]
    assert scene.product.root.name == "Getriebe"
    assert scene.meshes[2].triangles == 4


def test_a_group_that_is_taken_up_again_is_one_part(read: Read) -> None:
    scene = read(obj("g a", QUADS[0], "g b", QUADS[1], "g a", QUADS[2]))
    assert [(mesh.name, mesh.triangles) for mesh in scene.meshes] == [("a", 4), ("b", 2)]


@pytest.mark.parametrize(
    ("raw", "code_page", "name"),
    [
        ("Деталь".encode("cp1251"), "cp1251", "Деталь"),
        ("零件".encode("gbk"), "gbk", "零件"),
        ("零件".encode(), "", "零件"),
        ("Подшипник роликовый".encode("cp1251"), "", "Подшипник роликовый"),
        ("Käfig".encode("latin-1"), "latin-1", "Käfig"),
        (b"a\tb\x07 \xff", "utf-8", "a b \ufffd"),
        (b"x" * 5000, "", "x" * 255),
    ],
)
def test_names_are_read_in_the_stated_code_page(raw: bytes, code_page: str, name: str, read: Read) -> None:
    solid = text_stl(("NAME", CUBE)).replace(b"NAME", raw)
    group = obj("g NAME", *QUADS).replace(b"NAME", raw)
    for content in (solid, group):
        assert read(content, code_page=code_page).product.root.name == name


def test_normals_of_an_obj_are_kept_and_made_where_there_are_none(read: Read) -> None:
    scene = read(obj("vn 0 0.6 -0.8", "f 1//1 3//1 4//1", "f 5 7 8"))
    found = surface(scene)
    assert np.allclose(found.normals[found.corners[0]], (0, 0.6, -0.8))
    assert np.allclose(found.normals[found.corners[1]], (1, 0, 0))


def test_a_color_file_that_is_not_here_is_told(read: Read) -> None:
    scene = read(obj("mtllib cube.mtl", "usemtl red", *QUADS))
    (finding,) = scene.product.findings
    assert finding.code == "materials_left_out" and "cube.mtl" in finding.message
    assert scene.product.looks[0].colors == (None,)


def test_a_concave_face_is_cut_within_its_border() -> None:
    arrow = [(0.0, 0.0, 5.0), (4.0, 0.0, 5.0), (4.0, 4.0, 5.0), (3.0, 1.0, 5.0), (0.0, 1.0, 5.0)]
    areas = []
    for triangle in cut(arrow):
        (ax, ay, _), (bx, by, _), (cx, cy, _) = (arrow[corner] for corner in triangle)
        areas.append(((bx - ax) * (cy - ay) - (by - ay) * (cx - ax)) / 2)
    assert min(areas) > 0 and sum(areas) == pytest.approx(5.5)


@given(some.lists(some.tuples(*[some.integers(-5, 5)] * 3), min_size=3, max_size=14))
def test_a_polygon_of_any_shape_gives_two_triangles_less_than_it_has_corners(
    polygon: list[tuple[int, ...]],
) -> None:
    found = cut(polygon)
    assert len(found) == len(polygon) - 2
    assert set(range(len(polygon))) == {corner for triangle in found for corner in triangle}


BROKEN = {
    "cut off text": (text_stl(("x", CUBE))[:-40], "truncated"),
    "cut off binary": (binary_stl(CUBE)[:-60], "truncated"),
    "an empty solid": (b"solid x\nendsolid x\n", "nothing_to_show"),
    "no triangles": (binary_stl(CUBE[:0]), "nothing_to_show"),
    "a triangle of two corners": (text_stl(("x", CUBE)).replace(b"vertex 0.0 0.0 0.0", b"", 1), "damaged"),
    "a corner that is no number": (text_stl(("x", CUBE)).replace(b"1.0", b"one", 1), "damaged"),
    "numbers that are none": (binary_stl(np.full((2, 3, 3), np.nan)) + b"", "no_usable_geometry"),
    "a corner behind the points": (obj("f 1 2 99"), "damaged"),
    "a corner number zero": (obj("f 0 1 2"), "damaged"),
    "a corner before the first": (obj("f -9 1 2"), "damaged"),
    "a face of two corners": (obj("f 1 2"), "damaged"),
    "a normal that is not there": (obj("f 1//1 2//1 3//1"), "damaged"),
    "a point of two numbers": (obj("f 1 2 3", "v 1 2"), "damaged"),
    "points alone": (obj(), "nothing_to_show"),
    "faces without an area": (obj("f 1 1 2"), "no_usable_geometry"),
    "a huge number": (obj("f 1 2 3").replace(b"v 0 0 0", b"v 1e300 0 0"), "no_usable_geometry"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_file_ends_in_words(how: str, read: Read) -> None:
    content, code = BROKEN[how]
    with pytest.raises(CadError) as caught:
        read(content)
    assert caught.value.code == code
    assert len(caught.value.message.split(". ")) >= 2, "what happened, and what to do"
    assert "b'" not in caught.value.message


@pytest.mark.parametrize("content", [binary_stl(CUBE), text_stl(("x", CUBE)), obj(*QUADS)])
def test_a_mesh_above_the_limit_says_that_it_can_not_be_coarsened(content: bytes, read: Read) -> None:
    assert read(content, limits=Limits(max_triangles=12)).meshes[0].triangles == 12
    with pytest.raises(CadError, match="can't be made coarser") as caught:
        read(content, limits=Limits(max_triangles=11))
    assert caught.value.code == "too_large"


def test_damaged_triangles_are_left_out_and_counted(read: Read) -> None:
    bad = np.concatenate([CUBE, np.full((3, 3, 3), np.inf)])
    scene = read(binary_stl(bad))
    assert scene.meshes[0].triangles == 12
    assert [finding.message[:12] for finding in scene.product.findings] == ["3 triangles "]


@pytest.mark.parametrize(
    "content", [binary_stl(CUBE), text_stl(("x", CUBE)), obj("g a", *QUADS, "vn 1 0 0", "f 1//1 2//1 3//1")]
)
def test_mutated_files_end_as_a_mesh_or_in_words(content: bytes, read: Read) -> None:
    chance = random.Random(11)
    for _ in range(150):
        spoiled = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(spoiled))
            if chance.random() < 0.5:
                spoiled[place] = chance.choice([0, 10, 32, 45, 46, 47, 57, 101, 255, chance.randrange(256)])
            else:
                del spoiled[place : place + chance.randint(1, 30)]
        try:
            scene = read(bytes(spoiled))
        except CadError:
            continue
        assert all(np.isfinite(found.points).all() for mesh in scene.meshes for _, found in mesh.surfaces)


@pytest.mark.parametrize(
    "content",
    [
        b"v\n",
        b"Vertices are nice\n",
        b"v 1 2\nf 1\n",
        b"solid gold is heavy\n",
        b"g g g\n",
        b"\0" * 200,
        b"A" * 200,
        b"v 0 0 0\nDear Sir\n",
        struct.pack("<80sI", b"", 3) + b"text, no triangles " * 8,
    ],
)
def test_what_is_no_mesh_is_not_taken_for_one(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_bytes(content)
    try:
        assert prescan(path).format not in ("glb", "stl", "obj")
    except CadError as error:
        assert error.code in ("not_cad", "nothing_to_show")


def test_the_bytes_tell_what_a_mesh_is_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_bytes(binary_stl(cylinder(24)))
    found = prescan(path)
    assert (found.format, found.faces, found.unit) == ("stl", 96, "")


def test_an_stl_goes_through_the_child_with_its_unit(convert: Convert, tmp_path: Path) -> None:
    source = tmp_path / "Buchse.stl"
    source.write_bytes(binary_stl(cylinder(24)))
    result = convert(source, reading=Reading(unit="cm"), name="Buchse.stl", want_usd=True)
    report = result.report
    assert (report["format"], report["unit"], report["triangles"]) == ("stl", "centimetre", 96)
    assert np.allclose(report["size_mm"], (200, 200, 50), rtol=1e-6)
    assert Glb.read(result.glb).names() == {"Buchse"}
    with pytest.raises(CadError, match="Reading options"):
        convert(source)
