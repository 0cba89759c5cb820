"""Models for web pages and AR: right in size, light, dressed as the render, and valid by the formats' own judges."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from blender_scripts.finish_library import FINISHES
from blender_scripts.finish_rules import FinishSpec, Rule, TextureSpec
from blender_scripts.labels import SIDES, LabelSpec
from media_assets.cad.client import Conversion
from media_assets.cad.glb import GlbWriter
from media_assets.cad.product_tree import Appearance, CadProduct, Node, Part
from media_assets.cad.settings import PRESETS
from media_assets.cad.surfaces import Mesh
from rendering.pictures.gate import GateError
from rendering.pictures.shapes import distance, glb, packing, usdz, web_model
from rendering.pictures.shapes.model import Model
from tests import solids
from tests.media_assets.cad.conftest import finish
from tests.media_assets.cad.test_valid import khronos, needs_validator, openusd
from tests.needs import blender_python
from tests.paths import PROJECT, SAMPLE
from tests.rendering.textures import write_texture

STEPS = 48
RULES = [Rule(FINISHES["ground_steel"], words="ring"), Rule(FINISHES["glass"], key="/Lager/Kugel#1")]
ABOUT = {"recipe_key": "ab" * 32, "rules": [rule.to_json() for rule in RULES]}
WIDE, DEEP, HIGH = 36 + 100 + 9, 72, 36 + 200 + 9  # mm, as Renderdesk has them: Z up


def recipe(**fields: Any) -> dict[str, Any]:
    return {"materials": "rules", "format": "glb", "max_triangles": 100_000, "compress": True, **fields}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return solids.write(tmp_path_factory.mktemp("solids") / "source.glb", STEPS)


def made(source: Path, folder: Path, **fields: Any) -> tuple[Path, dict[str, Any], list[str]]:
    wanted = recipe(**fields)
    target = folder / f"model.{wanted['format']}"
    web_model.write(source, target, wanted, ABOUT)
    measured, concerns = web_model.check(source, target, wanted)
    return target, measured, [concern.code for concern in concerns]


def document(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    (length,) = struct.unpack_from("<I", content, 12)
    found: dict[str, Any] = json.loads(content[20 : 20 + length])
    return found


def test_names_places_and_instances_survive_and_finishes_become_numbers(source: Path, tmp_path: Path) -> None:
    path, measured, concerns = made(source, tmp_path, credit={"copyright": "© Lager AG"})
    said = document(path)
    assert said["asset"]["copyright"] == "© Lager AG"
    assert [node["name"] for node in said["nodes"]] == ["Lager", "Ring", "Kugel", "Kugel"]
    assert [mesh["name"] for mesh in said["meshes"]] == ["Ring", "Kugel", "Kugel"], "of two finishes"
    one, other = (mesh["primitives"][0] for mesh in said["meshes"][1:])
    assert one["attributes"] == other["attributes"] and one["material"] != other["material"]
    steel, glass, paint = said["materials"]
    assert (steel["name"], glass["name"], paint["name"]) == ("ground_steel", "glass", "paint")
    assert steel["pbrMetallicRoughness"]["metallicFactor"] == 1.0
    assert glass["extensions"]["KHR_materials_transmission"] == {"transmissionFactor": 1.0}
    assert (paint["alphaMode"], paint["pbrMetallicRoughness"]["baseColorFactor"][3]) == ("BLEND", 0.5)
    assert measured["size_mm"] == pytest.approx([WIDE, HIGH, DEEP], abs=0.2)
    assert (measured["moved_mm"], measured["triangles"], concerns) == (0.0, measured["triangles_before"], [])
    model = glb.read(path)
    low, high = model.box()
    assert low[1] == pytest.approx(0.0, abs=1e-5) and (low + high)[[0, 2]] == pytest.approx([0, 0], abs=1e-5)
    assert model.said["recipe_key"] == ABOUT["recipe_key"]


@pytest.mark.parametrize("format_name", ["glb", "usdz"])
def test_fewer_triangles_move_the_surface_by_no_more_than_is_said(
    format_name: str, source: Path, tmp_path: Path
) -> None:
    path, measured, concerns = made(source, tmp_path, format=format_name, max_triangles=3000)
    assert 1500 < measured["triangles"] <= 3000 < measured["triangles_before"] and not concerns
    assert 0.01 < measured["moved_mm"] < 1.0
    assert measured["outline"] < 0.02
    assert measured["size_mm"] == pytest.approx([WIDE, HIGH, DEEP], abs=2 * measured["moved_mm"])
    found = usdz.read(path) if format_name == "usdz" else glb.read(path)
    ring = max(found.meshes, key=lambda mesh: mesh.triangles)
    one = ring.primitives[0][0]
    before = solids.ball(0.036, STEPS).points[::37].astype(float) @ np.array(
        [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    )
    sides = one.points[one.corners].astype(float)
    apart = [distance.distances(np.repeat(point[None], len(sides), 0), sides).min() for point in before]
    assert 1000 * max(apart) <= measured["moved_mm"] + 0.01
    if "NORMAL" in one.more:
        assert (one.points * one.more["NORMAL"]).sum(axis=1).min() > 0.98 * 0.036, "a ball is shaded as one"


def test_a_file_that_is_too_large_gets_fewer_triangles_until_it_fits(source: Path, tmp_path: Path) -> None:
    usual = made(source, tmp_path, compress=False)[0].stat().st_size
    packed = made(source, tmp_path)[0].stat().st_size
    assert packed < usual / 5, "Draco"
    path, measured, concerns = made(source, tmp_path, compress=False, max_bytes=usual // 2)
    assert path.stat().st_size <= usual // 2 and measured["moved_mm"] > 0 and "bytes" not in concerns
    _, _, concerns = made(source, tmp_path, max_bytes=2000)
    assert "bytes" in concerns, "said, where nothing helps"


def test_open_surfaces_stay_as_they_are_and_it_says_so(tmp_path: Path) -> None:
    surface = solids.ball(36.0, 48)
    surface.corners = surface.corners[: len(surface.corners) // 2]
    root = Node("Schale", "Schale", "/Schale", look=0)
    product = CadProduct(root, [Part("Schale", None, 1, 1, None)], [Appearance(0, (None,))], 1, 1)
    GlbWriter(product, [Mesh("Schale", [(None, surface)])]).write(tmp_path / "open.glb")
    _, measured, concerns = made(tmp_path / "open.glb", tmp_path, max_triangles=500)
    assert (measured["triangles"], concerns) == (len(surface.corners), ["triangles"])


def test_a_product_that_was_turned_stands_as_its_pictures_show_it(source: Path, tmp_path: Path) -> None:
    turned = [0.0, 0, 1, 1, 0, 0, 0, 1, 0]  # Z to the right, X back, Y up
    _, measured, _ = made(source, tmp_path, orientation=turned)
    assert measured["size_mm"] == pytest.approx([HIGH, DEEP, WIDE], abs=0.2)


def test_what_is_not_the_product_is_refused(source: Path, tmp_path: Path) -> None:
    path, _, _ = made(source, tmp_path, compress=False)
    for wrong, case in ((path.read_bytes()[:-40], "damaged"), (solids.write(path, 20).read_bytes(), "")):
        path.write_bytes(wrong)
        with pytest.raises((GateError, KeyError)) as error:
            web_model.check(source, path, recipe())
        assert case in str(getattr(error.value, "failure", ""))


@needs_validator
def test_the_validators_of_the_formats_find_nothing(source: Path, tmp_path: Path) -> None:
    plain = made(source, tmp_path, compress=False)[0].rename(tmp_path / "plain.glb")
    package = made(source, tmp_path, format="usdz", max_triangles=3000)[0]
    small = made(source, tmp_path, max_triangles=3000)[0]
    assert khronos(plain, small) == {str(plain): [], str(small): []}
    found = openusd(package)
    assert found["said"] == {str(package): []}
    assert "usdUtilsValidators:UsdzPackageValidator" in found["validators"]


@pytest.mark.blender
def test_blender_reads_a_model_in_its_size_and_with_its_finishes(source: Path, tmp_path: Path) -> None:
    path, _, _ = made(source, tmp_path, max_triangles=3000, compress=False)  # bpy comes without Draco
    program = (
        "import bpy, json, sys\n"
        "for one in list(bpy.data.objects): bpy.data.objects.remove(one)\n"
        "bpy.ops.import_scene.gltf(filepath=sys.argv[-1])\n"
        "shown = [one for one in bpy.data.objects if one.type == 'MESH']\n"
        "surface = bpy.data.objects['Ring'].active_material.node_tree.nodes['Principled BSDF'].inputs\n"
        "print('FOUND', json.dumps({'names': sorted(one.name for one in shown), "
        "'ring': max(list(one.dimensions) for one in shown), 'metal': surface['Metallic'].default_value}))\n"
    )
    out = subprocess.run(
        [blender_python(), "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    found = json.loads(out.stdout.partition("FOUND ")[2].splitlines()[0])
    assert found["names"] == ["Kugel", "Kugel.001", "Ring"]
    assert found["ring"] == pytest.approx([0.072] * 3, abs=2e-4)
    assert found["metal"] == 1.0


@pytest.mark.blender
@pytest.mark.cad
def test_the_bearing_is_as_large_on_the_table_as_in_its_cad_file(tmp_path: Path) -> None:
    """By Blender's reader of GLB and OpenUSD's of USDZ, against the CAD kernel's triangles."""
    cad = finish(Conversion(SAMPLE, tmp_path, PRESETS["draft"], want_usd=False))
    wide, deep, high = (length / 1000 for length in cad.report["size_mm"])
    assert wide == pytest.approx(0.072, abs=1e-4)
    program = (
        "import bpy, json, sys\n"
        "for one in list(bpy.data.objects): bpy.data.objects.remove(one)\n"
        "bpy.ops.import_scene.gltf(filepath=sys.argv[-1])\n"
        "points = [one.matrix_world @ point.co for one in bpy.data.objects if one.type == 'MESH'"
        " for point in one.data.vertices]\n"
        "print('FOUND', json.dumps([max(axis) - min(axis) for axis in zip(*points)]))\n"
    )
    path, measured, _ = made(cad.glb, tmp_path, compress=False)
    argv = [blender_python(), "-c", program, str(path)]
    out = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    error = 2e-3 * measured["moved_mm"] + 1e-5
    assert json.loads(out.partition("FOUND ")[2].splitlines()[0]) == pytest.approx(
        [wide, deep, high], abs=error
    )
    package, measured, _ = made(cad.glb, tmp_path, format="usdz")
    argv = [sys.executable, str(PROJECT / "tests/media_assets/cad/usd_facts.py"), str(package)]
    said = json.loads(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)
    assert (said["up_axis"], said["meters_per_unit"]) == ("Y", 1.0)
    error = 2e-3 * measured["moved_mm"] + 1e-5
    assert said["size"] == pytest.approx([wide, high, deep], abs=error)


def test_what_is_packed_comes_back_within_its_bits(source: Path) -> None:
    one = glb.read(source).meshes[0].primitives[0][0]
    data, numbers, _ = packing.pack(one)
    found = packing.unpack(data, numbers)
    assert len(found.corners) == len(one.corners)
    step = np.ptp(one.points, axis=0).max() / 2**packing.BITS
    assert np.abs(found.points.max(axis=0) - one.points.max(axis=0)).max() <= step


def test_a_texture_is_its_mean_color_where_there_are_no_textures(source: Path, tmp_path: Path) -> None:
    texture = TextureSpec("ab" * 32, 20.0, "#808080")
    oak = FinishSpec("oak", "#ffffff", 0.0, texture=texture)
    target = tmp_path / "model.glb"
    web_model.write(source, target, recipe(), {**ABOUT, "rules": [Rule(oak).to_json()]})
    said = document(target)
    for one in said["materials"]:
        assert one["pbrMetallicRoughness"]["baseColorFactor"][:3] == pytest.approx([0.2159] * 3, abs=0.001)
    assert "textures" not in said
    assert "images" not in said


@pytest.mark.parametrize("format_name", ["glb", "usdz"])
@pytest.mark.parametrize("depth", [0.0, 0.3])
def test_a_label_lies_on_its_part_in_its_true_size(
    source: Path, tmp_path: Path, format_name: str, depth: float
) -> None:
    """On top of the ring of 72 mm, after the triangles below it became fewer; and only there."""
    target, found = labelled(source, tmp_path, format_name, depth=depth)
    label, number = max(found.meshes, key=lambda one: (len(one.primitives), one.name)).primitives[-1]
    across, above = np.ptp(label.points, axis=0)[[0, 2]]
    assert (1000 * across, 1000 * above) == pytest.approx((24.0, 12.0), abs=0.2)
    heights = np.linalg.norm(label.points[label.corners].mean(axis=1), axis=1)
    assert 1000 * heights.min() > 35.5 and 1000 * heights.max() < 36.4
    assert label.points[:, 1].min() > 0
    (picture,) = pictures(target)
    with Image.open(io.BytesIO(picture)) as shown:
        corner = shown.convert("RGBA").getpixel((1, 1))
    assert corner == ((0, 0, 0, int(255 * 0.45 * 215 / 255)) if depth else (40, 40, 40, 255))
    if format_name == "glb":
        places = label.more["TEXCOORD_0"]
        assert places.min(axis=0) == pytest.approx([0, 0], abs=1e-3)
        assert places.max(axis=0) == pytest.approx([1, 1], abs=1e-3)
        right, low = label.points[:, 0].argmax(), label.points[:, 2].argmax()
        assert places[right, 0] > 0.99 and places[low, 1] > 0.99, "up is to the back"
        material = found.materials[number]
        assert (material["name"], material["alphaMode"]) == ("label", "BLEND")


@needs_validator
def test_the_validators_find_nothing_in_a_model_with_a_label(source: Path, tmp_path: Path) -> None:
    path, _ = labelled(source, tmp_path, "glb")
    package, _ = labelled(source, tmp_path, "usdz")
    assert khronos(path) == {str(path): []}
    assert openusd(package)["said"] == {str(package): []}


def test_a_label_beside_its_part_is_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not meet the part /Lager/Ring"):
        labelled(source, tmp_path, "glb", x=80.0)


def labelled(source: Path, folder: Path, format_name: str, **more: float) -> tuple[Path, Model]:
    """Write the model with a label of 24 mm on top of its ring."""
    logo = write_texture(folder / "logo.png", 32, 16)
    normal, up = SIDES["top"]
    label = LabelSpec("cd" * 32, "/Lager/Ring", normal, up, 24.0, reach=5.0, **more)
    wanted = recipe(format=format_name, max_triangles=4000, finishes={"labels": [label.to_json()]})
    target = folder / f"model.{format_name}"
    web_model.write(source, target, wanted, {**ABOUT, "textures": {label.sha256: str(logo)}})
    measured, concerns = web_model.check(source, target, wanted)
    assert measured["triangles"] <= 4000 and not concerns
    return target, usdz.read(target) if format_name == "usdz" else glb.read(target)


def pictures(path: Path) -> list[bytes]:
    """Return the pictures in a model."""
    if path.suffix == ".glb":
        return list(glb.read(path).images)
    with zipfile.ZipFile(path) as package:
        return [package.read(name) for name in package.namelist() if name.endswith(".png")]
