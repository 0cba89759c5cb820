"""Material rules in recipes: what they decide makes pictures stale, and nothing else does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from blender_scripts.finish_choice import Chooser
from blender_scripts.finish_library import FINISHES, NAMED, RULES
from blender_scripts.finish_rules import PlacedPart, Rule
from media_assets.models import CadFile, Product
from media_assets.recipes import changed_fields
from rendering.catalog import materials, plan, reasons
from rendering.catalog.asks import Ask
from rendering.catalog.recipes import Recipes
from rendering.models import Finish, Job, MaterialRule, OrderLine, Texture
from rendering.orders.deliverables import deliverables
from tests import factories
from tests.rendering.steps import REPORT, ends, order, runs, succeed, taken

pytestmark = [pytest.mark.django_db, pytest.mark.database]

GRAY = "#C0BEBB"
TREE: dict[str, Any] = {
    "name": "Bearing",
    "part_key": "/",
    "children": [
        {"name": "Ring", "product": "Ring", "part_key": "/Ring", "colors": [GRAY]},
        {
            "name": "Pin",
            "product": "Pin",
            "part_key": "/Pin",
            "colors": [GRAY, None],
            "count": 3,
            "keys": ["/Pin", "/Pin#2", "/Pin#3"],
        },
        {"name": "Seal", "product": "Seal", "part_key": "/Seal", "colors": ["#202020"]},
    ],
}


def product(tree: dict[str, Any] | None = None, **fields: Any) -> Product:
    return factories.product(cad_file=factories.cad_file(tree=TREE if tree is None else tree), **fields)


def rule(slug: str, position: int = 1, **conditions: Any) -> MaterialRule:
    finish = Finish.objects.get(slug=slug)
    return MaterialRule.objects.create(finish=finish, position=position, **conditions)


def wanted(of: Product, slug: str = "draft") -> Recipes:
    assert of.cad_file is not None
    return plan.recipes_for(CadFile.objects.get(pk=of.cad_file_id), factories.output_type(slug), of.pk)


def changed(of: Product, before: Recipes) -> list[str]:
    return changed_fields(before.file, wanted(of).file)


def test_a_fresh_installation_has_the_library() -> None:
    rows = materials.load().rows(None)
    assert [row.as_form() for row in rows] == list(RULES)
    assert {row.slug: row.as_form() for row in Finish.objects.all()} == FINISHES
    assert {row.slug: row.name for row in Finish.objects.all()} == {row.slug: name for name, row in NAMED}


def test_the_recipe_says_which_finishes_there_are_and_the_job_only_what_decides() -> None:
    found = wanted(product())
    assert set(found.view["finishes"]["surfaces"]) == {"ground_steel", "rubber"}
    assert {rule.finish.slug for rule in found.rules} == {"ground_steel", "rubber"}


def test_a_rule_that_decides_nothing_here_changes_no_recipe() -> None:
    bearing = product()
    before = wanted(bearing)
    rule("copper", words="coil")
    rule("copper", words="ring", colors="yellow")
    rule("ground_steel", words="pin, ring")  # other words, the same outcome
    MaterialRule.objects.filter(words__contains="pcb").update(words="board")
    Finish.objects.filter(slug="glass").update(roughness=0.5)
    assert changed(bearing, before) == []


def test_a_rule_that_decides_otherwise_changes_the_recipe_and_says_so() -> None:
    bearing, other = product(), product({"name": "Lid", "part_key": "/Lid", "colors": [GRAY]})
    before, unmoved = wanted(bearing), wanted(other)
    new = rule("copper", words="ring")
    assert changed(bearing, before) == ["view.finishes.parts", "view.finishes.surfaces.copper"]
    assert reasons.changes(before.file, wanted(bearing).file) == ["finishes of parts", "new finish Copper"]
    assert changed(other, unmoved) == []
    new.is_active = False
    new.save()
    assert changed(bearing, before) == []


def test_an_edited_finish_is_named() -> None:
    bearing = product()
    before = wanted(bearing)
    Finish.objects.filter(slug="rubber").update(roughness=0.8)
    assert changed(bearing, before) == ["view.finishes.surfaces.rubber"]
    assert reasons.changes(before.file, wanted(bearing).file) == ["finish Rubber, black edited"]


def test_finishes_without_a_texture_keep_the_keys_that_they_had() -> None:
    """As 0.1.0 wrote them (tests/upgrade/rows.sql): no picture of before has become stale."""
    earlier = {
        "ground_steel": "d5d6c336d52d6a64",
        "polished_steel": "154f24f0b01d416c",
        "machined_steel": "39bf84e7813ab5a0",
    }
    chooser = Chooser([Rule(FINISHES[slug], words=slug) for slug in earlier])
    parts = [PlacedPart(f"/{slug}", slug) for slug in earlier]
    assert materials.decide(parts, chooser).recipe["surfaces"] == earlier
    assert "textures" not in materials.decide(parts, chooser).recipe


def test_a_texture_is_in_the_recipe_and_another_picture_or_size_is_said() -> None:
    bearing = product()
    before = wanted(bearing)
    oak, ash = (
        Texture.objects.create(name=name, sha256=name[0] * 64, color="#a08060", width=64, height=64)
        for name in ("ash", "birch")
    )
    rubber = Finish.objects.filter(slug="rubber")
    rubber.update(texture=oak, texture_mm=20.0)
    now = wanted(bearing)
    assert now.view["finishes"]["textures"] == {
        "rubber": {"sha256": "a" * 64, "mm": 20.0, "color": "#a08060", "mapping": "box", "relief": 0.0}
    }
    assert reasons.changes(before.file, now.file) == ["texture of Rubber, black"]
    assert [rule.finish.texture for rule in now.rules if rule.finish.slug == "rubber"] != [None]
    rubber.update(texture_mm=30.0, texture_relief=0.2)
    larger = wanted(bearing)
    assert reasons.changes(now.file, larger.file) == [
        "texture of Rubber, black: width (mm) 20 → 30",
        "texture of Rubber, black: relief (mm) 0 → 0.2",
    ]
    rubber.update(texture=ash)
    assert reasons.changes(larger.file, wanted(bearing).file) == ["texture of Rubber, black"]
    rubber.update(texture=None)
    assert changed(bearing, before) == [], "its numbers count only with a texture"
    with CaptureQueriesContext(connection) as queries:
        materials.load()
    assert len(queries) == 1


def test_one_place_of_many_like_ones_can_be_told_by_its_key() -> None:
    bearing = product()
    before = wanted(bearing)
    rule("copper", part_key="/Pin#2", product=bearing)
    assert "view.finishes.surfaces.copper" in changed(bearing, before)
    assert changed(factories.product(cad_file=bearing.cad_file), before) == [], "another product of this file"
    now = wanted(bearing)
    MaterialRule.objects.filter(part_key="/Pin#2").update(part_key="/Pin#3")
    assert changed(bearing, now) == ["view.finishes.parts"]


def test_a_products_own_rules_go_before_those_for_all() -> None:
    bearing = product()
    rule("copper", position=1, words="ring")
    rule("brass", position=99, words="ring", product=bearing)
    assert "brass" in wanted(bearing).view["finishes"]["surfaces"]
    assert "copper" in wanted(product()).view["finishes"]["surfaces"]


@pytest.mark.parametrize("mode", ["cad", "clay"])
def test_other_materials_know_no_rules(mode: str) -> None:
    bearing = product()
    kind = factories.output_type("plain", materials=mode)
    assert bearing.cad_file is not None
    found = plan.recipes_for(bearing.cad_file, kind, bearing.pk)
    assert "finishes" not in found.view and not found.rules


def test_without_any_rule_parts_get_the_fallback() -> None:
    MaterialRule.objects.all().delete()
    found = wanted(product())
    assert [one.finish.slug for one in found.rules] == ["paint"]


def test_a_file_that_is_not_converted_has_all_rules_and_its_line_follows(tmp_path: Path) -> None:
    fresh = factories.product()
    (line,) = order(fresh, "draft").lines.all()
    assert set(plan.recipes_for(line.cad_file, line.output_type).view["finishes"]) == {"rules"}
    first = line.recipe_key
    runs(tmp_path)  # the conversion, which finds the tree
    line.refresh_from_db()
    job = Job.objects.get(kind=Job.Kind.RENDER)
    assert line.recipe_key != first
    assert "parts" in job.spec["recipe"]["view"]["finishes"]
    ends(tmp_path)
    assert Job.objects.filter(kind=Job.Kind.RENDER).count() == 1
    line.refresh_from_db()
    assert line.state == OrderLine.State.DONE
    assert order(fresh, "draft").lines.get().source == OrderLine.Source.CACHED


def test_a_queued_job_renders_by_the_rules_of_its_recipe_and_the_line_follows_an_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(REPORT, "tree", TREE)
    bearing = factories.product()
    (line,) = order(bearing, "draft").lines.all()
    runs(tmp_path)
    queued = Job.objects.get(kind=Job.Kind.RENDER)
    before = queued.spec
    rule("copper", words="ring")
    claim = taken()
    assert claim is not None and claim.job == queued and claim.job.spec == before
    slugs = {Rule.from_json(one).finish.slug for one in before["rules"]}
    assert slugs == {"ground_steel", "rubber"}
    succeed(claim, tmp_path)
    again = Job.objects.filter(kind=Job.Kind.RENDER).exclude(pk=queued.pk).get()
    assert "copper" in again.spec["recipe"]["view"]["finishes"]["surfaces"], "the line wants today's rules"
    ends(tmp_path)
    line.refresh_from_db()
    assert line.state == OrderLine.State.DONE
    assert [item.changed for item in deliverables()] == [[]]


def test_a_tree_has_its_key_whoever_saves_it() -> None:
    cad = factories.cad_file()
    assert cad.tree_key == ""
    cad.tree = TREE
    cad.save(update_fields=["tree"])
    key = CadFile.objects.get(pk=cad.pk).tree_key
    assert len(key) == 64
    light = CadFile.objects.defer("tree").get(pk=cad.pk)
    light.save(update_fields=["state"])
    light.save()
    assert CadFile.objects.get(pk=cad.pk).tree_key == key
    cad.tree = {}
    cad.save()
    assert CadFile.objects.get(pk=cad.pk).tree_key == ""


def test_a_thousand_lines_take_as_many_queries_as_one() -> None:
    kind = factories.output_type("draft")
    trees = [{"name": f"P{number}", "part_key": "/x", "colors": [GRAY]} for number in range(40)]
    products = [product(tree) for tree in trees]
    light = CadFile.objects.defer("tree", "report").in_bulk([one.cad_file_id for one in products])
    asked = [Ask(light[one.cad_file_id], kind, one.pk) for one in products if one.cad_file_id]
    with CaptureQueriesContext(connection) as first:
        plan.recipes_for_all(asked)
    with CaptureQueriesContext(connection) as later:
        plan.recipes_for_all(asked * 25)
    assert (len(first), len(later)) == (4, 3)


def test_conditions_that_can_not_be_understood_are_refused_with_a_reason() -> None:
    bad = MaterialRule(
        finish=Finish.objects.first(), words=r"\bring", colors="pink", part_key="Cage", cad_material="*"
    )
    with pytest.raises(ValidationError) as refused:
        bad.full_clean()
    assert set(refused.value.message_dict) == {"words", "colors", "part_key", "cad_material"}


@pytest.mark.parametrize("values", [{"roughness": 1.5}, {"tint": -0.1}, {"ior": 0.5}])
def test_a_finish_that_no_surface_has_is_refused_by_the_database(values: dict[str, float]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Finish.objects.filter(slug="rubber").update(**values)
