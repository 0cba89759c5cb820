"""A worker's hold on its job: patient with the database, quick to stop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, OperationalError
from django.utils import timezone

from gpu.workers.heartbeat import Heartbeat
from rendering.models import Job
from rendering.models.errors import Canceled, LeaseLost, Released
from rendering.queue import claims, lease
from rendering.queue.lease import SAFETY_SECONDS, Lease
from tests import factories

pytestmark = [pytest.mark.django_db(transaction=True, serialized_rollback=True), pytest.mark.database]


class Clock:
    """Time that passes only when a test says so, or when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(lease, "time", clock)
    return clock


@pytest.fixture
def held(clock: Clock) -> Lease:
    factories.job()
    return Lease(factories.claim(), Heartbeat("asset_pipeline"))


def away(*_: object, **__: object) -> None:
    raise OperationalError("server closed the connection unexpectedly")


def test_progress_reaches_the_job_at_the_next_tick(held: Lease) -> None:
    held.note(progress=0.25, stage="sample 1 of 4")
    held.tick()
    assert (Job.objects.get().progress, str(Job.objects.get().stage)) == (0.25, "sample 1 of 4")
    assert held.pending == {}


def test_between_two_ticks_the_database_is_left_alone(held: Lease, clock: Clock) -> None:
    held.tick()
    held.note(progress=0.5)
    held.tick()
    assert Job.objects.get().progress == 0.0
    clock.now += settings.TICK_SECONDS
    held.tick()
    assert Job.objects.get().progress == 0.5


def test_a_cancel_is_noticed_at_the_next_tick(held: Lease) -> None:
    claims.cancel(held.claim.job)
    with pytest.raises(Canceled):
        held.tick()


def test_a_job_that_was_given_to_another_is_noticed_at_the_next_tick(held: Lease) -> None:
    Job.objects.update(state=Job.State.QUEUED, lease_token=None, lease_until=None)
    with pytest.raises(LeaseLost):
        held.tick()


def test_a_render_goes_on_while_the_database_is_away_and_keeps_its_news(
    held: Lease, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(claims, "renew", away)
        held.note(progress=0.5)
        for _ in range(60):
            held.tick()
            clock.now += 1.0
    held.tick()
    assert Job.objects.get().progress == 0.5


def test_a_worker_gives_up_before_its_lease_can_be_anothers(
    held: Lease, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "renew", away)
    began = clock.now
    with pytest.raises(LeaseLost):
        for _ in range(1000):
            held.tick()
            clock.now += 1.0
    assert settings.LEASE_SECONDS - SAFETY_SECONDS <= clock.now - began < settings.LEASE_SECONDS


def test_a_database_that_comes_back_renews_the_whole_lease(
    held: Lease, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        clock.now += settings.LEASE_SECONDS - SAFETY_SECONDS - 1
        with monkeypatch.context() as patch:
            patch.setattr(claims, "renew", away)
            held.tick()
        clock.now += 1
        held.tick()


def test_the_end_of_a_job_waits_for_the_database(held: Lease, clock: Clock) -> None:
    left = 4

    def write() -> str:
        nonlocal left
        left -= 1
        if left:
            away()
        return "written"

    assert held.persist(write) == "written"


def test_the_end_of_a_job_is_given_up_when_its_lease_ends(held: Lease, clock: Clock) -> None:
    began = clock.now
    with pytest.raises(LeaseLost):
        held.persist(away)
    assert clock.now - began < settings.LEASE_SECONDS


def test_a_mistake_in_what_is_written_is_not_tried_again(held: Lease, clock: Clock) -> None:
    calls: list[int] = []

    def wrong() -> None:
        calls.append(1)
        raise IntegrityError("UNIQUE constraint failed")

    with pytest.raises(IntegrityError):
        held.persist(wrong)
    assert len(calls) == 1


@pytest.mark.parametrize(("seconds", "stops"), [(-1, True), (60, False)])
def test_a_draining_worker_hands_back_what_is_not_done_in_time(
    held: Lease, seconds: int, stops: bool
) -> None:
    held.beat.drain_until = timezone.now() + timedelta(seconds=seconds)
    tick: Callable[[], None] = held.tick
    if stops:
        with pytest.raises(Released):
            tick()
    else:
        tick()
