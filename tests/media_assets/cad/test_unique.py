from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from media_assets.cad.product_tree import unique_key
from media_assets.cad.usd import UniqueNames

SIBLINGS = 50_000

NAMES = st.lists(st.sampled_from(["a", "a#2", "a#3", "a#5", "a_2", "a_3", "b", "b/c", ""]), max_size=60)


@given(NAMES)
def test_no_two_siblings_get_the_same_key_or_the_same_name(names: list[str]) -> None:
    taken: set[str] = set()
    keys = [unique_key("/Lager", name, taken) for name in names]
    unique = UniqueNames("a")
    shown = [unique.take(name) for name in names]
    assert len(set(keys)) == len(names) == len(set(shown))
    assert all(key.startswith("/Lager/") for key in keys)
    assert "a" not in shown


def test_fifty_thousand_siblings_of_one_name_are_numbered_in_order_within_seconds() -> None:
    taken: set[str] = set()
    unique = UniqueNames()
    began = time.process_time()
    keys = [unique_key("/", "Schraube", taken) for _ in range(SIBLINGS)]
    shown = [unique.take("Schraube") for _ in range(SIBLINGS)]
    assert time.process_time() - began < 5.0
    assert keys == ["/Schraube", *(f"/Schraube#{number}" for number in range(2, SIBLINGS + 1))]
    assert shown == ["Schraube", *(f"Schraube_{number}" for number in range(2, SIBLINGS + 1))]
