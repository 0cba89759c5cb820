"""How a product stands is part of its view: of its own pictures alone, and without reading its CAD file again."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from media_assets.ingest import receive
from media_assets.models import CadFile, Product, SourceSystem
from media_assets.models.turns import OF_AXIS, TURNS, turned
from rendering.catalog import plan
from rendering.catalog.reasons import changes
from tests import factories

pytestmark = pytest.mark.django_db

Y_UP = [1.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 1.0, 0.0]
FLAT = [0.0, 0.0, 1.0, 0.0, 1.0, 0.0, -1.0, 0.0, 0.0]


def cad(**fields: object) -> CadFile:
    return factories.cad_file(state="ready", orientations={"flat": FLAT}, **fields)


def stands(product: Product) -> list[float] | None:
    assert product.cad_file is not None
    found: list[float] | None = plan.recipes_for(
        product.cad_file, factories.output_type(), product.pk
    ).view.get("orientation")
    return found


def test_a_product_of_whose_orientation_nothing_is_known_has_the_recipe_that_it_always_had() -> None:
    product = factories.product(cad_file=cad())
    kind = factories.output_type()
    assert product.cad_file is not None
    without = plan.recipes_for(product.cad_file, kind)
    assert plan.recipes_for(product.cad_file, kind, product.pk).file_key == without.file_key
    assert "orientation" not in without.view


def test_a_choice_makes_the_pictures_of_that_product_others_and_no_geometry() -> None:
    shared = cad()
    one, other = (factories.product(cad_file=shared) for _ in range(2))
    kind = factories.output_type()
    before = plan.recipes_for(shared, kind, one.pk)
    Product.objects.filter(pk=one.pk).update(orientation="flat")
    after = plan.recipes_for(shared, kind, one.pk)
    assert after.view["orientation"] == FLAT
    assert after.geometry_key == before.geometry_key
    assert plan.recipes_for(shared, kind, other.pk).file_key == before.file_key
    assert changes(before.file, after.file) == ["orientation"]


def test_the_turn_by_hand_comes_on_top_and_two_that_undo_each_other_are_none() -> None:
    product = factories.product(cad_file=cad(), orientation="flat", turn="x-zy")
    assert stands(product) == [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    Product.objects.filter(pk=product.pk).update(orientation="y", turn="xz-y")
    assert stands(product) is None


def test_what_the_file_does_not_have_leaves_it_as_it_stands() -> None:
    assert stands(factories.product(cad_file=cad(), orientation="upright")) is None


@pytest.mark.parametrize(
    ("system", "found"),
    [
        ("SolidWorks 2015", Y_UP),
        ("CREO PARAMETRIC BY PTC INC, 2022014", Y_UP),
        ("CATIA V5", None),
        ("", None),
    ],
)
def test_the_cad_system_says_which_axis_is_up(system: str, found: list[float] | None) -> None:
    assert stands(factories.product(cad_file=cad(source_system=system))) == found


def test_the_longest_name_that_fits_counts_and_a_choice_counts_more() -> None:
    SourceSystem.objects.create(name="SolidWorks 2015", up="z")
    product = factories.product(cad_file=cad(source_system="SolidWorks 2015"))
    assert stands(product) is None
    SourceSystem.objects.filter(name="SolidWorks 2015").update(up="-z")
    assert stands(product) == list(turned((), OF_AXIS["-z"]))
    Product.objects.filter(pk=product.pk).update(orientation="file")
    assert stands(product) is None


def test_what_a_reading_option_or_the_format_has_put_upright_is_not_turned_again() -> None:
    assert stands(factories.product(cad_file=cad(up="y"), orientation="y")) is None
    assert stands(factories.product(cad_file=cad(up="y", source_system="SolidWorks"))) is None
    assert stands(factories.product(cad_file=cad(format="glb"), orientation="y")) is None


def test_a_choice_survives_a_revision() -> None:
    product = factories.product(cad_file=cad(), orientation="flat", turn="yx-z")
    receive.assign(product, factories.cad_file(state="ready", orientations={"flat": Y_UP}))
    product.refresh_from_db()
    assert (product.orientation, product.turn) == ("flat", "yx-z")
    assert stands(product) == list(turned(Y_UP, "yx-z"))


def test_there_are_23_turns_and_no_mirror() -> None:
    assert len(TURNS) == 23
    with pytest.raises(IntegrityError):
        factories.product(turn="x-y-z".replace("-", "", 1))
