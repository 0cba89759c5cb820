"""Spare-parts books: what they bind, what they wait for, and what a revision makes of them."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from gpu.queues.topology import CPU_QUEUE
from media_assets.models import MediaAsset, Product
from rendering import orders
from rendering.catalog import plan
from rendering.catalog.asks import Ask
from rendering.catalog.books import binds, bound_types, role_of, steps_of
from rendering.catalog.parts import pieces
from rendering.catalog.parts.editing import PartEdit, edit
from rendering.farm import execute
from rendering.models import Job, Order, OrderLine, Workflow
from rendering.orders import Wish, workflows
from rendering.orders.deliverables import deliverables
from rendering.orders.refused import OrderRefused
from rendering.pictures.book import book
from rendering.pictures.drawings.sheet import laid_out
from rendering.pictures.drawings.vector import as_svg
from rendering.pictures.gate import GateError
from tests import factories
from tests.media import path_of
from tests.rendering.catalog.parts.test_listing import cad_file, measured, part
from tests.rendering.catalog.parts.test_listing import revise as revise_listed
from tests.rendering.orders.test_parts import bearing_file, made, revise
from tests.rendering.orders.test_workflows import told
from tests.rendering.passes import product_of_parts, published_master
from tests.rendering.steps import ends, fails, runs

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("own_encoder")]


@pytest.fixture
def bearing(tmp_path: Path) -> Product:
    return made(factories.product(number="6204", name="Bearing", cad_file=bearing_file()), tmp_path)


@pytest.fixture
def workflow() -> Workflow:
    row = Workflow.objects.create(slug="book", name="Book")
    small = {"width": 64, "height": 64, "format": "png"}
    kinds = [
        factories.output_type("hero", **small),
        factories.output_type("each", parts="each", **small),
        factories.output_type("cut", section="half", **small),
        factories.output_type("book-pdf", kind="book", format="pdf"),
        factories.output_type("book-web", kind="book", format="webpage"),
    ]
    for number, kind in enumerate(kinds, 1):
        row.steps.create(position=number, output_type=kind)
    return row


def run(workflow: Workflow, product: Product) -> Order:
    wanted = orders.Run(workflows.current(workflow), [product])
    return orders.place([], trigger=Order.Trigger.OPERATOR, run=wanted)


def finish(tmp_path: Path) -> None:
    """Do all that waits; what follows a commit is done by the reaper, as a test is one transaction."""
    ends(tmp_path, at_most=40)
    orders.reap()
    ends(tmp_path)


def bound(order: Order, slug: str = "book-pdf") -> MediaAsset:
    line = order.lines.get(output_type__slug=slug)
    assert line.state == OrderLine.State.DONE, line.error
    assert line.asset
    return line.asset


def test_a_workflow_binds_what_it_makes_and_a_revision_renders_only_what_changed(
    bearing: Product, workflow: Workflow, tmp_path: Path
) -> None:
    order = run(workflow, bearing)
    books = order.lines.filter(output_type__kind="book")
    assert order.lines.count() == 7 and set(books.values_list("state", flat=True)) == {"working"}
    assert not Job.objects.filter(output_type__kind="book").exists(), "nothing to do for them yet"
    finish(tmp_path)
    paper = bound(order)
    content = path_of(paper).read_bytes()
    assert content.startswith(b"%PDF-1.4") and paper.mime_type == "application/pdf"
    assert paper.how_made.measured == {"parts": 3, "pages": 3}, "hero, parts list, section"
    streams = re.findall(rb"stream\s+(\x78.*?)endstream", content, re.DOTALL)
    drawn = [zlib.decompressobj().decompress(one) for one in streams]
    assert sum(page.count(b" Do") for page in drawn) == 5 and paper.poster
    with zipfile.ZipFile(path_of(bound(order, "book-web"))) as web:
        page = web.read("index.html").decode()
        assert {"hero-1.png", "section-2.png", "parts/001.png", "parts.csv"} <= set(web.namelist())
        rows = list(csv.DictReader(io.StringIO(web.read("parts.csv").decode("utf-8-sig"))))
    assert [(row["number"], row["name"], row["count"]) for row in rows] == [
        ("1", "Ring", "1"),
        ("2", "Roller", "3"),
        ("3", "Seal", "1"),
    ]
    assert 'src="parts/002.png"' in page and "http" not in page.partition("<style>")[2]
    assert set(run(workflow, bearing).lines.values_list("source", flat=True)) == {"cached"}

    revise(bearing, bearing_file(seal=measured("other seal")), tmp_path)
    again = run(workflow, bearing)
    sources = again.lines.values_list("output_type__slug", "part", "source")
    assert {(slug, part) for slug, part, source in sources if source != "cached"} == {
        *(("each", "seal"), ("hero", ""), ("cut", "")),
        *(("book-pdf", ""), ("book-web", "")),
    }
    finish(tmp_path)
    assert bound(again) != paper
    (job,) = again.lines.get(output_type__slug="book-pdf").jobs.all()
    assert job.reuse["picture"]["changed"] == [
        "pictures or drawings in it",
        "parts list or pictures of parts",
    ]
    edit(bearing, {"ring": PartEdit(text="Outer ring")})
    stale = {one.output_type.slug: one.why for one in deliverables() if one.changed}
    assert stale == {slug: ["parts list or pictures of parts"] for slug in ("book-pdf", "book-web")}


def test_a_book_brings_along_what_it_binds_and_is_made_once_all_of_it_is_there(
    bearing: Product, workflow: Workflow, tmp_path: Path
) -> None:
    paper = factories.output_type("book-pdf")
    order = orders.place([Wish(bearing, paper)], trigger=Order.Trigger.COMMAND)
    assert sorted(order.lines.values_list("output_type__slug", "part")) == [
        ("book-pdf", ""),
        ("cut", ""),
        *(("each", key) for key in ("ring", "roller", "seal")),
        ("hero", ""),
    ]
    orders.reap()
    assert order.lines.get(output_type=paper).state == "working", "it waits, and is no stray line"
    runs(tmp_path)
    failed = fails("bad_geometry", "It is broken.")
    finish(tmp_path)
    line = order.lines.get(output_type=paper)
    orders.reap()
    line.refresh_from_db()
    assert (line.state, line.error_code) == ("failed", "source_missing")
    assert "Files that this book binds are not there: 1" in line.error
    orders.retry_lines([*failed.lines.all(), line])
    finish(tmp_path)
    assert bound(order).kind == "book"


def test_a_step_that_does_not_run_for_a_product_is_left_out_of_its_book(
    bearing: Product, workflow: Workflow, tmp_path: Path
) -> None:
    """Nor what waits for such a step, or shows parts that the product has not."""
    single = factories.output_type("single", width=64, height=64, format="png")
    none = factories.output_type("none", parts="some", part_words="gear", width=64, height=64, format="png")
    workflow.steps.filter(output_type__slug="cut").update(structure="part")
    workflow.steps.create(position=6, output_type=single, after=3)
    workflow.steps.create(position=7, output_type=none)
    order = run(workflow, bearing)
    finish(tmp_path)
    assert bound(order).how_made.measured == {"parts": 3, "pages": 2}, "hero and parts list"
    with zipfile.ZipFile(path_of(bound(order, "book-web"))) as web:
        names = set(web.namelist())
        assert "hero-1.png" in names and not any("section" in name or "hero-2" in name for name in names)
        assert "section" not in web.read("index.html").decode().lower()
    alone = orders.place([Wish(bearing, factories.output_type("book-pdf"))], trigger=Order.Trigger.COMMAND)
    assert set(alone.lines.values_list("output_type__slug", flat=True)) == {"book-pdf", "hero", "each"}

    workflow.steps.exclude(output_type__kind="book").update(numbers="other*")
    nothing = "Of product '6204' the workflow of 'book-pdf' makes nothing that could be bound."
    assert told(run(workflow, bearing))[4] == ("skipped", nothing)


def test_first_files_and_revisions_are_told_apart_in_books(bearing: Product, workflow: Workflow) -> None:
    paper = factories.output_type("book-pdf")
    workflow.steps.filter(output_type__slug="cut").update(when="first")
    first = Ask(bearing.cad_file, paper, bearing.pk)
    assert [one.slug for one in bound_types([first])[0]] == ["hero", "each", "cut"]
    bearing.revisions = 2
    revise_listed(bearing, bearing_file(seal=measured("other seal")))
    now = Ask(bearing.cad_file, paper, bearing.pk)
    assert [[one.slug for one in some] for some in bound_types([first, now])] == [
        ["hero", "each", "cut"],
        ["hero", "each"],
    ]


def test_many_books_of_many_parts_take_as_many_queries_as_one(
    workflow: Workflow, django_assert_max_num_queries: Any
) -> None:
    paper = factories.output_type("book-pdf")
    parts = [part(f"Part {number}", number) for number in range(60)]
    kinds = tuple(measured(f"shape {number}") for number in range(60))
    products = [factories.product(number=f"N{at}", cad_file=cad_file(*parts, kinds=kinds)) for at in range(4)]
    asked = [Ask(product.cad_file, paper, product.pk) for product in products]
    pieces.kinds_of_files({product.cad_file_id for product in products})
    for some in (asked[:1], asked):
        with django_assert_max_num_queries(17):
            assert len(plan.recipes_for_all(some)[0].contents or ()) == 62


def test_a_book_waits_for_the_parts_of_an_unread_file_and_is_refused_without_a_workflow(
    workflow: Workflow,
) -> None:
    order = run(workflow, factories.product())
    assert told(order)[4] == ("waiting", "Its CAD file is read first.")
    alone = factories.output_type("alone", kind="book", format="pdf")
    with pytest.raises(OrderRefused, match="'alone' has nothing to bind: make it a step of a workflow"):
        orders.place([Wish(factories.product(), alone)], trigger=Order.Trigger.COMMAND)


def test_the_shipped_workflow_is_added_once_and_binds_all_that_it_makes(
    admin_client: Client, client: Client
) -> None:
    address = reverse("admin:rendering_workflow_spare_parts")
    assert "Add the workflow" in admin_client.get(address).content.decode()
    for _ in range(2):
        admin_client.post(address)
    row = Workflow.objects.get(slug="spare-parts-book")
    types = [step.output_type for step in row.steps.all() if step.output_type]
    for one in types:
        one.full_clean()
    papers = [one for one in types if one.kind == "book"]
    roles = [role_of(one.output_type) for one in steps_of(papers)[papers[0].pk] if binds(one)]
    assert roles == ["hero", "exploded", "section", "drawing", "part"] and len(papers) == 2
    assert next(one for one in types if one.exploded).kind == "balloons"
    client.force_login(factories.user(is_staff=True))
    assert client.post(address).status_code == 403


def test_an_exploded_view_in_a_book_has_its_balloons(tmp_path: Path) -> None:
    product = product_of_parts(tmp_path)
    kind = factories.output_type(
        "apart", kind="balloons", format="png", exploded="apart", width=128, height=64
    )
    row = Workflow.objects.create(slug="book", name="Book")
    for number, one in enumerate(
        (
            kind,
            factories.output_type("book-pdf", kind="book", format="pdf"),
            factories.output_type("book-web", kind="book", format="webpage"),
        ),
        1,
    ):
        row.steps.create(position=number, output_type=one)
    factories.master(product.cad_file, kind, tmp_path)
    published_master(product, kind, tmp_path)
    order = run(row, product)
    execute.work(CPU_QUEUE)
    orders.reap()
    execute.work(CPU_QUEUE)
    picture, paper, web = (bound(order, slug) for slug in ("apart", "book-pdf", "book-web"))
    assert picture.how_made.measured == {"balloons": 2, "not_visible": 1, "no_room": 0}
    assert paper.how_made.measured == {"parts": 0, "pages": 2}, "a title and the view"
    assert path_of(paper).read_bytes().count(b"/Subtype /Image") == 1
    with zipfile.ZipFile(path_of(web)) as archive:
        assert archive.read("exploded-1.png") == path_of(picture).read_bytes()
    assert [one["role"] for one in paper.recipe["pages"]] == ["exploded"]


def recipe(format_name: str, **more: Any) -> dict[str, Any]:
    row = {
        "name": "=1+1 <b>Ring</b>",
        "part_number": "",
        "material": "钢",
        "size": "",
        "mass": "3 g",
        "file": "a",
    }
    words = ("title", "parts", "number", "picture", "part", "part_number", "count", "mass")
    return {
        "kind": "book",
        "format": format_name,
        "language": "en",
        "words": {name: name.title() for name in words},
        "product": {"number": "N-1 (a\\b)", "name": "轴承 <script>"},
        "pages": [
            {"role": "hero", "title": "Hero", "file": "a"},
            {"role": "drawing", "title": "Drawing", "file": "d"},
        ],
        "parts": [{**row, "number": number, "count": 1} for number in range(1, 26)],
        **more,
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A picture and a drawing."""
    square = [[[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 0.0]]]
    view = {"visible": square, "smooth": [], "hidden": [], "center": []}
    drawn = {"views": dict.fromkeys(("front", "top", "right", "iso"), view), "size_mm": [10, 10, 10]}
    with zipfile.ZipFile(tmp_path / "files.zip", "w") as archive:
        archive.write(factories.picture(tmp_path / "a.png", (300, 200)), "a.png")
        archive.writestr("d.svg", as_svg(laid_out(drawn, "N-1 (x)", hidden=False), {}))
    return tmp_path / "files.zip"


def test_paper_has_every_row_with_its_picture_and_the_drawing_in_lines(source: Path, tmp_path: Path) -> None:
    target, about = tmp_path / "book.pdf", {"recipe_key": "k", "poster": str(tmp_path / "p.webp")}
    book.write(source, target, recipe("pdf"), about)
    first = target.read_bytes()
    assert book.check(source, target, recipe("pdf"))[0] == {"parts": 25, "pages": 5}
    book.write(source, target, recipe("pdf"), about)
    assert target.read_bytes() == first, "the same book is the same bytes"
    target.write_bytes(first[:-20])
    with pytest.raises(GateError):
        book.check(source, target, recipe("pdf"))


def test_what_people_and_files_call_things_is_no_markup_and_no_formula(source: Path, tmp_path: Path) -> None:
    target, about = tmp_path / "book.zip", {"recipe_key": "k", "poster": str(tmp_path / "p.webp")}
    book.write(source, target, recipe("webpage"), about)
    assert book.check(source, target, recipe("webpage"))[0] == {"parts": 25}
    with zipfile.ZipFile(target) as web:
        page, rows = web.read("index.html").decode(), web.read("parts.csv").decode("utf-8-sig")
    assert "<b>" not in page and "<script" not in page and "&lt;script&gt;" in page
    assert "'=1+1" in rows
    missing = recipe("pdf", pages=[{"role": "hero", "title": "", "file": "gone"}])
    with pytest.raises(ValueError, match="A file of the book is missing"):
        book.write(source, target, missing, about)
    source.write_bytes(b"no zip")
    with pytest.raises(ValueError, match="can't be read"):
        book.write(source, target, recipe("pdf"), about)
