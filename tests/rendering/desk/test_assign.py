"""A finish for a part of one product, chosen where the part is, and rules that a revision leaves without a part."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from media_assets.models import Product, ProductRevision
from rendering.models import Finish, MaterialRule, Variant
from rendering.models.roles import OPERATOR, VIEWER
from tests import factories

pytestmark = pytest.mark.django_db

STEEL, GOLD = "#b2b5b8", "#c29954"


def part(name: str, key: str, color: str = STEEL, product: str = "") -> dict[str, Any]:
    return {"name": name, "part_key": key, "product": product or name, "colors": [color]}


def tree(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"name": "Lager", "part_key": "/", "children": list(parts)}


@pytest.fixture
def product() -> Product:
    """A bearing with a ring, a cage, an outer ring and two rollers that its file numbers."""
    rollers = [
        part(f"Kegelrolle 0{one}", f"/Kranz/Kegelrolle 0{one}", "#cccfd4", "Kegelrolle") for one in (1, 2)
    ]
    shapes = (part("Ring", "/Ring"), part("Outer Ring", "/Outer Ring"), part("Käfig", "/Kranz/Käfig", GOLD))
    cad_file = factories.cad_file(
        state="ready", report={"unit": "mm"}, tree=tree(*shapes, *rollers), tree_key="a"
    )
    made = factories.product(number="30X72", cad_file=cad_file)
    ProductRevision.objects.create(product=made, cad_file=cad_file, number=1)
    return made


def logged_in(role: str) -> Client:
    user = factories.user(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def test_an_operator_chooses_finishes_of_a_product_and_of_no_other(product: Product) -> None:
    operator = logged_in(OPERATOR)
    address = reverse("admin:media_assets_product_assign", args=[product.pk])
    page = operator.get(address, {"part": "/Kranz/Kegelrolle 02"}).content.decode()
    assert 'value="/Kranz/Kegelrolle 02" data-name="Kegelrolle" checked' in " ".join(page.split())
    told = operator.get(reverse("admin:media_assets_product_finishes", args=[product.pk])).json()
    assert ["/Kranz/Käfig", GOLD, "Käfig"] in [row[:3] for row in told["parts"]]
    assert told["finishes"]["rubber"]["roughness"] > 0

    def save(part_key: str, finish: str, **more: str) -> str:
        sent = {"part": part_key, "finish": finish, "scope": "part", **more}
        return unescape(operator.post(address, sent, follow=True).content.decode())

    assert "Kegelrolle is Brass now." in save("/Kranz/Kegelrolle 01", "brass", scope="name")
    save("/Kranz/Kegelrolle 01", "rubber", scope="name")
    save("/Ring", "copper", scope="name")
    save("/Kranz/Käfig", "bronze")
    own = {
        (rule.words, rule.part_key): rule.finish.slug for rule in MaterialRule.objects.filter(product=product)
    }
    # "Ring" as a word would have the outer one as well.
    assert own == {
        ("Kegelrolle", ""): "rubber",
        ("", "*/Ring"): "copper",
        ("", "/Kranz/Käfig"): "bronze",
    }
    decided = operator.get(reverse("admin:media_assets_product_finishes", args=[product.pk])).json()["parts"]
    assert [row[3] for row in decided][:1] == ["copper"] and {row[3] for row in decided[3:]} == {"rubber"}
    assert "follows the rules for all products again" in save("/Kranz/Käfig", "", _rules="1")
    assert "Choose a part first" in save("/gone", "brass") and "Choose a finish" in save("/Ring", "<b>")
    assert MaterialRule.objects.filter(product=product).count() == 2
    for_all = reverse("admin:rendering_materialrule_add")
    assert operator.get(for_all).status_code == 403
    viewer = logged_in(VIEWER)
    assert viewer.post(address, {"part": "/Ring", "finish": "brass"}).status_code == 403
    assert viewer.get(reverse("admin:media_assets_product_change", args=[product.pk])).status_code == 200


def test_a_rule_that_a_revision_leaves_without_a_part_is_said(product: Product, admin_client: Client) -> None:
    brass = Finish.objects.get(slug="brass")
    for words in ("Kegelrolle", "Outer Ring", "nothing like it"):
        MaterialRule.objects.create(product=product, finish=brass, words=words)
    rollers = [part(f"Roller {one}", f"/Roller {one}", "#cccfd4", "Roller") for one in (1, 2)]
    newer = factories.cad_file(
        state="ready", report={"unit": "mm"}, tree=tree(part("Ring", "/Ring"), *rollers), tree_key="b"
    )
    Product.objects.filter(pk=product.pk).update(cad_file=newer)
    ProductRevision.objects.create(product=product, cad_file=newer, number=2)
    page = admin_client.get(reverse("admin:media_assets_product_change", args=[product.pk]))
    said = unescape(page.content.decode())
    assert "fits no part any more: part Kegelrolle is now called Roller." in said
    assert "fits no part any more: part Outer Ring is gone." in said
    assert "(name has “nothing like it”: Brass) fits no part." in said


def test_a_variant_begins_as_a_copy_has_finishes_of_its_own_and_is_named_where_a_part_is_gone(
    product: Product, admin_client: Client
) -> None:
    operator, viewer = logged_in(OPERATOR), logged_in(VIEWER)
    address = reverse("admin:media_assets_product_assign", args=[product.pk])
    decided = reverse("admin:media_assets_product_finishes", args=[product.pk])

    def sent(variant: str = "", client: Client = operator, **fields: str) -> str:
        asked = f"{address}?variant={variant}" if variant else address
        return unescape(client.post(asked, fields, follow=True).content.decode())

    def cage(variant: str = "") -> str:
        parts = operator.get(decided, {"variant": variant}).json()["parts"]
        return next(row[3] for row in parts if row[2] == "Käfig")

    usual = cage()
    assert "Variant Messingkäfig was added." in sent(name="Messingkäfig", _add="")
    page = sent("messingkäfig", part="/Kranz/Käfig", finish="brass", scope="name")
    assert "Käfig is Brass now." in page and "Finishes of 30X72, Messingkäfig" in page
    assert "Variant Copy was added." in sent("messingkäfig", name="Copy", _add="")
    sent("copy", part="/Ring", finish="copper", scope="part")
    assert (cage(), cage("messingkäfig"), cage("copy")) == (usual, "brass", "brass")
    assert MaterialRule.objects.filter(product=product, variant=None).count() == 0
    assert "has the finish of the product again" in sent(
        "messingkäfig", part="/Kranz/Käfig", _rules="1", scope="name"
    )
    assert cage("messingkäfig") == usual

    assert "Kegelrolle is hidden now." in sent(
        "copy", part="/Kranz/Kegelrolle 01", finish="_hidden", scope="name"
    )
    parts = operator.get(decided, {"variant": "copy"}).json()["parts"]
    assert [row[2] for row in parts if row[3] == "_hidden"] == ["Kegelrolle"] * 2
    sent("copy", part="/Outer Ring", finish="_hidden", scope="part")
    assert "has the finish of the product again" in sent("copy", part="/Outer Ring", _rules="1", scope="part")
    assert Variant.objects.get(slug="copy").hidden == [{"words": "Kegelrolle", "part_key": ""}]
    assert "Choose a finish" in sent(part="/Ring", finish="_hidden"), "the product itself has all its parts"

    assert "This product has a variant of this name already." in sent("copy", name="Messingkäfig", _rename="")
    assert "The variant is now called Kupfer." in sent("copy", name="Kupfer", _rename="")
    assert cage("copy") == "brass", "its slug stays"
    assert "no longer there" in operator.get(address, {"variant": "gone"}, follow=True).content.decode()
    assert viewer.post(address, {"name": "Mine", "_add": ""}).status_code == 403
    shown = admin_client.get(reverse("admin:media_assets_product_change", args=[product.pk])).content.decode()
    assert "Kupfer" in shown and "?variant=copy" in shown

    newer = factories.cad_file(state="ready", tree=tree(part("Ring", "/Ring")), tree_key="b")
    Product.objects.filter(pk=product.pk).update(cad_file=newer)
    ProductRevision.objects.create(product=product, cad_file=newer, number=2)
    said = admin_client.get(reverse("admin:media_assets_product_change", args=[product.pk])).content.decode()
    assert "Rule 10 of 30X72, Kupfer" in said and "part Käfig is gone." in unescape(said)
    assert "Variant Kupfer (name has “Kegelrolle”: hidden) fits no part any more" in unescape(said)
    assert "Variant Kupfer was deleted." in sent("copy", _delete="")
    assert not MaterialRule.objects.filter(variant__isnull=False).exists()
