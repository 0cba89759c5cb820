"""Where a job goes: its lane by kind and size, its queue by the GPUs there are; and waking its workers."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Now

from gpu.models import SystemSettings
from gpu.models.system_settings import FairShares
from gpu.queues import pausing, topology, wake
from gpu.queues.topology import Lane
from rendering.models import Job

SPARE = 8  # queues that are woken beyond those that the jobs need: some of them are busy


def lane_for(
    kind: str, *, frames: int | None = None, width: int = 0, height: int = 0, light_max_px: int
) -> Lane:
    """Return the lane of a job. Sizes in px; a turntable is heavy whatever its size."""
    is_small = not frames and max(width, height) <= light_max_px
    return topology.lane_of(is_render=kind == Job.Kind.RENDER, is_small=is_small)


@dataclass(frozen=True)
class Routes:
    """Where jobs go now: looked up once for as many of them as an order makes."""

    light_max_px: int
    topology: topology.Topology
    fair_shares: str = FairShares.OFF

    @classmethod
    def now(cls) -> Routes:
        """Return today's routes: the settings and the GPUs, two queries."""
        row = SystemSettings.load()
        return cls(row.light_lane_max_px, topology.current(), row.fair_shares)

    def share(self, person: int | None, order: int | None = None) -> int:
        """Return by what jobs take turns with others: the id of the person, minus that of the order, or 0."""
        match self.fair_shares:
            case FairShares.PERSON:
                return person or 0
            case FairShares.ORDER:
                return -(order or 0)
            case _:
                return 0

    def route(
        self, kind: str, *, frames: int | None = None, width: int = 0, height: int = 0
    ) -> tuple[Lane, str]:
        """Return the lane of a job and the queue in which it waits."""
        lane = lane_for(kind, frames=frames, width=width, height=height, light_max_px=self.light_max_px)
        return lane, self.topology.home(lane)


def wake_workers(lane: str, jobs: int = 1) -> None:
    """Wake queues whose workers may take *jobs* of *lane*: the first claim wins, the others find nothing.

    A message wakes one worker, which goes on until nothing waits: as many are sent as there are workers, or jobs. Of a
    hundred queues one job wakes only some: those that stay asleep look by themselves within seconds.
    """
    takers = [queue for queue in topology.current().queues if Lane(lane) in queue.lanes]
    for queue in random.sample(takers, min(len(takers), jobs + SPARE)):
        wake.wake(*[queue.name] * min(jobs, queue.workers))


def wake_silent_workers(lane: str) -> None:
    """Wake the takers of *lane* that have no message waiting: makes up for lost ones and floods no busy queue.

    A paused queue is woken when it is resumed.
    """
    paused = pausing.paused()
    takers = [queue for queue in topology.current().takers(Lane(lane)) if queue not in paused]
    waiting = wake.waiting_messages(takers)
    wake.wake(*(queue for queue in takers if not waiting.get(queue)))


def with_work(queues: Collection[str]) -> set[str]:
    """Return which of *queues*, unless they are paused, serve a lane in which a job waits that may be claimed now."""
    here = topology.current()
    lanes = {name: here.lanes(name) for name in queues}
    ripe = Job.objects.waiting().filter(
        Q(not_before=None) | Q(not_before__lte=Now()), held=False, held_since=None
    )
    waiting = {lane for lane in set().union(*lanes.values()) if ripe.filter(lane=lane).exists()}
    found = {name for name, served in lanes.items() if served & waiting}
    return found - set(pausing.paused()) if found else found
