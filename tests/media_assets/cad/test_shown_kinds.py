"""What a file hides, mirrors, places far away or packs is read as it says, in trees and archives made at random."""

from __future__ import annotations

import random
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from OCP.STEPCAFControl import STEPCAFControl_Writer
from OCP.STEPControl import STEPControl_AsIs
from OCP.TopAbs import TopAbs_FACE
from OCP.TopExp import TopExp_Explorer

from media_assets.cad.contract import Limits, Reading
from media_assets.cad.errors import CadError
from media_assets.cad.prescan import prescan
from tests.media_assets.cad.conftest import Convert
from tests.media_assets.cad.documents import BLUE, RED, Document, box
from tests.media_assets.cad.mesh_files import GlbFile
from tests.paths import SAMPLE

pytestmark = pytest.mark.cad


@dataclass
class Drawn:
    """A place in a random tree: what is shown in it, by its size along x."""

    hidden: bool
    children: list[Drawn]
    size: float = 0.0

    def shown(self) -> set[float]:
        if self.hidden:
            return set()
        return {self.size} if self.size else set().union(*(child.shown() for child in self.children))


def drawn(draw: random.Random, sizes: list[float], *, groups: bool, depth: int = 0) -> Drawn:
    """Return a random tree; its groups may be off as well where a format can say that."""
    if depth == 3 or (depth and draw.random() < 0.5):
        sizes.append(float(len(sizes) + 2))
        return Drawn(draw.random() < 0.3, [], sizes[-1])
    children = [drawn(draw, sizes, groups=groups, depth=depth + 1) for _ in range(3)]
    return Drawn(groups and depth > 0 and draw.random() < 0.3, children)


def sizes_of(report: dict[str, object]) -> set[float]:
    names = report["names"]
    assert isinstance(names, list)
    return {float(name[1:]) for name in names if re.fullmatch(r"p\d+\.0", name)}


@pytest.mark.parametrize("seed", range(6))
def test_random_trees_of_step_show_what_is_on(seed: int, convert: Convert, tmp_path: Path) -> None:
    draw, sizes, made = random.Random(seed), [], Document()
    tree = drawn(draw, sizes, groups=False)

    def build(place: Drawn, name: str) -> object:
        if place.size:
            part = made.part(f"p{place.size}", box(place.size, 1, 1), RED)
            made.colors.SetVisibility(part, not place.hidden)
            return part
        label = made.assembly(name)
        for number, child in enumerate(place.children):
            made.place(label, build(child, f"{name}-{number}"), f"{name}/{number}", 5.0 * number)
        return label

    build(tree, "a")
    if not tree.shown():
        with pytest.raises(CadError, match="invisible"):
            convert(made.step(tmp_path / "tree.step"))
        return
    report = convert(made.step(tmp_path / "tree.step")).report
    assert sizes_of(report) == tree.shown()
    hidden = [warning["code"] for warning in report["warnings"] if warning["code"] == "hidden_parts"]
    assert bool(hidden) == (tree.shown() != set(sizes))


@pytest.mark.parametrize("seed", range(6))
def test_random_trees_of_glb_show_what_is_on(seed: int, convert: Convert, tmp_path: Path) -> None:
    draw, sizes, glb = random.Random(seed), [], GlbFile()
    tree = drawn(draw, sizes, groups=True)

    def build(place: Drawn) -> int:
        node: dict[str, object] = {"children": [build(child) for child in place.children]}
        if place.size:
            node = {"mesh": glb.cube(f"p{place.size}"), "name": f"p{place.size}"}
        if place.hidden:
            node["extensions"] = {"KHR_node_visibility": {"visible": False}}
        return glb.add("nodes", node)

    glb.document["scenes"] = [{"nodes": [build(tree)]}]
    path = tmp_path / "tree.glb"
    path.write_bytes(glb.content())
    if not tree.shown():
        with pytest.raises(CadError, match="invisible"):
            convert(path)
        return
    assert sizes_of(convert(path).report) == tree.shown()


def invisible(path: Path, kind: str, count: int, *, by_layer: bool) -> Path:
    """Switch off the first ``count`` styled items of a STEP file whose item is of a kind (0: all of them)."""
    text = path.read_text()
    kinds = dict(re.findall(r"#(\d+) = ([A-Z_]+)\(", text))
    styled = re.findall(r"#(\d+) = (?:OVER_RIDING_)?STYLED_ITEM\('[^']*',\(#\d+\),#(\d+)", text)
    found = [f"#{item}" for item, target in styled if kinds[target] == kind]
    assert found
    items = ",".join(found[: count or None])
    end = text.rindex("ENDSEC;")
    if by_layer:
        items = f"#99998));\n#99998 = PRESENTATION_LAYER_ASSIGNMENT('Hilfsgeometrie', '', ({items}"
    path.write_text(f"{text[:end]}#99999 = INVISIBILITY(({items}));\n{text[end:]}")
    return path


@pytest.mark.parametrize(
    ("kind", "count", "width"),
    [("ADVANCED_FACE", 0, 3.0), ("ADVANCED_FACE", 1, 15.0), ("MANIFOLD_SOLID_BREP", 1, None)],
)
@pytest.mark.parametrize("by_layer", [False, True])
def test_pieces_of_a_part_can_be_off(
    kind: str, count: int, width: float | None, by_layer: bool, convert: Convert, tmp_path: Path
) -> None:
    """All faces of the only solid, one of its faces, one solid; each itself or on a layer."""
    made = Document()
    part = made.part("Block", box(10, 10, 10))
    if kind == "ADVANCED_FACE":
        found = TopExp_Explorer(made.shapes.GetShape_s(part), TopAbs_FACE)
        while found.More():
            made.painted(made.shapes.AddSubShape(part, found.Current()), RED)
            found.Next()
    else:
        made.painted(part, RED)
    machine = made.assembly("Machine")
    made.place(machine, part, "block")
    made.place(machine, made.part("Other", box(3, 3, 3)), "other", 12.0)
    report = convert(invisible(made.step(tmp_path / "machine.step"), kind, count, by_layer=by_layer)).report
    assert report["size_mm"][0] == pytest.approx(width or 3.0, abs=0.01)
    assert [warning["code"] for warning in report["warnings"]].count("hidden_parts") == 1


@pytest.mark.parametrize("seed", range(6))
def test_mirrored_placements_are_where_the_standard_puts_them(
    seed: int, convert: Convert, tmp_path: Path
) -> None:
    """A block is shown by a mapped item through a random operator, left- or right-handed, the last two without a Z."""
    draw = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(draw.normal(size=(3, 3)))
    origin = draw.uniform(-200, 200, 3)
    third = "#90007" if seed < 4 else "$"
    if third == "$":
        turn = draw.uniform(0.0, np.pi)
        rotation = np.array(
            [[np.cos(turn), -np.sin(turn), 0.0], [np.sin(turn), np.cos(turn), 0.0], [0.0, 0.0, 1.0]]
        )
    if (np.linalg.det(rotation) < 0) != bool(seed % 2):
        rotation[:, 1] *= -1
    made = Document()
    made.part("Block", box(30, 20, 10, at=(5, 6, 7)), RED)
    path = made.step(tmp_path / "plain.step")
    text = path.read_text()
    whole = re.search(r"#(\d+) = ADVANCED_BREP_SHAPE_REPRESENTATION\('',\(#(\d+),#(\d+)\),#(\d+)\)", text)
    assert whole
    number, axes, brep, context = whole.groups()
    axis = [",".join(f"{value:.9f}" for value in column) for column in rotation.T]
    mapped = f"""#{number} = SHAPE_REPRESENTATION('',(#{axes},#90001),#{context});
#90000=SHAPE_REPRESENTATION('',(#{axes},#{brep}),#{context});
#90001=MAPPED_ITEM('',#90002,#90003);
#90002=REPRESENTATION_MAP(#{axes},#90000);
#90003=CARTESIAN_TRANSFORMATION_OPERATOR_3D('','','',#90004,#90005,#90006,1.,{third});
#90004=DIRECTION('',({axis[0]}));
#90005=DIRECTION('',({axis[1]}));
#90006=CARTESIAN_POINT('',({",".join(f"{value:.9f}" for value in origin)}));
#90007=DIRECTION('',({axis[2]}));"""
    path.write_text(text.replace(whole[0] + ";", mapped))
    corners = np.array(np.meshgrid([5, 35], [6, 26], [7, 17])).T.reshape(-1, 3) @ rotation.T + origin
    report = convert(path).report
    assert report["box_mm"]["low"] == pytest.approx(corners.min(axis=0), abs=0.01)
    assert report["box_mm"]["high"] == pytest.approx(corners.max(axis=0), abs=0.01)
    assert not [warning for warning in report["warnings"] if warning["code"] == "mirror_unclear"]


@pytest.mark.parametrize("kilometers", [1, 10, 100])
@pytest.mark.parametrize("where", ["in the part", "in the place", "in both"])
def test_far_parts_keep_their_shape(kilometers: int, where: str, convert: Convert, tmp_path: Path) -> None:
    far = kilometers * 1e6
    made = Document()
    machine = made.assembly("Machine")
    at = (far, -far, far / 2) if where != "in the place" else (0.0, 0.0, 0.0)
    first, second = (
        made.part(name, box(60, 40, 45, at=(at[0] + x, *at[1:])), RED)
        for name, x in (("A", 0.0), ("B", 100.0))
    )
    for part, name in ((first, "a"), (second, "b")):
        made.place(machine, part, name, 0.0 if where == "in the part" else far)
    result = convert(made.step(tmp_path / "far.step"), want_usd=True)
    assert result.report["size_mm"] == pytest.approx((160, 40, 45), abs=0.01)
    assert abs(result.report["origin_mm"][0]) > far / 2
    assert result.report["box_mm"]["low"][0] == pytest.approx(
        at[0] + (far if "part" not in where else 0), abs=0.01
    )
    codes = {warning["code"] for warning in result.report["warnings"]}
    assert not codes & {"stray_parts", "sizes_differ"}


def test_far_mesh_keeps_its_shape(convert: Convert, tmp_path: Path) -> None:
    path = tmp_path / "far.obj"
    points = [(x, y, z) for x in (0, 60) for y in (0, 40) for z in (0, 45)]
    path.write_text(
        "".join(f"v {x + 5e6} {y - 7e6} {z}\n" for x, y, z in points)
        + "f 1 3 4 2\nf 5 6 8 7\nf 1 2 6 5\nf 3 7 8 4\n"
    )
    report = convert(path, reading=Reading(unit="mm")).report
    assert report["size_mm"] == pytest.approx((60, 40, 45), abs=1e-3)
    assert report["box_mm"]["low"] == pytest.approx((5e6, -7e6, 0), abs=1e-3)


CLUTTER = {
    "__MACOSX/._part.step": b"\0\5\26\7",
    ".DS_Store": b"\0\0\0\1Bud1",
    "~$part.step": b"\5owner",
    "Readme.txt": b"Please quote.",
    "preview.png": b"\x89PNG",
    "docs/": b"",
    "docs/drawing.pdf": b"%PDF-1.7",
}


@pytest.mark.parametrize("seed", range(6))
def test_archive_with_one_cad_file_is_read(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    around = draw.sample(sorted(CLUTTER), draw.randint(0, len(CLUTTER)))
    name = draw.choice(["part.step", "PART.STP", "a/b/c/part.step", "teile\\part.step", "Größe 3.stp"])
    names = draw.sample([*around, name], len(around) + 1)
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in names:
            archive.writestr(one, CLUTTER[one] if one in CLUTTER else SAMPLE.read_bytes())
    assert prescan(path).format == "step"


def multi_file(folder: Path) -> list[Path]:
    """Write an assembly of two part files as OpenCASCADE does, and return its files, the assembly first."""
    made = Document()
    machine = made.assembly("Jig")
    made.place(machine, made.part("Plate", box(60, 40, 5), RED), "plate")
    made.place(machine, made.part("Pin", box(4, 4, 30), BLUE), "pin", 20.0)
    made.shapes.UpdateAssemblies()
    writer = STEPCAFControl_Writer()
    writer.SetColorMode(True)
    writer.SetNameMode(True)
    assert writer.Transfer(made.document, STEPControl_AsIs, "part_")
    whole = folder / "jig.step"
    writer.Write(str(whole))
    return [whole, *sorted(Path.cwd().glob("part_*.stp"))]


@pytest.mark.parametrize("spelled", ["{}", "./{}", "..\\parts\\{}", "/data/cad/{}"])
def test_part_files_of_an_archive_are_read_whatever_their_path(
    spelled: str, convert: Convert, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    whole, *parts = multi_file(tmp_path)
    text = whole.read_text()
    for part in parts:
        text = text.replace(f"'{part.name}'", f"'{spelled.format(part.name)}'")
    path = tmp_path / "jig.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("jig/jig.step", text)
        for part in parts:
            archive.write(part, f"jig/parts/{part.name}")
    report = convert(path).report
    assert report["size_mm"] == pytest.approx((60, 40, 30), abs=0.01)
    assert {"Plate", "Pin"} <= set(report["names"]) and len(report["colors"]) == 2


def test_part_file_that_is_missing_in_the_archive_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    whole, first, _ = multi_file(tmp_path)
    path = tmp_path / "jig.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for one in (whole, first):
            archive.write(one, one.name)
    with pytest.raises(CadError) as failure:
        prescan(path, Limits())
    assert failure.value.code == "external_reference" and "part_Plate.stp" in failure.value.message


def test_files_that_refer_to_each_other_in_a_circle_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    whole, first, second = multi_file(tmp_path)
    first.write_text(whole.read_text().replace("part_Pin.stp", "part_Plate.stp"))
    second.write_text(whole.read_text().replace("part_Plate.stp", "part_Pin.stp"))
    path = tmp_path / "jig.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for one in (whole, first, second):
            archive.write(one, one.name)
    with pytest.raises(CadError) as failure:
        prescan(path)
    assert failure.value.code == "cyclic_assembly"
