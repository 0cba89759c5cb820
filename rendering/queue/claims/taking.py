"""Taking a job: what waits for a worker, the best first, and the claim on it."""

from __future__ import annotations

import uuid

from django.db import connection, transaction
from django.db.models import Case, Exists, F, IntegerField, Q, QuerySet, When
from django.db.models.functions import Now
from django.utils import timezone

from gpu.models import QueuePause
from gpu.queues import topology
from media_assets.models.failing import NO_ERROR
from rendering.models import Attempt, Job
from rendering.queue import moves
from rendering.queue.claims.holding import Claim, lease_end
from rendering.queue.claims.pausing import must_wait


def waiting_for(queue: str, geometry_key: str = "") -> QuerySet[Job]:
    """Return what the workers of *queue* may take, the best first.

    That is by priority, then the lane that fewest queues serve, then what waits in this very queue, then the geometry
    that is loaded, then age. A GPU that leaves to the light one what that can do as well ends the whole sooner.
    While the queue is paused that is nothing.
    """
    now = topology.current()
    takers = {lane.value: len(now.takers(lane)) for lane in now.lanes(queue)}
    crowd = Case(
        *(When(lane=lane, then=count) for lane, count in takers.items()), output_field=IntegerField()
    )
    foreign = Case(When(queue=queue, then=0), default=1, output_field=IntegerField())
    loaded = Case(When(geometry_key=geometry_key, then=0), default=1, output_field=IntegerField())
    is_choosy = len(set(takers.values())) > 1
    return (
        Job.objects.waiting()
        .filter(Q(not_before=None) | Q(not_before__lte=Now()), _may_claim(queue), lane__in=takers)
        .order_by(
            "-priority",
            *([crowd] if is_choosy else []),
            foreign,
            *([loaded] if geometry_key else []),
            "queued",
            "id",
        )
    )


def _may_claim(queue: str) -> Q:
    """What is true of a job that the workers of *queue* may claim: it is not held, and nothing is paused."""
    return Q(~Exists(QueuePause.objects.filter(queue=queue)), held=False, held_since=None)


def claim(queue: str, worker: str, geometry_key: str = "", gpu: str | None = None) -> Claim | None:
    """Take the first job of what waits for *queue*, in the order of `waiting_for`. None: no work.

    A worker says which *gpu* (vendor id, "" for the CPU) it is pinned to: it takes nothing when its queue is another
    one's now, and no job that must avoid it.
    """
    if gpu is not None and not topology.current().lanes(queue, gpu):
        return None
    # Keys only: PostgreSQL sorts what waits before it locks one row; 5000 whole rows took 31 ms, their keys 4 ms.
    best = waiting_for(queue, geometry_key).values_list("pk", flat=True)
    if gpu:
        best = best.exclude(avoid__contains=moves.marked(gpu))
    if connection.features.has_select_for_update_skip_locked:
        best = best.select_for_update(skip_locked=True)
    while True:
        with transaction.atomic():
            pk = best.first()
            if pk is None:
                return None
            if must_wait(pk):
                continue
            token = uuid.uuid4()
            taken = (
                Job.objects.waiting()
                .filter(_may_claim(queue), pk=pk)
                .update(
                    state=Job.State.RUNNING,
                    lease_token=token,
                    lease_until=lease_end(),
                    worker=worker,
                    attempt=F("attempt") + 1,
                    started=timezone.now(),
                    progress=0.0,
                    stage="starting",
                    not_before=None,
                    cancel_requested=False,
                    **NO_ERROR,
                )
            )
            if not taken:
                continue  # another worker was faster, or a pause was
            job = Job.objects.get(pk=pk)
            attempt = Attempt.objects.create(
                job=job, number=job.attempt, worker=worker, queue=queue, gpu=gpu or ""
            )
            return Claim(job, token, attempt)


def more_urgent(claim: Claim, queue: str, gpu: str | None = None) -> Job | None:
    """Return the job that the worker of *claim* would rather run now, if one of a higher priority waits for it."""
    waiting = waiting_for(queue).filter(priority__gt=claim.job.priority)
    if gpu:
        waiting = waiting.exclude(avoid__contains=moves.marked(gpu))
    return waiting.only("id", "kind").first()
