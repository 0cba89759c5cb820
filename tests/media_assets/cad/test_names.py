from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.cad.names import clean, instance_name, product_name
from media_assets.cad.product_tree import unique_key


@pytest.mark.parametrize(
    "placeholder",
    ["", "=>[0:1:1:2]", "SOLID", "COMPOUND", "None", "  ", "Open CASCADE STEP translator 8.0 5.1"],
)
def test_made_up_product_name_gives_way_to_the_next(placeholder: str) -> None:
    assert product_name(placeholder, "NAUO1 Käfig", "Lager") == "NAUO1 Käfig"
    assert product_name(placeholder) == "Part"


@pytest.mark.parametrize(
    "name", ["Shell", "Part", "PART", "Solid", "solid", "Face", "Edge", "Assembly", "none"]
)
def test_word_that_somebody_may_have_meant_is_kept(name: str) -> None:
    assert product_name(name, "NAUO1", "housing") == name
    assert instance_name(name, "housing") == name


def test_number_is_a_fine_product_name_but_says_nothing_about_an_instance() -> None:
    assert product_name("608") == "608"
    assert instance_name("7", "608") == "608"
    assert instance_name("NAUO12", "608") == "608"
    assert instance_name("608-2 links", "608") == "608-2 links"


def test_siblings_of_one_name_get_keys_of_their_own() -> None:
    taken: set[str] = set()
    assert [unique_key("/Set", "Bolt", taken) for _ in range(3)] == [
        "/Set/Bolt",
        "/Set/Bolt#2",
        "/Set/Bolt#3",
    ]
    assert unique_key("/Set", "Bolt#2", taken) == "/Set/Bolt#2#2"


def test_slash_in_a_name_does_not_make_a_level() -> None:
    assert unique_key("/", "1/2 inch", set()).count("/") == 1


@given(st.text())
def test_cleaned_name_is_one_printable_line(name: str) -> None:
    cleaned = clean(name)
    assert cleaned == cleaned.strip()
    assert not any(ord(letter) < 32 for letter in cleaned)
    assert clean(cleaned) == cleaned


@given(st.lists(st.sampled_from(["a", "a#2", "b", "a/b"]), max_size=12))
def test_keys_of_siblings_never_collide(names: list[str]) -> None:
    taken: set[str] = set()
    keys = [unique_key("/", name, taken) for name in names]
    assert len(set(keys)) == len(keys)
