"""Output types that show some parts: which, how they go into recipes and to Blender, and what the form refuses."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from blender_scripts.contract import Arrangement
from media_assets.recipes import changed_fields
from rendering.catalog import plan
from rendering.catalog.reasons import changes
from rendering.catalog.recipes import Recipes
from rendering.models import OutputType
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def tree(*keys: str) -> dict[str, Any]:
    parts = [
        {
            "name": key.rpartition("/")[2],
            "product": key.rpartition("/")[2],
            "part_key": key,
            "colors": ["#c0c0c0"],
        }
        for key in keys
    ]
    return {"name": "Lager", "part_key": "/", "children": parts}


LAGER = tree("/Ring", "/Rolle 01", "/Rolle 02", "/Satz/Deckel")


def rollers(**fields: Any) -> OutputType:
    number = OutputType.objects.count()
    words = {"part_words": "rolle*", "parts": "some"} | fields
    return factories.output_type(f"parts{number}", width=64, height=64, **words)


def wanted(output_type: OutputType, of: dict[str, Any]) -> Recipes:
    return plan.recipes_for(factories.cad_file(tree=of), output_type)


def test_parts_are_found_by_name_and_by_place() -> None:
    by_name = wanted(rollers(), LAGER)
    assert by_name.arrangement == Arrangement(parts=("/Rolle 01", "/Rolle 02"))
    assert by_name.for_blender["subject"]["parts"] == ["/Rolle 01", "/Rolle 02"]
    by_place = wanted(rollers(part_words="", part_key="/Satz/*", rest="ghost", rest_opacity=0.3), LAGER)
    assert by_place.arrangement == Arrangement(parts=("/Satz/Deckel",), rest="ghost", opacity=0.3)
    both = wanted(rollers(part_key="*02", part_color="#E0501E", rest="outline"), LAGER)
    assert both.arrangement == Arrangement(parts=("/Rolle 02",), rest="outline", color="#e0501e")


def test_a_recipe_changes_with_the_parts_that_are_found_and_with_nothing_else_of_the_choice() -> None:
    first = wanted(rollers(), LAGER)
    other_words = wanted(rollers(part_words="rolle 01, rolle 02", rest_opacity=0.9), LAGER)
    assert changed_fields(first.view, other_words.view) == ["geometry"], "the CAD files differ"
    revised = wanted(rollers(), tree("/Ring", "/Rolle 01"))
    assert "subject.parts" in changed_fields(first.view, revised.view)
    ghost = wanted(rollers(rest="ghost"), LAGER)
    assert "shown parts" in changes(first.file, ghost.file)
    whole = wanted(rollers(parts="", part_words=""), LAGER)
    assert "subject" not in whole.view and "subject" not in whole.for_blender


def test_a_file_without_such_parts_is_asked_for_them_by_name() -> None:
    assert wanted(rollers(part_words="schraube*"), LAGER).arrangement.parts == ("schraube*",)


def test_the_form_refuses_parts_that_nobody_names_and_patterns_that_do_not_work(admin_client: Client) -> None:
    known = OutputType.objects.get(slug="draft")
    address = reverse("admin:rendering_outputtype_change", args=[known.pk])
    form = admin_client.get(address).context["adminform"].form
    sent = {
        name: "" if value is None else value for name, value in form.initial.items() if value is not False
    }
    page = admin_client.post(address, {**sent, "parts": "some"})
    assert "Say which parts" in str(page.context["adminform"].form.errors["part_words"])
    page = admin_client.post(address, {**sent, "parts": "some", "part_key": "no slash"})
    assert "begins with /" in str(page.context["adminform"].form.errors["part_key"])
    with pytest.raises(ValidationError):
        OutputType(slug="x", name="x", parts="some").full_clean()
