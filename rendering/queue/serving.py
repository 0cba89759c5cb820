"""Whether anybody works: what waits in each lane, since when, and which live workers may take it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils import timezone

from gpu.models import Worker
from gpu.queues import pausing, topology
from gpu.queues.topology import Lane, QueueSpec
from rendering.models import Job


@dataclass(frozen=True)
class LaneService:
    """One lane: the queues that serve it, their live workers, and the jobs that could be claimed now.

    `oldest`: seconds for which the first of them has waited, 0 without any. `held` lack something, `paused` are those
    of paused orders and products, `later` are tried again after a pause. `is_paused`: every queue of it is.
    """

    lane: Lane
    queues: tuple[QueueSpec, ...]
    workers: int
    waiting: int
    oldest: float
    running: int
    held: int
    paused: int
    later: int
    is_paused: bool


def lanes() -> list[LaneService]:
    """Return every lane: five small queries, whatever the history."""
    now = timezone.now()
    plan = topology.current()
    alive, paused = workers_alive(), pausing.paused()
    ripe = Q(held=False, held_since=None) & (Q(not_before=None) | Q(not_before__lte=now))
    waiting = {
        lane: figures
        for lane, *figures in Job.objects.waiting()
        .order_by()
        .values_list("lane")
        .annotate(
            count=Count("pk", filter=ripe),
            first=Min("queued", filter=ripe),
            lacking=Count("pk", filter=Q(held_since__isnull=False)),
            stopped=Count("pk", filter=Q(held=True, held_since=None)),
            later=Count("pk", filter=Q(held=False, held_since=None, not_before__gt=now)),
        )
    }
    running = dict(Job.objects.running().order_by().values_list("lane").annotate(count=Count("pk")))
    found = []
    for lane in Lane:
        queues = tuple(queue for queue in plan.queues if lane in queue.lanes)
        count, first, lacking, stopped, later = waiting.get(lane.value, (0, None, 0, 0, 0))
        found.append(
            LaneService(
                lane,
                queues,
                workers=sum(alive[queue.name] for queue in queues),
                waiting=count,
                oldest=_age(first, now),
                running=running.get(lane.value, 0),
                held=lacking,
                paused=stopped,
                later=later,
                is_paused=bool(queues) and all(queue.name in paused for queue in queues),
            )
        )
    return found


def workers_alive() -> Counter[str]:
    """Return how many workers of each queue have a fresh heartbeat and take jobs."""
    taking = Worker.objects.alive().filter(drain_until=None).order_by()
    return Counter(dict(taking.values_list("queue").annotate(count=Count("pk"))))


def has_control() -> bool:
    """Whether the control cluster is alive, which requeues lost jobs and sends notifications."""
    return workers_alive()[settings.CONTROL_QUEUE] > 0


def _age(first: datetime | None, now: datetime) -> float:
    return max(0.0, (now - first).total_seconds()) if first else 0.0
