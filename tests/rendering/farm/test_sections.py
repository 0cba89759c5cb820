"""Sections from the order to the file: the whole is converted first, then cut, and neither of them twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from gpu.queues.topology import CPU_QUEUE
from media_assets.models import CadFile, MediaAsset, Product
from rendering.farm import execute
from rendering.models import Job, OrderLine
from tests import factories, solids
from tests.rendering.steps import order

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.database,
    pytest.mark.cad,
    pytest.mark.usefixtures("own_encoder"),
]


@pytest.fixture
def product(tmp_path: Path) -> Product:
    content = solids.write(tmp_path / "lager.glb", steps=16).read_bytes()
    name = default_storage.save("cad/lager.glb", ContentFile(content))
    return factories.product(cad_file=factories.cad_file(file=name, format="glb", bytes=len(content)))


def section(slug: str, **more: object) -> None:
    factories.output_type(
        slug, **{"kind": "model", "format": "glb", "section": "half", "section_uncut": False, **more}
    )


def done(product: Product, slug: str) -> MediaAsset:
    line = order(product, slug).lines.get()
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    assert line.state == OrderLine.State.DONE, line.error
    assert line.asset
    return line.asset


def test_a_section_is_a_geometry_of_its_own_made_after_the_whole(product: Product) -> None:
    section("cut", section_hatched=True)
    model = done(product, "cut")
    assert list(Job.objects.order_by("pk").values_list("kind", flat=True)) == [
        "tessellate",
        "tessellate",
        "encode",
    ]
    geometry, cut = MediaAsset.objects.filter(kind__contains="geometry").order_by("pk")
    assert (geometry.kind, cut.kind) == ("gltf_geometry", "derived_geometry")
    assert {**geometry.recipe, "section": cut.recipe["section"]} == cut.recipe
    said = cut.how_made.section
    assert said is not None
    assert (said["cut"], said["removed"], said["by_triangles"]) == (3, 0, 3)
    product.cad_file.refresh_from_db()
    assert product.cad_file.state == CadFile.State.READY
    assert product.cad_file.triangles == geometry.cad_file.triangles
    assert product.cad_file.size_mm[1] == pytest.approx(2 * solids.RADIUS, rel=0.01), (
        "of the whole, not of the half"
    )
    assert MediaAsset.objects.filter(kind="usd_master").count() == 1
    assert done(product, "cut") == model
    assert Job.objects.count() == 3


def test_the_same_cut_in_another_output_type_is_not_made_again_and_another_one_is(product: Product) -> None:
    section("cut")
    section("cut-clay", materials="clay")
    section("top", section_from="top")
    for slug in ("cut", "cut-clay", "top"):
        done(product, slug)
    cuts = MediaAsset.objects.filter(kind="derived_geometry")
    assert sorted(one.recipe["section"]["normals"] for one in cuts) == [[[0.0, -1.0, 0.0]], [[0.0, 0.0, 1.0]]]


def test_a_section_that_can_not_be_cut_fails_alone(product: Product) -> None:
    section("cut", section_part="Deckel")
    line = order(product, "cut").lines.get()
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    assert (line.state, line.error_code) == (OrderLine.State.FAILED, "nothing_to_cut")
    assert "“Deckel”" in line.error
    product.cad_file.refresh_from_db()
    assert product.cad_file.state == CadFile.State.READY
