"""Routings compared in simulated time. Where our jobs wait and who takes which next is decided by the real code.

Ours is what gpu.topology makes of rows of GPUs, and its jobs are claimed in the order of rendering.claims. The others
are topologies too; in their queues the same order holds (priority, loaded geometry, age).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest import mock

from django.db import transaction
from django.utils import timezone

from gpu import topology
from gpu.models import GpuDevice, SystemSettings
from gpu.topology import LIGHT_QUEUE, PRIMARY_QUEUE, Lane, QueueSpec, Topology
from media_assets.models import CadFile
from rendering import claims, dispatch
from rendering.models import Job
from tests.benchmarks.routing_mixes import OTHER_GEOMETRY, Mix, Render

CONTENTION = 36 / 17  # two workers on one GPU made a render of 17 s take 36 s (gpu.topology)
ALONE, SHARED = 1.0, 1 / CONTENTION

BOTH = frozenset({Lane.LIGHT, Lane.HEAVY})
NOTHING = 1e-6  # seconds that only rounding left


@dataclass
class Worker:
    """One worker of a queue on one GPU: what it renders, and the geometry that its Blender has loaded."""

    queue: str
    gpu: int
    job: Render | None = None
    left: float = 0.0  # seconds of a GPU of speed 1 that it has to itself
    geometry: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a mix under a routing, in seconds; *behind* counts thumbnails that waited behind turntables."""

    makespan: float
    thumbnail_waits: tuple[float, ...]
    behind: int
    taken: tuple[tuple[Render, int], ...] = field(
        repr=False, default=()
    )  # with the GPU, in the order of claims

    @property
    def p95(self) -> float:
        """The wait that 95 of 100 thumbnails stay below (nearest rank)."""
        ordered = sorted(self.thumbnail_waits)
        return ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]


@dataclass(frozen=True)
class Routing:
    """Queues, and which GPU each worker of them is on: (queue, number of the GPU)."""

    plan: Topology
    workers: tuple[tuple[str, int], ...]
    is_ours: bool = False


def devices(speeds: Sequence[float], **fields: Any) -> list[GpuDevice]:
    """Rows of GPUs as a probe registers them; a faster one has more memory. ``gpu2={...}`` changes the second."""
    return [
        GpuDevice(
            host="simulated",
            backend="OPTIX",
            vendor_id=f"GPU-{number}",
            name=f"GPU {number}",
            memory_mb=int(24_576 * speed),
            **fields.get(f"gpu{number}", {}),
        )
        for number, speed in enumerate(speeds, start=1)
    ]


def _one_worker(speeds: Sequence[float]) -> Routing:
    """One worker for everything, on the fastest GPU; the others stand still."""
    return Routing(Topology((QueueSpec(PRIMARY_QUEUE, BOTH),)), ((PRIMARY_QUEUE, speeds.index(max(speeds))),))


def _two_per_gpu(speeds: Sequence[float]) -> Routing:
    """Two workers on each GPU, one queue for everything."""
    workers = tuple((PRIMARY_QUEUE, gpu) for gpu in range(len(speeds)) for _ in range(2))
    return Routing(Topology((QueueSpec(PRIMARY_QUEUE, BOTH, workers=len(workers)),)), workers)


def _fixed_split(speeds: Sequence[float]) -> Routing:
    """The slowest GPU for the light lane, the others for the heavy one; a single GPU has a worker of each."""
    plan = Topology(
        (QueueSpec(PRIMARY_QUEUE, frozenset({Lane.HEAVY})), QueueSpec(LIGHT_QUEUE, frozenset({Lane.LIGHT})))
    )
    light = speeds.index(min(speeds))
    heavy = tuple((PRIMARY_QUEUE, gpu) for gpu in range(len(speeds)) if gpu != light or len(speeds) == 1)
    return Routing(plan, (*heavy, (LIGHT_QUEUE, light)))


def _ours(speeds: Sequence[float], **fields: Any) -> Routing:
    """What gpu.topology makes of these GPUs."""
    GpuDevice.objects.all().delete()
    rows = devices(speeds, **fields)
    for row in rows:
        row.save()
    plan = topology.current()
    number_of = {str(row): number for number, row in enumerate(rows)}
    workers = tuple(
        (queue.name, number_of[queue.device]) for queue in plan.queues if queue.device in number_of
    )
    return Routing(plan, workers, is_ours=True)


def _ours_without_reserve(speeds: Sequence[float]) -> Routing:
    """Ours, where the operator named the queue of each GPU: then none is light, and all take all."""
    return _ours(
        speeds, **{f"gpu{number}": {"queue": f"studio_{number}"} for number in range(1, len(speeds) + 1)}
    )


ONE, TWO, FIXED = "one worker", "two per GPU", "fixed split"
OURS, UNRESERVED = "ours", "ours, no light GPU"
ROUTINGS: dict[str, Callable[[Sequence[float]], Routing]] = {
    ONE: _one_worker,
    TWO: _two_per_gpu,
    FIXED: _fixed_split,
    OURS: _ours,
    UNRESERVED: _ours_without_reserve,
}


class Desk:
    """Our jobs as rows, taken in the order of rendering.claims."""

    def __init__(self, plan: Topology) -> None:
        self.plan = plan
        self.midnight = timezone.now()
        self.cad_file = CadFile.objects.create(
            sha256="0" * 64, file="cad/none.step", original_name="none.step", bytes=1, format="step"
        )

    def queue(self, renders: Iterable[tuple[int, Render, Lane]]) -> None:
        Job.objects.bulk_create(
            Job(
                kind=Job.Kind.RENDER,
                recipe_key=f"simulated {number}",
                spec={"number": number},
                priority=render.priority,
                lane=lane,
                queue=self.plan.home(lane),
                geometry_key=render.geometry,
                cad_file=self.cad_file,
                queued=self.midnight + timedelta(seconds=render.arrives),
            )
            for number, render, lane in renders
        )

    def claim(self, worker: Worker) -> int:
        best = claims.waiting_for(worker.queue, worker.geometry).values_list("pk", "spec")
        pk, spec = best[0]
        # Claimed, run and ended at one stroke: the time that it takes is the simulation's.
        Job.objects.filter(pk=pk).update(state=Job.State.SUCCEEDED, finished=self.midnight)
        return int(spec["number"])


class Simulation:
    """A mix on GPUs under a routing, from event to event: a job arrives, a job ends."""

    def __init__(self, mix: Mix, routing: Routing, speeds: Sequence[float], seed: int) -> None:
        self.mix, self.routing, self.speeds = mix, routing, speeds
        self.workers = [Worker(*worker) for worker in routing.workers]
        self.lanes = {queue.name: queue.lanes for queue in routing.plan.queues}
        self.random = random.Random(seed)
        self.now = 0.0
        self.waiting: dict[int, Lane] = {}  # numbers of renders, in the order of their arrival
        self.blocked: set[int] = set()  # thumbnails that waited behind turntables
        self.started: dict[int, float] = {}
        self.taken: list[tuple[Render, int]] = []
        self.desk = Desk(routing.plan) if routing.is_ours else None
        limit = SystemSettings.load().light_lane_max_px
        self.lane_of = [
            dispatch.lane_for(
                Job.Kind.RENDER, frames=one.frames, width=one.size, height=one.size, light_max_px=limit
            )
            for one in mix.renders
        ]

    def run(self) -> Outcome:
        coming = list(range(len(self.mix.renders)))
        while coming or any(worker.job for worker in self.workers):
            next_arrival = self.mix.renders[coming[0]].arrives if coming else math.inf
            ends = [worker.left / self.rate(worker) for worker in self.workers if worker.job]
            self.advance(min(self.now + min(ends, default=math.inf), next_arrival))
            arrived = [number for number in coming if self.mix.renders[number].arrives <= self.now]
            coming = coming[len(arrived) :]
            self.waiting |= {number: self.lane_of[number] for number in arrived}
            if self.desk:
                self.desk.queue(
                    [(number, self.mix.renders[number], self.waiting[number]) for number in arrived]
                )
            self.take_work()
            self.note_blocked()
        if self.waiting:
            raise RuntimeError(f"{len(self.waiting)} jobs were never taken.")
        waits = [
            self.started[number] - render.arrives
            for number, render in enumerate(self.mix.renders)
            if render.is_thumbnail
        ]
        return Outcome(self.now, tuple(waits), len(self.blocked), tuple(self.taken))

    def rate(self, worker: Worker) -> float:
        busy = sum(other.job is not None for other in self.workers if other.gpu == worker.gpu)
        return self.speeds[worker.gpu] * (SHARED if busy > 1 else ALONE)

    def advance(self, moment: float) -> None:
        rates = [self.rate(worker) for worker in self.workers]
        for worker, rate in zip(self.workers, rates, strict=True):
            if worker.job:
                worker.left -= (moment - self.now) * rate
                if worker.left < NOTHING:
                    worker.job = None
        self.now = moment

    def take_work(self) -> None:
        """Let the idle workers take jobs, in any order: which of them hears the bell first is chance."""
        idle = [worker for worker in self.workers if worker.job is None]
        for worker in self.random.sample(idle, len(idle)):
            if self.lanes[worker.queue].isdisjoint(self.waiting.values()):
                continue
            number = self.desk.claim(worker) if self.desk else self.first(worker)
            render = self.mix.renders[number]
            del self.waiting[number]
            self.started[number] = self.now
            self.taken.append((render, worker.gpu))
            worker.job = render
            worker.left = render.seconds + (0.0 if render.geometry == worker.geometry else OTHER_GEOMETRY)
            worker.geometry = render.geometry

    def first(self, worker: Worker) -> int:
        """The job for a worker of another routing than ours."""

        def place(number: int) -> tuple[int, bool, float, int]:
            render = self.mix.renders[number]
            return -render.priority, render.geometry != worker.geometry, render.arrives, number

        lanes = self.lanes[worker.queue]
        return min((number for number, lane in self.waiting.items() if lane in lanes), key=place)

    def note_blocked(self) -> None:
        """Thumbnails that wait while each worker that may take them is in a turntable wait behind turntables."""
        able = [worker for worker in self.workers if Lane.LIGHT in self.lanes[worker.queue]]
        if all(worker.job and worker.job.frames for worker in able):
            self.blocked |= {number for number in self.waiting if self.mix.renders[number].is_thumbnail}


def simulate(mix: Mix, name: str, gpus: int, seed: int = 1) -> Outcome:
    """Return what becomes of *mix* on so many GPUs under the routing *name*. The database is as it was afterwards."""
    speeds = mix.speeds[:gpus]
    with transaction.atomic():
        routing = ROUTINGS[name](speeds)
        with mock.patch.object(topology, "current", return_value=routing.plan):
            outcome = Simulation(mix, routing, speeds, seed).run()
        transaction.set_rollback(True)
    return outcome
