"""A line or a step that waits though nothing works for it any more: how that comes about, and how it goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import product as combinations
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import connection, transaction
from django.utils import timezone

from blender_scripts.launch import BlenderMissing
from media_assets.cad.problem import Failure
from rendering import orders
from rendering.catalog import plan
from rendering.catalog.asks import Ask
from rendering.models import Job, Order, OrderLine, OrderStep
from rendering.models.errors import columns, problem_of
from rendering.orders import finishing, lines
from rendering.queue import claims
from tests import factories
from tests.rendering.orders.test_workflows import placed, workflow
from tests.rendering.steps import ends, order, succeed, taken

pytestmark = [pytest.mark.django_db, pytest.mark.database]
at_once = pytest.mark.django_db(transaction=True, serialized_rollback=True)

State = OrderLine.State


def fail(claim: claims.Claim, _: Path) -> None:
    with transaction.atomic():
        claims.fail(claim, Failure.of("timed_out", "render", seconds=9))
        orders.on_job_ended(claim.job)


def cancel(claim: claims.Claim, _: Path) -> None:
    """As its worker does, which was asked to before the other line came."""
    with transaction.atomic():
        claims.cancel_running(claim)
        orders.on_job_ended(claim.job)


ENDS: dict[str, Callable[[claims.Claim, Path], None]] = {"done": succeed, "failed": fail, "canceled": cancel}
# What becomes of a line that came in the instant of that end; a canceled job was canceled before it came.
AFTER = {"done": State.DONE, "failed": State.FAILED, "canceled": State.DONE}


@contextmanager
def before_commit(
    monkeypatch: pytest.MonkeyPatch,
    action: Callable[[], object],
    place: tuple[Any, str] = (finishing, "note_endings"),
) -> Iterator[None]:
    """Run *action* in a thread of its own up to *place*, its last step before the commit; it commits at the end."""
    arrived, may_commit = threading.Event(), threading.Event()
    step = getattr(*place)

    def pause(*arguments: Any) -> Any:
        result = step(*arguments)
        if threading.current_thread() is thread:
            arrived.set()
            assert may_commit.wait(60)
        return result

    def run() -> None:
        try:
            action()
        finally:
            arrived.set()
            connection.close()

    thread = threading.Thread(target=run)
    monkeypatch.setattr(*place, pause)
    thread.start()
    try:
        assert arrived.wait(60)
        yield
    finally:
        may_commit.set()
        thread.join()


def two_writers() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time: nothing can come in between")


@at_once
@pytest.mark.parametrize("end", ENDS)
def test_a_line_that_is_placed_while_its_job_ends_goes_on(
    end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_writers()
    product = factories.product()
    order(product, "draft")
    claim = taken()
    assert claim is not None
    with before_commit(monkeypatch, lambda: order(product, "draft")):
        ENDS[end](claim, tmp_path)  # and commits, without having seen the other line
    first, second = OrderLine.objects.order_by("pk")
    if end == "failed":
        assert second.state == State.FAILED
        assert (second.error_code, second.error) == (first.error_code, first.error)
    else:
        assert second.jobs.live().exists()
    ends(tmp_path)
    second.refresh_from_db()
    assert second.state == AFTER[end]


@at_once
@pytest.mark.parametrize("end", ENDS)
def test_a_job_that_ends_while_a_line_is_placed_takes_it_along(end: str, tmp_path: Path) -> None:
    """The other way around: the order is there first, the end of its job later, and saw nothing of it."""
    two_writers()
    product = factories.product()
    order(product, "draft")
    claim = taken()
    assert claim is not None

    def place() -> None:
        order(product, "draft")
        connection.close()

    with transaction.atomic():
        ENDS[end](claim, tmp_path)
        thread = threading.Thread(target=place)
        thread.start()
        thread.join()
    second = OrderLine.objects.latest("pk")
    assert second.state == State.FAILED if end == "failed" else second.jobs.live().exists()
    ends(tmp_path)
    second.refresh_from_db()
    assert second.state == AFTER[end]


@at_once
def test_a_line_that_comes_while_its_idle_job_is_canceled_gets_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_writers()
    product = factories.product()
    first = order(product, "draft").lines.get()
    with before_commit(monkeypatch, lambda: order(product, "draft")):
        orders.cancel_line(first)
        assert Job.objects.get().state == Job.State.CANCELED
    ends(tmp_path)
    assert list(OrderLine.objects.order_by("pk").values_list("state", flat=True)) == ["canceled", "done"]


@at_once
def test_a_job_that_is_retried_while_its_twin_ends_leaves_no_line_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_writers()
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    line = order(product, "draft").lines.get()
    claim = taken()
    assert claim is not None
    fail(claim, tmp_path)
    order(product, "draft")
    twin = taken()
    assert twin is not None and twin.job.pk != claim.job.pk
    with before_commit(monkeypatch, lambda: orders.retry_job(claim.job), (claims, "hold_new")):
        succeed(twin, tmp_path)
    ends(tmp_path)
    line.refresh_from_db()
    assert line.state == State.DONE


@at_once
def test_a_step_that_begins_while_its_conversion_ends_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_writers()
    product = factories.product()
    order(product, "draft")
    claim = taken()
    assert claim is not None
    row = workflow({"slug": "draft", "structure": "assembly"})
    with before_commit(monkeypatch, lambda: placed(row, product)):
        succeed(claim, tmp_path)
    step = OrderStep.objects.get()
    assert (step.state, step.reason) == (OrderStep.State.ORDERED, "")
    ends(tmp_path)
    assert step.order.lines.get().state == State.DONE


def line_in(state: str, tmp_path: Path) -> OrderLine:
    """A line whose geometry is there, and which waits for nothing."""
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    line = order(product, "draft").lines.get()
    Job.objects.all().delete()
    OrderLine.objects.update(state=state)
    return line


def jobs_of(line: OrderLine, *states: str) -> None:
    for number, state in enumerate(states):
        job = factories.job(cad_file=line.cad_file)
        line.jobs.add(job)
        ended = {} if state == "queued" else {"finished": timezone.now()}
        error = columns(Failure.of("timed_out", "render", seconds=number)) if state == "failed" else {}
        Job.objects.filter(pk=job.pk).update(state=state, **ended, **error)


@pytest.mark.parametrize("state", OrderLine.LIVE)
@pytest.mark.parametrize(
    "jobs",
    [
        states
        for count in range(3)
        for states in combinations(("succeeded", "failed", "canceled"), repeat=count)
    ],
)
def test_one_look_of_the_reaper_moves_on_what_nothing_works_for(
    state: str, jobs: Sequence[str], tmp_path: Path
) -> None:
    line = line_in(state, tmp_path)
    jobs_of(line, *jobs)
    orders.reap()
    line.refresh_from_db()
    if jobs and jobs[-1] == "failed":
        assert (line.state, line.error_code) == (State.FAILED, "timed_out")
        assert problem_of(line).general_step and f"longer than {len(jobs) - 1} s" in line.error
        assert Order.objects.get().finished
        assert not Job.objects.live().exists()
    else:
        assert line.state == State.WORKING
        assert line.jobs.live().get().kind == Job.Kind.RENDER
    assert lines.move_on(OrderLine.objects.all()) == 0


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("jobs", [("queued",), ("failed", "queued"), ("queued", "succeeded")])
def test_what_something_works_for_and_what_has_ended_is_left_alone(
    state: str, jobs: Sequence[str], tmp_path: Path
) -> None:
    line = line_in(State.WORKING, tmp_path)
    jobs_of(line, *jobs)
    error = columns(Failure.of("lost", "worker", host="a", attempt=3)) if state == "failed" else {}
    OrderLine.objects.update(state=state, **error)
    orders.reap()
    line.refresh_from_db()
    assert line.state == state
    assert Job.objects.count() == len(jobs)


def test_what_exists_by_now_is_handed_out(tmp_path: Path) -> None:
    first = order(factories.product(), "draft").lines.get()
    ends(tmp_path)
    OrderLine.objects.update(state=State.WORKING, asset=None, finished=None)
    Order.objects.update(finished=None)
    orders.reap()
    first.refresh_from_db()
    assert first.state == State.DONE and first.asset and first.order.finished
    assert not Job.objects.live().exists()


def test_a_line_that_can_not_go_on_fails_with_the_reason_and_holds_up_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = (line_in(State.WORKING, tmp_path) for _ in range(2))
    recipes_for_all = plan.recipes_for_all

    def refuse(asked: Sequence[Ask]) -> list[Any]:
        if bad.cad_file in [ask.cad_file for ask in asked]:
            raise ValueError("no such finish")
        return recipes_for_all(asked)

    monkeypatch.setattr(plan, "recipes_for_all", refuse)
    orders.reap()
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, bad.error_code) == (State.FAILED, "internal")
    assert "no such finish" in problem_of(bad).report and "retry the line" in problem_of(bad).step
    assert good.state == State.WORKING and good.jobs.live().exists()
    monkeypatch.setattr(plan, "recipes_for_all", recipes_for_all)
    assert orders.retry_line(bad) and bad.jobs.live().exists()


@pytest.mark.parametrize(
    "error", [BlenderMissing("There is no Blender."), ConnectionError("The bucket is away.")]
)
def test_without_blender_or_the_storage_lines_wait(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = line_in(State.WORKING, tmp_path)
    monkeypatch.setattr(plan, "recipes_for_all", Mock(side_effect=error))
    orders.reap()
    line.refresh_from_db()
    assert line.state == State.WORKING
    monkeypatch.undo()
    orders.reap()
    assert line.jobs.live().exists()


def test_one_look_takes_so_many_and_the_next_one_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "STRAYS", 2)
    for _ in range(3):
        line_in(State.WORKING, tmp_path)
    Job.objects.all().delete()
    assert [lines.move_on(OrderLine.objects.all()) for _ in range(3)] == [2, 1, 0]
