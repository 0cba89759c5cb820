"""Pausing orders, and giving them another priority: what their jobs do."""

from __future__ import annotations

from pathlib import Path

import pytest

from rendering import orders
from rendering.models import Job, Order
from rendering.orders import OrderRefused
from tests import factories
from tests.rendering.steps import ends, fails, order, runs, succeed, taken

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_nobody_takes_the_jobs_of_a_paused_order_until_it_is_resumed(tmp_path: Path) -> None:
    placed = order(factories.product(), "draft")
    assert orders.pause_order(placed) and not orders.pause_order(placed)
    assert taken() is None
    assert Job.objects.get().held
    assert orders.resume_order(placed) and not orders.resume_order(placed)
    ends(tmp_path)
    assert placed.lines.get().state == "done"


def test_a_job_that_another_order_wants_as_well_goes_on(tmp_path: Path) -> None:
    product = factories.product()
    paused, other = order(product, "draft"), order(product, "draft")
    orders.pause_order(paused)
    assert not Job.objects.get().held
    orders.pause_order(other)
    assert taken() is None
    orders.resume_order(paused)
    assert taken() is not None


def test_ordering_what_a_paused_order_waits_for_frees_its_job() -> None:
    product = factories.product()
    orders.pause_order(order(product, "draft"))
    order(product, "draft")
    assert taken() is not None


def test_canceling_the_other_order_holds_the_job_again() -> None:
    product = factories.product()
    paused, other = order(product, "draft"), order(product, "draft")
    orders.pause_order(paused)
    orders.cancel_order(other)
    assert Job.objects.get().held and taken() is None


def test_what_runs_goes_on_and_what_follows_it_waits(tmp_path: Path) -> None:
    placed = order(factories.product(), "draft")
    claim = taken()
    assert claim is not None
    orders.pause_order(placed)
    claim.job.refresh_from_db()
    assert claim.job.state == Job.State.RUNNING


def test_the_next_job_of_a_paused_line_waits_too(tmp_path: Path) -> None:
    placed = order(factories.product(), "draft")
    runs(tmp_path)
    orders.pause_order(placed)
    orders.resume_order(placed)
    claim = taken()
    assert claim is not None
    Order.objects.filter(pk=placed.pk).update(paused=True)  # paused while its render runs
    succeed(claim, tmp_path)
    assert taken() is None
    assert Job.objects.live().get().held


def test_a_failed_job_that_is_retried_in_a_paused_order_waits(tmp_path: Path) -> None:
    placed = order(factories.product(), "draft")
    job = fails("truncated", "The end is missing.")
    orders.pause_order(placed)
    orders.retry_job(job)
    assert taken() is None


def test_a_job_held_for_no_reason_is_freed_by_the_reaper() -> None:
    order(factories.product(), "draft")
    Job.objects.update(held=True)
    orders.reap()
    assert taken() is not None


def test_jobs_without_an_order_are_never_held() -> None:
    orders.pause_order(order(factories.product(), "draft"))
    lone = factories.job()
    orders.reap()
    claim = taken()
    assert claim is not None and claim.job == lone


def test_a_higher_priority_is_passed_on_and_a_thumbnail_keeps_its_lead(tmp_path: Path) -> None:
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    placed = order(product, "thumbnail", "still-1024")
    before = dict(Job.objects.values_list("output_type__kind", "priority"))
    assert orders.set_priority(placed, 80) == 2
    after = dict(Job.objects.values_list("output_type__kind", "priority"))
    assert after["still"] == 80
    assert after["thumbnail"] - after["still"] == before["thumbnail"] - before["still"] == 5


def test_a_lower_priority_leaves_a_job_that_a_more_urgent_order_wants() -> None:
    product = factories.product()
    first, urgent = order(product, "draft", priority=60), order(product, "draft", priority=90)
    assert orders.set_priority(first, 10) == 0
    assert Job.objects.get().priority == 90
    assert orders.set_priority(urgent, 20) == 1
    assert Job.objects.get().priority == 20


def test_a_priority_that_no_column_holds_is_refused() -> None:
    with pytest.raises(OrderRefused, match="priority"):
        orders.set_priority(order(factories.product(), "draft"), 100_000)
