"""Which planes an output type means."""

from __future__ import annotations

import pytest

from media_assets.models.turns import turned
from rendering.catalog.counting import counts
from rendering.catalog.sections import section_of
from rendering.models import OutputType
from rendering.pictures.kinds import SECTION


def normals(orientation: str = "", **fields: object) -> tuple[tuple[float, ...], ...]:
    section = section_of(OutputType(**{"section": "half", **fields}), turned((), orientation))
    assert section
    return section.normals


def test_without_a_section_there_is_none_whatever_its_other_fields_say() -> None:
    assert section_of(OutputType(section_from="top", section_hatched=True)) is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ((0, -1, 0),)),
        ({"section_other_side": True}, ((0, 1, 0),)),
        ({"section_angle": 90}, ((1, 0, 0),)),
        ({"section_from": "right"}, ((1, 0, 0),)),
        ({"section_from": "top"}, ((0, 0, 1),)),
        ({"section": "quarter"}, ((0, -1, 0), (1, 0, 0))),
        ({"section": "quarter", "section_from": "top"}, ((0, 0, 1), (1, 0, 0))),
        ({"section": "quarter", "section_other_side": True}, ((0, 1, 0), (1, 0, 0))),
    ],
)
def test_planes_are_named_as_the_product_is_seen(
    fields: dict[str, object], expected: tuple[tuple[float, ...], ...]
) -> None:
    assert normals(**fields) == expected


OTHERS: dict[str, object] = {
    "section": "quarter",
    "section_from": "top",
    "section_angle": 9.0,
    "section_offset": 9.0,
    "section_part": "Ring",
    "section_other_side": True,
    "section_uncut": False,
    "section_hatched": True,
}


@pytest.mark.parametrize("field", SECTION)
def test_each_field_makes_another_section_and_counts_only_with_one(field: str) -> None:
    assert section_of(OutputType(**{"section": "half", field: OTHERS[field]})) != section_of(
        OutputType(section="half")
    )
    assert field == "section" or not counts(OutputType(), field)


def test_a_product_that_is_turned_for_its_pictures_is_cut_as_it_stands_there() -> None:
    """With Y up, what is in front is +Z of the file."""
    assert normals("x-zy") == ((0, 0, 1),)
    assert normals("x-zy", section_from="top") == ((0, 1, 0),)
