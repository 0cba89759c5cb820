"""What is archived is out of lists and can't be ordered, and comes back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from media_assets.ingest import receive
from media_assets.ingest.receive import Arrival
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.models.archivable import Archivable
from rendering import orders
from rendering.models import Job, Order, OrderStep, Workflow
from rendering.orders import OrderRefused, Run, workflows
from rendering.orders.deliverables import deliverables
from rendering.orders.table import TableRow, resolve
from tests import factories
from tests.paths import SAMPLE
from tests.rendering.steps import ends, order, type_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def again(row: Archivable) -> Archivable:
    return type(row)._default_manager.get(pk=row.pk)


def archived(*rows: Archivable) -> list[bool]:
    return [again(row).is_archived for row in rows]


def taken(number: str = "") -> Arrival:
    return receive.receive(SAMPLE, "bearing.step", number=number, max_bytes=10_000_000)


def test_a_product_goes_with_its_own_cad_files_and_both_come_back() -> None:
    product, shared = factories.product(), factories.product()
    other = factories.product(cad_file=shared.cad_file)
    assert [row.pk for row in orders.archive([product]).along] == [product.cad_file.pk]
    assert orders.archive([shared]).along == []
    assert archived(product, product.cad_file, shared, shared.cad_file) == [True, True, True, False]
    assert orders.archive([again(product)]).done == []
    orders.restore([product])
    assert archived(product, product.cad_file, other) == [False, False, False]


def test_a_broken_upload_goes_with_the_product_that_it_made() -> None:
    cad = factories.cad_file(state=CadFile.State.FAILED, error_code="damaged")
    product = factories.product(cad_file=cad, revisions=1)
    orders.archive([cad])
    assert archived(cad, product) == [True, True]
    orders.restore([cad])
    assert archived(cad, product) == [False, False]


def test_the_cad_file_of_a_product_that_has_had_others_stays() -> None:
    product = factories.product(revisions=2)
    ((row, why),) = orders.archive([product.cad_file]).refused
    assert row == product.cad_file and f"current CAD file of product {product.number}" in why
    assert archived(product, product.cad_file) == [False, False]


def test_an_archived_product_or_output_type_can_not_be_ordered_and_the_message_says_so() -> None:
    product, kind = factories.product(), type_of("draft")
    orders.archive([product])
    with pytest.raises(OrderRefused, match=f"Product '{product.number}' is archived. Bring it back"):
        order(again(product), "draft")
    with pytest.raises(OrderRefused, match="archived or deleted just now"):
        order(product, "draft")  # as it was read before
    orders.restore([product])
    orders.archive([kind])
    with pytest.raises(OrderRefused, match="Output type 'draft' is archived"):
        order(again(product), "draft")
    assert not Order.objects.exists()


def test_a_table_names_what_is_archived() -> None:
    product, kind = factories.product(), type_of("draft")
    rows = [
        TableRow(2, product.number, ("still-1024",), False),
        TableRow(3, product.number, ("draft",), False),
    ]
    orders.archive([kind])
    (error,) = resolve(rows).errors
    assert (error.row, "Output type draft is archived" in error.message) == (3, True)
    orders.archive([product])
    assert all("is archived. Bring it back first" in one.message for one in resolve(rows).errors)


def test_a_workflow_skips_a_step_whose_output_type_is_archived(tmp_path: Path) -> None:
    workflow = Workflow.objects.filter(steps__output_type__isnull=False).first()
    assert workflow is not None
    for step in workflow.steps.exclude(output_type=None):
        orders.archive([step.output_type])
    run = Run(workflows.current(workflow), [factories.product()])
    placed = orders.place([], trigger=Order.Trigger.OPERATOR, run=run)
    ends(tmp_path)
    skipped = placed.steps.filter(state=OrderStep.State.SKIPPED)
    assert skipped and all("archived" in one.reason for one in skipped)


def test_only_old_pictures_are_archived_and_the_matrix_forgets_them(tmp_path: Path) -> None:
    product = factories.product()
    for number in range(2):
        order(product, "draft", force=bool(number))
        ends(tmp_path)
    asset = MediaAsset.objects.filter(kind=MediaAsset.Kind.STILL).latest("pk")
    geometry = MediaAsset.objects.filter(kind=MediaAsset.Kind.GLTF_GEOMETRY).latest("pk")
    assert "current one" in orders.archive([asset]).refused[0][1]
    assert "Only pictures and films" in orders.archive([geometry]).refused[0][1]
    product.cad_file = factories.cad_file()
    product.save()
    assert orders.archive([asset]).done == [asset]
    assert deliverables(products=[product]) == []


def test_an_archived_picture_that_is_ordered_again_is_back_without_any_work(tmp_path: Path) -> None:
    product, old = factories.product(), None
    order(product, "draft")
    ends(tmp_path)
    asset = MediaAsset.objects.filter(kind=MediaAsset.Kind.STILL).latest("pk")
    old, product.cad_file = product.cad_file, factories.cad_file()
    product.save()
    orders.archive([asset])
    product.cad_file = old
    product.save()
    (line,) = order(product, "draft").lines.all()
    assert (line.asset, archived(asset)) == (asset, [False])


def test_an_upload_of_what_is_archived_says_so_and_changes_nothing() -> None:
    product = taken("B-1").product
    assert product is not None
    Job.objects.all().delete()
    orders.archive([product])
    same = taken()
    assert (same.error_code, same.cad_file, same.product) == ("archived", product.cad_file, product)
    orders.restore([product.cad_file])
    Product.objects.filter(pk=product.pk).update(archived_at=None)
    orders.archive([factories.product(number="B-2")])
    assert not taken().error_code  # another product has the same file
    Product.objects.create(number="A-1", cad_file=product.cad_file, archived_at=timezone.now())
    assert taken().product == product
    other = taken("B-2")
    assert (other.error_code, "Product B-2 is archived" in other.error) == ("archived", True)
    assert not Job.objects.exists() and Product.objects.get(number="B-1").cad_file == product.cad_file


def test_a_new_product_with_the_number_of_an_archived_one_is_told_why_not() -> None:
    product = factories.product(number="B-3")
    orders.archive([product])
    with pytest.raises(ValidationError, match=r"B-3 is archived\. Bring it back"):
        Product(number="B-3").validate_unique()
