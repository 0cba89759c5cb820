"""Orders of parts one by one: a line for each kind, one picture of the same part wherever it is, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from media_assets.models import CadFile, Customer, MediaAsset, Product, ProductPart
from media_assets.signals import product_revised
from rendering import orders
from rendering.catalog import plan
from rendering.catalog.asks import Ask
from rendering.catalog.channels.names import DEFAULT_PATTERN, Pattern
from rendering.catalog.freshness import Freshness
from rendering.delivery.archives import Packing, of_order
from rendering.models import (
    ApiToken,
    Finish,
    Job,
    MaterialRule,
    Order,
    OrderLine,
    OutputType,
    Variant,
    Workflow,
)
from rendering.models.api_token import TokenScope
from rendering.orders import Wish, deleting, parts, table, workflows
from rendering.orders.deliverables import deliverables
from rendering.orders.foresight import foresee_run
from rendering.orders.matrix import matrix
from rendering.orders.refused import OrderRefused
from tests import factories
from tests.rendering.catalog.parts.test_listing import measured, part
from tests.rendering.orders.test_workflows import told
from tests.rendering.shell import Shell
from tests.rendering.steps import REPORT, ends, fails, runs, type_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

READY = {"state": CadFile.State.READY, "instances": 5, "size_mm": [10, 80, 5]}
RING, ROLLER, SEAL = measured("ring"), measured("roller"), measured("seal")
BLUE = "#2040c0"


def tree(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"name": "Bearing", "part_key": "/", "children": list(nodes)}


def bearing_file(seal: dict[str, Any] = SEAL, **more: Any) -> CadFile:
    """A ring, three rollers and a seal."""
    nodes = (part("Ring", 0), part("Roller", 1, "Roller", "Roller#2", "Roller#3"), part("Seal", 2))
    return factories.cad_file(tree=tree(*nodes), report={"kinds": [RING, ROLLER, seal]}, **{**READY, **more})


@pytest.fixture
def each() -> OutputType:
    return factories.output_type("parts", width=64, height=64, parts="each", format="png")


@pytest.fixture
def bearing(tmp_path: Path) -> Product:
    return made(factories.product(number="6204", cad_file=bearing_file()), tmp_path)


def made(product: Product, tmp_path: Path) -> Product:
    """The product with the geometry of its CAD file."""
    factories.geometry(product.cad_file, tmp_path)
    return product


def placed(*wishes: Wish, **fields: Any) -> Order:
    return orders.place(wishes, **{"trigger": Order.Trigger.COMMAND, **fields})


def assets(order: Order) -> dict[str, MediaAsset]:
    return {line.part: line.asset for line in order.lines.all() if line.asset}


def masters() -> int:
    return MediaAsset.objects.filter(kind=MediaAsset.Kind.RENDER_MASTER).count()


def test_each_kind_of_part_is_a_line_of_one_geometry_and_shown_by_itself(
    bearing: Product, each: OutputType, tmp_path: Path
) -> None:
    order = placed(Wish(bearing, each))
    lines = list(order.lines.order_by("id"))
    assert [(line.part, line.named) for line in lines] == [
        ("ring", "6204 · ring"),
        ("roller", "6204 · roller"),
        ("seal", "6204 · seal"),
    ]
    assert list(bearing.parts.values_list("key", "number")) == [("ring", 1), ("roller", 2), ("seal", 3)]
    jobs = Job.objects.filter(kind=Job.Kind.RENDER)
    assert len(jobs) == 3 and len({job.geometry_key for job in jobs}) == 1, "loaded once"
    shown = sorted((job.spec["subject"] for job in jobs), key=lambda one: str(one["parts"]))
    assert [one["parts"] for one in shown] == [["/Ring"], ["/Roller"], ["/Seal"]]
    assert {one["rest"] for one in shown} == {"alone"}
    ends(tmp_path)
    assert len({asset.pk for asset in assets(order).values()}) == 3
    packed = Packing.of(of_order(order), Pattern.of(DEFAULT_PATTERN))
    assert [entry.name for entry in packed.entries] == [
        f"6204_{name}_parts_64x64.png" for name in ("ring", "roller", "seal")
    ]
    elsewhere = Packing.of(of_order(order), Pattern.of("{output}-{part}.{ext}")).entries[1]
    assert elsewhere.name == "parts-roller.png"
    again = placed(Wish(bearing, each))
    assert set(again.lines.values_list("source", flat=True)) == {"cached"}


def test_the_same_part_in_two_products_is_one_picture_but_not_for_two_customers(
    bearing: Product, each: OutputType, tmp_path: Path
) -> None:
    """Whatever surrounds it, wherever it is, and however its product stands."""
    first = placed(Wish(bearing, each))
    ends(tmp_path)
    nodes = (part("Cover", 0, colors=(BLUE,)), part("Needle", 1, "Set/Needle"), part("Outer ring", 2))
    kinds = [measured("cover"), ROLLER, measured("ring")]
    file = factories.cad_file(tree=tree(*nodes), report={"kinds": kinds}, **READY)
    gear = made(factories.product(number="G-1", cad_file=file, orientation="y"), tmp_path)
    second = placed(Wish(gear, each))
    assert {line.part: line.source for line in second.lines.all()} == {
        "cover": "rendered",
        "needle": "cached",
        "outer-ring": "cached",
    }
    assert assets(second)["needle"] == assets(first)["roller"]
    ends(tmp_path)
    MaterialRule.objects.create(words="needle", product=gear, finish=Finish.objects.get(slug="brass"))
    assert {one.line.part for one in deliverables(products=[gear]) if one.changed} == {"needle"}
    customer = Customer.objects.create(name="Acme")
    theirs = made(factories.product(cad_file=bearing_file(), customer=customer), tmp_path)
    third = placed(Wish(theirs, each))
    assert set(third.lines.values_list("source", flat=True)) == {"rendered"}


def test_a_revision_makes_only_pictures_of_changed_parts_stale(
    bearing: Product, each: OutputType, tmp_path: Path
) -> None:
    order = placed(Wish(bearing, each))
    ends(tmp_path)
    before = assets(order)
    newer = bearing_file(seal=measured("other seal"))
    revise(bearing, newer, tmp_path)
    stale = [one for one in deliverables() if one.changed]
    assert [(one.line.part, one.why) for one in stale] == [("seal", ["CAD file", "shape of the part"])]
    (row, *rows) = matrix([bearing], [each])
    assert row.cells == [], "its parts have rows of their own"
    assert [(one.name, one.cells[0].state.value) for one in rows] == [
        ("6204 · Ring", "done"),
        ("6204 · Roller", "done"),
        ("6204 · Seal", "stale"),
    ]
    assert states() == {before[key].pk: Freshness.CURRENT for key in before}
    rendered = masters()
    again = placed(Wish(bearing, each))
    ends(tmp_path)
    assert masters() == rendered + 1
    assert {key for key, asset in assets(again).items() if asset != before[key]} == {"seal"}
    assert states()[before["seal"].pk] == Freshness.REPLACED
    (job,) = again.lines.get(part="seal").jobs.filter(kind=Job.Kind.RENDER)
    assert job.reuse["picture"]["changed"] == ["CAD file", "shape of the part"]


def test_a_part_that_is_gone_is_no_deliverable_any_more(
    bearing: Product, each: OutputType, tmp_path: Path
) -> None:
    placed(Wish(bearing, each))
    ends(tmp_path)
    revise(
        bearing, factories.cad_file(tree=tree(part("Ring", 0)), report={"kinds": [RING]}, **READY), tmp_path
    )
    assert [one.line.part for one in deliverables()] == ["ring"]
    assert [row.name for row in matrix([bearing], [each])] == ["6204", "6204 · Ring"]
    with pytest.raises(OrderRefused, match=r"has no part 'seal'. Its parts are: ring\."):
        placed(Wish(bearing, each, part="seal"))


def test_what_was_delivered_is_ordered_again_before_the_new_revision_is_read(
    bearing: Product, each: OutputType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed(Wish(bearing, each))
    ends(tmp_path)
    revise(bearing, factories.cad_file())
    again = placed(*(one.wish() for one in deliverables() if one.changed), trigger=Order.Trigger.RERENDER)
    assert again.lines.count() == 3
    read = bearing_file()
    monkeypatch.setitem(REPORT, "tree", read.tree)
    monkeypatch.setitem(REPORT, "kinds", read.report["kinds"])
    ends(tmp_path)
    assert set(again.lines.values_list("state", flat=True)) == {"done"}
    assert masters() == 3, "nothing has changed"


def test_an_unread_file_is_refused_and_a_step_of_a_workflow_waits_for_it(
    each: OutputType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = factories.product(number="N-1")
    with pytest.raises(OrderRefused, match="The parts of N-1 are not known before its CAD file is converted"):
        placed(Wish(product, each))
    monkeypatch.setitem(REPORT, "tree", tree(part("Ring", 0), part("Roller", 1, "A", "B")))
    monkeypatch.setitem(REPORT, "kinds", [RING, ROLLER])
    order = run(product, each, type_of("draft"))
    assert told(order)[1] == ("waiting", "Its CAD file is read first.")
    assert [one.verdict.value for one in foresee_run(_run(order, product))] == ["later", "later"]
    runs(tmp_path)
    assert told(order)[1] == ("ordered", "") and told(order)[2] == ("waiting", "Step 1 comes first.")
    assert [line.part for line in order.lines.order_by("id")] == ["ring", "roller"]
    runs(tmp_path)
    failed = fails("bad_geometry", "It is broken.")
    while Job.objects.live().exists():
        runs(tmp_path)
    assert told(order)[2] == ("skipped", "Step 1 failed or was canceled."), "one of the parts is missing"
    orders.retry_lines(list(failed.lines.all()))
    ends(tmp_path)
    assert told(order)[2] == ("ordered", "")


def test_a_file_that_cannot_be_read_skips_the_step(each: OutputType) -> None:
    order = run(factories.product(), each)
    fails("truncated", "The end is missing.")
    state, reason = told(order)[1]
    assert state == "skipped" and "The end is missing" in reason


def test_parts_shown_where_they_are_belong_to_their_product_and_variants_may_hide_them(
    bearing: Product, each: OutputType
) -> None:
    ghosts = factories.output_type("where", parts="each", rest="ghost", section="half")
    (wanted,) = plan.recipes_for_all([Ask(_file(bearing), ghosts, bearing.pk, part="roller")])
    assert wanted.arrangement.parts == ("/Roller", "/Roller#2", "/Roller#3")
    assert wanted.view["geometry"] == wanted.geometry_key, "it is not cut: a part by itself is whole"
    bare = Variant(product=bearing, name="Open", hidden=[{"words": "seal", "part_key": ""}])
    bare.full_clean()
    bare.save()
    order = placed(Wish(bearing, each, variant=bare))
    assert sorted(order.lines.values_list("part", flat=True)) == ["ring", "roller"]
    assert [row.name for row in matrix([bearing], [each]) if row.variant] == [
        "6204 · Open",
        *(f"6204 · Open · {name}" for name in ("Ring", "Roller", "Seal")),
    ]
    bare.hidden = [{"words": "ring, roller, seal", "part_key": ""}]
    with pytest.raises(OrderRefused, match="6204 · Open hides all parts"):
        parts.each_part([Wish(bearing, each, variant=bare)])


def test_a_part_whose_surface_the_file_describes_is_pictured_from_that_file_alone(each: OutputType) -> None:
    textured = {**part("Ring", 0), "described": [True]}
    recipes = []
    for _ in range(2):
        file = factories.cad_file(tree=tree(textured), report={"kinds": [RING]}, **READY)
        recipes += plan.recipes_for_all([Ask(file, each, factories.product(cad_file=file).pk, part="ring")])
    assert recipes[0].view_key != recipes[1].view_key
    assert recipes[0].view["subject"] == {"part": "/Ring", "rest": "alone"}


def test_a_product_that_goes_leaves_the_picture_that_it_shares_to_the_other(
    bearing: Product, each: OutputType, tmp_path: Path
) -> None:
    placed(Wish(bearing, each))
    ends(tmp_path)
    twin = made(factories.product(number="T-1", cad_file=bearing_file()), tmp_path)
    shared = assets(placed(Wish(twin, each)))
    orders.archive([bearing])
    bearing.refresh_from_db()
    deleting.delete([bearing], deleting.plan_deletion([bearing]).seen)
    assert not Product.objects.filter(number="6204").exists()
    kept = MediaAsset.objects.filter(pk__in=[one.pk for one in shared.values()])
    assert {(one.cad_file_id, one.product_id) for one in kept} == {(twin.cad_file_id, twin.pk)}
    assert [bool(one.changed) for one in deliverables(products=[twin])] == [False] * 3


def test_form_table_command_and_api_order_all_parts_or_some(
    bearing: Product, each: OutputType, admin_client: Client, admin_user: User, manage: Shell
) -> None:
    form = {"products": "6204", "output_types": [each.pk], "priority": 50}
    page = admin_client.post(reverse("admin:rendering_order_add"), {**form, "_preview": "1"})
    assert "6204 · roller" in page.content.decode() and not OrderLine.objects.exists()
    assert not ProductPart.objects.exists(), "a preview writes nothing"
    admin_client.post(reverse("admin:rendering_order_add"), form)
    assert [line.part for line in OrderLine.objects.order_by("id")] == ["ring", "roller", "seal"]

    rows, _wrong = table.parse("product,part,output_type\n6204,,parts\n6204,gold,parts\n6204,seal,draft\n")
    found = table.resolve(rows)
    assert [(row, wish.part) for row, wish in found.wishes] == [
        (2, "ring"),
        (2, "roller"),
        (2, "seal"),
        (4, ""),
    ]
    assert [(one.row, "has no part 'gold'" in one.message) for one in found.errors] == [(3, True)]
    again = table.resolve(table.parse(table.write([wish for _, wish in found.wishes]))[0])
    assert [wish.key for _, wish in again.wishes] == [wish.key for _, wish in found.wishes]

    words = ("--product", "6204", "--output-type", "parts", "--json")
    assert [one["part"] for one in manage("order", *words).document["lines"]] == ["ring", "roller", "seal"]
    key = ApiToken.issue(admin_user, "PIM", TokenScope.values)[1]
    program = Client(headers={"Authorization": f"Bearer {key}"})

    def sent(line: dict[str, Any], **more: Any) -> Any:
        wish = {"lines": [{"product": "6204", "output_type": "parts", **line}], **more}
        return program.post("/api/v1/orders", wish, content_type="application/json")

    assert [one["part"] for one in sent({"part": "seal"}).json()["lines"]] == ["seal"]
    assert [one["part"] for one in sent({}, dry_run=True).json()["would"]] == ["ring", "roller", "seal"]
    for hostile in ("../ring", "ring' OR 1=1", "x" * 300, "🔩", "/Ring"):
        answer = sent({"part": hostile})
        assert answer.status_code == 422 and "has no part" in answer.json()["detail"], answer.content
    told_of = program.get("/api/v1/products/6204/deliverables").json()["deliverables"]
    assert [one["part"] for one in told_of if one["output_type"] == "parts"] == ["ring", "roller", "seal"]


def test_an_order_of_parts_that_are_not_there_is_refused_where_they_are_known(
    bearing: Product, admin_client: Client
) -> None:
    screws = factories.output_type("screws", parts="some", part_words="screw*")
    with pytest.raises(OrderRefused, match=r"6204' has none of the parts that 'screws' shows: screw\*"):
        placed(Wish(bearing, screws))
    form = {"products": "6204", "output_types": [screws.pk], "priority": 50}
    page = admin_client.post(reverse("admin:rendering_order_add"), form)
    assert "has none of the parts" in str(page.context["form"].errors["output_types"])
    errors = table.resolve(table.parse("product,output_type\n6204,screws\n")[0]).errors
    assert "has none of the parts" in errors[0].message
    assert told(run(bearing, screws))[1][0] == "skipped"
    placed(Wish(factories.product(), screws))  # nobody knows yet


def test_the_matrix_shows_parts_below_their_product_and_orders_them(
    bearing: Product, each: OutputType, admin_client: Client, tmp_path: Path
) -> None:
    address = reverse("admin:rendering_matrix") + f"?column={each.pk}&column={type_of('draft').pk}"
    admin_client.post(address, {"verb": "order", "shown": bearing.pk, "cell": f"{bearing.pk}:{each.pk}"})
    assert OrderLine.objects.count() == 3
    page = admin_client.get(address)
    rows = page.context["rows"]
    assert [[cell is not None for cell in row["cells"]] for row in rows] == [
        [True, False],
        *([[False, True]] * 3),
    ] or [[cell is not None for cell in row["cells"]] for row in rows] == [
        [False, True],
        *([[True, False]] * 3),
    ]
    admin_client.post(address, {"verb": "cancel", "shown": bearing.pk, "row": f"{bearing.pk}~roller"})
    assert dict(OrderLine.objects.values_list("part", "state"))["roller"] == "canceled"
    assert OrderLine.objects.live().count() == 2


def revise(product: Product, file: CadFile, tmp_path: Path | None = None) -> None:
    """Give the product another CAD file, with its geometry."""
    product.cad_file = file
    product.save()
    product_revised.send(Product, product=product, cad_file=file, is_new_file=True, user=None)
    Job.objects.live().delete()  # what the upload converts or orders is not what is tested here
    if tmp_path:
        made(product, tmp_path)


def run(product: Product, *kinds: OutputType) -> Order:
    """Run a workflow whose second step waits for the first."""
    row = Workflow.objects.create(slug="book", name="Book")
    for number, kind in enumerate(kinds, 1):
        row.steps.create(position=number, output_type=kind, after=number - 1 or None)
    wanted = orders.Run(workflows.current(row), [product])
    return orders.place([], trigger=Order.Trigger.OPERATOR, run=wanted)


def _run(order: Order, product: Product) -> orders.Run:
    assert order.workflow_version
    return orders.Run(order.workflow_version, [product])


def states() -> dict[int, str]:
    delivered = MediaAsset.objects.exclude(delivery_state="")
    return dict(delivered.values_list("pk", "delivery_state"))


def _file(product: Product) -> CadFile:
    assert product.cad_file
    return product.cad_file
