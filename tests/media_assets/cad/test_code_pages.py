from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from media_assets.cad.code_pages import CODECS, COMMENT_OR_STRING, choose, decoded, in_utf8, text_of
from media_assets.cad.contract import Reading
from tests.media_assets.cad.conftest import SAMPLES, Convert, Glb

RUSSIAN = [
    "Наружное кольцо №1",
    "ПОДШИПНИК",
    "Вал",
    "Гайка М8",
    "Корпус левый",
    "Втулка",
    "ось",
    "ШХ15",
    "Крышка-2",
]
CHINESE = ["深沟球轴承", "内圈", "外圈", "保持架", "螺栓M8", "密封圈", "装配体1", "法兰", "零件2", "左支架"]
WESTERN = [
    "Wälzkörper",
    "Außenring",
    "Käfig Ø30",
    "Boîtier n°2",
    "Résistance",
    "Piñón",
    "Ångström-låda",
    "Größe ½",
]
LANGUAGES = {"cp1251": RUSSIAN, "gbk": CHINESE, "latin-1": WESTERN, "utf-8": [*RUSSIAN, *CHINESE, *WESTERN]}


OTHERS = {
    "cp1250": [
        "Ložisko",
        "Šroub M8",
        "Těleso",
        "Příruba",
        "Łożysko",
        "Śruba",
        "Koło zębate",
        "Csapágyház",
        "Tömítőgyűrű",
    ],
    "shift-jis": ["軸受", "外輪", "ボルトM8", "ナット", "部品1", "左ブラケット", "ﾎﾞﾙﾄ", "板", "座金"],
    "euc-kr": ["베어링", "외륜", "볼트M8", "너트", "부품1", "왼쪽 브라켓", "기어", "축", "판"],
    "big5": ["深溝球軸承", "內圈", "螺栓M8", "組合件1", "軸", "馬達", "齒輪", "墊圈", "彈簧"],
    "cp1253": ["Ρουλεμάν", "Δακτύλιος", "Βίδα Μ8", "Παξιμάδι", "Φλάντζα", "Άξονας", "Σώμα"],
    "cp1254": ["Dış bilezik", "Flanş", "Dişli", "Gövde", "Yağ keçesi", "Çubuk", "İç bilezik", "Sıkıştırma"],
}


def raw(names: list[str], page: str) -> list[bytes]:
    return [f"'{name}'".encode(CODECS[page]) for name in names]


@pytest.mark.parametrize("page", LANGUAGES)
def test_language_of_a_parts_list_tells_its_code_page(page: str) -> None:
    found = choose(raw(LANGUAGES[page], page))
    assert (found.used, found.sure) == (page, True)


@given(data=st.data(), page=st.sampled_from(["cp1251", "gbk", "latin-1"]))
def test_any_four_names_are_enough(data: st.DataObject, page: str) -> None:
    names = data.draw(st.lists(st.sampled_from(LANGUAGES[page]), min_size=4, max_size=8, unique=True))
    assert choose(raw(names, page)).used == page


@pytest.mark.parametrize("page", [*OTHERS, *LANGUAGES])
def test_no_name_alone_and_no_two_are_certain_but_wrong(page: str) -> None:
    names = {**LANGUAGES, **OTHERS}[page]
    for some in [*([name] for name in names), *map(list, combinations(names, 2))]:
        texts = raw(some, page)
        found = choose(texts)
        is_right = [decoded(text, found.used) for text in texts] == [f"'{name}'" for name in some]
        assert is_right or not found.sure, (some, found)


@settings(deadline=None)
@given(data=st.data(), page=st.sampled_from(sorted(OTHERS)))
def test_no_parts_list_is_certain_but_wrong(data: st.DataObject, page: str) -> None:
    names = data.draw(st.lists(st.sampled_from(OTHERS[page]), min_size=3, unique=True))
    texts = raw(names, page)
    found = choose(texts)
    assert found.used == page or not found.sure


@pytest.mark.parametrize(
    "names",
    [
        ["Gehäuse"],
        ["Gehäuse", "Träger"],
        ["Pièce", "Écrou", "Tôle pliée", "Boîtier n°2", "Entretoise à vis"],
        ["Piñón", "Tapón", "Eje", "Junta tórica"],
        ["Ångström-låda", "Kåpa", "Fäste höger"],
    ],
)
def test_names_of_the_west_are_certain(names: list[str]) -> None:
    assert choose(raw(names, "latin-1")).sure


def test_single_sign_that_is_a_letter_elsewhere_is_only_guessed() -> None:
    found = choose(raw(["Ø15"], "latin-1"))
    assert (found.used, found.how, found.sure) == ("latin-1", "detected", False)


def test_guess_is_sure_when_every_page_reads_the_same() -> None:
    assert choose(raw(["45° ±5 µm"], "cp1251")).sure


def test_operator_knows_better() -> None:
    found = choose(raw(["Ø15"], "latin-1"), "cp1251")
    assert (found.used, found.how, found.sure) == ("cp1251", "declared by the operator", True)


def test_escapes_of_iso_10303_21_are_read() -> None:
    text = rb"\S\d \X\E4 \X2\041A043E\X0\ \PE\\S\Z \X4\0001F6DE\X0\ it''s a\\b"
    assert text_of(text, "utf-8") == "ä ä Ко к 🛞 it's a\\b"


@given(st.binary(max_size=200), st.sampled_from(sorted(CODECS)))
def test_any_content_becomes_utf8_inside_its_strings_and_stays_the_same_outside(
    content: bytes, page: str
) -> None:
    result = b"".join(in_utf8(content, page))
    for found in COMMENT_OR_STRING.finditer(result):
        assert found[0].startswith(b"/*") or found[0].decode()
    assert COMMENT_OR_STRING.sub(b"", result) == COMMENT_OR_STRING.sub(b"", content)


@given(st.lists(st.binary(min_size=1, max_size=30), min_size=1))
def test_any_bytes_have_a_code_page(texts: list[bytes]) -> None:
    found = choose(texts)
    assert found.used in CODECS
    for text in texts:
        assert "\n" not in text_of(text, found.used)


@given(st.text(st.characters(codec="gb18030", exclude_characters="'\\", exclude_categories=["C", "Z"])))
def test_text_in_gbk_comes_back(text: str) -> None:
    assume(text.encode("gb18030").count(b"'") == 0)
    assert b"".join(in_utf8(f"('{text}')".encode("gb18030"), "gbk")).decode() == f"('{text}')"


def renamed(folder: Path, names: list[str], page: str) -> Path:
    """Write the sample with other names for its products, in the bytes of a code page."""
    content = (SAMPLES / "tapered_roller_bearing.step").read_bytes()
    products = list(dict.fromkeys(re.findall(rb"PRODUCT\('([^']*)'", content)))
    for old, new in zip(products, names, strict=False):
        content = content.replace(b"'" + old + b"'", b"'" + new.encode(CODECS[page]) + b"'")
    content = content.replace(b"FILE_NAME('", b"FILE_NAME('" + names[0].encode(CODECS[page]))
    path = folder / "renamed.step"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("cp1251", ["Подшипник", "Внутреннее кольцо", "Наружное кольцо №1"]),
        # The second and third hold characters that GB 2312, which the reader knows, has not.
        ("gbk", ["圆锥滚子轴承", "内圈镕", "外圈堃"]),
        ("latin-1", ["Kegelrollenlager", "Innenring “groß”", "Außenring Ø72 €"]),
    ],
)
def test_names_in_bytes_of_another_system_survive(
    page: str, names: list[str], convert: Convert, tmp_path: Path
) -> None:
    result = convert(renamed(tmp_path, names, page))
    products = {node["extras"]["product"] for node in Glb.read(result.glb).nodes}
    assert products >= set(names)
    assert result.report["code_page"] == {"used": page, "how": "detected", "sure": True}


def test_guessed_code_page_is_a_warning_and_the_operator_can_overrule_it(
    convert: Convert, tmp_path: Path
) -> None:
    path = renamed(tmp_path, ["Ш15"], "cp1251")
    guessed = convert(path).report
    assert guessed["code_page"]["sure"] is False
    assert "Reading options" in json.dumps(guessed["warnings"])
    told = convert(path, reading=Reading(code_page="cp1251")).report
    assert "Ш15" in told["names"]
    assert [warning["code"] for warning in told["warnings"] if "code_page" in warning["code"]] == []
