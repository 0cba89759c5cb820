from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from media_assets.cad.client import Conversion
from media_assets.cad.contract import ConversionResult, Kept
from media_assets.cad.forkclient import ForkServer
from media_assets.cad.settings import PRESETS
from tests.media_assets.cad.conftest import CORPUS, SAMPLES, finish, needs_corpus

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


SOURCES = [BEARING, *(path for path in sorted(CORPUS.glob("*.st*p")))]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_kept_document_gives_the_same_geometry_and_report_as_the_file(source: Path, tmp_path: Path) -> None:
    first = run(source, tmp_path / "first", keep=True)
    assert first.report["document"] == {"reused": False, "kept": True, "why": ""}
    again = run(source, tmp_path / "again", kept=first.kept)
    assert again.report["document"] == {"reused": True, "kept": False, "why": ""}
    assert again.glb.read_bytes() == first.glb.read_bytes()
    assert facts(again) == facts(first)


@needs_corpus
@pytest.mark.parametrize(
    "name", ["hinge_creo_ap203.stp", "box_sides_inch_assembly.step", "two_roots_metre.step"]
)
def test_what_is_kept_has_every_name_color_and_place_of_the_file(name: str, tmp_path: Path) -> None:
    plain = run(CORPUS / name, tmp_path / "plain")
    assert plain.kept is None
    assert not plain.report["document"]["kept"]
    kept = run(CORPUS / name, tmp_path / "kept", keep=True)
    assert facts(kept)["tree"] == facts(plain)["tree"]
    for fact in ("unit", "size_mm", "instances", "faces", "unmeshed_faces", "colors", "names", "warnings"):
        assert kept.report[fact] == pytest.approx(plain.report[fact])


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
