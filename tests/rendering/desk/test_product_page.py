"""A product whose CAD file has changed: what is stale, what changed, one click to render it again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from gpu.queues.topology import CPU_QUEUE
from media_assets.ingest import receive
from media_assets.ingest.publish import publish
from media_assets.models import CadFile, Product
from media_assets.recipes.receipt import Receipt
from rendering import orders
from rendering.catalog.plan import recipes_for
from rendering.desk.products.staleness import freshness_of, revision
from rendering.models import Order, OrderLine
from tests import factories
from tests.rendering.desk.test_every_page import assert_strict

pytestmark = pytest.mark.django_db

LIST = reverse("admin:media_assets_product_changelist")


def cad(name: str, *names: str) -> CadFile:
    tree = {"name": "Bearing", "children": [{"name": one} for one in names]}
    return factories.cad_file(original_name=name, state="ready", report={"parts": 1}, tree=tree)


def deliver(product: Product, folder: Path, slug: str = "draft") -> None:
    """A picture of the product's present CAD file, ordered and delivered."""
    kind = factories.output_type(slug)
    assert product.cad_file is not None
    wanted = recipes_for(product.cad_file, kind)
    asset = publish(
        factories.picture(folder / f"{product.pk}-{slug}.png"),
        kind=kind.kind,
        format_name="png",
        recipe=wanted.file,
        receipt=Receipt(),
        cad_file=product.cad_file,
        product=product,
    )
    OrderLine.objects.create(
        order=Order.objects.create(),
        product=product,
        output_type=kind,
        cad_file=product.cad_file,
        state=OrderLine.State.DONE,
        source=OrderLine.Source.RENDERED,
        recipe_key=wanted.file_key,
        master_width=64,
        master_height=64,
        asset=asset,
    )


@pytest.fixture
def revised(tmp_path: Path) -> Product:
    """A product with two pictures of its first CAD file and one of its second."""
    product = factories.product(number="1001", cad_file=cad("first.step", "Ring", "Cap"))
    deliver(product, tmp_path, "draft")
    deliver(product, tmp_path, "thumbnail")
    receive.assign(product, cad("second.step", "Ring", "Seal", "Clip"))
    product.refresh_from_db()
    deliver(product, tmp_path, "thumbnail")
    return product


def page(client: Client, product: Product) -> str:
    response = client.get(reverse("admin:media_assets_product_change", args=[product.pk]))
    assert response.status_code == 200
    assert_strict(response, "product")
    return str(response.content.decode())


def test_the_page_says_what_is_stale_and_what_changed(revised: Product, admin_client: Client) -> None:
    shown = page(admin_client, revised)
    assert "1 of 2 ordered pictures is no longer current" in shown
    assert "first.step" in shown and "2 parts added: Clip, Seal" in shown and "1 part removed: Cap" in shown
    assert 'form="tool-render_stale"' in shown and 'id="tool-render_stale"' in shown


def test_the_list_says_it_too(revised: Product, tmp_path: Path, admin_client: Client) -> None:
    deliver(factories.product(cad_file=cad("other.step", "Ring")), tmp_path)
    listed = admin_client.get(LIST).content.decode()
    assert "1 of 2 stale" in listed and "1 current" in listed


def test_a_product_without_a_name_has_no_empty_link_in_the_list(admin_client: Client) -> None:
    factories.product(number="P-1", name="")
    assert '<td data-empty class="field-name_and_groups">' in admin_client.get(LIST).content.decode()


def test_one_click_orders_what_is_stale_and_nothing_else(revised: Product, admin_client: Client) -> None:
    before = Order.objects.count()
    answer = admin_client.post(LIST, {"action": "render_stale", "_selected_action": [revised.pk]})
    order = Order.objects.get(trigger=Order.Trigger.RERENDER)
    assert Order.objects.count() == before + 1
    assert answer.url == reverse("admin:rendering_order_change", args=[order.pk])
    assert [line.output_type.slug for line in order.lines.all()] == ["draft"]
    assert order.lines.get().cad_file.original_name == "second.step"


def test_once_ordered_the_page_says_that_the_new_ones_are_on_their_way(
    revised: Product, admin_client: Client
) -> None:
    admin_client.post(LIST, {"action": "render_stale", "_selected_action": [revised.pk]})
    order = Order.objects.get(trigger=Order.Trigger.RERENDER)
    shown = page(admin_client, revised)
    link = reverse("admin:rendering_order_change", args=[order.pk])
    assert f'It is being rendered again: <a href="{link}">' in shown
    assert "waiting for a worker" in shown and "Re-render stale pictures" not in shown
    assert "1 of 2 stale, 1 in progress" in admin_client.get(LIST).content.decode()
    assert factories.claim(CPU_QUEUE)
    assert "1 running" in page(admin_client, revised)
    orders.cancel_order(order)
    assert "Re-render stale pictures" in page(admin_client, revised)


def test_nothing_stale_means_no_button_and_no_order(tmp_path: Path, admin_client: Client) -> None:
    product = factories.product(cad_file=cad("a.step", "Ring"))
    assert "Nothing has been delivered yet" in page(admin_client, product)
    deliver(product, tmp_path)
    shown = page(admin_client, product)
    assert "Current" in shown and "tool-render_stale" not in shown
    before = Order.objects.count()
    answer = admin_client.post(
        LIST, {"action": "render_stale", "_selected_action": [product.pk]}, follow=True
    )
    assert "Nothing is stale" in str(next(iter(answer.context["messages"])))
    assert Order.objects.count() == before


def test_those_who_may_only_look_see_it_without_the_button(
    revised: Product, staff: Callable[..., Client]
) -> None:
    client = staff("media_assets.view_product", "media_assets.view_mediaasset", "media_assets.view_cadfile")
    shown = page(client, revised)
    assert "no longer current" in shown and "tool-render_stale" not in shown
    data = {"action": "render_stale", "_selected_action": [revised.pk]}
    assert client.post(LIST, data).status_code == 403


def test_another_output_type_than_then_is_stale_for_another_reason(
    tmp_path: Path, admin_client: Client
) -> None:
    product = factories.product(cad_file=cad("a.step", "Ring"))
    deliver(product, tmp_path)
    kind = factories.output_type("draft")
    kind.samples += 1
    kind.save()
    shown = page(admin_client, product)
    assert "The output type, the material rules, the reading options or the tools have changed" in shown


@pytest.mark.parametrize(
    ("fields", "orientation", "words"),
    [
        ({"source_system": "SolidWorks 2015"}, "", "SolidWorks: Y axis up"),
        ({"source_system": "Strange CAD"}, "", "“Strange CAD” is not among the CAD systems"),
        ({"orientations": {"flat": [1.0]}}, "level", "no axis that it is round about"),
        ({"converter": 4}, "flat", "An earlier version of the reader"),
    ],
)
def test_the_page_says_what_an_orientation_gives(
    admin_client: Client, fields: dict[str, object], orientation: str, words: str
) -> None:
    cad_file = factories.cad_file(state="ready", **fields)
    assert words in page(admin_client, factories.product(cad_file=cad_file, orientation=orientation))


def test_a_file_that_was_being_converted_meanwhile_is_compared_as_a_whole(tmp_path: Path) -> None:
    old, new = cad("a.step", "Ring"), factories.cad_file(original_name="b.step")
    product = factories.product(cad_file=old)
    deliver(product, tmp_path)
    product.cad_file = new
    product.save()
    CadFile.objects.filter(pk=old.pk).update(size_mm=[1.0, 1.0, 1.0])
    found = Product.objects.select_related("cad_file").defer("cad_file__report", "cad_file__tree").get()
    CadFile.objects.filter(pk=new.pk).update(
        state="ready", report={"parts": 1}, tree=old.tree, size_mm=[2.0, 1.0, 1.0]
    )
    (words,) = revision(found, freshness_of([found])[found.pk])["changes"]
    assert words.startswith("size 1 × 1 × 1 → 2")
