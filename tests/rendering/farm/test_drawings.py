"""Line drawings from the order to the file: views in scale, layers, and a size that is exact."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox, BRepPrimAPI_MakeCylinder
from OCP.BRepTools import BRepTools
from OCP.gp import gp_Ax2, gp_Dir, gp_Pnt
from PIL import Image

from gpu.queues.topology import CPU_QUEUE
from media_assets.models import MediaAsset, Product
from rendering.desk.assets.shapes import lines_found
from rendering.farm import execute
from rendering.models import Job, OrderLine
from rendering.pictures.book.contents import drawing_on_paper
from rendering.pictures.paper import document
from tests import factories, solids
from tests.media import path_of
from tests.rendering.steps import order

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.database,
    pytest.mark.cad,
    pytest.mark.usefixtures("own_encoder"),
]


def product(content: bytes, format_name: str) -> Product:
    name = default_storage.save(f"cad/part.{format_name}", ContentFile(content))
    return factories.product(cad_file=factories.cad_file(file=name, format=format_name, bytes=len(content)))


@pytest.fixture
def block(tmp_path: Path) -> Product:
    """A block of 40 x 20 x 10 mm with an upright hole through it."""
    hole = BRepPrimAPI_MakeCylinder(gp_Ax2(gp_Pnt(20, 10, 0), gp_Dir(0, 0, 1)), 4, 10).Shape()
    BRepTools.Write_s(
        BRepAlgoAPI_Cut(BRepPrimAPI_MakeBox(40, 20, 10).Shape(), hole).Shape(), str(tmp_path / "block.brep")
    )
    return product((tmp_path / "block.brep").read_bytes(), "brep")


def drawn(product: Product, format_name: str = "svg", slug: str = "", **more: object) -> MediaAsset:
    slug = slug or f"drawing-{format_name}"
    factories.output_type(slug, **{"kind": "drawing", "format": format_name, **more})
    line = order(product, slug).lines.get()
    execute.work(CPU_QUEUE)
    line.refresh_from_db()
    assert line.state == OrderLine.State.DONE, line.error
    assert line.asset
    return line.asset


def layer(svg: str, name: str) -> list[list[tuple[float, float]]]:
    group = re.search(rf'<g id="{name}".*?</g>', svg, re.DOTALL)
    assert group
    return [
        [(float(x), float(y)) for x, y in re.findall(r"([-\d.]+) ([-\d.]+)", path)]
        for path in re.findall(r' d="M([^"]+)"', group[0])
    ]


def curves(pdf: bytes) -> int:
    found = re.search(rb"stream\s+(\x78.*?)endstream", pdf, re.DOTALL)
    assert found
    return zlib.decompressobj().decompress(found[1]).count(b" c")


def test_a_block_with_a_hole_has_its_views_its_dimensions_and_its_hidden_lines(block: Product) -> None:
    asset = drawn(block, hidden_lines=True)
    said = asset.how_made.measured
    assert said is not None
    assert said["size_mm"] == [40, 20, 10]
    assert said["scale"] == 5
    svg = path_of(asset).read_text()
    assert {">40<", ">20<", ">10<"} <= set(re.findall(r">[\d.]+<", svg))
    points = [point for line in layer(svg, "visible") for point in line]
    left, bottom = min(x for x, _ in points), max(y for _, y in points)
    front = [(x - left, bottom - y) for x, y in points if x - left < 201 and bottom - y < 51]
    assert {(0, 0), (200, 0), (0, 50), (200, 50)} <= {(round(x), round(y)) for x, y in front}
    hidden = {round(x - left) for line in layer(svg, "hidden") for x, _ in line if x - left < 201}
    assert {80, 120} <= hidden, "the sides of the hole, from the front"
    lines = MediaAsset.objects.get(kind="derived_geometry").how_made.drawing
    assert lines is not None
    assert lines["by"] == "kernel"


def test_all_formats_share_the_lines_and_hidden_ones_are_left_out_by_default(block: Product) -> None:
    svg, pdf, dxf = (path_of(drawn(block, name)).read_bytes() for name in ("svg", "pdf", "dxf"))
    assert layer(svg.decode(), "hidden") == []
    assert pdf.startswith(b"%PDF-1.4")
    assert b"\nPOLYLINE\n8\nvisible\n" in dxf
    for asset in MediaAsset.objects.filter(kind="drawing"):
        with Image.open(default_storage.open(str(asset.poster))) as poster:
            assert poster.size == (512, 362) and poster.convert("L").getextrema()[0] < 64, "lines in lists"
    kinds = Job.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["tessellate", "tessellate", "encode", "encode", "encode"]


def test_a_mesh_is_drawn_by_its_triangles_and_that_is_said(tmp_path: Path) -> None:
    asset = drawn(product(solids.write(tmp_path / "lager.glb", steps=24).read_bytes(), "glb"))
    said = MediaAsset.objects.get(kind="derived_geometry").how_made.drawing
    assert said is not None
    assert (said["by"], said["why"]) == ("triangles", "the file is a mesh")
    assert layer(path_of(asset).read_text(), "visible")


def test_exact_lines_are_arcs_in_every_format_and_that_is_said(block: Product, admin_client: Client) -> None:
    exact = drawn(block, exact_lines=True)
    svg, pdf, dxf = (
        path_of(one).read_bytes()
        for one in (exact, drawn(block, "pdf", exact_lines=True), drawn(block, "dxf", exact_lines=True))
    )
    visible = re.search(r'<g id="visible".*?</g>', svg.decode(), re.DOTALL)
    assert visible and visible[0].count("A20.000 20.000 0.000 0 0") == 2, "a circle is two arcs in SVG"
    assert re.search(rb"\n0\nCIRCLE\n8\nvisible\n10\n[\d.]+\n20\n[\d.]+\n30\n0.0\n40\n20.0000\n", dxf)
    said = exact.how_made.measured
    assert said is not None and said["drawn"]["by"] == "kernel"
    assert {tuple(one) for one in said["drawn"]["by_view"].values()} == {("seconds",)}
    page = admin_client.get(reverse("admin:media_assets_mediaasset_change", args=[exact.pk])).content.decode()
    assert "exact: front, top, right, isometric" in page
    again = document([drawing_on_paper(svg)], "x", {"Creator": "x", "Recipe": "x"})
    assert curves(pdf) == curves(again) >= 8, "of the sheet, and of one that a book has"
    assert Job.objects.filter(kind="tessellate").count() == 2, "the formats share the exact lines"
    plain = drawn(block, "svg", slug="plain")
    assert plain.recipe_key != exact.recipe_key and "exact" not in plain.recipe["drawing"]
    assert lines_found({"by": "kernel", "mended": 1, "by_view": {"top": {"why": "slow"}}}) == (
        "top: not exact, as that takes too long; polygonal, by the CAD kernel; "
        "1 line corrected by what is in front of it"
    )
