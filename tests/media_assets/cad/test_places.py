"""What a file says about one place of a part: colors, visibility, through several levels."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from media_assets.cad.contract import ConversionResult, Limits
from media_assets.cad.document import open_document, save
from media_assets.cad.prescan import prescan
from media_assets.cad.reader import StepReader
from media_assets.cad.xcaf import TreeBuilder
from tests.media_assets.cad.conftest import Convert, Glb
from tests.media_assets.cad.documents import BLUE, GRAY, GREEN, RED, Document, box


def colors_by_key(glb: Glb) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for node in glb.nodes:
        for primitive in glb.document["meshes"][node["mesh"]]["primitives"] if "mesh" in node else ():
            found[node["extras"]["part_key"]].add(glb.document["materials"][primitive["material"]]["name"])
    return dict(found)


def machine() -> tuple[Document, dict[str, Any]]:
    """Two wings of two frames each, with a gray box named "Box" twice in each frame: eight places of one part."""
    made = Document()
    labels: dict[str, Any] = {"machine": made.assembly("Machine")}
    labels["wing"], labels["frame"] = made.assembly("Wing"), made.assembly("Frame")
    labels["box"] = made.part("Box", box(10, 20, 30), GRAY)
    for number, name in enumerate(["near", "far"]):
        labels[name] = made.place(labels["frame"], labels["box"], name, 20.0 * number)
    for number, name in enumerate(["upper", "lower"]):
        labels[name] = made.place(labels["wing"], labels["frame"], name, 100.0 * number)
    for number, name in enumerate(["left", "right"]):
        labels[name] = made.place(labels["machine"], labels["wing"], name, 500.0 * number)
    return made, labels


@pytest.fixture
def result(convert: Convert, tmp_path: Path) -> ConversionResult:
    """One box red through three levels, one blue through two (in both wings), and one hidden."""
    made, labels = machine()
    made.painted(made.style([labels["left"], labels["upper"], labels["near"]]), RED)
    made.painted(made.style([labels["lower"], labels["far"]]), BLUE)
    made.colors.SetVisibility(made.style([labels["right"], labels["upper"], labels["far"]]), False)
    return convert(made.step(tmp_path / "machine.step"), want_usd=True)


def test_color_of_one_place_deep_in_an_assembly_is_its_own(result: ConversionResult) -> None:
    shown = colors_by_key(Glb.read(result.glb))
    gray = ["/left/upper/far", "/left/lower/near", "/right/upper/near", "/right/lower/near"]
    assert shown == {
        "/left/upper/near": {"#FF0000"},
        "/left/lower/far": {"#0000FF"},
        "/right/lower/far": {"#0000FF"},
        **{key: {"#808080"} for key in gray},
    }


def test_place_that_is_hidden_alone_is_left_out_and_told(result: ConversionResult) -> None:
    assert result.report["instances"] == 7
    assert [one["code"] for one in result.report["warnings"]] == ["hidden_parts"]


def test_looks_of_the_places_share_one_geometry(result: ConversionResult) -> None:
    meshes = Glb.read(result.glb).document["meshes"]
    points = {primitive["attributes"]["POSITION"] for mesh in meshes for primitive in mesh["primitives"]}
    assert (len(meshes), len(points)) == (3, 1)


def test_color_said_further_out_wins(convert: Convert, tmp_path: Path) -> None:
    made, labels = machine()
    made.painted(labels["near"], GREEN)
    made.painted(made.style([labels["upper"], labels["near"]]), BLUE)
    made.painted(made.style([labels["left"], labels["upper"], labels["near"]]), RED)
    shown = colors_by_key(Glb.read(convert(made.step(tmp_path / "machine.step")).glb))
    assert shown["/left/upper/near"] == {"#FF0000"}
    assert shown["/right/upper/near"] == {"#0000FF"}
    assert shown["/right/lower/near"] == {"#00FF00"}
    assert shown["/right/lower/far"] == {"#808080"}


def test_part_on_a_layer_that_is_switched_off_is_hidden(convert: Convert, tmp_path: Path) -> None:
    made = Document()
    top = made.assembly("Top")
    shown, hidden = made.part("Shown", box(1, 2, 3), RED), made.part("Hidden", box(3, 2, 1), BLUE)
    made.place(top, shown, "a")
    made.place(top, hidden, "b", 10)
    made.layer(shown, "visible layer", visible=True)
    made.layer(hidden, "construction", visible=False)
    report = convert(made.step(tmp_path / "layers.step")).report
    assert (report["names"], report["colors"]) == (["Shown", "Top", "a"], ["#FF0000"])
    assert [one["code"] for one in report["warnings"]] == ["hidden_parts"]


def test_kept_document_says_the_same_about_places_layers_materials_and_sizes(tmp_path: Path) -> None:
    made, labels = machine()
    made.painted(made.style([labels["left"], labels["upper"], labels["near"]]), RED)
    made.colors.SetVisibility(made.style([labels["right"], labels["upper"], labels["far"]]), False)
    sketch = made.part("Sketch", box(1, 1, 1))
    made.place(labels["machine"], sketch, "sketch")
    made.layer(sketch, "off", visible=False)
    made.material(labels["box"], "Steel")
    made.states(labels["box"], 6000, 2200, (5, 10, 15))
    path = made.step(tmp_path / "machine.step")
    reader = StepReader(prescan(path), tmp_path, Limits(), {})
    reader.parse(path)
    read = reader.translate().document
    save(read, tmp_path / "machine.xbf", 10_000_000)
    kept = open_document(tmp_path / "machine.xbf")

    first, second = (TreeBuilder(document, "Machine", 100).build() for document in (read, kept))
    assert second.root == first.root
    assert (second.looks, second.hidden, second.stated_parts) == (
        first.looks,
        first.hidden,
        first.stated_parts,
    )
    assert (first.hidden, len(first.looks), first.parts[0].material) == (["Box", "Sketch"], 2, "Steel")
    assert [part.material for part in second.parts] == ["Steel"]
