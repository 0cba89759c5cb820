"""What the rules let go: by age and by budget, the cheapest first, and never what is needed."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from media_assets.models import MediaAsset, Product
from rendering import orders
from rendering.farm import pruning
from rendering.models import Job, Order, OrderLine, ShareLink
from rendering.pictures.frames import ROOT
from tests import factories
from tests.media import place_of
from tests.rendering.farm.pruning.world import deliver, geometry, made, rules, unused
from tests.rendering.steps import order, runs

pytestmark = [pytest.mark.django_db, pytest.mark.database]

Kind = MediaAsset.Kind


@pytest.fixture
def product() -> Product:
    return factories.product()


@pytest.fixture
def pictures(product: Product, tmp_path: Path) -> list[MediaAsset]:
    """A superseded picture and the one that replaced it."""
    found = [made("still", tmp_path, product.cad_file, number, seconds={"encode": 1.0}) for number in (1, 2)]
    for one in found:
        deliver(product, one)
    return found


def going() -> list[int | None]:
    return [one.asset for one in pruning.make_plan().going]


def test_without_rules_everything_stays(pictures: list[MediaAsset]) -> None:
    rules()
    unused(pictures[0], 9999)
    assert going() == []


def test_a_superseded_picture_goes_when_it_was_not_used_for_as_long_as_it_is_kept(
    pictures: list[MediaAsset],
) -> None:
    rules(superseded_days=30)
    for one in pictures:
        unused(one, 31)
    (one,) = pruning.make_plan().going
    assert (one.asset, one.rule, one.kind, one.reason.code) == (pictures[0].pk, "superseded", "still", "age")
    assert str(one.reason) == "not used for 31 days; kept for 30"
    assert one.product and one.bytes == pictures[0].bytes and one.seconds == 1.0
    unused(pictures[0], 29)
    assert going() == []


def test_being_replaced_is_the_end_of_its_use(product: Product, tmp_path: Path) -> None:
    first, second = (made("still", tmp_path, product.cad_file, number) for number in (1, 2))
    deliver(product, first)
    unused(first, 300)
    deliver(product, second)
    first.refresh_from_db()
    assert timezone.now() - first.last_used < timedelta(minutes=1)


def test_the_newest_picture_of_an_earlier_cad_file_stays(
    pictures: list[MediaAsset], product: Product
) -> None:
    rules(superseded_days=30)
    Product.objects.update(cad_file=factories.cad_file())
    unused(pictures[1], 300)
    assert going() == []


@pytest.mark.parametrize("of", ["asset", "order"])
def test_what_an_open_link_shows_stays_until_it_ends(of: str, pictures: list[MediaAsset]) -> None:
    rules(superseded_days=30)
    one = unused(pictures[0], 300)
    opened: dict[str, Any] = {"asset": one} if of == "asset" else {"order": one.order_lines.get().order}
    link = ShareLink.objects.create(expires=timezone.now() + timedelta(hours=1), **opened)
    assert going() == []
    ShareLink.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert going() == [one.pk]
    ShareLink.objects.update(expires=timezone.now() + timedelta(hours=1), revoked=timezone.now())
    assert going() == [one.pk] and link.pk


def test_what_a_live_job_works_from_stays(product: Product, tmp_path: Path) -> None:
    rules(master_days=10, geometry_days=10, usd_days=10, document_days=10)
    cad = product.cad_file
    kinds = ("render_master", "gltf_geometry", "usd_master", "cad_document")
    found = {kind: unused(made(kind, tmp_path, cad, number), 20) for number, kind in enumerate(kinds)}
    other = unused(made("render_master", tmp_path, cad, 9), 20)
    job = factories.job(kind=Job.Kind.ENCODE, cad_file=cad, spec={"master": found["render_master"].pk})
    assert going() == [other.pk], "of the geometry nobody knows whether the next step needs it"
    orders.cancel_job(job)
    assert set(going()) == {other.pk, *(asset.pk for asset in found.values())}


def test_what_a_live_line_waits_for_stays(pictures: list[MediaAsset], product: Product) -> None:
    rules(superseded_days=30)
    one = unused(pictures[0], 300)
    line = one.order_lines.get()
    OrderLine.objects.create(
        order=Order.objects.create(),
        product=product,
        output_type=line.output_type,
        cad_file=line.cad_file,
        recipe_key=one.recipe_key,
        master_width=64,
        master_height=64,
    )
    assert going() == []


def test_a_budget_takes_the_cheapest_until_the_rest_is_within_it(product: Product, tmp_path: Path) -> None:
    costs = {1: 9.0, 2: 1.0, 3: 5.0, 4: 2.0}
    masters = {
        number: unused(made("render_master", tmp_path, product.cad_file, number, seconds={"render": cost}), 5)
        for number, cost in costs.items()
    }
    size = sum(one.bytes for one in masters.values())
    rules(master_gb=(size - masters[2].bytes - 1) / 1e9)
    plan = pruning.make_plan()
    assert [one.asset for one in plan.going] == [masters[2].pk, masters[4].pk]
    assert [one.seconds for one in plan.going] == [1.0, 2.0] and plan.seconds == 3.0
    assert {one.reason.code for one in plan.going} == {"budget"} and "of its kind" in str(
        plan.going[0].reason
    )
    rules(master_gb=0.0)
    assert len(going()) == 4
    rules(master_gb=size / 1e9)
    assert going() == []


def test_what_is_too_old_counts_towards_the_budget(product: Product, tmp_path: Path) -> None:
    old, cheap = (
        unused(made("render_master", tmp_path, product.cad_file, number, seconds={"render": cost}), days)
        for number, cost, days in ((1, 50.0, 40), (2, 1.0, 5))
    )
    rules(master_days=30, master_gb=cheap.bytes / 1e9)
    assert going() == [old.pk]


def test_what_was_used_within_two_days_stays_even_over_the_budget(product: Product, tmp_path: Path) -> None:
    rules(master_gb=0.0, master_days=1)
    one = unused(made("render_master", tmp_path, product.cad_file, 1), 1.9)
    assert going() == []
    unused(one, 2.1)
    assert going() == [one.pk]


def test_a_picture_whose_master_is_kept_costs_no_rendering(product: Product, tmp_path: Path) -> None:
    cad, spent = product.cad_file, {"render": 60.0, "encode": 0.5, "gate": 0.25}
    master = made("render_master", tmp_path, cad, 1, seconds={"render": 60.0})
    kept = unused(made("still", tmp_path, cad, 2, seconds=spent, master=master.pk), 99)
    alone = unused(made("still", tmp_path, cad, 3, seconds=spent, master=master.pk + 1000), 99)
    unknown = unused(made("still", tmp_path, cad, 4), 99)
    rules(superseded_days=30)
    plan = pruning.make_plan()
    assert [(one.asset, one.seconds) for one in plan.going] == [
        (kept.pk, 0.75),
        (alone.pk, 60.75),
        (unknown.pk, None),
    ]
    MediaAsset.objects.filter(pk=master.pk).update(pruned=timezone.now())
    assert {one.seconds for one in pruning.make_plan().going} == {60.75, None}


@pytest.mark.parametrize(
    ("kind", "spent", "seconds"),
    [
        (Kind.GLTF_GEOMETRY, {"read": 1.0, "convert": 3.0}, 3.0),
        (Kind.USD_MASTER, {"convert": 3.0}, 3.0),
        (Kind.RENDER_MASTER, {"render": 8.0, "total": 7.0, "sample": 6.0}, 8.0),
        (Kind.RENDER_MASTER, {"total": 70, "sample": 60.0}, 70.0),
        (Kind.RENDER_MASTER, {"sample": 6.0}, 6.0),
        (Kind.RENDER_MASTER, {}, None),
        (Kind.STILL, {"gate": 0.5}, 0.5),
        (Kind.STILL, {"sample": 4.0, "encode": 1.0}, 5.0),
        (Kind.STILL, None, None),
    ],
)
def test_what_it_took_says_what_it_would_take(
    kind: str, spent: dict[str, float] | None, seconds: float | None, product: Product, tmp_path: Path
) -> None:
    unused(made(kind, tmp_path, product.cad_file, 1, seconds=spent), 99)
    rules(superseded_days=30, master_days=30, geometry_days=30, usd_days=30)
    assert [one.seconds for one in pruning.make_plan().going] == [seconds]


def test_a_plan_holds_a_bounded_number_of_files_and_a_run_goes_on(
    product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        unused(made("render_master", tmp_path, product.cad_file, number), 99)
    rules(master_days=30)
    plan = pruning.make_plan(most=2)
    assert len(plan.going) == 2 and plan.has_more
    monkeypatch.setattr(pruning.make_plan, "__defaults__", (None, 2))
    assert len(pruning.run("test")[1]) == 5


def test_the_cost_of_a_document_is_that_of_reading_the_file(product: Product, tmp_path: Path) -> None:
    cad = product.cad_file
    assert cad is not None
    cad.report = {"seconds": {"read": 2.0, "transfer": 1.0, "mesh": 7.0}}
    cad.save()
    unused(made("cad_document", tmp_path, cad, 1), 99)
    rules(document_days=30)
    assert [one.seconds for one in pruning.make_plan().going] == [3.0]


def film(key: str, days: float, seconds: float) -> None:
    """Frames that were rendered so many days ago."""
    folder = ROOT.folder(key)
    folder.make()
    folder.file("frame_0001.png").write(b"x" * 1000)
    folder.file("frame_0001.json").write(json.dumps({"seconds": {"total": seconds}}).encode())
    then = (timezone.now() - timedelta(days=days)).timestamp()
    import os

    for path in (*place_of(folder).iterdir(), place_of(folder)):
        os.utime(path, (then, then))


def test_frames_of_films_that_nobody_renders_go(product: Product) -> None:
    film("old", 9, 40.0)
    film("live", 9, 5.0)
    film("cheap", 4, 2.0)
    film("dear", 4, 90.0)
    factories.job(cad_file=product.cad_file, spec={"film": "live"})
    rules(frames_days=7)
    (one,) = pruning.make_plan().going
    assert (one.name, one.rule, one.seconds, one.asset) == ("frames/old", "frames", 40.0, None)
    assert one.bytes > 1000
    rules(frames_days=7, frames_gb=3 * one.bytes / 1e9)
    assert [one.name for one in pruning.make_plan().going] == ["frames/old"]
    rules(frames_days=7, frames_gb=2.5 * one.bytes / 1e9)
    found = pruning.make_plan().going
    assert [(one.name, one.reason.code) for one in found] == [
        ("frames/cheap", "budget"),
        ("frames/old", "age"),
    ]


def test_totals_say_what_there_is_and_what_there_may_be(pictures: list[MediaAsset], tmp_path: Path) -> None:
    row = rules(superseded_days=30, superseded_gb=0.5)
    film("a", 1, 1.0)
    found = pruning.totals(row)
    assert found["superseded"].to_json() == {
        "files": 1,
        "bytes": pictures[0].bytes,
        "days": 30,
        "limit_bytes": 500_000_000,
    }
    assert found["frames"].files == 1 and found["master"].files == 0
    MediaAsset.objects.update(pruned=timezone.now())
    assert pruning.totals(row)["superseded"].files == 0


def test_a_plan_of_many_files_asks_as_often_as_one_of_few(
    pictures: list[MediaAsset], product: Product, tmp_path: Path
) -> None:
    rules(superseded_days=30)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            pruning.make_plan()
        return len(captured)

    unused(pictures[0], 99)
    few = queries()
    for number in range(10, 40):
        unused(made("still", tmp_path, product.cad_file, number), 99)
    assert len(going()) == 31 and queries() == few


def test_geometry_of_a_product_that_is_at_rest_goes_and_is_converted_again_when_ordered(
    product: Product, tmp_path: Path
) -> None:
    cad = product.cad_file
    assert cad is not None
    one = unused(geometry(cad, tmp_path), 200)
    rules(geometry_days=180)
    (found,) = pruning.make_plan().going
    assert (found.asset, found.seconds) == (one.pk, 4.5)
    pruning.run("test")
    one.refresh_from_db()
    assert one.pruned and one.recipe and one.how_made.seconds == {"convert": 4.5}
    placed = order(product, "draft")
    assert runs(tmp_path).kind == Job.Kind.TESSELLATE
    one.refresh_from_db()
    assert one.pruned is None and placed.lines.get().state == OrderLine.State.WORKING
