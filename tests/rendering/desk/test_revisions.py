"""The product's page as its home: new revisions, going back to an earlier one, and a CAD file that failed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from media_assets.ingest import receive
from media_assets.models import CadFile, Product
from rendering.models import Order, OrderLine
from rendering.orders.matrix import CellState
from tests import factories
from tests.conftest import SAMPLE
from tests.rendering.desk.test_matrix import act, cell, key
from tests.rendering.desk.test_product_page import deliver, page
from tests.rendering.desk.test_upload import ADD, said, upload

pytestmark = pytest.mark.django_db


def cad(name: str, *parts: str) -> CadFile:
    tree = {"name": "Bearing", "children": [{"name": one} for one in parts]}
    return factories.cad_file(original_name=name, state="ready", report={"parts": 1}, tree=tree)


@pytest.fixture
def bearing(tmp_path: Path) -> Product:
    """A product with three revisions, and a picture of the last one."""
    product = factories.product(number="1001", cad_file=cad("a.step", "Ring"))
    receive.assign(product, cad("b.step", "Ring", "Cap"))
    receive.assign(product, cad("c.step", "Ring", "Seal"))
    product.refresh_from_db()
    deliver(product, tmp_path, "draft")
    return product


def revisions(product: Product) -> list[tuple[int, str]]:
    return list(product.history.values_list("number", "cad_file__original_name"))


def test_the_page_lists_revisions_with_what_each_changed_and_makes_one_current(
    bearing: Product, admin_client: Client
) -> None:
    assert revisions(bearing) == [(3, "c.step"), (2, "b.step"), (1, "a.step")]
    html = page(admin_client, bearing)
    assert "1 part added: Seal" in html and "1 part removed: Cap" in html and "1 part added: Cap" in html
    address = reverse("admin:media_assets_product_current", args=[bearing.pk])
    second = bearing.history.get(number=2)
    answer = admin_client.post(address, {"revision": second.pk}, follow=True)
    assert "Revision 2 is the current one now" in said(answer)[0]
    bearing.refresh_from_db()
    assert bearing.cad_file == second.cad_file and len(revisions(bearing)) == 3
    assert cell(bearing).state == CellState.STALE
    for wrong in ("", "x", "99999", str(factories.product().history.create(cad_file=cad("d"), number=1).pk)):
        assert "no longer there" in said(admin_client.post(address, {"revision": wrong}, follow=True))[0]


def test_who_may_not_change_products_makes_nothing_current(
    bearing: Product, staff: Callable[..., Client]
) -> None:
    viewer = staff("media_assets.view_product", "media_assets.view_mediaasset")
    assert "Make current" not in page(viewer, bearing) and "Upload new revision" not in page(viewer, bearing)
    address = reverse("admin:media_assets_product_current", args=[bearing.pk])
    assert viewer.post(address, {"revision": bearing.history.last().pk}).status_code == 403


def test_a_new_revision_needs_no_number_and_renders_what_was_delivered_again(
    bearing: Product, admin_client: Client
) -> None:
    asked = f"{ADD}?revision_of={bearing.pk}"
    assert asked in page(admin_client, bearing)
    form = admin_client.get(asked).content.decode()
    assert "id_product" not in form and "multiple" not in form and "New revision of 1001" in form
    sent = {"revision_of": bearing.pk, "render_stale": "on"}
    answer = upload(admin_client, ("d.step", SAMPLE.read_bytes()), **sent)
    assert "renders its 1 stale picture again" in said(answer)[0]
    assert answer.redirect_chain[-1][0] == reverse("admin:media_assets_product_change", args=[bearing.pk])
    order = Order.objects.get(trigger=Order.Trigger.RERENDER)
    bearing.refresh_from_db()
    assert order.lines.get().cad_file == bearing.cad_file and bearing.cad_file.original_name == "d.step"
    assert admin_client.get(f"{ADD}?revision_of=99999").status_code == 404
    assert admin_client.get(f"{ADD}?revision_of=x").status_code == 404


def test_an_earlier_revision_that_is_uploaded_again_asks_what_becomes_of_it(admin_client: Client) -> None:
    upload(admin_client, ("a.step", SAMPLE.read_bytes()))
    product = Product.objects.get()
    receive.assign(product, cad("b.step"))
    answer = upload(admin_client, ("a.step", SAMPLE.read_bytes()))
    assert "is an earlier revision of product a" in said(answer)[0]
    assert Product.objects.count() == 1 and "Make it current for a" in answer.content.decode()
    address = answer.redirect_chain[-1][0]
    admin_client.post(address, {"revision": product.history.get(number=1).pk})
    product.refresh_from_db()
    assert product.cad_file.original_name == "a.step"
    assert "nothing to decide" in admin_client.get(address).content.decode()
    receive.assign(product, CadFile.objects.get(original_name="b.step"))
    admin_client.post(address, {"new": "1"})
    assert sorted(Product.objects.values_list("number", flat=True)) == ["a", "a-2"]


def test_a_failed_cad_file_says_so_on_the_product_and_nothing_is_ordered_in_vain(
    admin_client: Client,
) -> None:
    upload(admin_client, ("cut.step", SAMPLE.read_bytes()[:9000]))
    product = Product.objects.get()
    html = page(admin_client, product)
    assert "The end of the file is missing" in html and "its CAD file has failed" in html
    assert cell(product).state == CellState.CAD_FAILED
    act(admin_client, "order", [product], cell=[key(product)])
    act(admin_client, "render_again", [product], cell=[key(product)])
    form = {"products": product.number, "output_types": factories.output_type("draft").pk, "priority": 50}
    assert "has failed" in admin_client.post(reverse("admin:rendering_order_add"), form).content.decode()
    assert not OrderLine.objects.exists()


def test_while_the_first_picture_is_rendered_the_page_says_so(admin_client: Client) -> None:
    upload(admin_client, ("a.step", SAMPLE.read_bytes()))
    html = page(admin_client, Product.objects.get())
    assert "Its first picture is on the way" in html and "waiting to be converted" in html
