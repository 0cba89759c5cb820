"""A CAD format is one row: whatever is offered, refused, said or read follows from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from media_assets.cad import prescan
from media_assets.formats import cad
from media_assets.formats.cad import CAD_FORMATS, CadFormat
from media_assets.ingest.receive import number_from
from media_assets.models import CadFile
from rendering.desk.cad_files import formats
from rendering.desk.cad_files.upload import UploadForm
from tests.paths import PROJECT
from tests.test_imports import CAD_HOST


@pytest.mark.parametrize("row", CAD_FORMATS.values(), ids=list(CAD_FORMATS))
def test_each_row_is_whole(row: CadFormat) -> None:
    assert row.name and row.label and "/" in row.mime_type
    assert row.suffixes[0] == row.name, "a stored file is called so"
    assert callable(cad.function(row.scan)) and callable(cad.function(row.read))
    assert f"media_assets.cad.{row.scan.rpartition('.')[0]}" in CAD_HOST, (
        "bytes are looked at without the reader"
    )


def test_no_two_formats_share_a_name_or_a_suffix() -> None:
    suffixes = [suffix for row in CAD_FORMATS.values() for suffix in row.suffixes]
    assert len(suffixes) == len({*suffixes, *cad.PACKINGS}) - len(cad.PACKINGS)
    assert max(map(len, CAD_FORMATS)) <= CadFile._meta.get_field("format").max_length


@pytest.mark.parametrize("page", ["README.md", "docs/operators.md"])
def test_the_pages_for_people_name_each_format(page: str) -> None:
    (sentence,) = (
        line for line in (PROJECT / page).read_text().splitlines() if "also gzipped or zipped" in line
    )
    assert all(row.label in sentence for row in CAD_FORMATS.values())


def test_the_upload_form_names_and_offers_each_format() -> None:
    form = UploadForm(revised=None, may_order=True)
    field = form.fields["cad_files"]
    assert str(field.help_text) == (
        "STEP, IGES or BREP, or a mesh as GLB, STL or OBJ; also gzipped or zipped. Several at once."
    )
    assert field.widget.attrs["accept"] == ".step,.stp,.stpz,.p21,.iges,.igs,.brep,.glb,.stl,.obj,.gz,.zip"
    assert str(form.fields["unit"].help_text).startswith("Only for STL and OBJ")


def test_a_new_row_is_recognized_offered_and_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The row of a format that does not exist, whose bytes another one's scan recognizes."""
    new = replace(CAD_FORMATS["obj"], name="ply", label="PLY", suffixes=("ply",), scan="meshes.scan.scan_obj")
    monkeypatch.setitem(CAD_FORMATS, "ply", new)
    assert ".ply" in cad.endings() and "PLY" in cad.meshes() and ("ply", "PLY") in cad.choices()
    assert number_from("Käfig.PLY.gz") == "Käfig"
    assert "OBJ or PLY" in str(formats.accepted())
    assert "STL, OBJ and PLY files" in str(formats.unit_of_file())
    source = tmp_path / "letter"
    source.write_bytes(b"Dear Sir")
    with pytest.raises(prescan.CadError, match=r"Upload STEP, IGES, BREP, or a mesh \(GLB, STL, OBJ, PLY\)"):
        prescan.prescan(source)


def test_what_an_unknown_format_is_said_to_be_matters_like_that_of_an_exact_one() -> None:
    """Rows of earlier versions have no format."""
    row = cad.of("")
    assert (row.states_unit, row.has_code_page, row.is_kept, row.is_mesh) == (True, True, False, False)
