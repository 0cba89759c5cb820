"""Lines that end in the middle of a name, as OpenCASCADE's own writer ends them after 72 bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.cad.code_pages import in_utf8, is_wrapped, text_of
from tests.media_assets.cad.conftest import Convert
from tests.media_assets.cad.witness import Witness

LONG_NAMES = [
    "Подшипник роликовый конический однорядный 7306А ГОСТ 27365-87",
    "内圈" * 40,
    "é" * 300,
    "a" * 70 + "'bcd",
]


def shelf(name: str) -> dict[str, Any]:
    place = {"name": "Ort", "color": None, "move": [0, 0, 0], "axis": [0, 0, 1], "angle": 0.0}
    part = {"name": name, "kind": "box", "size": [1, 2, 3], "color": None, "faces": {}}
    assembly = {"name": "Regal", "children": [{"part": 0, **place}]}
    return {"schema": "AP214IS", "unit": "MM", "parts": [part], "assemblies": [assembly]}


@pytest.mark.parametrize("name", LONG_NAMES)
def test_long_name_written_by_opencascade_survives(
    name: str, witness: Witness, convert: Convert, tmp_path: Path
) -> None:
    witness.ask("write", shelf(name), str(tmp_path / "made.step"))
    report = convert(tmp_path / "made.step").report
    assert name in report["names"]
    assert report["code_page"]["used"] == "utf-8"


def test_escape_that_two_lines_share_survives(witness: Witness, convert: Convert, tmp_path: Path) -> None:
    source = tmp_path / "made.step"
    witness.ask("write", shelf("NAME"), str(source))
    escaped = b"'\\X2\\041F04\r\n3E0434\\X0\\ ok'"
    source.write_bytes(source.read_bytes().replace(b"'NAME'", escaped))
    assert "Под ok" in convert(source).report["names"]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])), st.integers(1, 9), st.booleans())
def test_text_means_the_same_wherever_its_lines_end(text: str, width: int, escaped: bool) -> None:
    inner = text.replace("\\", "\\\\").replace("'", "''")
    if escaped:
        inner = "\\X4\\" + "".join(f"{ord(letter):08X}" for letter in text) + "\\X0\\" if text else ""
    raw = inner.encode()
    wrapped = b"\n".join(raw[start : start + width] for start in range(0, len(raw), width))
    assert text_of(wrapped, "utf-8") == text_of(raw, "utf-8")
    content = b"#1=PRODUCT('" + wrapped + b"');\n"
    if is_wrapped(content, is_ascii=content.isascii()):
        assert b"".join(in_utf8(content, "utf-8")) == b"#1=PRODUCT('" + raw + b"');\n"
    else:
        lines = wrapped.decode().replace("\n", "")
        assert lines == inner
