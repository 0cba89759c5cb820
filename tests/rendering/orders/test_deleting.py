"""Deletion: what goes, what refuses, what keeps its words, and what becomes of the files."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from media_assets import storage
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.models.archivable import Archivable
from rendering import orders
from rendering.delivery import archives
from rendering.models import (
    Finish,
    Job,
    MaterialRule,
    Order,
    OrderLine,
    OutputType,
    ShareLink,
    WorkflowStep,
)
from rendering.orders import DeletionPlan, DeletionRefused, OrderRefused
from rendering.reports import costs
from rendering.reports.scope import Scope
from tests import factories
from tests.rendering.steps import ends, order, type_of

GONE = "The picture was deleted. Order it again."
pytestmark = [pytest.mark.django_db, pytest.mark.database]


def now(row: Archivable) -> Any:
    return type(row)._default_manager.get(pk=row.pk)


def put_away(row: Archivable) -> Any:
    """Archive a row, whatever speaks against it."""
    type(row)._default_manager.filter(pk=row.pk).update(archived_at=timezone.now())
    return now(row)


def deleted(*rows: Archivable) -> DeletionPlan:
    return orders.delete(rows, orders.plan_deletion(rows).seen)


def reasons(*rows: Archivable) -> list[str]:
    return [one.why for one in orders.plan_deletion(rows).obstacles]


def delivered(tmp_path: Path, product: Product | None = None, slug: str = "draft") -> OrderLine:
    (line,) = order(product or factories.product(name="Bearing"), slug).lines.all()
    ends(tmp_path)
    line.refresh_from_db()
    assert line.asset
    return line


def stored() -> set[str]:
    found = set()
    for asset in MediaAsset.objects.all():
        found |= {str(asset.file.name), str(asset.poster.name or "")}
    return {name for name in found if name}


def goes(plan: DeletionPlan) -> dict[str, int]:
    return {one.label: one.count for one in plan.goes}


def test_a_product_goes_with_its_files_and_its_orders_keep_their_words(
    tmp_path: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    line = delivered(tmp_path)
    product, number, cad = line.product, line.product.number, line.cad_file
    MaterialRule.objects.create(product=product, finish=Finish.objects.first(), words="x")
    ShareLink.objects.create(asset=line.asset, expires=timezone.now() - timedelta(days=1))
    files = stored() | {str(cad.file.name)}
    orders.archive([product])
    plan = orders.plan_deletion([now(product)])
    expected = {
        "Products": 1,
        "CAD files": 1,
        "Material rules": 1,
        "Share links": 1,
        "Still": 1,
        "Render master": 1,
    }
    assert {**goes(plan), **expected} == goes(plan) and plan.bytes > cad.bytes
    assert [one.count for one in plan.stays] == [1, 3]
    with django_capture_on_commit_callbacks(execute=True):
        orders.delete([now(product)], plan.seen)
    assert not (Product.objects.exists() or CadFile.objects.exists() or MediaAsset.objects.exists())
    assert not ShareLink.objects.exists()
    assert not any(map(storage.exists, files))
    line = OrderLine.objects.get(pk=line.pk)
    assert (str(line), line.product_words, line.output_words) == (
        f"{number} · draft",
        "Bearing",
        str(type_of("draft")),
    )
    assert line.as_dict()["product"] == number
    assert {job.number for job in Job.objects.all()} == {number}
    assert costs.by_product(Scope.of()).rows[0][0] == number
    (wanted,) = archives.of_order(line.order)
    assert (wanted.number, wanted.output, wanted.reason) == (
        number,
        str(type_of("draft")),
        "The picture was deleted. Order it again.",
    )


def test_an_output_type_goes_and_its_pictures_stay(tmp_path: Path) -> None:
    kind = factories.output_type("poster", name="Poster", width=64, height=64)
    line = delivered(tmp_path, slug="poster")
    orders.archive([kind])
    assert goes(deleted(now(kind))) == {"Output types": 1}
    line = OrderLine.objects.get(pk=line.pk)
    assert (line.slug, line.output_words, line.asset is not None) == ("poster", "Poster", True)
    assert costs.by_output_type(Scope.of()).rows[0][0] == "poster"
    assert not orders.retry_line(line)


def test_what_is_not_archived_or_in_progress_refuses(tmp_path: Path) -> None:
    placed = order(factories.product(), "draft")
    product = placed.lines.get().product
    assert "not archived" in reasons(product)[0]
    orders.archive([product])
    first, second = reasons(now(product))
    assert "this order is in progress" in first and "This job is waiting or running" in second
    with pytest.raises(DeletionRefused, match="something needs it"):
        deleted(now(product))
    orders.cancel_order(placed)
    deleted(now(product))
    assert not Product.objects.exists()


def test_an_open_share_refuses_by_its_picture_and_by_its_order(tmp_path: Path) -> None:
    line = delivered(tmp_path)
    product = put_away(line.product)
    later = timezone.now() + timedelta(days=1)
    for opened in ({"asset": line.asset}, {"order": line.order}):
        link = ShareLink.objects.create(expires=later, **opened)
        assert "This share link is open" in reasons(product)[0]
        link.revoked = timezone.now()
        link.save()
    assert reasons(product) == []


def test_a_step_of_a_workflow_refuses_its_output_type() -> None:
    step = WorkflowStep.objects.exclude(output_type=None).select_related("output_type").first()
    assert step is not None
    (why,) = {*reasons(put_away(step.output_type))}
    assert "Remove the step first" in why


def test_a_cad_file_goes_without_its_product_only_when_another_one_is_current(tmp_path: Path) -> None:
    line = delivered(tmp_path)
    product, cad = line.product, put_away(line.cad_file)
    assert "Delete the product" in reasons(cad)[0]
    product.cad_file = factories.cad_file()
    product.save()
    deleted(cad)
    line = OrderLine.objects.get(pk=line.pk)
    assert (line.product, line.cad_words, line.asset) == (product, cad.original_name, None)
    assert {job.cad_words for job in line.jobs.all()} == {cad.original_name}
    job = line.jobs.first()
    assert job is not None and not orders.retry_job(job).is_live


def test_a_picture_that_another_product_got_stays_with_that(tmp_path: Path) -> None:
    line = delivered(tmp_path)
    other = factories.product(cad_file=line.cad_file)
    (same,) = order(other, "draft").lines.all()
    assert same.asset == line.asset
    deleted(put_away(line.product))
    asset = MediaAsset.objects.get(pk=same.asset_id)
    assert asset.product is None and storage.exists(asset.file)


def test_a_file_that_two_rows_share_stays_while_one_needs_it(
    tmp_path: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    line = delivered(tmp_path)
    assert line.asset
    twin = MediaAsset.objects.get(pk=line.asset.pk)
    twin.pk, twin.recipe_key = None, "f" * 64
    twin.save()
    with django_capture_on_commit_callbacks(execute=True):
        deleted(put_away(line.asset))
    assert storage.exists(twin.file) and storage.exists(line.asset.file)
    with django_capture_on_commit_callbacks(execute=True):
        deleted(put_away(twin))
    assert not storage.exists(line.asset.file)


def test_what_has_changed_since_it_was_shown_is_shown_again(tmp_path: Path) -> None:
    line = delivered(tmp_path)
    product = put_away(line.product)
    seen = orders.plan_deletion([product]).seen
    MaterialRule.objects.create(product=product, finish=Finish.objects.first(), words="x")
    with pytest.raises(DeletionRefused, match="has changed meanwhile") as refusal:
        orders.delete([product], seen)
    assert goes(refusal.value.plan)["Material rules"] == 1 and Product.objects.exists()


def test_a_rolled_back_deletion_leaves_everything(
    tmp_path: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    line = delivered(tmp_path)
    product = put_away(line.product)
    with (
        django_capture_on_commit_callbacks(execute=True),
        pytest.raises(ZeroDivisionError),
        transaction.atomic(),
    ):
        deleted(product)
        raise ZeroDivisionError
    assert line.asset and storage.exists(line.asset.file) and now(product).number == product.number


def race(product: Product, kind: OutputType) -> list[str]:
    """Bring an archived product back and order it, and delete it, both at once; return what each was told."""
    start, told = threading.Barrier(2), []

    def order_it() -> None:
        orders.restore([product])
        try:
            orders.place([orders.Wish(now(product), kind)], trigger=Order.Trigger.COMMAND)
            told.append("ordered")
        except (OrderRefused, Product.DoesNotExist) as refusal:
            told.append(str(refusal))

    def delete_it() -> None:
        try:
            deleted(product)
            told.append("deleted")
        except DeletionRefused as refusal:
            told.append(str(refusal))

    def run(act: Callable[[], None]) -> None:
        start.wait()
        act()
        connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in (order_it, delete_it)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return told


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_an_order_and_a_deletion_in_one_instant_end_with_one_of_them_and_a_word(
    transactional_db: Any,
) -> None:
    for _ in range(8):
        product = put_away(factories.product())
        told = race(product, type_of("draft"))
        assert len(told) == 2, told
        assert ("deleted" in told) != ("ordered" in told), told
        assert Product.objects.filter(pk=product.pk).exists() == ("ordered" in told)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_deletion_waits_for_an_order_that_is_being_placed(transactional_db: Any) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    product = factories.product()
    ordered, looked = threading.Event(), threading.Event()
    told: list[str] = []

    def delete() -> None:
        ordered.wait(20)
        away = put_away(product)
        looked.set()
        try:
            deleted(away)
            told.append("deleted")
        except DeletionRefused as refusal:
            told.append(str(refusal))
        connection.close()

    thread = threading.Thread(target=delete)
    thread.start()
    with transaction.atomic():
        order(product, "draft")
        ordered.set()
        assert looked.wait(20)  # archiving does not wait for orders; deleting does
    thread.join(30)
    assert told == ["Nothing was deleted: something needs it."]
    assert OrderLine.objects.get().product == product
