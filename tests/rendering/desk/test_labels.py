"""The pages of labels: placed by numbers, checked against the product's parts, and said where their part is gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from media_assets.models import Product
from rendering.models import Label, Texture
from tests import factories
from tests.rendering.catalog.test_labels import CAGE, TREE

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
