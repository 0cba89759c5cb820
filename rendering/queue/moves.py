"""Moves jobs: to the queue where their lane waits now, and away from a GPU that failed them."""

from __future__ import annotations

from django.db import transaction

from gpu.models import Worker
from gpu.queues import topology
from gpu.queues.topology import Lane
from rendering.models import Job
from rendering.queue import dispatch

MARK = "|"  # around each vendor id in Job.avoid; none contains it


def marked(gpu: str) -> str:
    return f"{MARK}{gpu}{MARK}"


def avoided(job: Job) -> frozenset[str]:
    """Return the vendor ids of the GPUs that must not take *job*."""
    return frozenset(filter(None, job.avoid.split(MARK)))


def of_one_host(gpu: str) -> frozenset[str]:
    """Return the GPUs of the host that *gpu* is in."""
    queues = topology.current().queues
    hosts = {queue.host for queue in queues if queue.gpu == gpu}
    return frozenset(queue.gpu for queue in queues if queue.gpu and queue.host in hosts) | {gpu}


def untried(job: Job, gpus: frozenset[str]) -> bool:
    """Whether a GPU serves the job's lane that neither is one of *gpus* nor has failed the job before."""
    return bool(topology.current().gpus(Lane(job.lane)) - avoided(job) - gpus)


def avoid_after(job: Job, gpus: frozenset[str]) -> str:
    """Return which GPUs must not take *job* next, as Job.avoid, now that *gpus* (none of them perhaps) have failed it.

    All that failed it while one is left that did not; else the last ones; none when no other serves its lane.
    """
    if not gpus:
        return job.avoid
    serving = topology.current().gpus(Lane(job.lane))
    for tried in (avoided(job) | gpus, gpus):
        if serving - tried:
            return "".join(marked(one) for one in sorted(tried))
    return ""


def move() -> int:
    """Move waiting jobs to the queues that exist now, and wake workers; return how many were moved.

    Each job waits where its lane is at home. What avoids a GPU waits no longer when no other one is alive to take it.
    """
    here = topology.current()
    moved = 0
    waiting = Job.objects.places()
    strays = [(lane, queue, home) for lane, queue in waiting if queue != (home := here.home(Lane(lane)))]
    for lane, queue, home in strays:
        with transaction.atomic():
            count = Job.objects.waiting().filter(lane=lane, queue=queue).update(queue=home)
            if count:
                dispatch.wake_workers(lane)
        moved += count
    _forgive(here)
    return moved


def _forgive(here: topology.Topology) -> None:
    """Let jobs whose other GPUs are gone or silent go back to the one that failed them: better than never."""
    picky = list(Job.objects.waiting().filter(avoid__gt="").only("id", "lane", "avoid"))
    if not picky:
        return
    alive = set(Worker.objects.alive().exclude(gpu="").values_list("gpu", flat=True))
    for job in picky:
        if not (here.gpus(Lane(job.lane)) & alive) - avoided(job):
            with transaction.atomic():
                Job.objects.waiting().filter(pk=job.pk).update(avoid="")
                dispatch.wake_workers(job.lane)
