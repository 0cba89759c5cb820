"""Controls of a job: cancel, priority, retry."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils import timezone

from media_assets.models.batches import batches
from media_assets.models.failing import NO_ERROR
from rendering.models import Job
from rendering.models.errors import CANCELED
from rendering.queue import dispatch


def cancel(job: Job) -> bool:
    """Cancel a job: a queued one at once, a running one by its worker within 2 s. Return whether it was live."""
    ended = (
        Job.objects.waiting()
        .filter(pk=job.pk)
        .update(
            state=Job.State.CANCELED,
            finished=timezone.now(),
            stage="",
            held=False,
            held_since=None,
            **CANCELED,
        )
    )
    return bool(ended or Job.objects.running().filter(pk=job.pk).update(cancel_requested=True))


def set_priority(priorities: Mapping[int, int]) -> int:
    """Give live jobs, by their ids, other priorities; return how many had another one."""
    wanted: dict[int, list[int]] = {}
    for pk, priority in priorities.items():
        wanted.setdefault(priority, []).append(pk)
    return sum(
        Job.objects.live().filter(pk__in=some).exclude(priority=priority).update(priority=priority)
        for priority, ids in sorted(wanted.items())
        for some in batches(sorted(ids))
    )


def retry(job: Job) -> Job:
    """Queue an ended, unsuccessful job again with a fresh set of attempts; return the live job of its recipe."""
    for _ in range(3):
        twin = Job.objects.live().filter(kind=job.kind, recipe_key=job.recipe_key).first()
        if twin:
            return twin
        try:
            return _revive(job)
        except IntegrityError:
            continue  # somebody retried another job of this recipe in this instant
    raise RuntimeError(f"No live job for recipe {job.recipe_key} could be found or revived.")


def _revive(job: Job) -> Job:
    with transaction.atomic():
        Job.objects.filter(pk=job.pk, state__in=[Job.State.FAILED, Job.State.CANCELED]).update(
            state=Job.State.QUEUED,
            attempt=0,
            queued=timezone.now(),
            started=None,
            finished=None,
            progress=0.0,
            stage="",
            cancel_requested=False,
            not_before=None,
            avoid="",
            **NO_ERROR,
        )
        job.refresh_from_db()
        dispatch.wake_workers(job.lane)
    return job
