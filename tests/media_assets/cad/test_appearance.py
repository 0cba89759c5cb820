"""What a mesh file says of its surfaces is in the geometry that is made of it, or a finding says what is not."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blender_scripts.stage import gltf_own
from media_assets.cad.contract import Limits, Reading
from media_assets.cad.described import BASIS, FACTORS, PLACES, TRANSFORM
from media_assets.cad.glb import GlbWriter
from media_assets.cad.glb_container import BadGlb, check_container
from media_assets.cad.glb_images import check_png
from media_assets.cad.meshes.load import load_mesh
from media_assets.cad.meshes.scene import MeshScene
from media_assets.cad.surfaces import Mesh
from tests import appearance
from tests.blender_scripts.glb import write_document
from tests.media_assets.cad.conftest import Convert, Glb
from tests.media_assets.cad.mesh_files import CUBE_POINTS, CUBE_TRIANGLES, GlbFile, binary_stl, one_cube

Document = dict[str, Any]


def read(content: bytes, path: Path, kind: str = "glb", **companions: Path) -> MeshScene:
    path.write_bytes(content)
    return load_mesh(kind, path, path.name, Reading(unit="mm" if kind != "glb" else ""), Limits(), companions)


def written(scene: MeshScene, path: Path) -> Glb:
    GlbWriter(scene.product, scene.meshes).write(path)
    check_container(path)
    gltf_own.read(path)
    return Glb.read(path)


def codes(scene: MeshScene) -> dict[str, str]:
    return {finding.code: finding.details for finding in scene.product.findings}


def section(material: Document, place: str) -> Document:
    found: Document = (
        material.get(BASIS, {}) if place == BASIS else material.get("extensions", {}).get(place, {})
    )
    return found if place else material


@pytest.mark.parametrize(
    "name", [name for name in appearance.CASES if "gloss" not in name or name == "gloss"]
)
def test_what_a_glb_says_of_a_surface_is_in_its_geometry(name: str, tmp_path: Path) -> None:
    content = appearance.write(name)
    scene = read(content, tmp_path / "a.glb")
    (tmp_path / "b.glb").write_bytes(content)
    (given,) = (one for one in Glb.read(tmp_path / "b.glb").document["materials"][:1])
    kept = written(scene, tmp_path / "c.glb").document
    material = next(one for one in kept["materials"] if one["name"] != "#7C7C7C")
    assert codes(scene) == {}
    for place, number, _ in FACTORS.values():
        if number in section(given, place):
            assert section(material, place)[number] == pytest.approx(section(given, place)[number], abs=1e-6)
    for place, number in PLACES.values():
        if number in section(given, place):
            reference, wanted = section(material, place)[number], section(given, place)[number]
            moved = reference.get("extensions", {}).get(TRANSFORM, {})
            assert wanted.get("extensions", {}).get(TRANSFORM, {}).items() <= moved.items()
            assert reference.get("scale", 1.0) == wanted.get("scale", 1.0)
    assert material.get("alphaMode") == given.get("alphaMode")


def test_specular_and_glossiness_become_what_every_reader_knows(tmp_path: Path) -> None:
    scene = read(appearance.write("glossiness"), tmp_path / "a.glb")
    material = written(scene, tmp_path / "b.glb").document["materials"][0]
    assert material[BASIS]["baseColorFactor"] == [0.6, 0.03, 0.02, 1.0]
    assert (material[BASIS]["metallicFactor"], material[BASIS]["roughnessFactor"]) == (
        0.0,
        pytest.approx(0.4),
    )
    assert material["extensions"]["KHR_materials_specular"]["specularColorFactor"] == [0.2, 0.15, 0.05]


def test_a_color_alone_is_no_description_and_what_cannot_be_shown_is_named(tmp_path: Path) -> None:
    glb = GlbFile()
    other = {
        "extensions": {"KHR_materials_sheen": {}, "KHR_materials_volume": {"thicknessTexture": {"index": 9}}}
    }
    lost = {"emissiveTexture": {"index": 9}}
    for entry in ({}, other, lost):
        glb.add("nodes", {"mesh": glb.cube(material=glb.material((0.2, 0.2, 0.2), **entry))})
    scene = read(glb.content(), tmp_path / "a.glb")
    shown = [mesh.surfaces[0][0] for mesh in scene.meshes]
    assert [color is not None and color.described is not None for color in shown] == [False, False, True]
    found = codes(scene)
    assert found["properties_left_out"] == "KHR_materials_sheen, thicknessTexture"
    assert found["textures_left_out"] == "emissiveTexture"


def test_a_picture_in_a_form_that_is_not_read_is_named(tmp_path: Path) -> None:
    glb = one_cube()
    image = glb.add("images", {"bufferView": glb.view(b"\xabKTX 20\xbb\r\n\x1a\n"), "mimeType": "image/ktx2"})
    packed = glb.add("textures", {"extensions": {"KHR_texture_basisu": {"source": image}}})
    glb.document["meshes"][0]["primitives"][0]["material"] = glb.add(
        "materials", {BASIS: {"baseColorTexture": {"index": packed}}}
    )
    glb.document["extensionsRequired"] = ["KHR_texture_basisu"]
    assert codes(read(glb.content(), tmp_path / "a.glb"))["textures_left_out"] == (
        "KHR_texture_basisu, baseColorTexture"
    )


def test_a_huge_picture_is_scaled_down_and_said(tmp_path: Path) -> None:
    glb = one_cube()
    levels = np.zeros((2, 5000, 4), np.uint8)
    glb.document["meshes"][0]["primitives"][0]["material"] = glb.add(
        "materials", {BASIS: {"baseColorTexture": appearance.texture(glb, levels)}}
    )
    scene = read(glb.content(), tmp_path / "a.glb")
    assert list(codes(scene)) == ["textures_reduced"]
    written(scene, tmp_path / "b.glb")


def test_colors_of_points_are_kept_unless_each_triangle_has_one(tmp_path: Path) -> None:
    smooth = np.concatenate([CUBE_POINTS, np.ones((8, 1))], axis=1)
    for shades, is_tinted in ((smooth, True), (np.full((8, 4), 0.2), False)):
        glb = one_cube()
        primitive = glb.document["meshes"][0]["primitives"][0]
        primitive["attributes"]["COLOR_0"] = glb.array(shades, "f4")
        scene = read(glb.content(), tmp_path / "a.glb")
        (color, surface) = scene.meshes[0].surfaces[0]
        assert (surface.tints is not None) == is_tinted
        assert (color is not None and color.described is not None) == is_tinted
        kept = written(scene, tmp_path / "b.glb").document["meshes"][0]["primitives"][0]["attributes"]
        assert ("COLOR_0" in kept) == is_tinted


def test_magics_says_how_clear_the_whole_is_and_its_shine_is_named(tmp_path: Path) -> None:
    triangles = (CUBE_POINTS * 10)[CUBE_TRIANGLES]
    header = b"COLOR=\x80\x40\x20\x33,MATERIAL=" + bytes(12)
    content = bytearray(binary_stl(triangles, header))
    for number in range(len(triangles)):
        struct.pack_into("<H", content, 84 + 50 * number + 48, 1 << 15)
    scene = read(bytes(content), tmp_path / "a.stl", "stl")
    assert [color and color.hex for color, _ in scene.meshes[0].surfaces] == ["#80402033"]
    assert codes(scene) == {"properties_left_out": "MATERIAL="}


@pytest.mark.parametrize("program", ["Magics", "VisCAM"])
def test_an_stl_of_many_colors_keeps_them_all(program: str, tmp_path: Path) -> None:
    triangles = np.tile((CUBE_POINTS * 10)[CUBE_TRIANGLES], (8, 1, 1))
    content = bytearray(binary_stl(triangles, b"COLOR=\x80\x80\x80\xff" if program == "Magics" else b""))
    own = 0 if program == "Magics" else 1 << 15
    for number in range(len(triangles)):
        struct.pack_into("<H", content, 84 + 50 * number + 48, number * 300 & 0x7FFF | own)
    ((color, surface),) = read(bytes(content), tmp_path / "a.stl", "stl").meshes[0].surfaces
    assert color and surface.tints is not None
    assert len(np.unique(surface.tints, axis=0)) == len(triangles)


MTL = """
newmtl paint
Kd 0.5 0.2 0.1
Ns 90
Ks 0.25 0.25 0.25
d 0.5
newmtl metal
Kd 0.8 0.8 0.8
Pr 0.3
Pm 1.0
Ke 2 1 0
map_Kd -s 2 3 1 -o 0.5 0.25 Textures\\the chart.png
map_d hole.png
norm -bm 0.5 waves.png
map_Ks missing.png
map_Pr gone.png
map_Ke -s
newmtl plain
Kd 0.1 0.2 0.3
Tr 0.25
"""

OBJ = """mtllib a.mtl
v 0 0 0
v 10 0 0
v 10 10 0
v 0 10 0
vt 0 0
vt 1 0
vt 1 1
vt 0 1
o One
usemtl paint
f 1/1 2/2 3/3
o Two
usemtl metal
f 1/1 2/2 3/3 4/4
o Three
usemtl plain
f 1 2 4
"""


def test_what_an_mtl_says_is_in_the_geometry(convert: Convert, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("a.obj", OBJ)
        packed.writestr("a.mtl", MTL)
        packed.writestr("textures/the chart.png", appearance.encoded(appearance.chart()))
        packed.writestr("textures/waves.png", appearance.encoded(appearance.bumps()))
        packed.writestr("textures/hole.png", appearance.encoded(appearance.flat(255, 255, 255)))
    result = convert(tmp_path / "a.zip", reading=Reading(unit="mm"))
    found = {one["code"]: one["details"] for one in result.report["warnings"]}
    assert found == {"properties_left_out": "map_Ks", "textures_left_out": "map_ke, map_pr"}
    document = Glb.read(result.glb).document
    paint, metal, plain = (
        document["materials"][mesh["primitives"][0]["material"]] for mesh in document["meshes"]
    )
    assert (paint["alphaMode"], paint[BASIS]["metallicFactor"]) == ("BLEND", 0.0)
    assert paint[BASIS]["roughnessFactor"] == pytest.approx(0.7)
    assert paint["extensions"]["KHR_materials_specular"]["specularFactor"] == 0.5
    assert metal[BASIS]["metallicFactor"] == 1.0 and metal["emissiveFactor"][0] == 1.0
    assert metal["extensions"]["KHR_materials_emissive_strength"] == {"emissiveStrength": 2.0}
    moved = metal[BASIS]["baseColorTexture"]["extensions"][TRANSFORM]
    assert moved == {"offset": [0.5, -2.25], "rotation": 0.0, "scale": [2.0, 3.0]}
    assert metal["normalTexture"]["scale"] == 0.5
    assert plain["extras"] == {"cad_color": "#1A334CBF"}
    (places,) = (
        gltf_own.read(result.glb).meshes[number].uvs for number in (1,)
    )  # fmt: skip
    assert sorted(map(tuple, places[0].tolist())) == [(0, 0), (0, 1), (1, 0), (1, 1)]


def png(
    width: int = 2, height: int = 2, how: bytes = b"\x08\x02\0\0\0", rows: bytes | None = None
) -> list[Any]:
    pixels = bytes(height * (1 + 3 * width)) if rows is None else rows
    header = struct.pack(">II", width, height) + how
    return [(b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b"")]


def packed(chunks: list[Any]) -> bytes:
    made = b"\x89PNG\r\n\x1a\n"
    for kind, body in chunks:
        made += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return made


DAMAGED: dict[str, bytes] = {
    "another format": b"GIF89a",
    "too few pixels": packed(png(rows=bytes(13))),
    "too many pixels": packed(png(rows=bytes(15))),
    "a bomb": packed(png(rows=bytes(1 << 24))),
    "too large": packed(png(5000, 1)),
    "16 bits": packed(png(how=b"\x10\x02\0\0\0")),
    "interlaced": packed(png(how=b"\x08\x02\0\0\1")),
    "a palette": packed(png(how=b"\x08\x03\0\0\0")),
    "a profile": packed([png()[0], (b"iCCP", b"a"), *png()[1:]]),
    "no end": packed(png()[:2]),
    "bytes behind": packed(png()) + b"a",
    "a second header": packed([png()[0], *png()]),
    "pixels first": packed(png()[1:]),
    "another sum": packed(png())[:-1] + b"\0",
}


@pytest.mark.parametrize("how", DAMAGED)
def test_a_picture_that_is_not_ours_is_refused_from_outside(how: str) -> None:
    with pytest.raises((ValueError, zlib.error, struct.error)):
        check_png(DAMAGED[how])


def test_a_picture_of_ours_passes() -> None:
    assert check_png(packed(png())) == 4


CHANGES: dict[str, Callable[[Document], object]] = {
    "an image elsewhere": lambda it: it["images"][0].update(uri="other.png"),
    "an image of another kind": lambda it: it["images"][0].update(mimeType="image/jpeg"),
    "an image that is none": lambda it: it["images"][0].update(bufferView=0),
    "an image that is not there": lambda it: it["textures"][0].update(source=3),
    "a texture that is not there": lambda it: it["materials"][0][BASIS]["baseColorTexture"].update(index=-1),
    "an extension": lambda it: it["materials"][0].update(extensions={"KHR_materials_sheen": {}}),
    "an extension of the file": lambda it: it.update(extensionsUsed=["EXT_other"]),
    "another filter": lambda it: it["samplers"][0].update(minFilter=9987),
    "a word for a number": lambda it: it["materials"][0][BASIS].update(metallicFactor="1"),
    "more of a material": lambda it: it["materials"][0].update(doubleSided=True),
    "more of a point": lambda it: it["meshes"][0]["primitives"][0]["attributes"].update(TANGENT=0),
    "an animation": lambda it: it.update(animations=[]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_surface_that_is_not_ours_is_refused_from_outside(change: str, tmp_path: Path) -> None:
    made = written(read(appearance.write("picture"), tmp_path / "a.glb"), tmp_path / "b.glb")
    CHANGES[change](made.document)
    with pytest.raises(BadGlb):
        check_container(write_document(tmp_path / "c.glb", made.document, made.binary))


def test_our_own_geometry_with_pictures_comes_back_as_it_went(tmp_path: Path) -> None:
    scene = read(appearance.write("moved picture"), tmp_path / "a.glb")
    first = written(scene, tmp_path / "b.glb")
    again = read((tmp_path / "b.glb").read_bytes(), tmp_path / "c.glb")
    second = written(again, tmp_path / "d.glb")
    assert first.document["materials"] == second.document["materials"]
    assert [
        mesh.surfaces[0][1].uvs[0].tolist() if mesh.surfaces[0][1].uvs else [] for mesh in scene.meshes
    ] == [mesh.surfaces[0][1].uvs[0].tolist() if mesh.surfaces[0][1].uvs else [] for mesh in again.meshes]


def test_looks_that_differ_in_a_picture_are_two(tmp_path: Path) -> None:
    glb = GlbFile()
    for levels in (appearance.chart(), appearance.flat(255, 0, 0)):
        material = glb.add("materials", {BASIS: {"baseColorTexture": appearance.texture(glb, levels)}})
        glb.add("nodes", {"mesh": glb.cube(material=material)})
    meshes: list[Mesh] = read(glb.content(), tmp_path / "a.glb").meshes
    assert len({color for mesh in meshes for color, _ in mesh.surfaces}) == 2
