"""Creates jobs: returns the live one of each recipe, or creates one and wakes workers."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from media_assets.models.batches import BATCH, batches
from rendering.models import Job
from rendering.queue import dispatch

log = logging.getLogger("renderdesk.jobs")

Key = tuple[str, str]  # kind and recipe key
NAMED = 50  # jobs of a line in the log


def create(*, kind: str, recipe_key: str, priority: int, lane: str, queue: str, **fields: Any) -> Job:
    """Return the live job of this recipe; without one, create it and wake workers. A higher priority is passed on."""
    wanted = Job(kind=kind, recipe_key=recipe_key, priority=priority, lane=lane, queue=queue, **fields)
    return create_all([wanted])[0]


def create_all(wanted: Sequence[Job]) -> list[Job]:
    """Return for each of *wanted*, which are no rows yet, the live job of its recipe; those that are missing are made.

    As many queries for 500 as for one, and one wake-up per lane. A higher priority is passed on to a job that lives
    already, and one whose canceling its worker has not noticed yet goes on. What waits in a long share and is wanted by
    a shorter one goes over to that.
    """
    priorities: dict[Key, int] = {}
    for job in wanted:
        priorities[key(job)] = max(job.priority, priorities.get(key(job), job.priority))
    missing = {key(job): job for job in reversed(wanted)}
    shares = {one: job.share for one, job in missing.items()}
    for one, job in missing.items():
        job.priority = priorities[one]
    found: dict[Key, Job] = {}
    made: list[Key] = []
    with transaction.atomic():
        for _ in range(4):
            live = _live(missing)
            _want(live.values(), priorities)
            _lend(live.values(), shares)
            found |= live
            if made and (ids := [live[one].pk for one in made if one in live]):
                log.info("Jobs queued: %d", len(ids), extra={"jobs": ids[:NAMED]})
            missing = {one: job for one, job in missing.items() if one not in found}
            if not missing:
                return [found[key(job)] for job in wanted]
            # In the same order everywhere, so that two orders of the same things can't wait for each other.
            # What somebody else makes in this instant is left out here, and found in the next round.
            made = sorted(missing)
            rows = [missing[one] for one in made]
            Job.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
            for lane, count in Counter(job.lane for job in rows).items():
                dispatch.wake_workers(lane, jobs=count)
    raise RuntimeError(f"No live job for recipe {next(iter(missing))[1]} could be found or made.")


def key(job: Job) -> Key:
    return job.kind, job.recipe_key


def _live(keys: Collection[Key]) -> dict[Key, Job]:
    """Return the live jobs of these kinds and recipe keys, without their long texts."""
    jobs = Job.objects.live().order_by().defer("log", "spec", "reuse")
    return {
        key(job): job
        for kind in sorted({kind for kind, _ in keys})
        for some in batches([recipe_key for one, recipe_key in keys if one == kind])
        for job in jobs.filter(kind=kind, recipe_key__in=some)
    }


def _want(jobs: Iterable[Job], priorities: Mapping[Key, int]) -> None:
    """Pass the higher priority on to *jobs*, and take back that they were to be canceled."""
    higher: dict[int, list[int]] = {}
    for job in jobs:
        if job.priority < priorities[key(job)]:
            higher.setdefault(priorities[key(job)], []).append(job.pk)
            job.priority = priorities[key(job)]
        if job.cancel_requested:  # it is wanted again before its worker has noticed
            Job.objects.running().filter(pk=job.pk).update(cancel_requested=False)
    for priority, ids in sorted(higher.items()):
        for some in batches(sorted(ids)):
            Job.objects.filter(pk__in=some, priority__lt=priority).update(priority=priority)


def _lend(jobs: Iterable[Job], shares: Mapping[Key, int]) -> None:
    """Give those of *jobs* that wait to the share that wants them too, if what waits there longest is younger."""
    oldest: dict[tuple[str, str, int, int], datetime | None] = {}

    def since(job: Job, share: int) -> datetime | None:
        place = (job.lane, job.queue, job.priority, share)
        if place not in oldest:
            names = dict(zip(("lane", "queue", "priority", "share"), place, strict=True))
            rows = Job.objects.ready().filter(**names).order_by("queued", "id")
            oldest[place] = rows.values_list("queued", flat=True).first()
        return oldest[place]

    others: dict[int, list[int]] = {}
    for job in jobs:
        share = shares[key(job)]
        if job.state == Job.State.QUEUED and job.share != share:
            theirs, own = since(job, share), since(job, job.share)
            if theirs is None or (own is not None and theirs > own):
                others.setdefault(share, []).append(job.pk)
                job.share = share
    for share, ids in sorted(others.items()):
        for some in batches(sorted(ids)):
            Job.objects.waiting().filter(pk__in=some).update(share=share)
