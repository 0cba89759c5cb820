"""The pages of labels: placed by numbers, checked against the product's parts, and said where their part is gone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from blender_scripts.labels import SIDES
from media_assets.models import MediaAsset, Product
from rendering.models import Label, Texture
from tests import factories
from tests.rendering.catalog.test_labels import CAGE, TREE, Y_UP

pytestmark = pytest.mark.django_db

LIST, ADD = "admin:rendering_label_changelist", "admin:rendering_label_add"


@pytest.fixture
def product() -> Product:
    return factories.product(number="B-1", cad_file=factories.cad_file(tree=TREE, state="ready"))


def fields(product: Product, logo: Texture, **changes: str) -> dict[str, object]:
    return {
        "product": product.pk,
        "part_key": CAGE,
        "picture": logo.pk,
        "is_active": "on",
        "side": "front",
        "mm": "20",
        "turn": "0",
        "x": "0",
        "y": "0",
        "reach": "1",
        "depth": "0.2",
        **changes,
    }


def test_an_operator_places_one_and_sees_it_at_the_product(
    staff: Callable[..., Client], admin_client: Client, product: Product, logo: Texture
) -> None:
    assert staff().post(reverse(ADD), fields(product, logo)).status_code == 403
    names = ("rendering.add_label", "rendering.view_label", "rendering.view_texture")
    client = staff(*names, "media_assets.view_product")
    assert client.post(reverse(ADD), fields(product, logo)).status_code == 302
    assert "engraved, 0.2 mm" in client.get(reverse(LIST)).content.decode()
    page = admin_client.get(reverse("admin:media_assets_product_change", args=[product.pk])).content.decode()
    assert reverse("admin:rendering_label_change", args=[Label.objects.get().pk]) in page
    assert "that is gone" not in page


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"part_key": "/Bearing/Seal"}, "part_key", "Its parts are: /Bearing/Cage, /Bearing/Ring."),
        ({"part_key": "Cage"}, "part_key", "begins with /"),
        ({"mm": "0"}, "mm", "0.1"),
        ({"depth": "9"}, "depth", "5"),
        ({"reach": "0"}, "reach", "0.01"),
        ({"side": "inside"}, "side", ""),
    ],
)
def test_what_can_not_be_placed_is_explained_at_its_field(
    admin_client: Client, product: Product, logo: Texture, change: dict[str, str], field: str, words: str
) -> None:
    page = admin_client.post(reverse(ADD), fields(product, logo, **change))
    assert list(page.context["adminform"].form.errors) == [field]
    assert words in " ".join(page.context["adminform"].form.errors[field])


def test_one_whose_part_is_gone_is_said_at_the_product(
    admin_client: Client, product: Product, logo: Texture
) -> None:
    row = Label.objects.create(product=product, part_key="/Bearing/Seal", side="top", picture=logo, mm=20)
    page = admin_client.get(reverse("admin:media_assets_product_change", args=[product.pk])).content.decode()
    assert "Label Logo is on a part that is gone or has another name now: /Bearing/Seal." in page
    address = reverse("admin:rendering_label_change", args=[row.pk])
    form = admin_client.get(address).context["adminform"].form
    kept = {name: value for name, value in form.initial.items() if value is not None and value is not False}
    assert admin_client.post(address, {**kept, "mm": "30"}).status_code == 302


def test_a_picture_that_a_label_uses_stays(admin_client: Client, product: Product, logo: Texture) -> None:
    Label.objects.create(product=product, part_key=CAGE, side="top", picture=logo, mm=20)
    admin_client.post(reverse("admin:rendering_texture_delete", args=[logo.pk]), {"post": "yes"})
    assert Texture.objects.exists()
    assert "1 label" in admin_client.get(reverse("admin:rendering_texture_changelist")).content.decode()


VIEWS = (
    *(f"media_assets.view_{kind}" for kind in ("product", "cadfile", "mediaasset")),
    *(f"rendering.view_{kind}" for kind in ("label", "texture")),
)


def shown(client: Client, address: str, query: dict[str, object] | None = None) -> str:
    return unescape(client.get(address, query).content.decode())


@pytest.fixture
def geometry(product: Product, tmp_path: Path) -> MediaAsset:
    assert product.cad_file is not None
    return factories.geometry(product.cad_file, tmp_path)


def test_who_may_add_labels_is_led_to_one_from_the_parts_and_from_the_3d_view(
    staff: Callable[..., Client], product: Product, geometry: MediaAsset
) -> None:
    """From the 3-D view to the spot that was clicked, elsewhere to the part's middle."""
    able = staff(*VIEWS, "rendering.add_label", "rendering.assign_finish")
    other = staff(*VIEWS, "rendering.assign_finish")
    page = reverse("admin:media_assets_product_change", args=[product.pk])
    tree = reverse("admin:media_assets_cadfile_change", args=[product.cad_file_id])
    assign = reverse("admin:media_assets_product_assign", args=[product.pk])
    spot = {"part": CAGE, "side": "left", "x": "1.5", "y": "-2"}
    label = f"{reverse(ADD)}?product={product.pk}"
    middle, there = f"{label}&part_key=%2FBearing%2FCage&side=", "left&x=1.5&y=-2"
    assert label in shown(able, page) and 'data-sides="{' in shown(able, page)
    assert f'{middle}front"' in shown(able, tree, {"product": product.pk})
    assert f'{middle}{there}"' in shown(able, assign, spot)
    assert f'{middle}front"' in shown(able, assign, {**spot, "side": "inside"})
    for address in (page, tree, assign):
        assert reverse(ADD) not in shown(other, address, {"product": product.pk, **spot})
        assert 'data-sides="{' not in shown(other, address, {"product": product.pk})


def test_the_form_begins_where_was_clicked_and_shows_the_product_as_it_stands(
    admin_client: Client, product: Product, geometry: MediaAsset, logo: Texture
) -> None:
    """With Y up, what looks up in the pictures looks along Y in the file."""
    assert product.cad_file is not None
    product.cad_file.orientations = {"flat": Y_UP}
    product.cad_file.save()
    spot = {"product": product.pk, "part_key": CAGE, "side": "left", "x": "1.5", "y": "-2"}

    def sides(client: Client, query: dict[str, object]) -> dict[str, list[list[float]]]:
        found = re.search('data-sides="([^"]*)"', client.get(reverse(ADD), query).content.decode())
        return json.loads(unescape(found[1])) if found else {}

    form = admin_client.get(reverse(ADD), spot).context["adminform"].form
    assert [form[name].value() for name in ("part_key", "side", "x", "y")] == [CAGE, "left", "1.5", "-2"]
    assert sides(admin_client, spot) == {name: [list(one) for one in both] for name, both in SIDES.items()}
    assert 'data-turned=""' in shown(admin_client, reverse(ADD), spot)
    Product.objects.filter(pk=product.pk).update(orientation="flat")
    assert sides(admin_client, spot)["top"] == [[0.0, 1.0, 0.0], [0.0, 0.0, -1.0]]
    assert 'data-turned="0.000000rad' in shown(admin_client, reverse(ADD), spot)
    refused = admin_client.post(reverse(ADD), fields(product, logo, mm="0")).content.decode()
    assert 'data-sides="{' in unescape(refused), "the product that was chosen is shown again"
    row = Label.objects.create(product=product, part_key=CAGE, side="top", picture=logo, mm=20)
    assert 'data-sides="{' in shown(admin_client, reverse("admin:rendering_label_change", args=[row.pk]))


def test_the_form_says_why_no_product_is_shown(
    staff: Callable[..., Client], admin_client: Client, product: Product
) -> None:
    assert "Choose a product" in shown(admin_client, reverse(ADD))
    assert "Choose a product" in shown(admin_client, reverse(ADD), {"product": "x"})
    assert "once its CAD file has been converted" in shown(
        admin_client, reverse(ADD), {"product": product.pk}
    )
    blind = staff("rendering.add_label")
    assert "Choose a product" in shown(blind, reverse(ADD), {"product": product.pk})
