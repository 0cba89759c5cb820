"""Files that are not quite what they should be: read as far as they can be, or refused with what fits them."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from media_assets.cad.contract import Limits, Reading
from media_assets.cad.errors import CadError
from media_assets.cad.prescan import prescan
from tests.media_assets.cad.conftest import Convert
from tests.paths import SAMPLE

STEP = SAMPLE.read_bytes()
COMMAS = STEP.replace(b"CARTESIAN_POINT('',(0.,0.,0.))", b"CARTESIAN_POINT('',(0,5,0,5,0,5))", 1)
FACET = "facet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 10.5 0 0\nvertex 0 10.5 0\nendloop\nendfacet\n"
STL = f"solid part\n{FACET}endsolid part\n".encode()
START = b"ISO-10303-21;\nHEADER;\n"
BINARY = b"made".ljust(80) + struct.pack("<I12fH", 1, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 9, 0, 0)
OBJ = b"v 0 0 0\nv 10 0 0\nv 0 10 0\nf 1 2 3\n"
IGES = b" " * 72 + b"S      1\n" + b"1H,,1H;".ljust(72) + b"G      1\n"

REFUSED = {
    "rar": (b"Rar!\x1a\7\0", "not_cad", "Unpack it"),
    "7z": (b"7z\xbc\xaf\x27\x1c", "not_cad", "Unpack it"),
    "utf16": (STL.decode().encode("utf-16"), "not_cad", "plain text"),
    "utf16 without a mark": (START.decode().encode("utf-16-le"), "not_cad", "plain text"),
    "parasolid": (b"**ABCDEFGHIJKLMNOPQRSTUVWXYZ**\n**PARASOLID !\n", "not_cad", "Parasolid"),
    "acis": (b"700 0 1 0\n16 Autodesk AutoCAD 19 ASM 208.0.4 NT 24\n", "not_cad", "ACIS"),
    "jt": (b"Version 9.5 JT  DM 8.0.1.1\n", "not_cad", "JT"),
    "ply": (b"ply\nformat ascii 1.0\nelement vertex 3\n", "not_cad", "GLB, STL, OBJ"),
    "dxf": (b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n", "not_cad", "DXF"),
    "native": (b"\xd0\xcf\x11\xe0" + bytes(600), "not_cad", "Export the model as STEP"),
    "decimal commas": (COMMAS, "unreadable", "decimal commas (first in line "),
    "cut IGES": (IGES, "truncated", "terminate section"),
    "no triangles": (b"solid x\nendsolid x\n", "nothing_to_show", "no triangles"),
}
READ = {
    "text STL with NULs at its end": ("a.stl", STL + bytes(300), ()),
    "text STL with a mark at its start": ("a.stl", b"\xef\xbb\xbf" + STL, ()),
    "text STL of an old Mac": ("a.stl", STL.replace(b"\n", b"\r"), ()),
    "text STL with decimal commas": ("a.stl", STL.replace(b"10.5", b"10,5"), ("decimal_commas",)),
    "binary STL that says it is text": ("a.stl", b"solid x".ljust(80) + BINARY[80:], ()),
    "binary STL with NULs at its end": ("a.stl", BINARY + bytes(7), ()),
    "binary STL with more at its end": ("a.stl", BINARY + b"made by X", ("bytes_after_end",)),
    "OBJ with NULs at its end": ("a.obj", OBJ + bytes(30), ()),
    "OBJ of an old Mac": ("a.obj", OBJ.replace(b"\n", b"\r"), ()),
    "OBJ with a name of STL": ("a.stl", OBJ, ()),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_is_refused_with_a_step_that_fits_it(name: str, tmp_path: Path) -> None:
    content, code, words = REFUSED[name]
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(CadError) as failure:
        prescan(path, Limits())
    assert failure.value.code == code and words in failure.value.message


@pytest.mark.cad
@pytest.mark.parametrize("name", READ)
def test_a_file_is_read_and_what_was_left_is_said(name: str, convert: Convert, tmp_path: Path) -> None:
    file_name, content, warnings = READ[name]
    path = tmp_path / file_name
    path.write_bytes(content)
    report = convert(path, reading=Reading(unit="mm")).report
    assert report["triangles"] == 1
    assert [one["code"] for one in report["warnings"]] == [*warnings, "no_colors"]


@pytest.mark.cad
def test_points_and_lines_alone_are_no_mesh(convert: Convert, tmp_path: Path) -> None:
    path = tmp_path / "wires.obj"
    path.write_bytes(b"v 0 0 0\nv 1 1 1\nl 1 2\n")
    with pytest.raises(CadError, match="no faces"):
        convert(path, reading=Reading(unit="mm"))


def test_a_file_of_another_name_is_what_its_bytes_say(tmp_path: Path) -> None:
    path = tmp_path / "part.igs"
    path.write_bytes(STEP)
    assert prescan(path).format == "step"


def test_an_archive_without_a_cad_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "model.3mf"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("3D/3dmodel.model", "<model/>")
    with pytest.raises(CadError, match="None of the 2 files"):
        prescan(path)
