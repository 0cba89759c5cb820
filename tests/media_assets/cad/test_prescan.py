from __future__ import annotations

import gzip
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_assets.cad import prescan as prescan_module
from media_assets.cad.assembly_graph import AssemblyGraph
from media_assets.cad.contract import Limits
from media_assets.cad.errors import CadError
from media_assets.cad.prescan import prescan
from media_assets.cad.step_text import in_one_section
from tests.media_assets.cad.conftest import SAMPLES

BEARING = SAMPLES / "tapered_roller_bearing.step"
HEADER = (
    "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\n"
    "FILE_NAME('a.stp','2026-01-01T00:00:00',('Me'),('We'),'Tool 1','Käd''s CAD','');\n"
    "FILE_SCHEMA(('AUTOMOTIVE_DESIGN'));\nENDSEC;\nDATA;\n"
)


def step(*entities: str) -> bytes:
    return (HEADER + "\n".join(entities) + "\nENDSEC;\nEND-ISO-10303-21;\n").encode()


def written(folder: Path, content: bytes) -> Path:
    path = folder / "file.step"
    path.write_bytes(content)
    return path


def uses(*links: tuple[int, int]) -> list[str]:
    return [
        f"#{900 + number}=NEXT_ASSEMBLY_USAGE_OCCURRENCE('{number}','it''s (a,b)',$,#{parent},#{child},$);"
        for number, (parent, child) in enumerate(links)
    ]


def refusal(path: Path, limits: Limits | None = None) -> CadError:
    with pytest.raises(CadError) as failure:
        prescan(path, limits)
    return failure.value


def test_sample_is_known_before_it_is_read() -> None:
    scan = prescan(BEARING)
    assert (scan.format, scan.protocol, scan.unit, scan.instances) == ("step", "AP214", "millimetre", 23)
    assert scan.originating_system == "Renderdesk samples/make_bearing.py"
    assert scan.faces == 203


ENDS: dict[str, Callable[[bytes], bytes]] = {
    "no last semicolon": lambda whole: whole[: whole.rindex(b";")],
    "a blank before it": lambda whole: whole[: whole.rindex(b";")] + b" ;\r\n",
    "no ENDSEC": lambda whole: whole.replace(b"ENDSEC;\nEND-ISO", b"END-ISO"),
    "ENDSEC without a semicolon": lambda whole: whole.replace(b"ENDSEC;\nEND-ISO", b"ENDSEC\nEND-ISO"),
    "no end of the header": lambda whole: whole.replace(b"ENDSEC;\nDATA", b"DATA"),
}


@pytest.mark.parametrize("how", ENDS)
def test_sections_without_their_end_are_read_as_if_they_had_it(how: str, tmp_path: Path) -> None:
    whole = step("#1=PRODUCT('ENDSEC','END-ISO-10303-21','',());")
    odd = ENDS[how](whole)
    assert odd != whole
    assert prescan(written(tmp_path, odd)).divided
    assert b"".join(in_one_section(odd)).split() == whole.split()


def test_originating_system_with_an_apostrophe_is_kept(tmp_path: Path) -> None:
    assert prescan(written(tmp_path, step("#1=PRODUCT('a');"))).originating_system == "Käd's CAD"


@pytest.mark.parametrize(
    ("entity", "unit"),
    [
        ("#1=(LENGTH_UNIT()NAMED_UNIT(*)SI_UNIT(.MILLI.,.METRE.));", "millimetre"),
        ("#1=( NAMED_UNIT(*) LENGTH_UNIT( ) SI_UNIT( $ , .METRE. ) );", "metre"),
        ("#1 = ( CONVERSION_BASED_UNIT ( 'INCH', #2 ) LENGTH_UNIT ( ) NAMED_UNIT ( #3 ) );", "inch"),
        ("#1=(PLANE_ANGLE_UNIT()NAMED_UNIT(*)SI_UNIT($,.RADIAN.));", ""),
    ],
)
def test_unit_of_length_is_named(entity: str, unit: str, tmp_path: Path) -> None:
    assert prescan(written(tmp_path, step(entity))).unit == unit


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b'{"asset": {"version": "2.0"}}', "glTF in several files"),
        (b"<!doctype html><HTML>", "web page"),
        (b"\xff\xfeI\0S\0O\0", "UTF-16"),
        (b"\0\1\2\3", "binary data"),
        (b"ISO-9001", "text"),
    ],
)
def test_file_that_is_no_cad_is_called_what_it_is(content: bytes, words: str, tmp_path: Path) -> None:
    error = refusal(written(tmp_path, content))
    assert (error.code, words in error.message) == ("not_cad", True)


def test_comment_before_the_magic_word_is_allowed(tmp_path: Path) -> None:
    assert prescan(written(tmp_path, b"/* by us */\r\n" + step("#1=PRODUCT('a');"))).products == 1


@pytest.mark.parametrize("content", [b"", b" \n\t"])
def test_file_with_nothing_in_it_is_empty(content: bytes, tmp_path: Path) -> None:
    assert refusal(written(tmp_path, content)).code == "empty"


def test_external_reference_is_refused_by_name(tmp_path: Path) -> None:
    error = refusal(written(tmp_path, step("#1=DOCUMENT_FILE('/etc/passwd','',$,#2,'',$);")))
    assert (error.code, "/etc/passwd" in error.message) == ("external_reference", True)


STORED = "/srv/other.step"


@pytest.mark.parametrize(
    "entities",
    [
        f"#1=DOCUMENT_FILE/*)('',*/\n(\n/*'*/ '{STORED}','',$,#2,'',$);",
        f"#1=DOCUMENT_FILE('','',$,#2,'',$);#3=APPLIED_EXTERNAL_IDENTIFICATION_ASSIGNMENT('{STORED}',#4,#5,(#1));",
        f"#1=DOCUMENT_FILE($,'',$,#2,'',$);#5=EXTERNAL_SOURCE(IDENTIFIER('{STORED}'));",
        f"#1=DOCUMENT_FILE(' ','',$,#2,'',$);#5=EXTSRC ( IDENTIFIER('{STORED}') );",
        f"#1=DCMFL('{STORED}','',$,#2,'',$);",
        "#1=DOCUMENT_FILE('\\X2\\002F\\X0\\srv/other.step','',$,#2,'',$);",
        f"#1=DOCUMENT_FILE('','',$,#2,'',$);\n#1=DOCUMENT_FILE('{STORED}','',$,#2,'',$);",
    ],
)
def test_external_reference_in_odd_spelling_is_refused(entities: str, tmp_path: Path) -> None:
    """Of each of these OpenCASCADE opens the file that is named; seen with strace."""
    error = refusal(written(tmp_path, step(entities)))
    assert (error.code, STORED in error.message) == ("external_reference", True)


def test_document_without_a_file_is_no_external_reference(tmp_path: Path) -> None:
    entities = "#1=DOCUMENT_FILE('','',$,#2,'',$);#3=PRODUCT('see DOCUMENT_FILE(''x'')');"
    assert prescan(written(tmp_path, step(entities))).products == 1


def test_text_too_long_for_the_reader_is_refused_with_its_line(tmp_path: Path) -> None:
    error = refusal(written(tmp_path, step("#1=PRODUCT('a');", f"#2=PRODUCT('{'x' * 20_000}');")))
    assert (error.code, "line 9" in error.message) == ("unreadable", True)


def test_long_stretch_between_two_texts_is_no_long_text(tmp_path: Path) -> None:
    numbers = ",".join(["1."] * 20_000)
    assert prescan(written(tmp_path, step(f"#1=PRODUCT('a',({numbers}),'b');"))).products == 1


def test_instances_are_counted_without_placing_them(tmp_path: Path) -> None:
    doubling = [(level, level + 1) for level in range(1, 25) for _ in range(2)]
    error = refusal(written(tmp_path, step(*uses(*doubling))))
    assert (error.code, "16,777,216" in error.message) == ("too_many_instances", True)


@pytest.mark.parametrize(
    "spelling",
    [
        "NAUO('1','a','',#{0},#{1},$)",
        "NEXT_ASSEMBLY_USAGE_OCCURRENCE /* ( */ ( '1' ,('a','b'), /*','*/'it''s (c)', #{0},\n#{1} ,$)",
        "NEXT_ASSEMBLY_USAGE_OCCURRENCE('1',7,.T.,#{0},#{1},$)",
    ],
)
def test_usages_in_odd_spelling_are_counted(spelling: str, tmp_path: Path) -> None:
    links = [(1, 2), (1, 2), (2, 3), (2, 4), (2, 4)]
    entities = [f"#{900 + n}={spelling.format(*link)};" for n, link in enumerate(links)]
    assert prescan(written(tmp_path, step("#1=PRODUCT('NAUO (1)');", *entities))).instances == 6


def test_mapped_items_that_double_are_counted(tmp_path: Path) -> None:
    entities = ["#10=ADVANCED_BREP_SHAPE_REPRESENTATION('',(#1),#2);"]
    for level in range(24):
        base, below = 100 + 10 * level, 10 if level == 0 else 95 + 10 * level
        entities += [
            f"#{base}=REPRESENTATION_MAP(#11,#{below});",
            f"#{base + 1}=MAPPED_ITEM('',#{base},#11);",
            f"#{base + 2}=MAPPED_ITEM ( '' , #{base} , #11 );",
            f"#{base + 5}=SHAPE_REPRESENTATION('',(#11,#{base + 1},#{base + 2}),#2);",
        ]
    error = refusal(written(tmp_path, step(*entities)))
    assert (error.code, "16,777,216" in error.message) == ("too_many_instances", True)


def test_header_in_another_code_page_is_read(tmp_path: Path) -> None:
    content = step("#1=PRODUCT('Втулка левая');").decode().replace("Käd''s CAD", "КОМПАС-3D").encode("cp1251")
    scan = prescan(written(tmp_path, content))
    assert (scan.originating_system, scan.code_page, scan.code_page_sure) == ("КОМПАС-3D", "cp1251", True)
    assert prescan(written(tmp_path, step("#1=PRODUCT('a');")), code_page="gbk").code_page == "gbk"


def test_assembly_that_contains_itself_is_refused(tmp_path: Path) -> None:
    assert refusal(written(tmp_path, step(*uses((1, 2), (2, 3), (3, 1))))).code == "cyclic_assembly"
    assert refusal(written(tmp_path, step(*uses((1, 1))))).code == "cyclic_assembly"


def test_unpacking_stops_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "bomb.step.gz"
    path.write_bytes(gzip.compress(b"ISO-10303-21;" + b" " * 5_000_000))
    assert path.stat().st_size < 10_000
    assert refusal(path, Limits(source_mb=1)).code == "too_large"


def test_a_bomb_is_refused_long_before_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "bomb.step.gz"
    path.write_bytes(gzip.compress(b"ISO-10303-21;" + b" " * 60_000_000))
    found = refusal(path, Limits(source_mb=2000))
    assert (found.code, "50 MB, over 100 times its own size" in found.message) == ("too_large", True)


def test_a_packed_file_within_another_is_named(tmp_path: Path) -> None:
    path = tmp_path / "part.step.gz"
    path.write_bytes(gzip.compress(gzip.compress(BEARING.read_bytes())))
    found = refusal(path)
    assert (found.code, "contains another packed file" in found.message) == ("not_cad", True)


def test_zipped_step_is_read_and_a_zip_of_two_is_not(tmp_path: Path) -> None:
    path = tmp_path / "part.stpz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(BEARING, "bearing.step")
    assert prescan(path).instances == 23
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other.step", "x")
    assert refusal(path).code == "not_cad" and "bearing.step, other.step" in refusal(path).message


@pytest.mark.parametrize("magic", [b"\x1f\x8b", b"PK\x03\x04"])
def test_broken_archive_is_refused(magic: bytes, tmp_path: Path) -> None:
    assert refusal(written(tmp_path, magic + b"\x08\0 nothing")).code in ("not_cad", "truncated")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=300))
def test_any_bytes_end_in_a_scan_or_a_reason(content: bytes, tmp_path: Path) -> None:
    try:
        prescan(written(tmp_path, content))
        prescan(written(tmp_path, step() + content))
    except CadError as error:
        assert error.message.endswith(".")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cut=st.integers(min_value=1, max_value=BEARING.stat().st_size - 30))
def test_every_cut_through_a_file_is_noticed(cut: int, tmp_path: Path) -> None:
    assert refusal(written(tmp_path, BEARING.read_bytes()[:cut])).code in ("truncated", "not_cad")


@st.composite
def forests(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Links of an assembly graph without cycles: children have higher numbers."""
    size = draw(st.integers(min_value=2, max_value=7))
    pairs = st.tuples(st.integers(1, size - 1), st.integers(2, size)).filter(lambda pair: pair[0] < pair[1])
    return draw(st.lists(pairs, max_size=12))


@given(links=forests())
def test_instances_are_the_leaves_of_the_unfolded_tree(links: list[tuple[int, int]]) -> None:
    def leaves(node: int) -> int:
        below = [child for parent, child in links if parent == node]
        return sum(leaves(child) for child in below) if below else 1

    roots = {parent for parent, _ in links} - {child for _, child in links}
    assert AssemblyGraph(links).placed_parts() == sum(leaves(root) for root in roots)


def test_assembly_nested_deeper_than_the_stack_is_counted() -> None:
    assert AssemblyGraph((level, level + 1) for level in range(50_000)).placed_parts() == 1


def test_signal_in_the_middle_of_a_search_is_what_the_caller_hears(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(content: Any, *_: Any) -> None:
        for _found in re.finditer(rb"#", content):
            raise KeyboardInterrupt

    monkeypatch.setattr(prescan_module, "_scan", interrupted)
    source = tmp_path / "bearing.step"
    source.write_bytes(b"#" * 100)
    with pytest.raises(KeyboardInterrupt):
        prescan(source)
