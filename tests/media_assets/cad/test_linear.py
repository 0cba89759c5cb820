"""No bytes of a stranger hold the scan: its time grows with the length of the file, and it ends in a child."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from media_assets.cad import scanning
from media_assets.cad.errors import CadError
from media_assets.cad.failures import reader_words
from media_assets.cad.prescan import prescan
from media_assets.cad.scanning import scan
from tests.media_assets.cad.conftest import SAMPLES

HEAD = (
    b"ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\nFILE_NAME('a','',(''),(''),'','','');\n"
    b"FILE_SCHEMA(('AUTOMOTIVE_DESIGN'));\nENDSEC;\nDATA;\n#1=PRODUCT('a','a','',());\n"
)
TAIL = b"\nENDSEC;\nEND-ISO-10303-21;\n"
SHORT, TIMES = 20_000, 8
GENEROUS = 3.0
"""A square of eight times the length is sixty-four times the work: three times more than eight is none."""

HOSTILE = {
    "file names": b"DCMFL(",
    "file names with a text": b"DCMFL('",
    "file names in comments": b"DCMFL/*",
    "comments": b"/*",
    "stars": b"/*" + b"*" * 50,
    "quotes": b"'",
    "pairs of quotes": b"a''",
    "wrapped quotes": b"'\n'",
    "backslashes": b"\\",
    "numbers in comments": b"#1/*",
    "numbers": b"#1111111",
    "equals": b"#1= ",
    "usages": b"NEXT_ASSEMBLY_USAGE_OCCURRENCE('",
    "short usages": b"NAUO('a''",
    "representations": b"#1=REPRESENTATION('',(#2",
    "words": b"#1=REPRESENTATIO_REPRESENTATIO",
    "maps": b"#1=REPRESENTATION_MAP(#",
    "map of digits": b"9",
    "units": b"=(LENGTH_UNIT",
    "unit words": b"LENGTH_UNIT ",
    "open units": b"=(",
    "blanks": b" ",
    "beyond ASCII": b"'\xe4",
    "pairs beyond ASCII": b"\xe4\n",
    "escapes": b"\\X2\\0041",
    "products": b"=PRODUCT('",
    "data sections": b"DATA(",
    "data sections with a text": b"DATA('",
    "references": b"REFERENCE;",
    "addresses": b"REFERENCE;#1=<",
    "ends of sections": b"ENDSEC;",
    "ends": b"END-ISO-10303-21;",
}


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of some work, the least of three."""
    spent = []
    for _ in range(3):
        begun = time.process_time()
        try:
            work()
        except CadError:
            pass
        spent.append(time.process_time() - begun)
    return min(spent)


def step(piece: bytes, size: int) -> bytes:
    start = b"#5=MAPPED_ITEM('',#6,#7);#6=REPRESENTATION_MAP(#1" if piece == b"9" else b""
    return HEAD + start + piece * (size // len(piece)) + TAIL


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_time_grows_with_the_length_of_a_step_file(piece: bytes, tmp_path: Path) -> None:
    short, long = tmp_path / "short.step", tmp_path / "long.step"
    short.write_bytes(step(piece, SHORT))
    long.write_bytes(step(piece, SHORT * TIMES))
    before = max(seconds(lambda: prescan(short)), 0.001)
    assert seconds(lambda: prescan(long)) < GENEROUS * TIMES * before


@pytest.mark.parametrize(
    "line",
    [
        b"v 1 1 " + b"1" * 60_000 + b"x",
        b"v " + b"1 " * 30_000 + b"x",
        b"v" + b" " * 60_000,
        b"v 1 1 1e" + b"1" * 60_000,
    ],
)
def test_line_of_an_obj_is_read_once(line: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.obj"
    path.write_bytes(b"v 0 0 0\n" + line + b"\n")
    assert seconds(lambda: prescan(path)) < 0.2


@pytest.mark.parametrize(
    "end", [b"* +1 " + b"1" * 4000 + b"x", b"* +1 1" + b" 1" * 2000 + b"x", b"* " * 2000]
)
def test_end_of_a_brep_is_read_once(end: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.brep"
    path.write_bytes(b"DBRep_DrawableShape\n" + end)
    assert seconds(lambda: prescan(path)) < 0.2


def test_complaint_of_the_reader_is_read_once() -> None:
    assert seconds(lambda: reader_words("ERR " + " " * 200_000 + "x" + " *" * 100_000 + "x")) < 0.2


@pytest.mark.parametrize("digits", [19, 5000])
def test_reference_of_many_digits_refers_to_nothing(digits: int, tmp_path: Path) -> None:
    path = tmp_path / "a.step"
    usage = f"#2=NEXT_ASSEMBLY_USAGE_OCCURRENCE('','','',#{'1' * digits},#{'2' * digits},$);"
    item = f"#3=MAPPED_ITEM('',#{'1' * digits},#1);#{'4' * digits}=REPRESENTATION('',(#{'3' * digits}),#1);"
    path.write_bytes(HEAD + usage.encode() + item.encode() + TAIL)
    assert prescan(path).instances == 0


def test_assembly_that_doubles_a_thousand_times_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.step"
    usages = "".join(
        f"#{number + 100000}=NEXT_ASSEMBLY_USAGE_OCCURRENCE('','','',#{number // 2},#{number // 2 + 1},$);\n"
        for number in range(2, 40_002)
    )
    path.write_bytes(HEAD + usages.encode() + TAIL)
    begun = time.process_time()
    with pytest.raises(CadError) as failure:
        prescan(path)
    assert failure.value.code == "too_many_instances"
    assert time.process_time() - begun < 5


def test_scan_in_a_child_finds_what_the_scan_finds() -> None:
    path = SAMPLES / "tapered_roller_bearing.step"
    assert scan(path, max_bytes=10_000_000) == prescan(path)


def test_error_of_the_scan_comes_with_its_details(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(CadError, match="a PDF document") as failure:
        scan(path, max_bytes=1_000_000)
    assert failure.value.code == "not_cad"


def test_packed_file_holds_no_more_than_an_upload_may(tmp_path: Path) -> None:
    path = tmp_path / "a.step.gz"
    path.write_bytes(gzip.compress(step(b"#1=POINT(); ", 3_000_000)))
    assert scan(path, max_bytes=10_000_000).format == "step"
    with pytest.raises(CadError) as failure:
        scan(path, max_bytes=2_000_000)
    assert failure.value.code == "too_large"


def test_scan_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(CadError) as failure:
        scan(SAMPLES / "tapered_roller_bearing.step", max_bytes=10_000_000, seconds=0.01)
    assert failure.value.code == "hung"


@pytest.mark.parametrize(
    "said", ["", "[]", "{}", '{"scan": {"format": 1}}', '{"error": {"code": "x"}}', "[" * 99_999]
)
def test_answer_that_is_none_is_a_damaged_file(said: str) -> None:
    assert scanning._understood(said) is None
