from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from OCP.TopLoc import TopLoc_Location
from pxr import Sdf, Vt

from media_assets.cad import earlier
from media_assets.cad.client import Conversion
from media_assets.cad.contract import ConversionResult
from media_assets.cad.mesher import faces_of
from media_assets.cad.product_tree import CadProduct, Node, Part
from media_assets.cad.settings import PRESETS
from tests.media_assets.cad.conftest import CORPUS, SAMPLES, finish, needs_corpus
from tests.media_assets.cad.documents import BLUE, GRAY, GREEN, RED, Document, box, compound, cylinder

BEARING = SAMPLES / "tapered_roller_bearing.step"
OF_ONE_RUN = {"seconds", "peak_mb", "stage_peak_mb", "document", "meshes_reused"}


def run(source: Path, out: Path, master: Path | None = None, preset: str = "draft") -> ConversionResult:
    out.mkdir()
    return finish(Conversion(source, out, PRESETS[preset], earlier=master, keep_document=True, name="Anlage"))


def all_of(result: ConversionResult) -> tuple[Any, ...]:
    assert result.usd
    report = {name: value for name, value in result.report.items() if name not in OF_ONE_RUN}
    return result.glb.read_bytes(), result.usd.read_bytes(), report


def machine(path: Path, *, revised: bool = False) -> Path:
    """Colors of places, bodies and faces, a nested assembly; the revision has one part more, which is not the last."""
    made = Document()
    top, unit = made.assembly("Anlage"), made.assembly("Pumpe")
    frame = made.part("Rahmen", box(300, 80, 5), GRAY)
    made.place(top, frame, "Rahmen")
    if revised:
        made.place(top, made.part("Neu", cylinder(7, 4), GREEN), "Neu", 60)
    disc = made.part("Scheibe", cylinder(20, 5), GRAY)
    made.painted(made.shapes.AddSubShape(disc, faces_of(made.shapes.GetShape_s(disc))[0]), RED)
    housing = made.part("Gehäuse", compound(box(5, 5, 5), cylinder(2, 8)))
    made.bodies(housing, ["Deckel", "Schale"], [RED, None])
    made.place(unit, disc, "links")
    made.painted(made.place(unit, disc, "rechts", 60), BLUE)
    made.place(unit, housing, "Gehäuse", 120)
    made.place(top, unit, "P1")
    made.place(top, unit, "P2", 150)
    return made.step(path)


def test_revision_with_a_new_part_meshes_that_part_alone_and_is_the_same_to_the_byte(tmp_path: Path) -> None:
    first = run(machine(tmp_path / "1.step"), tmp_path / "first")
    source = machine(tmp_path / "2.step", revised=True)
    fresh, revised = run(source, tmp_path / "fresh"), run(source, tmp_path / "revised", first.usd)
    assert all_of(fresh) == all_of(revised) != all_of(first)
    assert (revised.report["meshes_reused"], revised.report["parts"]) == (4, 5)
    again = run(source, tmp_path / "again", revised.usd)
    assert again.report["meshes_reused"] == 5
    assert all_of(again) == all_of(fresh)


def test_another_quality_is_meshed_anew(tmp_path: Path) -> None:
    first = run(machine(tmp_path / "1.step"), tmp_path / "first", preset="draft")
    other = run(tmp_path / "1.step", tmp_path / "other", first.usd, "standard")
    assert other.report["meshes_reused"] == 0


@needs_corpus
@pytest.mark.parametrize(
    "name", ["box_sides_inch_assembly.step", "hinge_creo_ap203.stp", "nist_ctc_01_ap242.stp"]
)
def test_files_of_other_programs_are_the_same_to_the_byte(name: str, tmp_path: Path) -> None:
    first = run(CORPUS / name, tmp_path / "first")
    again = run(CORPUS / name, tmp_path / "again", first.usd)
    assert again.report["meshes_reused"] == again.report["parts"]
    assert all_of(again) == all_of(first)


def broken(how: str, master: Path, folder: Path) -> Path:
    """Return a copy of a master that no meshing of ours wrote."""
    copy = folder / "broken.usdc"
    content = master.read_bytes()
    copy.write_bytes(
        {"cut": content[: len(content) // 2], "text": b"PXR-USDC", "empty": b""}.get(how, content)
    )
    if copy.stat().st_size < len(content):
        return copy
    layer = Sdf.Layer.FindOrOpen(str(copy))
    root = layer.GetPrimAtPath(f"/{layer.defaultPrim}")
    for part in root.nameChildren["_Prototypes"].nameChildren:
        mesh = part.nameChildren["Mesh"].attributes
        points = np.array(mesh["points"].default)
        said = dict(part.customData[earlier.NOTE])
        if how == "not a number":
            points[0, 0] = np.nan
        elif how == "fewer points":
            points = points[:-1]
        elif how == "corners elsewhere":
            mesh["faceVertexIndices"].default = Vt.IntArray(
                [1 << 30] * len(mesh["faceVertexIndices"].default)
            )
        elif how == "another group":
            said["surfaces"] = Vt.IntArray([7, *said["surfaces"][1:]])
        else:
            said = {"key": said["key"], "meshed": "many", "surfaces": 3}
        mesh["points"].default = Vt.Vec3fArray.FromNumpy(points)
        part.customData = {earlier.NOTE: said}
    layer.Save()
    return copy


@pytest.fixture(scope="module")
def bearing(tmp_path_factory: pytest.TempPathFactory) -> ConversionResult:
    return run(BEARING, tmp_path_factory.mktemp("bearing") / "out")


@pytest.mark.parametrize(
    "how",
    [
        "cut",
        "text",
        "empty",
        "not a number",
        "fewer points",
        "corners elsewhere",
        "another group",
        "no numbers",
    ],
)
def test_a_master_that_is_not_sound_is_not_used(how: str, bearing: ConversionResult, tmp_path: Path) -> None:
    assert bearing.usd
    again = run(BEARING, tmp_path / "out", broken(how, bearing.usd, tmp_path))
    assert again.report["meshes_reused"] == 0
    assert all_of(again) == all_of(bearing)


def test_a_part_that_shares_edges_with_another_is_a_function_of_both(tmp_path: Path) -> None:
    solid, other = box(1, 2, 3), cylinder(1, 2)
    moved = faces_of(solid)[0].Located(TopLoc_Location())
    shapes = [solid, other, compound(moved)]
    parts = [Part("", shape, len(faces_of(shape)), 1, None) for shape in shapes]
    product = CadProduct(Node("", "", "/"), parts, [], 0, 1)
    memory = earlier.MeshMemory(product, {})
    assert [memory.find(number, 0.1, 0.1) for number in range(3)] == [None] * 3
    assert set(memory._keys) == {1}
