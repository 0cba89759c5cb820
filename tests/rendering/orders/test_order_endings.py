"""Cancel, retry, losing a worker: what becomes of the lines that wait."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from media_assets.ingest import conversions, receive
from media_assets.models import CadFile, Product
from rendering import orders
from rendering.models import Attempt, Job, Order, OrderLine, OutputType, Workflow
from rendering.orders.deliverables import deliverables
from rendering.queue import claims
from tests import factories
from tests.media import path_of
from tests.rendering.steps import ends, fails, order, runs, taken

pytestmark = [pytest.mark.django_db, pytest.mark.database]

State = OrderLine.State


def ready_product(tmp_path: Path) -> Product:
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    return product


def test_canceling_a_line_keeps_the_job_that_another_line_needs(tmp_path: Path) -> None:
    product = ready_product(tmp_path)
    mine, other = (order(product, "draft").lines.get() for _ in range(2))
    assert orders.cancel_line(mine)
    assert (mine.state, Job.objects.get().state) == (State.CANCELED, Job.State.QUEUED)
    ends(tmp_path)
    other.refresh_from_db()
    assert other.state == State.DONE


def test_canceling_the_last_line_of_a_job_cancels_the_job(tmp_path: Path) -> None:
    line = order(ready_product(tmp_path), "draft").lines.get()
    assert orders.cancel_line(line)
    assert Job.objects.get().state == Job.State.CANCELED
    assert not orders.cancel_line(line)


def test_canceling_an_order_cancels_its_live_lines(tmp_path: Path) -> None:
    product = ready_product(tmp_path)
    order(product, "draft")
    ends(tmp_path)
    placed = order(product, "draft", "still-1024")
    assert orders.cancel_order(placed) == 1
    assert [line.state for line in placed.lines.all()] == [State.DONE, State.CANCELED]


def test_canceling_a_job_cancels_the_lines_that_wait_for_it(tmp_path: Path) -> None:
    product = ready_product(tmp_path)
    lines = [order(product, "draft").lines.get() for _ in range(2)]
    assert orders.cancel_job(Job.objects.get())
    for line in lines:
        line.refresh_from_db()
        assert (line.state, line.error_code) == (State.CANCELED, "canceled")
    assert not orders.cancel_job(Job.objects.get())


def test_canceling_a_running_job_cancels_its_lines_at_once_and_its_worker_stops(tmp_path: Path) -> None:
    line = order(ready_product(tmp_path), "draft").lines.get()
    taken()
    assert orders.cancel_job(Job.objects.get())
    line.refresh_from_db()
    assert line.state == State.CANCELED
    assert Job.objects.get().cancel_requested


def test_a_line_that_comes_after_its_job_was_canceled_is_not_canceled_with_it(tmp_path: Path) -> None:
    """Its order saw nothing of the request yet."""
    product = ready_product(tmp_path)
    first = order(product, "draft").lines.get()
    claim = taken()
    assert claim is not None
    second = order(product, "draft").lines.get()
    orders.cancel_line(second)
    orders.cancel_job(claim.job)
    OrderLine.objects.filter(pk=second.pk).update(state=State.WORKING, error_code="")
    claims.cancel_running(claim)
    orders.on_job_ended(claim.job)
    ends(tmp_path)
    assert [OrderLine.objects.get(pk=one.pk).state for one in (first, second)] == [State.CANCELED, State.DONE]


def test_a_conversion_canceled_while_it_waits_again_leaves_a_file_that_is_not_converting() -> None:
    line = order(factories.product(), "draft").lines.get()
    claim = taken()
    assert claim is not None
    conversions.mark_tessellating(claim.job.cad_file)
    claims.lose(claim)
    orders.cancel_line(line)
    assert CadFile.objects.get().state == CadFile.State.UPLOADED


def test_what_is_ordered_again_while_its_job_is_being_canceled_is_made_all_the_same(tmp_path: Path) -> None:
    product = ready_product(tmp_path)
    first = order(product, "draft").lines.get()
    claim = taken()
    assert claim is not None
    orders.cancel_line(first)
    assert orders.retry_line(first)
    claims.renew(claim)  # would raise Canceled
    first.refresh_from_db()
    assert (first.state, Job.objects.get().cancel_requested) == (State.WORKING, False)


def test_retrying_a_failed_job_revives_its_lines(tmp_path: Path) -> None:
    placed = order(factories.product(), "draft", "still-1024")
    job = fails("timed_out", "Too long.")
    revived = orders.retry_job(job)
    assert (revived.pk, revived.state) == (job.pk, Job.State.QUEUED)
    assert {line.state for line in placed.lines.all()} == {State.WORKING}
    assert {line.error_code for line in placed.lines.all()} == {""}
    assert CadFile.objects.get().state == CadFile.State.UPLOADED
    ends(tmp_path)
    assert {line.state for line in placed.lines.all()} == {State.DONE}


def test_retrying_a_line_starts_from_what_exists(tmp_path: Path) -> None:
    line = order(factories.product(), "draft").lines.get()
    runs(tmp_path)
    failed = fails("timed_out", "Too long.")
    assert failed.kind == Job.Kind.RENDER
    line.refresh_from_db()
    assert orders.retry_line(line)
    ends(tmp_path)
    line.refresh_from_db()
    assert line.state == State.DONE
    assert Job.objects.filter(kind=Job.Kind.TESSELLATE).count() == 1


def test_a_line_that_is_done_can_not_be_retried(tmp_path: Path) -> None:
    line = order(ready_product(tmp_path), "draft").lines.get()
    ends(tmp_path)
    line.refresh_from_db()
    assert not orders.retry_line(line)


def test_an_attempt_that_fails_and_is_tried_again_leaves_the_line_in_work(tmp_path: Path) -> None:
    line = order(ready_product(tmp_path), "draft").lines.get()
    fails("blender_crashed", "Blender ended.")
    line.refresh_from_db()
    assert line.state == State.WORKING
    ends(tmp_path)
    line.refresh_from_db()
    assert line.state == State.DONE


def overdue(**fields: object) -> None:
    Job.objects.running().update(lease_until=timezone.now() - timedelta(seconds=1), **fields)


def test_the_job_of_a_dead_worker_goes_back_and_its_line_goes_on(tmp_path: Path) -> None:
    line = order(ready_product(tmp_path), "draft").lines.get()
    taken()
    overdue()
    (job,) = orders.reap()
    assert (job.state, Attempt.objects.get().outcome) == (Job.State.QUEUED, Attempt.Outcome.LOST)
    ends(tmp_path)
    line.refresh_from_db()
    assert line.state == State.DONE
    assert orders.reap() == []


def test_a_job_lost_at_its_last_attempt_fails_its_lines(tmp_path: Path) -> None:
    line = order(ready_product(tmp_path), "draft").lines.get()
    taken()
    overdue(max_attempts=1)
    (job,) = orders.reap()
    line.refresh_from_db()
    assert (job.state, line.state, line.error_code) == (Job.State.FAILED, State.FAILED, "lost")


def test_a_canceled_job_of_a_dead_worker_cancels_its_lines(tmp_path: Path) -> None:
    line = order(ready_product(tmp_path), "draft").lines.get()
    taken()
    orders.cancel_job(Job.objects.get())
    overdue()
    orders.reap()
    line.refresh_from_db()
    assert (Job.objects.get().state, line.state) == (Job.State.CANCELED, State.CANCELED)


def test_a_new_cad_revision_makes_what_was_delivered_stale_and_deletes_nothing(tmp_path: Path) -> None:
    product = ready_product(tmp_path)
    order(product, "draft")
    ends(tmp_path)
    (item,) = deliverables(products=[product])
    assert item.changed == []
    receive.assign(product, factories.cad_file())
    (item,) = deliverables(products=[product])
    assert item.changed == ["view.geometry"]
    assert path_of(item.asset).exists()


def test_a_changed_output_type_makes_its_pictures_stale_and_says_in_what(tmp_path: Path) -> None:
    product = ready_product(tmp_path)
    order(product, "draft", "still-1024")
    ends(tmp_path)
    OutputType.objects.filter(slug="draft").update(samples=9)
    changed = {item.output_type.slug: item.changed for item in deliverables()}
    assert changed == {"draft": ["view.samples"], "still-1024": []}


def test_a_new_cad_file_gets_what_the_upload_workflow_names() -> None:
    product = factories.product(cad_file=None)
    receive.assign(product, factories.cad_file())
    placed = Order.objects.get()
    assert (placed.trigger, placed.priority) == (Order.Trigger.UPLOAD, 60)
    assert placed.lines.get().output_type.slug == "thumbnail"


def test_without_an_upload_workflow_a_new_cad_file_is_converted_all_the_same() -> None:
    Workflow.objects.update(runs_on_upload=False)
    receive.assign(factories.product(cad_file=None), factories.cad_file())
    assert not Order.objects.exists()
    assert Job.objects.get().kind == Job.Kind.TESSELLATE


def test_steps_that_are_switched_off_are_skipped_on_upload_and_the_order_says_so() -> None:
    OutputType.objects.filter(slug="thumbnail").update(is_active=False)
    receive.assign(factories.product(cad_file=None), factories.cad_file())
    placed = Order.objects.get()
    assert placed.finished and not placed.lines.exists()
    assert "switched off" in placed.steps.get().reason
    assert Job.objects.get().kind == Job.Kind.TESSELLATE


def test_a_cad_file_that_was_refused_by_the_prescan_starts_nothing() -> None:
    bad = factories.cad_file(state="failed", error_code="truncated", error="Its end is missing.")
    receive.assign(factories.product(cad_file=None), bad)
    assert not Job.objects.exists()
