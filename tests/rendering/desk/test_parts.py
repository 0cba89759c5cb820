"""The parts list of a product: its page, its files, the API and the command say the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from media_assets.models import Product, ProductPart, ProductRevision
from rendering import orders
from rendering.catalog.parts.listing import parts_list
from rendering.models import HistoryEntry, OrderLine
from rendering.models.roles import OPERATOR, VIEWER
from tests import factories
from tests.rendering.orders.test_parts import bearing_file, made
from tests.rendering.steps import ends

pytestmark = pytest.mark.django_db


def part(name: str, number: int, count: int = 1) -> dict[str, Any]:
    keys = [f"/{name}", *(f"/{name}#{one}" for one in range(2, count + 1))]
    return {
        "name": name,
        "product": name,
        "part_key": keys[0],
        "keys": keys,
        "kind": number,
        "colors": ["#c0bebb"],
    }


def cad_file(*parts: dict[str, Any]) -> Any:
    kinds = [
        {"shape": f"{one['name']}", "size_mm": [1.0, 2.0, 3.0], "volume_mm3": 2000.0, "volume_from": "shape"}
        for one in parts
    ]
    tree = {"name": "Lager", "part_key": "/", "children": list(parts)}
    return factories.cad_file(state="ready", report={"kinds": kinds}, tree=tree)


@pytest.fixture
def product() -> Product:
    made = factories.product(number="608", cad_file=cad_file(part("Innenring", 0), part("Wälzrolle", 1, 7)))
    ProductRevision.objects.create(
        product=made, cad_file=cad_file(part("Innenring", 0), part("Dichtung", 1)), number=1
    )
    return made


def logged_in(role: str) -> Client:
    user = factories.user(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def test_an_operator_numbers_parts_and_sees_what_the_revision_changed(product: Product) -> None:
    operator = logged_in(OPERATOR)
    address = reverse("admin:media_assets_product_parts", args=[product.pk])
    text = " ".join(operator.get(address).content.decode().split())
    assert 'title="walzrolle">Wälzrolle</span> <span class="part-change">new</span>' in text.replace(
        "wälzrolle", "walzrolle"
    )
    assert "Removed by the current revision: Dichtung × 1" in text
    assert "Total mass: 125.6 g." in text
    said = {
        "innenring-number": "5",
        "innenring-article": "608-IR",
        "innenring-text": "",
        "wälzrolle-text": "Ball",
    }
    sent = operator.post(address, {**said, "wälzrolle-number": "5", "wälzrolle-article": ""})
    assert "as well" in sent.content.decode() and not ProductPart.objects.filter(article="608-IR").exists()
    assert (
        operator.post(address, {**said, "wälzrolle-number": "2", "wälzrolle-article": ""}).status_code == 302
    )
    assert [(row.part.number, row.title) for row in parts_list(product).rows] == [
        (2, "Ball"),
        (5, "Innenring"),
    ]
    assert HistoryEntry.objects.filter(verb=HistoryEntry.Verb.CHANGE).count() == 1


def test_who_may_only_look_finds_no_fields(product: Product) -> None:
    viewer = logged_in(VIEWER)
    address = reverse("admin:media_assets_product_parts", args=[product.pk])
    page = viewer.get(address)
    assert page.status_code == 200 and b"innenring-number" not in page.content
    assert viewer.post(address, {}).status_code == 403


def test_files_and_the_command_say_the_same(product: Product, capsys: pytest.CaptureFixture[str]) -> None:
    operator = logged_in(OPERATOR)
    address = "admin:media_assets_product_parts_download"
    document = operator.get(reverse(address, args=[product.pk, "json"])).json()
    assert [(one["key"], one["count"], one["mass_g"]) for one in document["parts"]] == [
        ("innenring", 1, 15.7),
        ("wälzrolle", 7, 15.7),
    ]
    table = operator.get(reverse(address, args=[product.pk, "csv"])).content.decode()
    assert table.splitlines()[1].startswith("1,1,Innenring,,,Ground steel,1 x 2 x 3,15.7,15.7,")
    assert operator.get(reverse(address, args=[product.pk, "xml"])).status_code == 404
    call_command("parts", "608", "--json")
    assert json.loads(capsys.readouterr().out) == document


def test_each_row_shows_its_picture_in_as_many_queries(tmp_path: Path) -> None:
    bearing = made(factories.product(number="6204", cad_file=bearing_file()), tmp_path)
    small = {"width": 64, "height": 64, "parts": "each", "format": "png"}
    ghosts = factories.output_type("ghosts", rest="ghost", **small)
    each = factories.output_type("each", **small)
    operator, address = logged_in(OPERATOR), reverse("admin:media_assets_product_parts", args=[bearing.pk])
    with CaptureQueriesContext(connection) as before:
        assert "part-picture" not in operator.get(address).content.decode()
    for kind in (each, ghosts, each):
        orders.place([orders.Wish(bearing, kind, force=True)], trigger="command")
        ends(tmp_path)
    with CaptureQueriesContext(connection) as after:
        page = operator.get(address).content.decode()
    assert len(after) == len(before)
    newest = {line.part: line.asset_id for line in OrderLine.objects.filter(output_type=each).order_by("pk")}
    shown = re.findall(
        r'part-picture">\s*<a href="([^"]+)">\s*<img [^>]*alt="([^"]+)"[^>]*loading="lazy"', page
    )
    assert shown == [
        (reverse("admin:media_assets_mediaasset_change", args=[newest[key]]), f"Picture of {name}")
        for key, name in (("ring", "Ring"), ("roller", "Roller"), ("seal", "Seal"))
    ]
