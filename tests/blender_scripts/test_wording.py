"""Words that find names: what people write, what they expect, and that nothing they write takes long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_scripts import wording


def finds(text: str, *names: str) -> bool:
    assert not wording.words_problem(text)
    return wording.words_in(text).search(wording.told(*names)) is not None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ring", "Ring"),
        ("ring", "ring_12"),
        ("ring", "InnerRing"),
        ("*ring", "Außenring"),
        ("roller*", "Rollers"),
        ("o ring", "O-Ring 5"),
        ("o ring", "ORing"),
        ("o-ring", "o_ring"),
        ("din #", "DIN6912"),
        ("din #", "DIN 6912"),
        ("1.4###", "X5CrNi 1.4301"),
        ("b?lt", "bolt"),
        ("bolt, schraube", "Schraube"),
        ("bolt\nschraube", "Schraube"),
        ("käfig", "KÄFIG"),
        ("aussenring", "Außenring"),
        ("a*c*d", "abcxd"),
        ("a*c*d", "a c d d"),
    ],
)
def test_a_term_finds_what_people_mean(text: str, name: str) -> None:
    assert finds(text, name)


@pytest.mark.parametrize(
    ("text", "name"),
    [("ring", "Spring"), ("pin", "pinion"), ("din #", "DIN"), ("roller*", "Kegelroller"), ("6061", "16061")],
)
def test_a_term_is_whole_words(text: str, name: str) -> None:
    assert not finds(text, name)


def test_a_term_never_reaches_from_one_name_into_the_next() -> None:
    assert finds("o ring", "O", "O Ring")
    assert not finds("o ring", "O", "Ring")
    assert not finds("a*b", "a", "b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r"\bring", "regular expression"),
        ("ring|ball", "regular expression"),
        ("*", "no letter"),
        ("--", "no letter"),
        ("a*b*c*d*e", "stars"),
        ("x," * 81, "80 terms"),
        ("x" * 1001, "1000 characters"),
    ],
)
def test_what_can_not_be_understood_is_explained(text: str, said: str) -> None:
    assert said in wording.words_problem(text)


@given(st.text(), st.text())
def test_any_text_is_refused_or_can_be_looked_for(text: str, name: str) -> None:
    if not wording.words_problem(text):
        wording.words_in(text).search(wording.told(name))


@pytest.mark.parametrize("term", ["*a*a*a*a*b", "a -a -a -b", "a??a??a??b", "a*-*-*b", "#*#*#*#x"])
@pytest.mark.parametrize("name", ["a" * 5000, "a-" * 2500, "-" * 5000, "1" * 5000])
def test_no_words_take_long_whatever_the_name(term: str, name: str) -> None:
    text = ",".join(f"{term}{number}" for number in range(60))
    began = time.process_time()
    wording.words_in(text).search(wording.told(name))
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("/A/B", True),
        ("/a/b", True),
        ("/A/*", True),
        ("*B", True),
        ("/?/B", True),
        ("/A", False),
        ("/A/B#2", False),
        ("/A/*/B", False),
    ],
)
def test_the_pattern_of_a_part_key_is_of_the_whole_key(pattern: str, fits: bool) -> None:
    assert not wording.path_problem(pattern)
    assert wording.path_fits(pattern, "/A/B") is fits


def test_a_part_key_without_its_beginning_is_explained() -> None:
    assert "begins with /" in wording.path_problem("Cage")
