"""Render passes from the order to the file: one render for each kind of them, numbers of the parts list, staleness."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from gpu.queues.topology import CPU_QUEUE
from media_assets.models import MediaAsset, Product
from rendering.catalog import plan
from rendering.catalog.parts.editing import PartEdit, edit
from rendering.catalog.parts.listing import parts_list
from rendering.farm import execute
from rendering.models import Job, OrderLine, OutputType
from rendering.orders import trials
from rendering.orders.deliverables import deliverables
from tests import factories
from tests.media import path_of
from tests.rendering.passes import product_of_parts, published_master
from tests.rendering.steps import order

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("own_encoder")]


@pytest.fixture
def product(tmp_path: Path) -> Product:
    return product_of_parts(tmp_path)


def passes(format_name: str, **more: object) -> OutputType:
    small = {"width": 32, "height": 16, "samples": 24}
    return factories.output_type(format_name, **{"kind": "passes", "format": format_name, **small, **more})


def test_ids_say_the_numbers_of_the_parts_list_and_follow_them(product: Product, tmp_path: Path) -> None:
    kind = passes("ids")
    master = published_master(product, kind, tmp_path)
    line = order(product, "ids").lines.get()
    assert Job.objects.get().kind == Job.Kind.ENCODE
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    asset = line.asset
    assert asset is not None and (asset.kind, asset.mime_type) == ("passes", "application/zip"), line.error
    assert asset.how_made.master == master.pk and asset.poster
    assert asset.how_made.measured == {"places": 4, "places_seen": 3}
    assert [row["number"] for row in said_in(asset)["kinds"]] == [1, 2, 3]
    key = next(row.part.key for row in parts_list(product).rows if row.kind.name == "Kugel")
    edit(product, {key: PartEdit(number=40, text="Steel ball")})
    (stale,) = deliverables(products=[product])
    assert list(stale.why) == ["numbers or names of parts"]
    again = order(product, "ids").lines.get()
    execute.work(CPU_QUEUE)
    again.refresh_from_db()
    assert again.asset is not None and again.asset != asset, again.error
    assert (40, "Steel ball") in [(row["number"], row["name"]) for row in said_in(again.asset)["kinds"]]
    assert not Job.objects.filter(kind=Job.Kind.RENDER).exists(), "never another render"


def test_passes_of_one_view_are_one_render_and_only_their_own_settings_count(product: Product) -> None:
    assert product.cad_file is not None
    ids, depth, mattes = passes("ids"), passes("depth"), passes("mattes")

    def view(kind: OutputType) -> str:
        assert product.cad_file is not None
        return plan.recipes_for(product.cad_file, kind, product.pk).view_key

    still = factories.output_type("still", kind="still", format="png", width=32, height=16)
    assert view(ids) == view(depth) != view(mattes)
    assert len({view(ids), view(mattes), view(still)}) == 3
    before = view(ids), view(mattes)
    for name, value in (("lighting", "dark"), ("materials", "clay"), ("ground", "none"), ("exposure", 1.0)):
        setattr(ids, name, value)
        setattr(mattes, name, value)
    assert (view(ids), view(mattes)) == before, "light and finishes are not in them"
    ids.samples = mattes.samples = 1
    assert view(ids) == before[0] and view(mattes) != before[1]
    wanted = plan.recipes_for(product.cad_file, mattes, product.pk).view
    assert wanted["samples"] == 2, "shares need more than one"
    for name, value in (("margin", 0.2), ("camera", "top"), ("width", 64), ("orthographic", True)):
        changed = OutputType(**{**vars_of(ids), name: value})
        assert view(changed) != before[0], name
    shadow = OutputType(**{**vars_of(still), "kind": "shadow", "ground": "none"})
    assert plan.recipes_for(product.cad_file, shadow, product.pk).view["look"]["ground"] == "shadow"
    assert view(shadow) != view(still)


def test_a_master_that_the_disk_damaged_is_set_aside(product: Product, tmp_path: Path) -> None:
    kind = passes("depth")
    master = published_master(product, kind, tmp_path)
    path_of(master).write_bytes(b"PK\x05\x06")
    line = order(product, "depth").lines.get()
    execute.work(CPU_QUEUE)
    assert Job.objects.filter(error_code="master_damaged").exists()
    line.refresh_from_db()
    assert line.state != OrderLine.State.DONE


def test_passes_have_no_test_render(product: Product) -> None:
    with pytest.raises(trials.TrialRefused, match="no preview"):
        trials.start(passes("ids"), product)


def vars_of(kind: OutputType) -> dict[str, object]:
    return {field.attname: getattr(kind, field.attname) for field in OutputType._meta.concrete_fields}


def said_in(asset: MediaAsset) -> dict[str, list[dict[str, object]]]:
    with zipfile.ZipFile(path_of(asset)) as archive:
        found: dict[str, list[dict[str, object]]] = json.loads(archive.read("legend.json"))
    return found
