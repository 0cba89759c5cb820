"""Parts lists: rows by distinct part, numbers and texts that survive revisions, masses."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from media_assets.models import CadFile, Product, ProductPart, ProductRevision
from media_assets.signals import product_revised
from rendering.catalog.parts import listing
from rendering.catalog.parts.documents import document
from rendering.catalog.parts.editing import PartEdit, edit
from rendering.catalog.parts.listing import parts_list
from rendering.reports.parts import parts_table
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]

GRAY, BLACK = "#C0BEBB", "#202020"


def part(
    name: str, kind: int | None, *places: str, colors: tuple[str | None, ...] = (GRAY,)
) -> dict[str, Any]:
    keys = [f"/{place}" for place in places or (name,)]
    numbered = {} if kind is None else {"kind": kind}
    return {
        "name": name,
        "product": name,
        "part_key": keys[0],
        "keys": keys,
        "colors": list(colors),
        **numbered,
    }


def measured(shape: str, volume: float | None = 1000.0) -> dict[str, Any]:
    source = "shape" if volume else ""
    return {"shape": shape, "size_mm": [10.0, 10.0, 10.0], "volume_mm3": volume, "volume_from": source}


def cad_file(*nodes: dict[str, Any], kinds: tuple[Any, ...] = ()) -> CadFile:
    tree = {"name": "Bearing", "part_key": "/", "children": list(nodes)}
    return factories.cad_file(tree=tree, report={"kinds": list(kinds)})


@pytest.fixture
def bearing() -> Product:
    first = cad_file(
        part("Ring", 0),
        part("Roller", 1, "Roller", "Roller#2", "Roller#3"),
        part("Seal", 2, colors=(BLACK,)),
        kinds=(measured("ring"), measured("roller", 500.0), measured("seal", None)),
    )
    product = factories.product(cad_file=first)
    product_revised.send(Product, product=product, cad_file=first, is_new_file=True, user=None)
    return product


def revise(product: Product, new: CadFile) -> None:
    """Let a product have another CAD file, as the ingest does."""
    for number, file in enumerate((product.cad_file, new), start=1):
        ProductRevision.objects.get_or_create(product=product, cad_file=file, defaults={"number": number})
    product.cad_file = new
    product.save()
    product_revised.send(Product, product=product, cad_file=new, is_new_file=True, user=None)


def test_a_row_has_what_is_known_of_a_distinct_part(bearing: Product) -> None:
    """Masses are volumes by the density of the finish: ground and polished steel; the open seal has none."""
    said = document(parts_list(bearing))
    assert [(one["number"], one["name"], one["count"]) for one in said["parts"]] == [
        (1, "Ring", 1),
        (2, "Roller", 3),
        (3, "Seal", 1),
    ]
    ring, roller, seal = said["parts"]
    assert (ring["key"], ring["finish"], ring["mass_g"]) == ("ring", ["Ground steel"], 7.85)
    assert (roller["mass_g"], roller["total_mass_g"]) == (3.925, 11.775)
    assert (seal["mass_g"], seal["volume_from"], said["mass_g"]) == (None, None, None)
    assert roller["part_keys"] == ["/Roller", "/Roller#2", "/Roller#3"]
    table = parts_table(bearing, parts_list(bearing)).to_csv()
    assert table.splitlines()[2].startswith("2,3,Roller,")
    assert not ProductPart.objects.exists(), "reading a list writes nothing"


def test_numbers_and_texts_survive_a_revision_that_renames_moves_and_changes_parts(bearing: Product) -> None:
    edit(bearing, {"ring": PartEdit(number=10, text="Outer ring"), "roller": PartEdit(article="R-77")})
    revise(
        bearing,
        cad_file(
            part("Cage", 0),
            part("Roller 7x14", 1, "Set/Roller 7x14"),
            part("Ring", 2),
            kinds=(measured("cage"), measured("roller"), measured("ring, wider")),
        ),
    )
    rows = {row.part.key: row for row in parts_list(bearing).rows}
    assert (rows["ring"].part.number, rows["ring"].title) == (10, "Outer ring"), "by its name"
    assert (rows["roller"].part.article, rows["roller"].title) == ("R-77", "Roller 7x14"), "by its shape"
    assert rows["cage"].part.number == 11, "a new part takes no number that was in use"
    assert [one.key for one in parts_list(bearing).gone] == ["seal"]


def test_the_numbers_that_people_saw_stay_though_nobody_edited_them(bearing: Product) -> None:
    revise(bearing, cad_file(part("Cage", 0), part("Seal", 1), kinds=(measured("cage"), measured("seal"))))
    assert {row.part.key: row.part.number for row in parts_list(bearing).rows} == {"seal": 3, "cage": 4}


def test_the_same_part_in_another_color_is_a_row_of_its_own_and_every_part_has_a_key() -> None:
    file = cad_file(
        part("SOLID", 0, "a"),
        part("SOLID", 0, "b", colors=(BLACK,)),
        part("!", 1, "c"),
        kinds=(measured("x"), measured("y")),
    )
    rows = parts_list(factories.product(cad_file=file)).rows
    assert [(row.part.key, row.kind.shape) for row in rows] == [
        ("solid", "x"),
        ("solid-2", "x"),
        ("part", "y"),
    ]


def test_a_file_of_an_older_reader_has_a_list_without_sizes() -> None:
    listed = parts_list(
        factories.product(cad_file=cad_file(part("Ring", None), part("Ring", None, "Ring#2")))
    )
    assert [(row.kind.count, row.mass_g) for row in listed.rows] == [(2, None)]
    assert not listed.is_measured


def test_a_wrong_edit_changes_nothing_and_says_what_is_wrong(bearing: Product) -> None:
    wrong = {"ring": PartEdit(number=2), "roller": PartEdit(article="x" * 300), "nut": PartEdit(number=9)}
    with pytest.raises(ValidationError) as refused:
        edit(bearing, {"seal": PartEdit(number=8), **wrong})
    assert set(refused.value.message_dict) == {"ring", "roller", "nut"}
    assert "“Roller”" in refused.value.message_dict["ring"][0]
    assert [row.part.number for row in parts_list(bearing).rows] == [1, 2, 3]


def test_two_parts_can_swap_their_numbers(bearing: Product) -> None:
    changes = edit(bearing, {"ring": PartEdit(number=2), "roller": PartEdit(number=1)})
    assert len(changes) == 2
    assert [row.part.key for row in parts_list(bearing).rows] == ["roller", "ring", "seal"]


def test_a_product_of_very_many_distinct_parts_is_listed_up_to_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listing, "MOST_ROWS", 5)
    file = cad_file(*(part(f"P{n}", n) for n in range(9)), kinds=tuple(measured(str(n)) for n in range(9)))
    listed = parts_list(factories.product(cad_file=file))
    assert (len(listed.rows), listed.distinct, listed.mass_g) == (5, 9, None)
