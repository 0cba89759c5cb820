"""Labels in recipes: of their own product's parts alone, in the axes of its file, and never where nobody sees them."""

from __future__ import annotations

from typing import Any

import pytest

from blender_scripts.labels import SIDES
from media_assets.models import Product
from rendering.catalog import plan
from rendering.catalog.reasons import changes
from rendering.models import Label, OutputType, Texture
from tests import factories

pytestmark = pytest.mark.django_db

CAGE = "/Bearing/Cage"
TREE = {
    "name": "Bearing",
    "product": "Bearing",
    "part_key": "/Bearing",
    "children": [
        {"name": "Cage", "product": "Cage", "part_key": CAGE, "colors": ["#bb8844"]},
        {"name": "Ring", "product": "Ring", "part_key": "/Bearing/Ring", "colors": ["#888888"]},
    ],
}
Y_UP = [1.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 1.0, 0.0]


@pytest.fixture
def product() -> Product:
    cad = factories.cad_file(tree=TREE, state="ready", orientations={"flat": Y_UP})
    return factories.product(cad_file=cad)


def put(product: Product, logo: Texture, **fields: Any) -> Label:
    values = {"part_key": CAGE, "side": "front", "mm": 20.0, **fields}
    return Label.objects.create(product=product, picture=logo, **values)


def finishes(product: Product, output_type: OutputType | None = None) -> dict[str, Any]:
    assert product.cad_file is not None
    found = plan.recipes_for(product.cad_file, output_type or factories.output_type(), product.pk)
    return dict(found.view.get("finishes", {}))


def test_a_label_is_in_the_recipes_of_its_product_alone(product: Product, logo: Texture) -> None:
    other = factories.product(cad_file=product.cad_file)
    kind = factories.output_type()
    assert product.cad_file is not None
    before = plan.recipes_for(product.cad_file, kind, product.pk)
    row = put(product, logo, x=3.0, depth=0.2)
    after = plan.recipes_for(product.cad_file, kind, product.pk)
    normal, up = SIDES["front"]
    assert after.view["finishes"]["labels"] == [
        {
            "sha256": "a" * 64,
            "part": CAGE,
            "normal": list(normal),
            "up": list(up),
            "mm": 20.0,
            "x": 3.0,
            "y": 0.0,
            "turn": 0.0,
            "depth": 0.2,
            "reach": 1.0,
        }
    ]
    assert changes(before.file, after.file) == ["labels"]
    assert plan.recipes_for(product.cad_file, kind, other.pk).file_key == before.file_key
    Label.objects.filter(pk=row.pk).update(is_active=False)
    assert plan.recipes_for(product.cad_file, kind, product.pk).file_key == before.file_key


def test_one_whose_part_is_gone_changes_nothing(product: Product, logo: Texture) -> None:
    put(product, logo, part_key="/Bearing/Seal")
    put(product, logo, part_key="/Bearing/*")
    put(product, logo, part_key="no key")
    assert "labels" not in finishes(product)


def test_the_face_is_that_of_the_product_as_it_stands(product: Product, logo: Texture) -> None:
    """With Y up, what looks up in the pictures looks along Y in the file."""
    put(product, logo, side="top")
    Product.objects.filter(pk=product.pk).update(orientation="flat")
    product.refresh_from_db()
    (label,) = finishes(product)["labels"]
    assert label["normal"] == [0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    "fields",
    [
        {"materials": "clay"},
        {"materials": "cad"},
        {"section": "half"},
        {"parts": "some", "part_words": "ring"},
        {"kind": "drawing", "format": "svg", "background": "transparent"},
    ],
)
def test_none_is_where_nobody_sees_it(product: Product, logo: Texture, fields: dict[str, str]) -> None:
    kind = factories.output_type("other", **fields)
    assert product.cad_file is not None
    before = plan.recipes_for(product.cad_file, kind, product.pk)
    put(product, logo)
    assert plan.recipes_for(product.cad_file, kind, product.pk).file_key == before.file_key


def test_a_model_has_it_as_well(product: Product, logo: Texture) -> None:
    kind = factories.output_type("model", kind="model", format="glb", background="transparent")
    assert product.cad_file is not None
    before = plan.recipes_for(product.cad_file, kind, product.pk).file
    put(product, logo)
    after = plan.recipes_for(product.cad_file, kind, product.pk).file
    assert [one["part"] for one in after["finishes"]["labels"]] == [CAGE]
    assert changes(before, after) == ["labels"]


def test_it_is_with_the_part_that_is_shown(product: Product, logo: Texture) -> None:
    put(product, logo)
    assert finishes(product, factories.output_type("cage", parts="some", part_words="cage"))["labels"]
