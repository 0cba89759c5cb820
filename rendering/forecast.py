"""When an order will be done, by what the last jobs of the same kind took. A guess, and said as one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from gpu import pausing, topology
from gpu.models import Worker
from gpu.topology import Lane
from rendering import waiting
from rendering.models import Job, Order, OrderLine

HISTORY = 1000  # jobs looked at
LATEST = 20  # of one kind, output type and device that count


@dataclass(frozen=True)
class Forecast:
    """How many seconds an order still takes, or why nobody can tell."""

    seconds: float | None = None
    why: str = ""


@dataclass
class History:
    """Seconds of the last jobs that succeeded, by kind and output type, on the device that made the newest of them."""

    by_output: dict[tuple[str, int | None], list[float]] = field(default_factory=lambda: defaultdict(list))
    by_kind: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def now(cls) -> History:
        """Return the history of this installation: one query, whatever there is."""
        history = cls()
        devices: dict[tuple[str, int | None], str] = {}
        jobs = Job.objects.filter(state=Job.State.SUCCEEDED, started__isnull=False, finished__isnull=False)
        rows = jobs.order_by("-id").values_list("kind", "output_type", "device_name", "started", "finished")
        for kind, output_type, device, started, finished in rows[:HISTORY]:
            if started is None or finished is None:
                continue  # the query leaves none; the types don't know
            seconds = (finished - started).total_seconds()
            known = history.by_output[kind, output_type]
            if devices.setdefault((kind, output_type), device) == device and len(known) < LATEST:
                known.append(seconds)
            if len(history.by_kind[kind]) < LATEST:
                history.by_kind[kind].append(seconds)
        return history

    def seconds(self, kind: str, output_type: int | None) -> float | None:
        """Return what such a job takes (s, the median); None when none has ended yet."""
        known = self.by_output.get((kind, output_type)) or self.by_kind.get(kind)
        return median(known) if known else None


def forecast(order: Order) -> Forecast:
    """Return when the live lines of *order* will be done: a fixed number of queries."""
    lines = list(order.lines.live().values_list("id", "output_type", "source", "output_type__kind"))
    if not lines:
        return Forecast()
    if order.paused:
        return Forecast(why="It is paused.")
    if order.lines.live().filter(product__paused_since__isnull=False).exists():
        return Forecast(why="A product of it is paused.")
    history = History.now()
    work: defaultdict[str, float] = defaultdict(float)
    for lane, kind, output_type, left in [*_ahead(order), *_own(order, lines)]:
        seconds = history.seconds(kind, output_type)
        if seconds is None:
            return Forecast(why=f"No {Job.Kind(kind).label.lower()} job has ended here yet.")
        work[lane] += seconds * left
    workers = _workers(work)
    if idle := sorted(lane for lane in work if not workers[lane]):
        paused = waiting.in_queues(idle[0], pausing.paused())
        return Forecast(why=paused or f"No worker serves the {idle[0]} lane now.")
    return Forecast(max(work[lane] / workers[lane] for lane in work))


def _ahead(order: Order) -> Iterable[tuple[str, str, int | None, float]]:
    """Jobs of others that go first: (lane, kind, output type, share left)."""
    others = Job.objects.live().filter(held=False, priority__gte=order.priority).exclude(lines__order=order)
    for lane, kind, output_type, progress in others.order_by().values_list(
        "lane", "kind", "output_type", "progress"
    ):
        yield lane, kind, output_type, 1.0 - progress


def _own(
    order: Order, lines: list[tuple[int, int, str, str]]
) -> Iterable[tuple[str, str, int | None, float]]:
    """The order's live jobs, and those that follow them."""
    through = OrderLine.jobs.through._default_manager
    links = through.filter(orderline__order=order, job__state__in=Job.LIVE)
    jobs: dict[int, tuple[str, str, int | None, float]] = {}
    kinds: dict[int, set[str]] = defaultdict(set)
    for line, pk, lane, job_kind, made, progress in links.values_list(
        "orderline", "job", "job__lane", "job__kind", "job__output_type", "job__progress"
    ):
        jobs[pk] = (lane, job_kind, made, 1.0 - progress)
        kinds[line].add(job_kind)
    yield from jobs.values()
    for pk, output_type, source, kind in lines:
        if Job.Kind.TESSELLATE in kinds[pk] and source == OrderLine.Source.RENDERED:
            yield (Lane.LIGHT if kind != "turntable" else Lane.HEAVY), Job.Kind.RENDER, output_type, 1.0
        if Job.Kind.ENCODE not in kinds[pk]:
            yield Lane.CPU, Job.Kind.ENCODE, output_type, 1.0


def _workers(lanes: Iterable[str]) -> Counter[str]:
    """Return how many living workers may take jobs of each lane."""
    now = topology.current()
    paused = pausing.paused()
    alive = Worker.objects.alive().filter(drain_until=None).exclude(queue__in=list(paused))
    queues = Counter(alive.values_list("queue", flat=True))
    return Counter({lane: sum(queues[name] for name in now.takers(Lane(lane))) for lane in set(lanes)})
