"""Several ended jobs of one recipe are retried in one instant: one lives again, and all who asked get it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from rendering import orders
from rendering.models import Job
from rendering.models.job import JobQuerySet
from rendering.queue import claims
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def ended_jobs(count: int) -> list[Job]:
    cad = factories.cad_file()
    jobs = []
    for _ in range(count):
        job = factories.job(recipe_key="same", cad_file=cad)
        claims.cancel(job)
        job.refresh_from_db()
        jobs.append(job)
    return jobs


def test_who_comes_second_gets_the_job_of_who_came_first(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = ended_jobs(2)
    live, looks = JobQuerySet.live, []

    def late(jobs: JobQuerySet) -> JobQuerySet:
        """The first look comes just before the other's retry."""
        looks.append(jobs)
        return live(jobs).none() if len(looks) == 1 else live(jobs)

    claims.retry(first)
    monkeypatch.setattr(JobQuerySet, "live", late)
    assert orders.retry_job(second).pk == first.pk
    second.refresh_from_db()
    assert second.state == Job.State.CANCELED


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_retries_at_once_leave_one_live_job_and_raise_nothing(transactional_db: Any) -> None:
    jobs = ended_jobs(6)
    start = threading.Barrier(len(jobs))
    revived: list[int] = []

    def retry(job: Job) -> None:
        start.wait()
        revived.append(orders.retry_job(job).pk)
        connection.close()

    threads = [threading.Thread(target=retry, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(revived) == len(jobs)
    assert len(set(revived)) == 1
    assert [job.pk for job in Job.objects.live()] == revived[:1]
