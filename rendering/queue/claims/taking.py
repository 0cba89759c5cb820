"""Taking a job: the first of what a look found that no other worker takes, and the claim on it."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.db.models import Exists
from django.utils import timezone

from gpu.models import QueuePause
from gpu.queues import topology
from media_assets.models.failing import NO_ERROR
from rendering.models import Attempt, Job
from rendering.queue.claims import statements
from rendering.queue.claims.holding import Claim, lease_end
from rendering.queue.claims.looking import MOST, Looker
from rendering.queue.claims.pausing import must_wait

lookers: dict[str, Looker] = {}  # of this process, by their queues


def claim(queue: str, worker: str, geometry_key: str = "", gpu: str | None = None) -> Claim | None:
    """Take the first job of what is ready for *queue* (`looking`). None: no work.

    A worker says which *gpu* (vendor id, "" for the CPU) it is pinned to: it takes nothing when its queue is another
    one's now, and no job that must avoid it.
    """
    here, looker = topology.current(), lookers.setdefault(queue, Looker(queue))
    if not here.lanes(queue, gpu):
        return None
    tried: list[int] = []
    while found := looker.look(here, geometry_key, gpu or "", tried=tried):
        # Looked up without a transaction and without a lock; taken by a short one, which waits for nobody.
        ids = found.ids[:MOST]
        with transaction.atomic():
            job = statements.lock(ids, queue)
            if job is None:
                tried += ids
                continue
            if job.is_anything_paused and must_wait(job.pk):  # type: ignore[attr-defined]
                continue
            taken = _take(job, worker, queue, gpu or "")
        if taken is None:
            continue
        looker.took(found, job.pk)
        return taken
    return None


def _take(job: Job, worker: str, queue: str, gpu: str) -> Claim | None:
    """Claim a job whose row this transaction has locked; None if a pause was faster."""
    token = uuid.uuid4()
    written: dict[str, Any] = {
        "state": Job.State.RUNNING,
        "lease_token": token,
        "worker": worker,
        "attempt": job.attempt + 1,
        "started": timezone.now(),
        "progress": 0.0,
        "stage": "starting",
        "cancel_requested": False,
        **NO_ERROR,
    }
    paused = QueuePause.objects.filter(queue=queue)
    if not Job.objects.ready().filter(~Exists(paused), pk=job.pk).update(lease_until=lease_end(), **written):
        return None
    for name, value in written.items():
        setattr(job, name, value)
    del job.lease_until  # the database's clock; read when somebody asks for it
    attempt = Attempt.objects.create(job=job, number=job.attempt, worker=worker, queue=queue, gpu=gpu)
    return Claim(job, token, attempt)


def more_urgent(claim: Claim, queue: str, gpu: str | None = None) -> Job | None:
    """Return the job that the worker of *claim* would rather run now, if one of a higher priority waits for it."""
    found = Looker(queue).look(topology.current(), gpu=gpu or "", above=claim.job.priority)
    return Job.objects.only("id", "kind").filter(pk__in=found.ids[:1]).first() if found else None
