"""Variants of a product: deliverables of their own, and never the same picture twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from media_assets.models import MediaAsset, Product
from rendering import orders
from rendering.catalog import plan
from rendering.catalog.asks import Ask
from rendering.catalog.channels.names import DEFAULT_PATTERN, Pattern
from rendering.catalog.freshness import Freshness
from rendering.catalog.reasons import changes
from rendering.delivery.archives import Packing, of_order
from rendering.models import ApiToken, Finish, MaterialRule, Order, OrderLine, Variant
from rendering.models.api_token import TokenScope
from rendering.orders import Wish, deleting, table, variants
from rendering.orders.deliverables import deliverables
from rendering.orders.matrix import matrix
from rendering.orders.refused import OrderRefused
from tests import factories
from tests.rendering.shell import Shell
from tests.rendering.steps import REPORT, ends, type_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TREE: dict[str, Any] = {
    "name": "Bearing",
    "part_key": "/",
    "children": [
        {"name": name, "part_key": f"/{name}", "product": name, "colors": ["#b2b5b8"]}
        for name in ("Ring", "Cage")
    ],
}


@pytest.fixture
def product(monkeypatch: pytest.MonkeyPatch) -> Product:
    monkeypatch.setitem(REPORT, "tree", TREE)
    return factories.product(number="6204")


def variant(product: Product, name: str, **finishes: str) -> Variant:
    made = variants.add(product, name)
    for words, slug in finishes.items():
        paint(made, words, slug)
    return made


def paint(of: Variant, words: str, slug: str) -> None:
    finish = Finish.objects.get(slug=slug)
    MaterialRule.objects.create(product=of.product, variant=of, words=words, finish=finish)


def ordered(product: Product, *wanted: Variant | None, slug: str = "draft") -> Order:
    wishes = [Wish(product, type_of(slug), variant=one) for one in wanted]
    return orders.place(wishes, trigger=Order.Trigger.COMMAND)


def assets(order: Order) -> list[MediaAsset]:
    found = [line.asset for line in order.lines.order_by("id")]
    assert None not in found
    return [one for one in found if one]


def test_variants_of_equal_finishes_share_one_picture_and_each_is_delivered_under_its_name(
    product: Product, tmp_path: Path
) -> None:
    brass, again = variant(product, "Brass cage", Cage="brass"), variant(product, "Messing", Cage="brass")
    steel = variant(product, "Steel")  # with no finish of its own: the product's picture
    order = ordered(product, None, brass, again, steel)
    ends(tmp_path)
    own, first, second, plain = assets(order)
    assert own == plain and first == second and own != first
    assert MediaAsset.objects.filter(kind=MediaAsset.Kind.RENDER_MASTER).count() == 2
    packed = Packing.of(of_order(order), Pattern.of(DEFAULT_PATTERN))
    assert [entry.name.partition("_draft")[0] for entry in packed.entries] == [
        *("6204", "6204_brass-cage", "6204_messing", "6204_steel")
    ]
    elsewhere = Packing.of(of_order(order), Pattern.of("{output}.{ext}")).entries[1]
    assert elsewhere.name == "draft_brass-cage.png"


def test_hidden_parts_are_part_of_the_view_and_of_a_model(product: Product, tmp_path: Path) -> None:
    bare, same = variant(product, "Bare"), variant(product, "Nothing hidden")
    for one, words in ((bare, "cage"), (same, "screw")):
        one.hidden = [{"words": words, "part_key": ""}]
        one.save()
    order = ordered(product, None, bare, same)
    ends(tmp_path)
    own, without, whole = assets(order)
    assert own == whole and own != without
    hiding = order.lines.get(variant=bare).jobs.get(kind="render")
    assert hiding.spec["subject"]["hidden"] == ["/Cage"]
    assert changes(own.recipe, without.recipe) == ["hidden parts"]
    model = factories.output_type("web-model", kind="model", format="glb")
    wanted = plan.recipes_for_all([Ask(own.cad_file, model, product.pk, one) for one in (None, bare)])
    assert [one.file.get("hidden") for one in wanted] == [None, ["/Cage"]]


def test_an_edit_of_a_variant_makes_its_pictures_stale_and_no_others(
    product: Product, tmp_path: Path
) -> None:
    brass, steel = variant(product, "Brass", Cage="brass"), variant(product, "Rubber", Cage="rubber")
    ordered(product, None, brass, steel)
    ends(tmp_path)
    paint(brass, "Ring", "copper")
    why = ["finishes of parts", "new finish Copper", "finish Ground steel no longer used"]
    assert [(one.line.variant, one.why) for one in deliverables() if one.changed] == [(brass, why)]
    kinds = [type_of("draft"), type_of("thumbnail")]
    rows = matrix([product], kinds)
    assert [(row.name, [cell.state.value for cell in row.cells]) for row in rows] == [
        ("6204", ["done", "missing"]),
        ("6204 · Brass", ["stale", "missing"]),
        ("6204 · Rubber", ["done", "missing"]),
    ]
    wishes = [item.wish() for item in deliverables() if item.changed]
    newer = orders.place(wishes, trigger=Order.Trigger.RERENDER)
    ends(tmp_path)
    states = dict(MediaAsset.objects.values_list("pk", "delivery_state"))
    (before,) = OrderLine.objects.filter(variant=brass).exclude(order=newer)
    assert states[assets(newer)[0].pk] == Freshness.CURRENT and states[before.asset_id] == Freshness.REPLACED
    (job,) = newer.lines.get().jobs.filter(kind="render")
    assert job.reuse["picture"]["changed"] == why


def test_a_deleted_variant_leaves_its_lines_with_its_name(product: Product, tmp_path: Path) -> None:
    brass = variant(product, "Brass", Cage="brass")
    order = ordered(product, None, brass)
    with pytest.raises(OrderRefused, match="An order of Brass is in progress"):
        variants.delete(brass)
    ends(tmp_path)
    own, picture = assets(order)
    variants.delete(Variant.objects.get())
    line = order.lines.get(variant_slug="brass")
    assert str(line) == "6204 · brass · draft" and not line.is_whole
    picture.refresh_from_db()
    assert picture.delivery_state == Freshness.REPLACED
    assert [one.asset for one in deliverables()] == [own]
    with pytest.raises(OrderRefused, match="Variant 'Brass' was deleted"):
        orders.place([Wish(product, type_of("draft"), variant=brass)], trigger=Order.Trigger.COMMAND)


def test_a_deleted_product_leaves_the_names_of_its_variants_as_well(product: Product, tmp_path: Path) -> None:
    order = ordered(product, variant(product, "Brass", Cage="brass"))
    ends(tmp_path)
    Product.objects.filter(pk=product.pk).update(archived_at=timezone.now())
    product.refresh_from_db()
    planned = deleting.plan_deletion([product])
    assert ("Variants", 1) in [(one.label, one.count) for one in planned.goes]
    deleting.delete([product], planned.seen)
    line = order.lines.get()
    assert (line.named, line.as_dict()["variant"]) == ("6204 · brass", "brass")
    assert not Variant.objects.exists()


def test_a_copy_begins_with_the_finishes_of_what_it_is_a_copy_of(product: Product) -> None:
    brass = variant(product, "Brass", Cage="brass")
    copy = variants.add(product, "  Brass   and rubber ", brass)
    assert (copy.name, copy.slug) == ("Brass and rubber", "brass-and-rubber")
    assert [rule.finish.slug for rule in copy.material_rules.all()] == ["brass"]
    for wrong in ("All", "brass", "Brass", "", "***"):
        with pytest.raises(ValidationError):
            variants.add(product, wrong)


def test_an_order_names_variants_by_slug_or_name_and_all_or_none_of_them(product: Product) -> None:
    brass, steel = variant(product, "Brass"), variant(product, "Steel cage")
    known = [brass, steel]
    assert variants.named(product, known, []) == [None]
    assert variants.named(product, known, ["none", "all", "steel cage"]) == [None, brass, steel]
    assert variants.named(product, known, ["steel-cage"]) == [steel]
    assert variants.named(product, [], ["all"]) == [None]
    with pytest.raises(OrderRefused, match=r"has no variant .gold.\. Its variants are: brass, steel-cage"):
        variants.named(product, known, ["gold"])


def test_form_table_command_and_api_order_some_or_all_variants(
    product: Product, admin_client: Client, admin_user: User, manage: Shell
) -> None:
    brass, rubber = variant(product, "Brass cage", Cage="brass"), variant(product, "Rubber", Cage="rubber")

    def last() -> list[Variant | None]:
        lines = Order.objects.latest("id").lines.order_by("id")
        return [line.variant for line in lines.select_related("variant")]

    form = {"products": "6204", "output_types": [type_of("draft").pk], "priority": 50}
    admin_client.post(reverse("admin:rendering_order_add"), {**form, "variants": "none, Brass cage"})
    assert last() == [None, brass]
    page = admin_client.post(reverse("admin:rendering_order_add"), {**form, "variants": "gold"})
    assert "has no variant &#x27;gold&#x27;" in page.content.decode()

    rows, wrong = table.parse("product;variant;output_type\n6204;all;draft\n6204;gold;draft\n6204;;draft\n")
    found = table.resolve(rows)
    assert [(row, wish.variant) for row, wish in found.wishes] == [(2, brass), (2, rubber), (4, None)]
    assert not wrong and [(error.row, "gold" in error.message) for error in found.errors] == [(3, True)]
    again = table.resolve(table.parse(table.write([wish for _, wish in found.wishes]))[0])
    assert [wish.key for _, wish in again.wishes] == [wish.key for _, wish in found.wishes]

    words = ("--product", "6204", "--output-type", "draft", "--variant", "all", "--json")
    assert [line["variant"] for line in manage("order", *words).document["lines"]] == ["brass-cage", "rubber"]
    wish = {
        "products": ["6204"],
        "output_types": ["draft"],
        "variants": ["rubber"],
        "lines": [{"product": "6204", "variant": "brass-cage", "output_type": "thumbnail"}],
    }
    key = ApiToken.issue(admin_user, "PIM", TokenScope.values)[1]
    program = Client(headers={"Authorization": f"Bearer {key}"})
    answer = program.post("/api/v1/orders", wish, content_type="application/json")
    assert [(line["variant"], line["output_type"]) for line in answer.json()["lines"]] == [
        ("rubber", "draft"),
        ("brass-cage", "thumbnail"),
    ]
    assert program.get("/api/v1/products/6204").json()["variants"] == {
        "brass-cage": "Brass cage",
        "rubber": "Rubber",
    }
