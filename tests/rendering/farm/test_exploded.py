"""Exploded views from the order to the file, and what people change of them on the product's page."""

from __future__ import annotations

import json
import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from gpu.queues.topology import CPU_QUEUE
from media_assets import storage
from media_assets.models import CadFile, ExplodedView, MediaAsset, Product
from rendering.catalog.plan import recipes_for
from rendering.farm import execute
from rendering.models import Job, OrderLine, OutputType
from tests import factories
from tests.blender_scripts.glb import write_box
from tests.rendering.desk.test_every_page import assert_strict
from tests.rendering.steps import order

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.database,
    pytest.mark.cad,
    pytest.mark.usefixtures("own_encoder"),
]

STACK = ((0.0, 0.0, 0.0), (0.0, 0.02, 0.0), (0.0, 0.04, 0.0))
KEYS = ("/Box", "/Box#2", "/Box#3")


@pytest.fixture
def product(tmp_path: Path) -> Product:
    """Three boxes of 20 mm, one on the other."""
    content = write_box(tmp_path / "stack.glb", places=STACK).read_bytes()
    name = default_storage.save("cad/stack.glb", ContentFile(content))
    return factories.product(cad_file=factories.cad_file(file=name, format="glb", bytes=len(content)))


@pytest.fixture
def exploded() -> OutputType:
    return factories.output_type("apart", kind="model", format="glb", exploded="apart")


def test_a_product_is_taken_apart_as_people_want_it_and_not_twice(
    product: Product, exploded: OutputType, admin_client: Client
) -> None:
    asset = delivered(product)
    heights = [node["translation"][1] * 1000 for node in nodes(asset)]
    assert [round(b - a, 3) > 20 for a, b in pairwise(heights)] == [True, True]
    assert delivered(product) == asset
    assert Job.objects.filter(kind="tessellate").count() == 2, "the product as a whole, and taken apart"
    product.cad_file.refresh_from_db()
    assert product.cad_file.size_mm == pytest.approx([20, 20, 60], abs=0.1), (
        "of the product as it is assembled"
    )

    address = reverse("admin:media_assets_product_exploded", args=[product.pk])
    shown = admin_client.get(address)
    assert_strict(shown, address)
    rows = shown.context["form"].rows
    assert [row.parts for row in rows] == [("/Box#3",), ("/Box#2",)]
    sent = {
        **shown.context["form"].initial,
        "depth": "",
        "spread": 1.0,
        "_seen": shown.context["seen"],
        **{f"{row.id}-{axis}": round(n, 2) for row in rows for axis, n in zip("xyz", row.move, strict=True)},
        **{f"{row.id}-computed": "on" for row in rows},
    }
    answer = admin_client.post(address, {**sent, f"{rows[0].id}-z": 100.0}, follow=True)
    assert_strict(answer, address)
    assert ExplodedView.objects.get().changes == [{"parts": ["/Box#3"], "move": [0.0, 0.0, 100.0]}]
    execute.work(CPU_QUEUE)
    changed = admin_client.get(address)
    row = changed.context["form"].rows[0]
    assert (row.parts, row.move[2], row.is_changed) == (("/Box#3",), 100.0, True)
    assert recipes_for(product.cad_file, exploded, product.pk).file_key != asset.recipe_key, "it is stale"
    again = delivered(product)
    assert round(nodes(again)[2]["translation"][1], 4) == 0.14
    assert Job.objects.filter(kind="tessellate").count() == 3

    # A revision without that part: what was said of it is kept, and counts no more.
    product.cad_file = CadFile.objects.get(pk=product.cad_file_id)
    view = ExplodedView.objects.get()
    view.changes.append({"parts": ["/Gone"], "move": [1.0, 0.0, 0.0]})
    view.save()
    assert "/Gone" not in json.dumps([node["extras"] for node in nodes(delivered(product))])


def test_what_can_not_be_taken_apart_is_said(product: Product, admin_client: Client) -> None:
    product.cad_file.state = CadFile.State.READY
    product.cad_file.save()
    address = reverse("admin:media_assets_product_exploded", args=[product.pk])
    assert "has not been taken apart in this way yet" in admin_client.get(address).content.decode()
    assert admin_client.post(address, {"spread": 0}).status_code == 200
    admin_client.post(address, {"spread": 1})
    assert Job.objects.get().kind == "tessellate"
    assert "is being taken apart" in admin_client.get(address).content.decode()


def delivered(product: Product) -> MediaAsset:
    line = order(product, "apart").lines.get()
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    assert line.state == OrderLine.State.DONE, line.error
    assert line.asset
    return line.asset


def nodes(asset: MediaAsset) -> list[dict[str, Any]]:
    """Return the places of parts in a file, the lowest first."""
    with storage.open_stored(asset.file) as stream:
        data = stream.read()
    document = json.loads(data[20 : 20 + struct.unpack_from("<I", data, 12)[0]])
    found = [{"translation": [0, 0, 0], **node} for node in document["nodes"] if "mesh" in node]
    return sorted(found, key=lambda node: node["extras"]["part_key"])
