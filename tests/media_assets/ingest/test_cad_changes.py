from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from media_assets.ingest.changes import changes, parts
from media_assets.models import CadFile

NAMES = st.sampled_from(["Ring", "Roller", "Cage", "Screw"])
LEAVES = st.fixed_dictionaries({"name": NAMES}, optional={"count": st.integers(1, 5)})
TREES = st.recursive(
    LEAVES,
    lambda inner: st.fixed_dictionaries(
        {"name": st.just("Assembly"), "children": st.lists(inner, min_size=1, max_size=3)}
    ),
    max_leaves=8,
)


def cad(tree: dict[str, Any], size: list[float] | None = None, *colors: str) -> CadFile:
    report = {"colors": list(colors), "parts": 1}
    return CadFile(original_name="a.step", tree=tree, size_mm=size, report=report)


def bearing(*children: dict[str, Any]) -> dict[str, Any]:
    return {"name": "Bearing", "children": list(children)}


def test_a_new_revision_is_told_in_a_few_words() -> None:
    old = cad(
        bearing({"name": "Ring"}, {"name": "Roller", "count": 12}, {"name": "Cap"}), [72, 72, 20], "#FF0000"
    )
    new = cad(
        bearing({"name": "Ring"}, {"name": "Roller", "count": 14}, {"name": "Seal"}, {"name": "Clip"}),
        [74, 74, 20],
        "#FF0000",
        "#00FF00",
    )
    assert changes(old, new) == [
        "2 parts added: Clip, Seal",
        "1 part removed: Cap",
        "number of instances changed: Roller 12 → 14",
        "size 72 × 72 × 20 → 74 × 74 × 20 mm",
        "new color: #00FF00",
    ]


def test_files_that_tell_no_difference_say_so() -> None:
    assert changes(cad(bearing({"name": "Ring"})), cad(bearing({"name": "Ring"}))) == [
        "Parts, size and colors are the same; shapes may differ."
    ]


def test_what_changed_is_not_known_before_the_new_file_is_converted() -> None:
    fresh = CadFile(original_name="b.step")
    assert changes(cad(bearing({"name": "Ring"})), fresh) == [
        "The changes will be shown when b.step has been converted."
    ]


def test_many_names_are_cut_short() -> None:
    new = cad(bearing(*({"name": f"Part {number}"} for number in range(30))))
    assert changes(cad(bearing({"name": "Part 0"})), new) == [
        "29 parts added: Part 1, Part 10, Part 11, Part 12, Part 13, Part 14 and 23 more"
    ]


@given(TREES)
def test_every_placed_part_is_counted_once(tree: dict[str, Any]) -> None:
    def count(node: dict[str, Any]) -> int:
        children = node.get("children")
        return sum(map(count, children)) if children else int(node.get("count", 1))

    assert sum(parts(tree).values()) == count(tree)
    assert changes(cad(tree), cad(tree)) == ["Parts, size and colors are the same; shapes may differ."]
