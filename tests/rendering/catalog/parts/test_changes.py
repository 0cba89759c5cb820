"""What a revision did to the parts, and which part is which."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from blender_scripts.finish_rules import PlacedPart
from rendering.catalog.parts.changes import compare
from rendering.catalog.parts.kinds import Kind


def kind(name: str, shape: str, *keys: str, color: str = "#c0c0c0") -> Kind:
    places = keys or (f"/{name}",)
    return Kind(name, shape, (PlacedPart(places[0], name, name, "", color),), places)


def test_added_removed_and_changed_parts_are_named() -> None:
    before = [kind("Ring", "r"), kind("Ball", "b", "/1", "/2"), kind("Seal", "s"), kind("Nut", "n")]
    after = [
        kind("Ring", "r2"),
        kind("Ball", "b", "/1", "/2", "/3", color="#202020"),
        kind("Mutter", "n"),
        kind("Cage", "c"),
    ]
    found = compare(before, after)
    assert found.words == {
        0: ["other shape"],
        1: ["count 2 → 3", "other colors"],
        2: ["was called Nut"],
        3: ["new"],
    }
    assert [one.name for one in found.removed] == ["Seal"]


kinds = st.lists(
    st.builds(
        kind,
        st.sampled_from("ABCD"),
        st.sampled_from(["", "1", "2", "3"]),
        st.sampled_from(["/x", "/y", "/z"]),
    ),
    max_size=7,
)


@given(kinds, kinds)
def test_each_part_is_matched_once_and_the_same_list_changes_nothing(
    before: list[Kind], after: list[Kind]
) -> None:
    assert compare(before, before).words == {}
    found = compare(before, after)
    new = sum(words == ["new"] for words in found.words.values())
    assert len(after) - new == len(before) - len(found.removed)
