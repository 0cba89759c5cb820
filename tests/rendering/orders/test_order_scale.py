"""Orders of many lines: what is looked up and written does not grow line by line."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gpu.models import SystemSettings
from gpu.queues import topology
from rendering import orders
from rendering.models import Job, Order, OrderLine
from rendering.queue import claims
from tests import factories
from tests.rendering.steps import ends, type_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def queries(wishes: list[orders.Wish]) -> int:
    with CaptureQueriesContext(connection) as captured:
        orders.place(wishes, trigger=Order.Trigger.COMMAND)
    return len(captured)


def wishes(count: int) -> list[orders.Wish]:
    kind = type_of("draft")
    return [orders.Wish(factories.product(), kind) for _ in range(count)]


def test_lines_that_need_work_cost_no_query_each() -> None:
    few, many = wishes(5), wishes(20)
    SystemSettings.load()
    topology.current()  # is kept until GPUs change
    assert queries(many) == queries(few) < 40
    assert Job.objects.count() == 25


@pytest.mark.slow
def test_lines_whose_files_exist_cost_no_query_each_and_make_no_job(tmp_path: Path) -> None:
    few, many = wishes(2), wishes(12)
    for some in (few, many):
        orders.place(some, trigger=Order.Trigger.COMMAND)
    ends(tmp_path, at_most=60)
    jobs = Job.objects.count()
    assert queries(many) == queries(few) < 23
    assert Job.objects.count() == jobs
    newest = Order.objects.latest("id").lines.all()
    assert {(line.state, line.source) for line in newest} == {("done", OrderLine.Source.CACHED)}


def test_canceling_and_retrying_an_order_costs_no_query_for_each_line() -> None:
    counts = []
    for count in (2, 20):
        order = orders.place(wishes(count), trigger=Order.Trigger.COMMAND)
        Job.objects.all().delete()  # what its jobs cost is another matter
        with CaptureQueriesContext(connection) as captured:
            assert orders.cancel_order(order) == count
            lines = order.lines.select_related("order", "product", "output_type", "cad_file")
            assert orders.retry_lines(list(lines)) == count
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_jobs_of_one_order_wait_in_the_order_of_its_lines() -> None:
    placed = orders.place(wishes(5), trigger=Order.Trigger.COMMAND)
    numbers = [line.product.number for line in placed.lines.all()]
    taken = [claims.claim("asset_pipeline_cpu", "w:b:1:1") for _ in numbers]
    assert [claim.job.product.number for claim in taken if claim and claim.job.product] == numbers


@pytest.mark.slow
def test_a_thousand_parameters_are_no_trouble_for_the_database() -> None:
    cad = factories.cad_file(state="failed", error_code="truncated", error="The end is missing.")
    kind = type_of("draft")
    many = [orders.Wish(factories.product(cad_file=cad), kind) for _ in range(1100)]
    placed = orders.place(many, trigger=Order.Trigger.COMMAND)
    assert placed.lines.filter(state=OrderLine.State.FAILED).count() == 1100
