"""Taking a job: the first of what a look found that no other worker takes, and the claim on it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from gpu.queues import topology
from media_assets.models.failing import NO_ERROR
from rendering.models import Attempt, Job
from rendering.models.sentence import Sentence
from rendering.queue.claims import statements
from rendering.queue.claims.holding import Claim
from rendering.queue.claims.looking import MOST, Looker
from rendering.queue.claims.pausing import must_wait

STARTING = Sentence.of(gettext_noop("starting"))

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
        try:
            taken = _take(ids, worker, queue, gpu or "")
        except Paused as job:
            must_wait(job.pk)
            continue
        if taken is None:
            tried += ids
            continue
        looker.took(found, taken.job.pk)
        return taken
    return None


class Paused(Exception):
    """The job was made in the instant of a pause, which saw it not: it has to wait."""

    def __init__(self, pk: int) -> None:
        super().__init__(pk)
        self.pk = pk


def _take(ids: Sequence[int], worker: str, queue: str, gpu: str) -> Claim | None:
    """Claim the first of these jobs that is still ready; None if none is. Raises Paused."""
    token = uuid.uuid4()
    written = {
        "state": Job.State.RUNNING,
        "lease_token": token,
        "worker": worker,
        "started": timezone.now(),
        "progress": 0.0,
        "stage": STARTING,
        "cancel_requested": False,
        **NO_ERROR,
    }
    with transaction.atomic():
        job = statements.take(ids, queue, written)
        if job is None:
            return None
        if job.is_anything_paused and must_wait(job.pk):  # type: ignore[attr-defined]
            raise Paused(job.pk)
        attempt = Attempt(job=job, number=job.attempt, worker=worker, queue=queue, gpu=gpu)
        statements.add(attempt)
    return Claim(job, token, attempt)


def more_urgent(claim: Claim, queue: str, gpu: str | None = None) -> Job | None:
    """Return the job that the worker of *claim* would rather run now, if one of a higher priority waits for it."""
    found = Looker(queue).look(topology.current(), gpu=gpu or "", above=claim.job.priority)
    return Job.objects.only("id", "kind").filter(pk__in=found.ids[:1]).first() if found else None
