"""The life of a job: every transition, and who may make it."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import OrmQ

from blender_scripts.children import process
from gpu.queues.topology import CPU_QUEUE, PRIMARY_QUEUE
from media_assets.cad.problem import Failure
from rendering.models import Attempt, Job
from rendering.models.errors import ERRORS, Canceled, LeaseLost
from rendering.models.sentence import Sentence
from rendering.queue import claims, retry
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_new_job_waits_and_rings_the_queue_that_can_take_it() -> None:
    job = factories.job()
    assert job.state == Job.State.QUEUED
    assert list(OrmQ.objects.values_list("key", flat=True)) == [PRIMARY_QUEUE]


def test_the_message_is_part_of_the_transaction() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        factories.job()
        raise RuntimeError
    assert not OrmQ.objects.exists()
    assert not Job.objects.exists()


def test_the_same_recipe_twice_is_one_live_job_with_the_higher_priority() -> None:
    cad = factories.cad_file()
    first = factories.job(recipe_key="same", cad_file=cad, priority=10)
    second = factories.job(recipe_key="same", cad_file=cad, priority=70)
    assert first.pk == second.pk
    assert Job.objects.get().priority == 70


def test_what_a_clock_set_ahead_has_put_off_comes_back_and_nothing_else_does() -> None:
    ahead = timezone.now() + timedelta(hours=25)
    running, later, held = factories.job(), factories.job(), factories.job()
    Job.objects.filter(pk=running.pk).update(
        state=Job.State.RUNNING, lease_token=uuid.uuid4(), lease_until=ahead
    )
    Job.objects.filter(pk=later.pk).update(not_before=ahead)
    Job.objects.filter(pk=held.pk).update(
        held_since=ahead, not_before=ahead + timedelta(seconds=5), error_code="disk_full"
    )
    assert claims.bring_back() == 3
    for job in (running, later, held):
        job.refresh_from_db()
    soon = timezone.now() + timedelta(seconds=1)
    assert running.lease_until and running.lease_until <= soon + timedelta(seconds=settings.LEASE_SECONDS)
    assert later.not_before and held.held_since and held.not_before
    assert max(later.not_before, held.held_since, held.not_before) <= soon
    usual = [factories.job(), factories.job()]
    Job.objects.filter(pk=usual[0].pk).update(not_before=timezone.now() + retry.LONGEST_PAUSE)
    Job.objects.filter(pk=usual[1].pk).update(
        held_since=timezone.now(), not_before=timezone.now() + retry.LAST_LOOK, error_code="disk_full"
    )
    assert claims.bring_back() == 0


def test_the_database_refuses_two_live_jobs_of_one_recipe() -> None:
    job = factories.job(recipe_key="same")
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(
            kind=job.kind, recipe_key="same", lane=job.lane, queue=job.queue, cad_file=job.cad_file
        )


def test_a_claim_takes_the_highest_priority_then_the_loaded_geometry_then_the_oldest() -> None:
    old = factories.job(geometry_key="a")
    loaded = factories.job(geometry_key="b")
    urgent = factories.job(geometry_key="c", priority=90)
    order = [factories.claim(geometry_key="b").job.pk for _ in range(3)]
    assert order == [urgent.pk, loaded.pk, old.pk]


def test_a_queue_takes_only_what_its_lanes_serve() -> None:
    factories.job(kind=Job.Kind.ENCODE)
    assert claims.claim(PRIMARY_QUEUE, "w:b:1:1") is None
    assert claims.claim("no such queue", "w:b:1:1") is None
    assert claims.claim(CPU_QUEUE, "w:b:1:1") is not None


def test_a_claim_writes_a_lease_a_worker_and_an_attempt() -> None:
    factories.job()
    claim = factories.claim()
    job = Job.objects.get()
    assert job.state == Job.State.RUNNING
    assert job.lease_token == claim.token
    assert job.lease_until is not None and job.lease_until > timezone.now()
    assert (job.attempt, job.attempts.get().outcome) == (1, Attempt.Outcome.RUNNING)


def test_a_job_that_waits_for_its_next_attempt_is_not_claimed_before_its_time() -> None:
    job = factories.job()
    Job.objects.filter(pk=job.pk).update(not_before=timezone.now() + timedelta(seconds=60))
    assert claims.claim(PRIMARY_QUEUE, "w:b:1:1") is None
    Job.objects.filter(pk=job.pk).update(not_before=timezone.now() - timedelta(seconds=1))
    assert claims.claim(PRIMARY_QUEUE, "w:b:1:1") is not None


def test_renewing_writes_progress_and_moves_the_lease_on() -> None:
    factories.job()
    claim = factories.claim()
    Job.objects.update(lease_until=Now())
    claims.renew(claim, progress=0.5, stage="sample 4 of 8")
    job = Job.objects.get()
    assert (job.progress, str(job.stage)) == (0.5, "sample 4 of 8")
    assert job.lease_until is not None and job.lease_until > timezone.now() + timedelta(seconds=30)


def test_a_sentence_holds_what_every_database_and_page_takes() -> None:
    factories.job()
    claims.renew(factories.claim(), stage=Sentence.of("{name}", name="a\0b\udcff"))
    assert str(Job.objects.get().stage) == "a b?"


def test_renewing_tells_a_canceled_job_from_a_lost_one() -> None:
    factories.job()
    claim = factories.claim()
    claims.cancel(claim.job)
    with pytest.raises(Canceled):
        claims.renew(claim)
    Job.objects.update(lease_token=uuid.uuid4())
    with pytest.raises(LeaseLost):
        claims.renew(claim)


def test_success_ends_the_job_and_its_attempt() -> None:
    factories.job()
    claim = factories.claim()
    claims.succeed(claim, device_used="CPU", seconds={"sample": 1.0})
    job = Job.objects.get()
    assert (job.state, job.progress, job.device_used) == (Job.State.SUCCEEDED, 1.0, "CPU")
    assert job.finished is not None and job.lease_token is None
    assert job.attempts.get().outcome == Attempt.Outcome.SUCCEEDED


@pytest.mark.parametrize("verb", ["succeed", "fail", "release", "cancel_running"])
def test_a_worker_that_lost_its_lease_can_write_nothing(verb: str) -> None:
    factories.job()
    claim = factories.claim()
    Job.objects.update(lease_token=uuid.uuid4())
    arguments = (Failure("internal"),) if verb == "fail" else ()
    with pytest.raises(LeaseLost):
        getattr(claims, verb)(claim, *arguments)
    assert Job.objects.get().state == Job.State.RUNNING
    assert Attempt.objects.get().outcome == Attempt.Outcome.RUNNING


def test_a_failure_that_can_pass_is_tried_again_until_the_last_attempt() -> None:
    factories.job()
    for number in (1, 2):
        assert not claims.fail(factories.claim(), Failure.of("blender_crashed", said="Blender ended."))
        job = Job.objects.get()
        assert (job.state, job.attempt, job.error_code) == (Job.State.QUEUED, number, "blender_crashed")
        Job.objects.update(not_before=None)
    assert claims.fail(factories.claim(), Failure.of("blender_crashed", said="Blender ended."))
    job = Job.objects.get()
    assert (job.state, job.error_code, job.attempts.count()) == (Job.State.FAILED, "blender_crashed", 3)
    assert ERRORS["blender_crashed"].step in job.error


def test_a_failure_that_can_not_pass_is_final_at_once() -> None:
    factories.job()
    assert claims.fail(factories.claim(), Failure.of("gpu_required", said="Cycles would have used the CPU."))
    assert Job.objects.get().state == Job.State.FAILED


def test_a_released_job_waits_again_and_its_attempt_does_not_count() -> None:
    factories.job()
    claims.release(factories.claim())
    job = Job.objects.get()
    assert (job.state, job.attempt) == (Job.State.QUEUED, 0)
    assert job.attempts.get().outcome == Attempt.Outcome.RELEASED


def test_canceling_a_waiting_job_ends_it_at_once() -> None:
    job = factories.job()
    assert claims.cancel(job)
    assert Job.objects.get().state == Job.State.CANCELED
    assert not claims.cancel(job)


def test_canceling_a_running_job_asks_its_worker() -> None:
    job = factories.job()
    claim = factories.claim()
    assert claims.cancel(job)
    assert Job.objects.get().cancel_requested
    claims.cancel_running(claim)
    assert Job.objects.get().state == Job.State.CANCELED


@pytest.mark.parametrize("ending", ["fail", "cancel"])
def test_a_retry_starts_over_with_all_attempts(ending: str) -> None:
    job = factories.job()
    if ending == "fail":
        claims.fail(factories.claim(), Failure.of("timed_out", said="Too long."))
    else:
        claims.cancel(job)
    OrmQ.objects.all().delete()
    assert claims.retry(job).state == Job.State.QUEUED
    assert (Job.objects.get().attempt, Job.objects.get().error_code) == (0, "")
    assert OrmQ.objects.count() == 1


def test_a_succeeded_job_is_not_run_again_by_a_retry() -> None:
    job = factories.job()
    claims.succeed(factories.claim())
    claims.retry(job)
    assert Job.objects.get().state == Job.State.SUCCEEDED


def test_a_retry_attaches_to_the_live_job_of_the_same_recipe() -> None:
    job = factories.job(recipe_key="same")
    claims.cancel(job)
    twin = factories.job(recipe_key="same", cad_file=job.cad_file)
    assert claims.retry(job).pk == twin.pk


def test_a_run_out_lease_is_found_and_the_job_queued_again_with_its_history() -> None:
    factories.job()
    factories.claim()
    assert claims.overdue() == []
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    (claim,) = claims.overdue()
    assert not claims.lose(claim)
    job = Job.objects.get()
    assert (job.state, job.error_code) == (Job.State.QUEUED, "lost")
    assert job.attempts.get().outcome == Attempt.Outcome.LOST


def test_a_dead_worker_of_this_host_is_noticed_before_its_lease_runs_out() -> None:
    factories.job()
    factories.claim(worker=f"{process.HOST}:{process.boot_id()}:999999:1")
    assert len(claims.overdue()) == 1


def test_a_live_worker_of_this_host_keeps_its_job() -> None:
    factories.job()
    factories.claim(worker=process.identity())
    assert claims.overdue() == []


def test_a_job_that_is_lost_at_its_last_attempt_fails() -> None:
    factories.job(max_attempts=1)
    factories.claim()
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert claims.lose(claims.overdue()[0])
    assert (Job.objects.get().state, Job.objects.get().error_code) == (Job.State.FAILED, "lost")


def test_a_lost_job_that_was_to_be_canceled_is_canceled() -> None:
    job = factories.job()
    factories.claim()
    claims.cancel(job)
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    claims.lose(claims.overdue()[0])
    assert Job.objects.get().state == Job.State.CANCELED


def test_a_waiting_job_whose_message_was_lost_is_rung_for_once() -> None:
    job = factories.job()
    OrmQ.objects.all().delete()
    Job.objects.filter(pk=job.pk).update(queued=timezone.now() - timedelta(seconds=10))
    claims.pump()
    claims.pump()
    assert OrmQ.objects.count() == 1


def test_the_database_refuses_a_running_job_without_a_lease() -> None:
    job = factories.job()
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING)


def test_the_database_refuses_a_failure_without_a_reason() -> None:
    job = factories.job()
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, finished=timezone.now())


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_many_workers_never_claim_one_job_twice(transactional_db: Any) -> None:
    cad = factories.cad_file()
    jobs = [factories.job(cad_file=cad) for _ in range(40)]
    taken: list[int] = []

    def worker(name: str) -> None:
        while claim := claims.claim(PRIMARY_QUEUE, f"{name}:b:1:1"):
            taken.append(claim.job.pk)
        connection.close()

    threads = [threading.Thread(target=worker, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [job.pk for job in jobs]
