"""Pictures with balloons from the order to the file: the picture of a still and the passes of the same view."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from gpu.queues.topology import CPU_QUEUE
from media_assets.models import Product
from rendering.catalog import plan
from rendering.catalog.parts.editing import PartEdit, edit
from rendering.catalog.parts.listing import parts_list
from rendering.farm import execute
from rendering.farm.pruning.needed import needed
from rendering.models import Job, OrderLine, OutputType
from rendering.orders.deliverables import deliverables
from tests import factories
from tests.media import path_of
from tests.rendering.passes import product_of_parts, published_master
from tests.rendering.steps import order

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("own_encoder")]

SMALL = {"width": 128, "height": 64}


@pytest.fixture
def product(tmp_path: Path) -> Product:
    return product_of_parts(tmp_path)


def balloons(format_name: str = "svg") -> OutputType:
    return factories.output_type(f"b-{format_name}", kind="balloons", format=format_name, **SMALL)


def test_the_picture_is_that_of_the_still_and_the_passes_those_of_the_ids(product: Product) -> None:
    assert product.cad_file is not None
    still = factories.output_type("still", kind="still", format="png", **SMALL)
    ids = factories.output_type("ids", kind="passes", format="ids", **SMALL)
    wanted, picture, passes = (
        plan.recipes_for(product.cad_file, kind, product.pk) for kind in (balloons(), still, ids)
    )
    assert wanted.view_key == picture.view_key and wanted.passes_key == passes.view_key
    assert wanted.file_key != picture.file_key


def test_what_is_missing_is_rendered_one_after_the_other_and_never_twice(
    product: Product, tmp_path: Path
) -> None:
    kind = balloons()
    line = order(product, kind.slug).lines.get()
    first = Job.objects.get()
    assert (first.kind, first.spec["kind"]) == (Job.Kind.RENDER, "still")
    Job.objects.all().delete()
    line.order.delete()
    master = factories.master(product.cad_file, kind, tmp_path)
    line = order(product, kind.slug).lines.get()
    second = Job.objects.get()
    assert (second.kind, second.spec["kind"]) == (Job.Kind.RENDER, "passes")
    assert (line.source, second.spec["recipe"]["view"]["samples"]) == (OrderLine.Source.DERIVED, 1)
    Job.objects.all().delete()
    line.order.delete()
    passes = published_master(product, kind, tmp_path)
    line = order(product, kind.slug).lines.get()
    third = Job.objects.get()
    assert (third.kind, third.spec["master"], third.spec["passes"]) == (Job.Kind.ENCODE, master.pk, passes.pk)
    assert needed([master, passes]) == {master.pk, passes.pk}, "while a live job works from them"
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    assert line.asset is not None and (line.asset.kind, line.asset.mime_type) == (
        "balloons",
        "image/svg+xml",
    ), line.error
    assert line.asset.how_made.measured == {"balloons": 2, "not_visible": 1, "no_room": 0}
    assert line.asset.how_made.master == master.pk and line.asset.poster


def test_another_number_makes_another_file_and_no_render(product: Product, tmp_path: Path) -> None:
    kind = balloons("hotspots")
    factories.master(product.cad_file, kind, tmp_path)
    published_master(product, kind, tmp_path)
    line = order(product, kind.slug).lines.get()
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    assert line.state == OrderLine.State.DONE, line.error
    key = next(row.part.key for row in parts_list(product).rows if row.kind.name == "Kugel")
    edit(product, {key: PartEdit(number=40)})
    (stale,) = deliverables(products=[product])
    assert list(stale.why) == ["numbers or names of parts"]
    again = order(product, kind.slug).lines.get()
    execute.work(CPU_QUEUE)
    again.refresh_from_db()
    assert again.asset is not None and again.asset != line.asset, again.error
    with zipfile.ZipFile(path_of(again.asset)) as archive:
        said = json.loads(archive.read("hotspots.json"))
    assert [(row["number"], row["is_visible"]) for row in said["parts"]] == [
        (1, True),
        (3, False),
        (40, True),
    ]
    assert not Job.objects.filter(kind=Job.Kind.RENDER).exists()


def test_passes_that_the_disk_damaged_are_set_aside(product: Product, tmp_path: Path) -> None:
    kind = balloons()
    factories.master(product.cad_file, kind, tmp_path)
    path_of(published_master(product, kind, tmp_path)).write_bytes(b"PK\x05\x06")
    line = order(product, kind.slug).lines.get()
    execute.work(CPU_QUEUE)
    assert Job.objects.filter(error_code="master_damaged").exists()
    line.refresh_from_db()
    assert line.state != OrderLine.State.DONE
