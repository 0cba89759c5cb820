"""Render passes from the order to the file: one render for each kind of them, numbers of the parts list, staleness."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from gpu.queues.topology import CPU_QUEUE
from media_assets.ingest.publish import publish
from media_assets.models import MediaAsset, Product
from media_assets.recipes import recipe_key
from media_assets.recipes.receipt import Receipt
from rendering.catalog import plan
from rendering.catalog.parts.editing import PartEdit, edit
from rendering.catalog.parts.listing import parts_list
from rendering.farm import encoding, execute
from rendering.models import Job, OrderLine, OutputType
from rendering.orders import trials
from rendering.orders.deliverables import deliverables
from rendering.queue import lease as lease_module
from tests import factories, solids
from tests.media import path_of
from tests.rendering.passes import KEYS, write_master
from tests.rendering.steps import order

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test is one transaction: a new connection would not see it."""
    monkeypatch.setattr(lease_module, "close_old_connections", lambda: None)
    monkeypatch.setattr(settings, "TICK_SECONDS", 0.05)
    yield
    encoding.drop()


@pytest.fixture
def product(tmp_path: Path) -> Product:
    product = factories.product()
    solids.write(path_of(factories.geometry(product.cad_file, tmp_path)), steps=8)
    assert product.cad_file is not None
    nodes = [
        {"product": "Ring", "part_key": KEYS[0], "colors": [""]},
        {"product": "Kugel", "keys": list(KEYS[1:3]), "colors": [""]},
        {"product": "Schraube", "part_key": KEYS[3], "colors": [""]},
    ]
    product.cad_file.tree = {"name": "Lager", "part_key": "/Lager", "children": nodes}
    product.cad_file.tree_key = "tree"
    product.cad_file.save(update_fields=["tree", "tree_key"])
    return product


def passes(format_name: str, **more: object) -> OutputType:
    small = {"width": 32, "height": 16, "samples": 24}
    return factories.output_type(format_name, **{"kind": "passes", "format": format_name, **small, **more})


def rendered(product: Product, kind: OutputType, tmp_path: Path) -> MediaAsset:
    """The master that a render of *kind* would leave."""
    assert product.cad_file is not None
    wanted = plan.recipes_for(product.cad_file, kind, product.pk)
    return publish(
        write_master(tmp_path / f"{kind.slug}.zip", mattes=kind.format == "mattes"),
        kind=MediaAsset.Kind.RENDER_MASTER,
        format_name="passes",
        recipe=wanted.master(kind.width, kind.height),
        receipt=Receipt(),
        cad_file=product.cad_file,
        product=product,
        width=kind.width,
        height=kind.height,
        view_key=recipe_key(wanted.view),
    )


def test_ids_say_the_numbers_of_the_parts_list_and_follow_them(product: Product, tmp_path: Path) -> None:
    kind = passes("ids")
    master = rendered(product, kind, tmp_path)
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
    master = rendered(product, kind, tmp_path)
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
