"""Material rules, finishes, and where their decisions show."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from blender_scripts.finish_library import FINISHES
from media_assets.models import Product
from rendering.models import Finish, MaterialRule, Order, OrderLine
from tests import factories
from tests.rendering.desk.conftest import picture_of
from tests.rendering.desk.test_every_page import assert_strict

pytestmark = pytest.mark.django_db

TREE: dict[str, Any] = {
    "name": "Bearing",
    "part_key": "/",
    "children": [
        {"name": "Ring", "product": "Ring", "part_key": "/Ring", "colors": ["#C0BEBB"]},
        {"name": "Seal", "product": "Seal", "part_key": "/Seal", "colors": ["#202020"]},
        {
            "name": "Pin <b>",
            "product": "Pin",
            "part_key": "/Pin",
            "colors": [None],
            "count": 20,
            "keys": [f"/Pin#{number}" for number in range(20)],
        },
    ],
}


def bearing(tree: dict[str, Any] = TREE) -> Product:
    return factories.product(cad_file=factories.cad_file(tree=tree, state="ready"))


def delivered(product: Product, folder: Path) -> None:
    """A picture with materials by rule."""
    kind = factories.output_type()
    OrderLine.objects.create(
        order=Order.objects.create(),
        product=product,
        output_type=kind,
        cad_file=product.cad_file,
        recipe_key="k",
        master_width=64,
        master_height=64,
        asset=picture_of(product, folder),
        state=OrderLine.State.DONE,
        source=OrderLine.Source.RENDERED,
    )


def text(client: Client, address: str, **query: object) -> str:
    response = client.get(address, query)
    assert response.status_code == 200
    assert_strict(response, address)
    return str(response.content.decode())


def url(name: str, *args: object) -> str:
    return reverse(f"admin:rendering_{name}", args=args)


def tree_page(product: Product) -> str:
    return reverse("admin:media_assets_cadfile_change", args=[product.cad_file_id])


def rule_of(slug: str, **conditions: Any) -> MaterialRule:
    return MaterialRule.objects.create(finish=Finish.objects.get(slug=slug), **conditions)


def posted(rule: MaterialRule, **changes: Any) -> dict[str, Any]:
    """What the form of *rule* sends."""
    fields = ("position", "words", "part_key", "colors", "cad_material", "note")
    values = {name: getattr(rule, name) for name in fields}
    return {
        **values,
        "finish": rule.finish_id,
        "product": rule.product_id or "",
        "is_active": "on",
        **changes,
    }


def test_the_tree_says_which_finish_each_part_gets_and_why(admin_client: Client) -> None:
    page = text(admin_client, tree_page(bearing()))
    assert "Ground steel" in page and "name has “ring”, CAD color is gray" in page
    assert "Rubber, black" in page and "name has “seal”" in page
    assert "rendering/finishes/rubber.webp" in page


def test_the_tree_says_that_a_file_describes_a_surface(admin_client: Client) -> None:
    tree = {"name": "Ring", "product": "Ring", "part_key": "/", "colors": ["#C0BEBB"], "described": [True]}
    product = bearing(tree)
    page = text(admin_client, tree_page(product))
    assert "As described in the file" in page and "as_described.webp" not in page
    rule_of("copper", product=product, words="ring")
    assert "Copper" in text(admin_client, tree_page(product))


def test_a_part_leads_to_a_new_rule_of_this_product(admin_client: Client) -> None:
    product = bearing()
    page = text(admin_client, tree_page(product))
    assert f"?product={product.pk}&amp;part_key=%2FRing" in page
    assert f"?product={product.pk}&amp;words=Pin" in page, "of many like ones: by their name"
    form = text(admin_client, url("materialrule_add"), product=product.pk, part_key="/Ring")
    assert 'value="/Ring"' in form and product.number in form


def test_like_parts_that_differ_by_their_keys_are_counted(admin_client: Client) -> None:
    product = bearing()
    rule_of("copper", product=product, part_key="/Pin#7")
    page = text(admin_client, tree_page(product))
    assert "Ground steel × 19" in page and "Copper × 1" in page and "of this product" in page
    other = factories.product(cad_file=product.cad_file)
    assert "Copper" not in text(admin_client, tree_page(product), product=other.pk)


def test_a_product_page_sums_its_materials_up(admin_client: Client) -> None:
    page = text(admin_client, reverse("admin:media_assets_product_change", args=[bearing().pk]))
    assert "Ground steel" in page and "× 21" in page and "Add a rule for this product" in page


def test_links_to_rules_are_for_those_who_may(staff: Callable[..., Client]) -> None:
    product = bearing()
    reader = staff("media_assets.view_cadfile")
    page = text(reader, tree_page(product))
    assert "Ground steel" in page and "materialrule/" not in page.replace(
        '/materialrule/">material rules', ""
    )
    for address in (
        url("materialrule_decisions"),
        url("materialrule_parts", MaterialRule.objects.first().pk),
    ):  # type: ignore[union-attr]
        assert reader.get(address).status_code == 403


def test_an_edit_says_whose_pictures_it_made_stale(admin_client: Client, tmp_path: Path) -> None:
    moved, unmoved = bearing(), bearing({"name": "Lid", "part_key": "/Lid", "colors": ["#ff0000"]})
    for product in (moved, unmoved):
        delivered(product, tmp_path)
    rule = MaterialRule.objects.get(finish__slug="rubber", words__contains="seal")
    address = url("materialrule_change", rule.pk)
    same = admin_client.post(address, posted(rule, note="checked"), follow=True)
    assert "no picture became stale" in same.content.decode()
    copper = Finish.objects.get(slug="copper")
    told = admin_client.post(address, posted(rule, finish=copper.pk), follow=True).content.decode()
    assert "Pictures of 1 product are now stale" in told


def test_words_that_can_not_be_understood_come_back_with_the_reason(admin_client: Client) -> None:
    rule = rule_of("copper", words="coil")
    answer = admin_client.post(url("materialrule_change", rule.pk), posted(rule, words=r"\bcoil|spule"))
    assert "looks like a regular expression" in answer.content.decode()
    rule.refresh_from_db()
    assert rule.words == "coil"


def test_rules_move_among_those_of_their_product(admin_client: Client) -> None:
    product = bearing()
    rules = [rule_of("copper", product=product, position=5, words=f"w{number}") for number in range(3)]
    others = list(MaterialRule.objects.filter(product=None).values_list("pk", "position"))

    def order() -> list[str]:
        return list(MaterialRule.objects.filter(product=product).values_list("words", flat=True))

    def act(action: str, *chosen: MaterialRule) -> None:
        selected = {"action": action, "_selected_action": [one.pk for one in chosen], "index": 0}
        assert admin_client.post(url("materialrule_changelist"), selected).status_code == 302

    assert order() == ["w2", "w1", "w0"], "of two in one place the newer goes first"
    act("move_down", rules[2])
    assert order() == ["w1", "w2", "w0"]
    act("move_up", rules[2], rules[0])
    assert order() == ["w2", "w0", "w1"]
    act("move_up", rules[2])
    assert order() == ["w2", "w0", "w1"]
    assert list(MaterialRule.objects.filter(product=None).values_list("pk", "position")) == others


def test_a_new_rule_goes_before_the_others_of_its_kind(admin_client: Client) -> None:
    product = bearing()
    rule_of("copper", product=product, position=50, words="a")
    own = text(admin_client, url("materialrule_add"), product=product.pk)
    assert 'name="position" value="40"' in own
    assert 'name="position" value="0"' in text(admin_client, url("materialrule_add"))


def test_positions_and_switches_are_edited_in_the_list(admin_client: Client, tmp_path: Path) -> None:
    product = bearing()
    delivered(product, tmp_path)
    rule = rule_of("copper", product=product, words="ring")
    form = {
        "form-TOTAL_FORMS": 1,
        "form-INITIAL_FORMS": 1,
        "form-0-id": rule.pk,
        "form-0-position": 7,
        "_save": "Save",
    }
    address = f"{url('materialrule_changelist')}?product__isempty=0"
    told = admin_client.post(address, form, follow=True).content.decode()
    rule.refresh_from_db()
    assert (rule.position, rule.is_active) == (7, False)
    assert "now stale" in told


def test_a_rule_shows_which_parts_it_fits_and_who_goes_first(admin_client: Client) -> None:
    product = bearing()
    first = rule_of("copper", product=product, part_key="/Pin#3", position=1)
    ground = MaterialRule.objects.get(finish__slug="ground_steel")
    page = text(admin_client, url("materialrule_parts", ground.pk), product=product.number)
    assert "matches 21 of 22 colored parts and decides 20" in page
    assert first.label in page
    assert "no product with this number" in text(
        admin_client, url("materialrule_parts", ground.pk), product="x"
    )
    text(admin_client, url("materialrule_parts", ground.pk))


def test_what_the_rules_decide_is_counted(admin_client: Client) -> None:
    bearing(), bearing()
    page = text(admin_client, url("materialrule_decisions"))
    assert "2 newest products" in page and re.search(r'data-label="Products">\s*2\s*</td>', page)


def test_every_finish_of_the_library_has_a_small_picture() -> None:
    folder = Path(settings.BASE_DIR) / "rendering/static/rendering/finishes"
    assert {path.stem for path in folder.glob("*.webp")} == set(FINISHES)
    assert all(path.stat().st_size < 6000 for path in folder.glob("*.webp"))


def test_a_changed_finish_shows_its_color_and_keeps_its_slug(admin_client: Client) -> None:
    finish = Finish.objects.get(slug="brass")
    address = url("finish_change", finish.pk)
    assert "finishes/brass.webp" in text(admin_client, address)
    Finish.objects.filter(pk=finish.pk).update(color="#abcdef")
    page = text(admin_client, address)
    assert "finishes/brass.webp" not in page and 'fill="#abcdef"' in page and 'name="slug"' not in page


def test_a_finish_that_rules_give_is_not_deleted(admin_client: Client) -> None:
    finish = Finish.objects.get(slug="rubber")
    admin_client.post(url("finish_delete", finish.pk), {"post": "yes"})
    assert Finish.objects.filter(pk=finish.pk).exists()


@pytest.mark.parametrize("page", ["materialrule_changelist", "finish_changelist"])
def test_lists_take_as_many_queries_for_many_rows_as_for_few(page: str, admin_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            text(admin_client, url(page))
        return len(captured)

    queries()
    few = queries()
    for number in range(20):
        finish = Finish.objects.create(slug=f"f{number}", name=f"F {number}")
        MaterialRule.objects.create(finish=finish, product=bearing(), words="x")
    assert queries() == few


@pytest.mark.slow
def test_a_tree_of_20_000_places_is_shown_bounded(admin_client: Client) -> None:
    children = [
        {"name": f"P{n}", "product": f"P{n}", "part_key": f"/P{n}", "colors": ["#C0BEBB"]}
        for n in range(20_000)
    ]
    product = bearing({"name": "Big", "part_key": "/", "children": children})
    page = text(admin_client, tree_page(product))
    assert page.count("finish-of") < 1600 and "and 18,501 more" in page


def test_a_rule_that_makes_no_sense_is_left_out_and_said_to_be(admin_client: Client) -> None:
    """As an update past the form leaves it: orders and pages go on."""
    rule = rule_of("copper", words="ring", position=0)
    MaterialRule.objects.filter(pk=rule.pk).update(words="ring|race")
    assert "ignored:" in text(admin_client, url("materialrule_changelist"))
    assert "Copper" not in text(admin_client, tree_page(bearing()))
    assert (
        "can&#x27;t be tested"
        in admin_client.get(url("materialrule_parts", rule.pk), follow=True).content.decode()
    )
    text(admin_client, url("materialrule_decisions"))


def test_built_in_finishes_are_named_in_the_readers_language_until_somebody_names_them(
    admin_client: Client,
) -> None:
    Finish.objects.filter(slug="copper").update(name="Kupfer CU-23")
    for language, name in (("de", "Messing"), ("zh-hans", "黄铜"), ("en", "Brass")):
        for page in ("finish_changelist", "materialrule_changelist", "materialrule_decisions"):
            answer = admin_client.get(
                reverse(f"admin:rendering_{page}"), headers={"accept-language": language}
            )
            html = answer.content.decode()
            assert name in html and "Kupfer CU-23" in html
        with translation.override(language):
            assert Finish.names()["brass"] == name
