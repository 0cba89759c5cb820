"""What the operator says about a file: it is part of the recipe only when it matters, and converts the file anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from media_assets.cad import settings as cad_settings
from media_assets.cad.contract import ConversionResult, Reading
from media_assets.cad.problem import Failure
from media_assets.ingest import conversions
from media_assets.models import CadFile
from media_assets.recipes.receipt import Receipt
from rendering.models import Job, Order
from tests import factories

pytestmark = pytest.mark.django_db


def test_what_nobody_said_leaves_the_recipe_as_it_ever_was() -> None:
    cad = factories.cad_file()
    assert conversions.geometry_recipe(cad, "standard") == {
        "cad": cad.sha256,
        "tessellation": cad_settings.PRESETS["standard"].to_json(),
        "tools": cad_settings.tool_versions(),
    }


@pytest.mark.parametrize(
    ("format", "said"),
    [
        ("step", {"code_page": "cp1251"}),
        ("iges", {"code_page": "cp1251"}),
        ("brep", {}),
        ("glb", {}),
        ("stl", {"code_page": "cp1251", "unit": "inch"}),
        ("obj", {"code_page": "cp1251", "unit": "inch"}),
    ],
)
def test_only_words_that_matter_for_a_format_are_part_of_its_recipe(
    format: str, said: dict[str, str]
) -> None:
    cad = factories.cad_file(format=format, code_page="cp1251", stated_unit="inch")
    recipe = conversions.geometry_recipe(cad, "draft")
    assert recipe.get("reading", {}) == said
    assert conversions.reading_of(recipe) == Reading(**said)


def test_stating_a_code_page_converts_the_file_and_its_first_picture_anew() -> None:
    product = factories.product()
    cad = product.cad_file
    assert cad is not None
    cad.state = CadFile.State.READY
    cad.save()
    assert conversions.set_reading(cad, Reading(code_page="gbk"))
    cad.refresh_from_db()
    assert (cad.code_page, cad.state) == ("gbk", CadFile.State.UPLOADED)
    assert Job.objects.get().spec["recipe"]["reading"] == {"code_page": "gbk"}
    assert Order.objects.get().lines.get().product == product


def test_a_file_of_no_product_is_converted_too() -> None:
    cad = factories.cad_file(format="stl", state="failed", error_code="unit_unknown", error="Say it.")
    assert conversions.set_reading(cad, Reading(unit="cm"))
    assert Job.objects.get().cad_file == cad
    cad.refresh_from_db()
    assert (cad.state, cad.error_code, cad.error) == ("uploaded", "", "")


def test_saying_the_same_again_or_what_does_not_matter_starts_nothing() -> None:
    cad = factories.cad_file(code_page="gbk", state="ready")
    assert not conversions.set_reading(cad, Reading(code_page="gbk"))
    assert not conversions.set_reading(cad, Reading(code_page="gbk", unit="inch"))
    assert not Job.objects.exists()
    cad.refresh_from_db()
    assert (cad.state, cad.stated_unit) == ("ready", "inch")


@pytest.mark.parametrize("reading", [Reading(code_page="ebcdic"), Reading(unit="league")])
def test_unknown_words_are_refused_in_the_form_and_by_the_database(reading: Reading) -> None:
    cad = factories.cad_file()
    with pytest.raises(ValidationError):
        conversions.set_reading(cad, reading)
    with pytest.raises(IntegrityError), transaction.atomic():
        CadFile.objects.filter(pk=cad.pk).update(code_page=reading.code_page, stated_unit=reading.unit)


def test_a_conversion_that_others_overtook_does_not_describe_the_file(tmp_path: Path) -> None:
    glb = tmp_path / "geometry.glb"
    glb.write_bytes(b"glTF")
    cad = factories.cad_file(format="stl", stated_unit="mm", size_mm=[1.0, 1.0, 1.0])
    old = conversions.geometry_recipe(cad, "standard")
    conversions.set_reading(CadFile.objects.get(), Reading(unit="m"))
    conversions.accept(
        cad, old, ConversionResult(glb, None, {"size_mm": [2.0, 2.0, 2.0]}), Receipt(tools={}), None
    )
    cad.refresh_from_db()
    assert (cad.size_mm, cad.stated_unit, cad.state) == ([1.0, 1.0, 1.0], "m", "uploaded")


def test_a_failure_of_another_reading_is_not_hidden_by_geometry_of_the_one_before(tmp_path: Path) -> None:
    cad = factories.cad_file(format="stl", stated_unit="mm")
    factories.geometry(cad, tmp_path)
    conversions.mark_not_converted(cad, Failure("hung"), "It got stuck. Try another quality.")
    assert cad.state == "ready", "another quality exists"
    conversions.set_reading(cad, Reading(unit="m"))
    conversions.mark_not_converted(cad, Failure("hung"), "It got stuck. Try another quality.")
    assert (cad.state, cad.error_code) == ("failed", "hung")
