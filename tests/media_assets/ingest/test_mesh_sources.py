"""GLB, STL and OBJ come in: recognized by content, kept until somebody says the unit that they lack."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from gpu.queues.topology import CPU_QUEUE
from media_assets.cad.contract import Reading
from media_assets.ingest import conversions, numbering
from media_assets.ingest import receive as ingest
from media_assets.ingest.receive import Arrival
from media_assets.models import CadFile, MediaAsset, Product
from rendering.farm import execute
from rendering.models import Job, Order
from rendering.queue import lease
from tests.conftest import SAMPLE

pytestmark = [pytest.mark.django_db, pytest.mark.database]

OBJ = b"# a plate\no Platte\nv 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nf 1 2 3 4\n"
TEXT_STL = (
    b"solid Keil\nfacet normal 0 0 1\nouter loop\n"
    b"vertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid\n"
)
BINARY_STL = b"solid by a careless exporter".ljust(80) + struct.pack("<I12fH", 1, *(0, 0, 1), *range(9), 0)
GLB = struct.pack("<4sIII4s", b"glTF", 2, 24, 4, b"JSON") + b"{}  "


@pytest.fixture
def receive(tmp_path: Path) -> Callable[..., Arrival]:
    def run(content: bytes, name: str, reading: Reading = ingest.UNSAID, number: str = "") -> Arrival:
        source = tmp_path / "upload"
        source.write_bytes(content)
        return ingest.receive(source, name, number=number, reading=reading, max_bytes=1_000_000)

    return run


@pytest.mark.parametrize(("content", "format"), [(OBJ, "obj"), (TEXT_STL, "stl"), (BINARY_STL, "stl")])
def test_a_mesh_without_a_unit_waits_until_somebody_states_it(
    content: bytes, format: str, receive: Callable[..., Arrival]
) -> None:
    arrival = receive(content, f"Keil.{format}")
    cad = CadFile.objects.get()
    assert (cad.state, cad.format, arrival.error_code) == ("failed", format, "unit_unknown")
    assert "Reading options" in arrival.error and "--unit" in arrival.error
    assert (Product.objects.get().number, Job.objects.count()) == ("Keil", 0)
    assert conversions.set_reading(cad, Reading(unit="inch"))
    assert Job.objects.get().spec["recipe"]["reading"] == {"unit": "inch"}
    assert Order.objects.get().lines.get().product == Product.objects.get()


def test_uploading_it_again_with_a_unit_states_it_too(receive: Callable[..., Arrival]) -> None:
    receive(OBJ, "a.obj")
    again = receive(OBJ, "a.obj", Reading(unit="cm"))
    assert (again.duplicate, again.error_code, Job.objects.count()) == (True, "", 1)
    assert CadFile.objects.get().stated_unit == "cm"
    receive(OBJ, "a.obj")
    assert (CadFile.objects.get().stated_unit, Job.objects.count()) == ("cm", 1)


def test_a_unit_that_is_stated_at_once_starts_the_conversion(receive: Callable[..., Arrival]) -> None:
    assert receive(TEXT_STL, "a.stl", Reading(unit="m")).error_code == ""
    assert Job.objects.get().spec["recipe"]["reading"] == {"unit": "m"}


def test_a_unit_is_noted_only_where_the_file_has_none(receive: Callable[..., Arrival]) -> None:
    """One form, one unit, several files: a STEP file knows better."""
    receive(GLB, "a.glb", Reading(unit="inch"))
    receive(SAMPLE.read_bytes(), "b.step", Reading(unit="inch"))
    assert list(CadFile.objects.order_by("pk").values_list("format", "stated_unit", "unit")) == [
        ("glb", "", "metre"),
        ("step", "", "millimetre"),
    ]
    assert CadFile.objects.filter(state="failed").count() == 0


def test_a_cut_off_mesh_is_kept_under_what_its_name_claims(receive: Callable[..., Arrival]) -> None:
    arrival = receive(GLB[:-2], "a.glb")
    assert (arrival.error_code, CadFile.objects.get().format) == ("truncated", "glb")


def test_stating_the_unit_converts_the_file_and_another_unit_converts_it_again(
    receive: Callable[..., Arrival], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A test is one transaction: a new connection would not see it.
    monkeypatch.setattr(lease, "close_old_connections", lambda: None)
    receive(OBJ, "Platte.obj")
    cad = CadFile.objects.get()
    for unit, size in (("cm", 10.0), ("inch", 25.4)):
        assert conversions.set_reading(cad, Reading(unit=unit))
        assert execute.work(CPU_QUEUE) == 1
        cad.refresh_from_db()
        assert (cad.state, cad.size_mm, cad.triangles) == ("ready", pytest.approx([size, size, 0.0]), 2)
    geometries = cad.assets.filter(kind=MediaAsset.Kind.GLTF_GEOMETRY)
    assert sorted(asset.recipe["reading"]["unit"] for asset in geometries) == ["cm", "inch"]
    switch_back(cad)


def switch_back(cad: CadFile) -> None:
    """What was read before is described again without a child; without its report it is converted again."""
    assert conversions.set_reading(cad, Reading(unit="cm"))
    cad.refresh_from_db()
    assert (cad.state, cad.size_mm) == ("ready", pytest.approx([10.0, 10.0, 0.0]))
    assert cad.tree["product"] == "Platte"
    assert execute.work(CPU_QUEUE) == 0
    inch = cad.assets.get(kind=MediaAsset.Kind.GLTF_GEOMETRY, recipe__reading__unit="inch")
    default_storage.delete(inch.receipt["report"])
    assert conversions.set_reading(cad, Reading(unit="inch"))
    assert cad.state == "uploaded"
    assert execute.work(CPU_QUEUE) == 1
    cad.refresh_from_db()
    assert (cad.state, cad.size_mm) == ("ready", pytest.approx([25.4, 25.4, 0.0]))


@pytest.mark.parametrize("number", ["", "P-1"])
def test_two_first_imports_that_want_one_number_at_once_both_get_a_product(
    number: str, receive: Callable[..., Arrival], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rival takes the number after this import has found it free and before it is saved."""
    choose = numbering.named if number else numbering.free
    wanted = number or "Platte"

    def late(asked: str) -> Product:
        found = choose(asked)
        if not Product.objects.filter(number=wanted).exists():
            Product.objects.create(number=wanted, name="of the rival")
        return found

    monkeypatch.setattr(numbering, choose.__name__, late)
    arrival = receive(OBJ, "Platte.obj", Reading(unit="mm"), number=number)
    assert arrival.error_code == "" and arrival.product is not None
    assert arrival.product.number == (number or "Platte-2")
    assert set(Product.objects.values_list("number", flat=True)) == {wanted, arrival.product.number}
