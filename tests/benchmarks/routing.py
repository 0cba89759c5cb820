"""Routings compared in simulated time. Where our jobs wait and who takes which next is decided by the real code.

Ours is what gpu.topology makes of rows of GPUs, and its jobs are claimed in the order of rendering.claims. Its
turntables are split as rendering.orders.films splits them, and hand their GPU back between two frames when
rendering.claims says that something more urgent waits. The others are topologies too; in their queues the same order
holds (priority, loaded geometry, age), and a turntable is one job from its first frame to its last.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest import mock

from django.db import transaction
from django.utils import timezone

from gpu.models import GpuDevice, SystemSettings
from gpu.queues import topology
from gpu.queues.topology import LIGHT_QUEUE, PRIMARY_QUEUE, Lane, QueueSpec, Topology
from media_assets.models import CadFile
from rendering.models import Job
from rendering.orders import films
from rendering.queue import claims, dispatch
from rendering.queue.claims.looking import Looker
from tests.benchmarks.routing_mixes import OTHER_GEOMETRY, Mix, Render

CONTENTION = 36 / 17  # two workers on one GPU made a render of 17 s take 36 s (gpu.queues.topology)
ALONE, SHARED = 1.0, 1 / CONTENTION

BOTH = frozenset({Lane.LIGHT, Lane.HEAVY})
NOTHING = 1e-6  # seconds that only rounding left


@dataclass
class Task:
    """One job: a render, or the frames of a turntable that are one job. It is interrupted after any of its *units*."""

    render: Render
    number: int  # of the render in its mix
    lane: Lane
    priority: int
    units: int = 1
    seconds: float = 0.0  # of each unit, on a GPU of speed 1


@dataclass
class Worker:
    """One worker of a queue on one GPU: what it renders, and the geometry that its Blender has loaded."""

    queue: str
    gpu: int
    key: int = -1  # of its task
    job: Task | None = None
    left: float = 0.0  # seconds of its unit, of a GPU of speed 1 that it has to itself
    geometry: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a mix under a routing, in seconds; *behind* counts thumbnails that waited behind turntables.

    Behind a turntable is longer than one frame of it.
    """

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
    """What gpu.queues.topology makes of these GPUs."""
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
    """Ours, where the operator gave up the light GPU: all take all."""
    SystemSettings(keeps_light_gpu=False).save()
    return _ours(speeds)


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
    """Our jobs as rows, taken in the order of rendering.queue.claims."""

    def __init__(self, plan: Topology) -> None:
        self.plan = plan
        self.midnight = timezone.now()
        self.lookers: dict[str, Looker] = {}
        self.cad_file = CadFile.objects.create(
            sha256="0" * 64, file="cad/none.step", original_name="none.step", bytes=1, format="step"
        )

    def queue(self, tasks: Mapping[int, Task]) -> None:
        Job.objects.bulk_create(
            Job(
                kind=Job.Kind.RENDER,
                recipe_key=f"simulated {key}",
                spec={"key": key},
                priority=task.priority,
                lane=task.lane,
                queue=self.plan.home(task.lane),
                geometry_key=task.render.geometry,
                cad_file=self.cad_file,
                queued=self.midnight + timedelta(seconds=task.render.arrives),
            )
            for key, task in tasks.items()
        )

    def claim(self, worker: Worker) -> int:
        found = self.lookers.setdefault(worker.queue, Looker(worker.queue)).look(self.plan, worker.geometry)
        assert found
        job = Job.objects.get(pk=found.ids[0])
        # Claimed, run and ended at one stroke: the time that it takes is the simulation's.
        Job.objects.filter(pk=job.pk).update(state=Job.State.SUCCEEDED, finished=self.midnight)
        return int(job.spec["key"])

    def is_wanted(self, worker: Worker) -> bool:
        """Whether something more urgent waits for this worker than what it renders."""
        claim = mock.Mock(job=worker.job)
        return claims.more_urgent(claim, worker.queue) is not None

    def hand_back(self, key: int) -> None:
        """Let a job wait again at its old place."""
        Job.objects.filter(recipe_key=f"simulated {key}").update(state=Job.State.QUEUED, finished=None)


class Simulation:
    """A mix on GPUs under a routing, from event to event: a job arrives, a job or a frame ends."""

    def __init__(self, mix: Mix, routing: Routing, speeds: Sequence[float], seed: int) -> None:
        self.mix, self.routing, self.speeds = mix, routing, speeds
        self.workers = [Worker(*worker) for worker in routing.workers]
        self.lanes = {queue.name: queue.lanes for queue in routing.plan.queues}
        self.random = random.Random(seed)
        self.now = 0.0
        self.tasks: dict[int, Task] = {}
        self.waiting: dict[int, Task] = {}  # in the order of their arrival
        self.blocked: set[int] = set()  # thumbnails that waited behind turntables
        self.started: dict[int, float] = {}
        self.taken: list[tuple[Render, int]] = []
        self.desk = Desk(routing.plan) if routing.is_ours else None
        self.routes = dispatch.Routes(SystemSettings.load().light_lane_max_px, routing.plan)

    def run(self) -> Outcome:
        coming = list(range(len(self.mix.renders)))
        while coming or any(worker.job for worker in self.workers):
            next_arrival = self.mix.renders[coming[0]].arrives if coming else math.inf
            ends = [worker.left / self.rate(worker) for worker in self.workers if worker.job]
            self.advance(min(self.now + min(ends, default=math.inf), next_arrival))
            arrived = [number for number in coming if self.mix.renders[number].arrives <= self.now]
            coming = coming[len(arrived) :]
            self.queue(arrived)
            self.take_work()
        if self.waiting:
            raise RuntimeError(f"{len(self.waiting)} jobs were never taken.")
        waits = [
            self.started[number] - render.arrives
            for number, render in enumerate(self.mix.renders)
            if render.is_thumbnail
        ]
        return Outcome(self.now, tuple(waits), len(self.blocked), tuple(self.taken))

    def queue(self, numbers: Iterable[int]) -> None:
        """Make the jobs of the renders with these numbers."""
        fresh = [task for number in numbers for task in self.tasks_of(number, self.mix.renders[number])]
        keys = range(len(self.tasks), len(self.tasks) + len(fresh))
        made = dict(zip(keys, fresh, strict=True))
        self.tasks |= made
        self.waiting |= made
        if self.desk and made:
            self.desk.queue(made)

    def tasks_of(self, number: int, render: Render) -> Iterator[Task]:
        lane, _ = self.routes.route(
            Job.Kind.RENDER, frames=render.frames, width=render.size, height=render.size
        )
        if not (self.desk and render.frames):
            yield Task(render, number, lane, render.priority, 1, render.seconds)
            return
        shown = films.preview(render.frames)
        for part in films.parts(render.frames, range(1, render.frames + 1), self.routes):
            lead = films.PREVIEW_LEAD if set(part) <= set(shown) else 0
            yield Task(render, number, lane, render.priority + lead, len(part), render.frame_seconds)

    def rate(self, worker: Worker) -> float:
        busy = sum(other.job is not None for other in self.workers if other.gpu == worker.gpu)
        return self.speeds[worker.gpu] * (SHARED if busy > 1 else ALONE)

    def advance(self, moment: float) -> None:
        self.note_blocked(moment)
        rates = [self.rate(worker) for worker in self.workers]
        begun, self.now = self.now, moment
        for worker, rate in zip(self.workers, rates, strict=True):
            if worker.job:
                worker.left -= (moment - begun) * rate
                if worker.left < NOTHING:
                    self.end_unit(worker, worker.job)

    def end_unit(self, worker: Worker, task: Task) -> None:
        """Go on with the next frame, unless it was the last or something more urgent waits."""
        task.units -= 1
        # The real code is asked only where it could say yes: it is a query for each frame.
        could = any(other.priority > task.priority for other in self.waiting.values())
        if task.units and not (could and self.desk and self.desk.is_wanted(worker)):
            worker.left = task.seconds
            return
        if task.units and self.desk:
            self.waiting[worker.key] = task
            self.desk.hand_back(worker.key)
        worker.job = None

    def take_work(self) -> None:
        """Let the idle workers take jobs, in any order: which of them wakes first is chance."""
        idle = [worker for worker in self.workers if worker.job is None]
        for worker in self.random.sample(idle, len(idle)):
            if self.lanes[worker.queue].isdisjoint(task.lane for task in self.waiting.values()):
                continue
            key = self.desk.claim(worker) if self.desk else self.first(worker)
            task = self.waiting.pop(key)
            self.started.setdefault(task.number, self.now)
            self.taken.append((task.render, worker.gpu))
            worker.key, worker.job = key, task
            geometry = task.render.geometry
            worker.left = task.seconds + (0.0 if geometry == worker.geometry else OTHER_GEOMETRY)
            worker.geometry = geometry

    def first(self, worker: Worker) -> int:
        """The job for a worker of another routing than ours."""

        def place(key: int) -> tuple[int, bool, float, int]:
            task = self.waiting[key]
            other = task.render.geometry != worker.geometry
            return -task.priority, other, task.render.arrives, key

        lanes = self.lanes[worker.queue]
        return min((key for key, task in self.waiting.items() if task.lane in lanes), key=place)

    def note_blocked(self, until: float) -> None:
        """Thumbnails that wait longer than a frame while each worker that may take them is in a turntable."""
        able = [worker for worker in self.workers if Lane.LIGHT in self.lanes[worker.queue]]
        in_films = [worker for worker in able if worker.job and worker.job.render.frames]
        if len(in_films) < len(able):
            return
        frame = max(worker.job.render.frame_seconds / self.rate(worker) for worker in in_films if worker.job)
        self.blocked |= {
            task.number
            for task in self.waiting.values()
            if task.render.is_thumbnail and until - task.render.arrives > frame + OTHER_GEOMETRY
        }


def simulate(mix: Mix, name: str, gpus: int, seed: int = 1) -> Outcome:
    """Return what becomes of *mix* on so many GPUs under the routing *name*. The database is as it was afterwards."""
    speeds = mix.speeds[:gpus]
    with transaction.atomic():
        routing = ROUTINGS[name](speeds)
        with mock.patch.object(topology, "current", return_value=routing.plan):
            outcome = Simulation(mix, routing, speeds, seed).run()
        transaction.set_rollback(True)
    return outcome
