"""Files that are made of the geometry, from the order to the file: no render, no Blender, and never twice."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from gpu.queues.topology import CPU_QUEUE
from media_assets.formats.spins import Spin
from media_assets.models import MediaAsset, Product
from rendering import orders
from rendering.catalog import plan
from rendering.catalog.images.receiving import receive
from rendering.catalog.images.textures import TEXTURE
from rendering.farm import execute
from rendering.models import Job, Label, Order, OrderLine
from rendering.orders import Wish, variants
from rendering.orders.foresight import Outlook, foresee
from rendering.pictures.shapes import glb
from tests import factories, solids
from tests.media import path_of
from tests.rendering import films
from tests.rendering.steps import order
from tests.rendering.textures import write_texture

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("own_encoder")]


@pytest.fixture
def product(tmp_path: Path) -> Product:
    product = factories.product()
    solids.write(path_of(factories.geometry(product.cad_file, tmp_path)), steps=16)
    return product


def test_a_model_is_made_of_the_geometry_alone_and_only_once(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_blender() -> str:
        raise AssertionError("nothing is rendered")

    monkeypatch.setattr(plan, "blender_version", no_blender)
    kind = factories.output_type("web", kind="model", format="glb")
    assert foresee([Wish(product, kind)]) == [Outlook.DERIVED]
    line = order(product, "web").lines.get()
    job = Job.objects.get()
    assert (job.kind, job.lane, line.source) == (Job.Kind.ENCODE, "cpu", OrderLine.Source.DERIVED)
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    assert line.state == OrderLine.State.DONE, line.error
    asset = line.asset
    assert asset is not None and (asset.kind, asset.mime_type) == ("model", "model/gltf-binary")
    assert asset.product == product and asset.delivery_state == "current"
    assert asset.how_made.measured is not None and asset.how_made.measured["triangles"] > 100
    assert foresee([Wish(product, kind)]) == [Outlook.CACHED]
    again = order(product, "web").lines.get()
    assert (again.asset, Job.objects.count()) == (asset, 1)
    factories.output_type("ar", kind="model", format="usdz")
    package = order(product, "ar").lines.get()
    execute.work(CPU_QUEUE)
    package.refresh_from_db()
    assert package.asset is not None and package.asset.mime_type == "model/vnd.usdz+zip", package.error


def test_a_model_of_a_variant_lacks_the_parts_that_it_hides(product: Product) -> None:
    assert product.cad_file is not None
    keys = ("/Lager/Ring", "/Lager/Kugel#1", "/Lager/Kugel#2")
    parts = [{"name": "x", "part_key": key, "colors": [""]} for key in keys]
    product.cad_file.tree = {"name": "Lager", "part_key": "/Lager", "children": parts}
    product.cad_file.save(update_fields=["tree"])
    alone = variants.add(product, "Ring alone")
    alone.hidden = [{"words": "", "part_key": "*/Kugel*"}]
    alone.save()
    kind = factories.output_type("web", kind="model", format="glb")
    wishes = [Wish(product, kind, variant=one) for one in (None, alone)]
    lines = orders.place(wishes, trigger=Order.Trigger.COMMAND).lines.order_by("id")
    for _ in wishes:
        execute.work(CPU_QUEUE)
    whole, ring = (line.asset.how_made.measured for line in lines if line.asset)
    assert whole and ring and 0 < ring["triangles"] < whole["triangles"]
    assert max(ring["size_mm"]) == pytest.approx(72, abs=1) and max(whole["size_mm"]) > 150


def test_a_model_has_the_labels_of_its_product(product: Product, tmp_path: Path) -> None:
    assert product.cad_file is not None
    parts = [{"name": "Ring", "part_key": "/Lager/Ring", "colors": [""]}]
    product.cad_file.tree = {"name": "Lager", "part_key": "/Lager", "children": parts}
    product.cad_file.save(update_fields=["tree"])
    picture = receive(TEXTURE, write_texture(tmp_path / "logo.png"), "logo.png", name="Logo")
    Label.objects.create(
        product=product, part_key="/Lager/Ring", side="front", picture=picture, mm=20.0, reach=5.0
    )
    factories.output_type("web", kind="model", format="glb")
    line = order(product, "web").lines.get()
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    assert line.asset is not None, line.error
    model = glb.read(path_of(line.asset))
    assert "label" in [one["name"] for one in model.materials] and len(model.images) == 1


def test_a_spin_is_made_of_the_frames_of_a_turntable_that_is_there(product: Product, tmp_path: Path) -> None:
    kind = films.film_type()
    master = films.film_master(product, kind, tmp_path)
    factories.output_type("spin", **{**films.TINY, "kind": "spin", "format": "jpg360", "fps": None})
    line = order(product, "spin").lines.get()
    assert Job.objects.get().kind == Job.Kind.ENCODE, "no new render"
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    asset = line.asset
    assert asset is not None and (asset.kind, asset.mime_type) == ("spin", "application/zip"), line.error
    assert asset.how_made.master == master.pk and asset.poster
    with zipfile.ZipFile(path_of(asset)) as archive:
        said = Spin.from_json(json.loads(archive.read("spin.json")))
        assert said.frames == kind.frames and [(one.width, one.height) for one in said.sizes] == [
            (48, 48),
            (24, 24),
        ]
        assert said.sizes[1].files[:2] == ("small/spin-001.jpg", "small/spin-002.jpg")
        first, second = (archive.read(name) for name in said.sizes[0].files[:2])
        assert first != second
        assert Image.open(io.BytesIO(archive.read(said.sizes[1].files[-1]))).size == (24, 24)


def test_a_spin_of_rows_names_row_and_column_and_begins_in_the_middle(
    product: Product, tmp_path: Path
) -> None:
    fields = {**films.TINY, "kind": "spin", "format": "jpg360", "fps": None}
    kind = factories.output_type("rows", **fields | {"frames": 4, "rows": 3, "highest_row": 50})
    films.film_master(product, kind, tmp_path)
    line = order(product, "rows").lines.get()
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    assert line.asset is not None, line.error
    with zipfile.ZipFile(path_of(line.asset)) as archive:
        document = json.loads(archive.read("spin.json"))
    assert {name: document[name] for name in ("rows", "columns", "frames", "first", "elevations")} == {
        "rows": 3,
        "columns": 4,
        "frames": 12,
        "first": 4,
        "elevations": [0.0, 25.0, 50.0],
    }
    said = Spin.from_json(document)
    assert said.sizes[0].files[3:5] == ("large/spin-01-04.jpg", "large/spin-02-01.jpg")
    assert said.to_json().items() <= document.items()


def test_a_damaged_geometry_fails_with_its_reason(product: Product) -> None:
    factories.output_type("web", kind="model", format="glb")
    path = path_of(MediaAsset.objects.get(kind="gltf_geometry"))
    path.write_bytes(path.read_bytes()[:-8])
    line = order(product, "web").lines.get()
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    assert (line.state, line.error_code) == (OrderLine.State.FAILED, "encode_failed")
    assert "no whole GLB" in line.error
