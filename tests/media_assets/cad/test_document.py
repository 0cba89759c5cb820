from __future__ import annotations

import gzip
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from media_assets.cad.client import Conversion
from media_assets.cad.contract import ConversionResult, Kept
from media_assets.cad.forkclient import ForkServer
from media_assets.cad.settings import PRESETS
from tests.media_assets.cad.conftest import CORPUS, SAMPLES, finish
from tests.media_assets.cad.documents import BLUE, GRAY, GREEN, RED, Document, box, compound, cylinder

BEARING = SAMPLES / "tapered_roller_bearing.step"
OF_ONE_RUN = {"seconds", "peak_mb", "stage_peak_mb", "document"}


def run(
    source: Path,
    out: Path,
    preset: str = "draft",
    *,
    kept: Kept | None = None,
    keep: bool = False,
) -> ConversionResult:
    out.mkdir(exist_ok=True)
    return finish(Conversion(source, out, PRESETS[preset], kept=kept, keep_document=keep, want_usd=False))


def facts(result: ConversionResult) -> dict[str, Any]:
    return {name: value for name, value in result.report.items() if name not in OF_ONE_RUN}


@pytest.fixture(scope="module")
def bearing(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """What a conversion of the sample bearing read and kept."""
    kept = run(BEARING, tmp_path_factory.mktemp("bearing"), keep=True).kept
    assert kept is not None
    return kept


def everything(folder: Path) -> Path:
    """A STEP file with all that OpenCASCADE's document can hold of what we show."""
    made = Document()
    top, unit = made.assembly("Anlage"), made.assembly("Pumpe")
    disc = made.part("Scheibe", cylinder(20, 5), GRAY)
    made.states(disc, 1.5 * math.pi * 2000, math.pi * 1000, (0, 0, 2.5))
    housing = made.part("Gehäuse", compound(box(5, 5, 5), box(5, 5, 8, at=(20, 0, 0))))
    made.bodies(housing, ["Deckel", "Schale"], [RED, BLUE])
    made.material(housing, "Aluminum EN AW-6060")
    first, second = made.place(unit, disc, "links"), made.place(unit, disc, "rechts", 60)
    made.place(unit, housing, "Gehäuse", 120)
    one, _ = made.place(top, unit, "P1"), made.place(top, unit, "P2", 300)
    hidden = made.part("Werkzeug", box(1, 2, 3))
    made.layer(hidden, "Hilfsgeometrie", visible=False)
    made.place(top, hidden, "Werkzeug", 500)
    made.painted(made.style([one, second]), GREEN)
    made.painted(first, BLUE)
    return made.step(folder / "everything.step", "INCH")


def iges(folder: Path) -> Path:
    made = Document()
    made.part("Bolzen", cylinder(3, 20), RED)
    made.part("Platte", box(30, 20, 2), BLUE)
    return made.iges(folder / "two.igs", "INCH")


def packed(folder: Path) -> Path:
    path = folder / "bearing.stpz"
    path.write_bytes(gzip.compress(BEARING.read_bytes()))
    return path


FOREIGN = ("hinge_creo_ap203.stp", "box_sides_inch_assembly.step", "two_roots_metre.step")
SOURCES: dict[str, Callable[[Path], Path]] = {
    "the sample": lambda _: BEARING,
    "everything": everything,
    "IGES": iges,
    "packed": packed,
    **{name: (lambda _, name=name: CORPUS / name) for name in FOREIGN if (CORPUS / name).exists()},
}


@pytest.mark.parametrize("name", SOURCES)
def test_another_quality_from_the_kept_document_is_that_of_the_file(name: str, tmp_path: Path) -> None:
    source = SOURCES[name](tmp_path)
    first = run(source, tmp_path / "first", "draft", keep=True)
    assert first.report["document"] == {"reused": False, "kept": True, "why": ""}
    again = run(source, tmp_path / "again", "standard", kept=first.kept)
    assert again.report["document"] == {"reused": True, "kept": False, "why": ""}
    direct = run(source, tmp_path / "direct", "standard", keep=True)
    assert again.glb.read_bytes() == direct.glb.read_bytes()
    assert facts(again) == facts(direct)
    if name == "everything":
        assert {"#00FF00", "#0000FF", "#FF0000"} < set(again.report["colors"])
        assert {"Deckel", "Schale"} < set(again.report["names"])
        assert {"hidden_parts"} < {warning["code"] for warning in again.report["warnings"]}
        assert again.report["validation"]["differing"]
        assert "Aluminum EN AW-6060" in str(again.report["tree"])


@pytest.mark.parametrize("name", ["everything", "box_sides_inch_assembly.step", "two_roots_metre.step"])
def test_what_is_kept_has_every_name_color_and_place_of_the_file(name: str, tmp_path: Path) -> None:
    if name not in SOURCES:
        pytest.skip(f"{name} is not among the CAD files for tests")
    source = SOURCES[name](tmp_path)
    plain = run(source, tmp_path / "plain")
    assert plain.kept is None
    assert not plain.report["document"]["kept"]
    kept = run(source, tmp_path / "kept", keep=True)
    assert facts(kept)["tree"] == facts(plain)["tree"]
    assert kept.report["size_mm"] == pytest.approx(plain.report["size_mm"])
    for fact in ("unit", "instances", "faces", "unmeshed_faces", "colors", "names", "warnings"):
        assert kept.report[fact] == plain.report[fact]


def test_another_quality_neither_parses_nor_transfers(bearing: Kept, tmp_path: Path) -> None:
    fine = run(BEARING, tmp_path / "out", "standard", kept=bearing)
    assert fine.report["document"]["reused"]
    assert not {"prescan", "read", "transfer"} & fine.report["seconds"].keys()
    assert "document" in fine.report["seconds"]
    assert fine.report["instances"] == 23
    assert fine.kept is None


def damaged(bearing: Kept, folder: Path, how: str) -> Kept:
    """A copy of a kept document with something wrong."""
    content = Path(bearing.path).read_bytes()
    path, learned = folder / "copy.xbf", bearing.learned
    match how:
        case "missing":
            return Kept(str(path), learned)
        case "empty":
            content = b""
        case "cut off":
            content = content[: len(content) // 2]
        case "overwritten":
            content = content[:1000] + b"\xff" * 20_000 + content[21_000:]
        case "another version":
            content = content.replace(b"BinXCAF", b"BinXXXX")
        case "other notes":
            learned = {"scan": learned["scan"]}
        case "notes of another version":
            learned = {**learned, "opened": {**learned["opened"], "more": 1}}
    path.write_bytes(content)
    return Kept(str(path), learned)


@pytest.mark.parametrize(
    "how",
    [
        "missing",
        "empty",
        "cut off",
        "overwritten",
        "another version",
        "other notes",
        "notes of another version",
    ],
)
def test_document_that_cannot_be_used_costs_a_new_reading_and_says_why(
    how: str, bearing: Kept, tmp_path: Path
) -> None:
    result = run(BEARING, tmp_path / "out", kept=damaged(bearing, tmp_path, how), keep=True)
    assert result.report["instances"] == 23
    assert not result.report["document"]["reused"]
    assert result.report["document"]["why"]
    assert result.kept is not None
    assert "read" in result.report["seconds"]


def test_memory_is_told_stage_by_stage(bearing: Kept, tmp_path: Path) -> None:
    report = run(BEARING, tmp_path / "out", "fine", kept=bearing).report
    peaks = report["stage_peak_mb"]
    assert peaks.keys() == report["seconds"].keys()
    assert peaks["document"] < peaks["mesh"]
    assert report["peak_mb"] == max(peaks.values())


def test_server_outlives_a_document_that_crashes_the_reader(bearing: Kept, tmp_path: Path) -> None:
    run(BEARING, tmp_path / "first")
    server = ForkServer.of_this_process().pid
    run(BEARING, tmp_path / "second", kept=damaged(bearing, tmp_path, "empty"))
    assert ForkServer.of_this_process().pid == server
