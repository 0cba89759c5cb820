"""When an order will be done, by what the last jobs of the same kind took and how far those are that run.

A guess, and said as one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext

from gpu.models import Worker
from gpu.queues import pausing, topology
from gpu.queues.topology import Lane
from rendering.models import Job, Order, OrderLine, OutputType
from rendering.queue import waiting

HISTORY = 1000  # jobs looked at
SPEAKS_AT = 0.05  # of the samples done: before that Cycles' guess is of its start, and many times too long
LATEST = 20  # of one kind, output type and device that count


@dataclass(frozen=True)
class Forecast:
    """How many seconds an order still takes, or why that is unknown."""

    seconds: float | None = None
    why: str = ""


@dataclass(frozen=True)
class Piece:
    """*count* jobs that live, or that will be made: *seconds* since its render began, None where that is no use."""

    lane: str
    kind: str
    output_type: int | None
    progress: float = 0.0
    seconds: float | None = None
    count: int = 1

    @property
    def whole(self) -> float | None:
        """What it will have taken (s), by how far it is; None before that says anything."""
        if self.seconds is None or self.progress < SPEAKS_AT:
            return None
        return self.seconds / self.progress


@dataclass
class History:
    """Seconds of the last jobs that succeeded, by kind and output type, on the device that made the newest of them.

    What no job of an output type has shown yet, one that runs shows; else it is worked out from other renders, by
    pixels and samples.
    """

    by_output: dict[tuple[str, int | None], list[float]] = field(default_factory=lambda: defaultdict(list))
    by_kind: dict[str, list[tuple[float, int | None]]] = field(default_factory=lambda: defaultdict(list))
    work: dict[int | None, float] = field(default_factory=dict)  # of a render: pixels times samples

    @classmethod
    def now(cls) -> History:
        """Return the history of this installation: two queries, whatever there is."""
        types = OutputType.objects.all()
        history = cls(
            work={one.pk: one.width * one.height * one.samples * (one.all_frames or 1) for one in types}
        )
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
                history.by_kind[kind].append((seconds, output_type))
        return history

    def learn(self, pieces: Iterable[Piece]) -> None:
        """Take what runs as an example of its output type, where none has ended."""
        for piece in pieces:
            key = (piece.kind, piece.output_type)
            if piece.whole is not None and not self.by_output.get(key):
                self.by_output[key] = [piece.whole]

    def seconds(self, kind: str, output_type: int | None) -> float | None:
        """Return what such a job takes (s, the median); None when none has ended yet."""
        known = self.by_output.get((kind, output_type))
        if known:
            return median(known)
        others = self.by_kind.get(kind)
        if not others:
            return None
        work = self.work.get(output_type) if kind == Job.Kind.RENDER else None
        alike = (
            [taken * work / self.work[other] for taken, other in others if self.work.get(other)]
            if work
            else []
        )
        return median(alike or [taken for taken, _ in others])

    def left(self, piece: Piece) -> float | None:
        """Return the remaining time of a job (s); None if unknown."""
        whole = piece.whole if piece.whole is not None else self.seconds(piece.kind, piece.output_type)
        return None if whole is None else whole * (1.0 - piece.progress)


def forecast(order: Order) -> Forecast:
    """Return when the live lines of *order* will be done: a fixed number of queries."""
    lines = list(order.lines.live().values_list("id", "output_type", "source", "output_type__kind"))
    if not lines:
        return Forecast()
    if order.paused:
        return Forecast(why=gettext("The order is paused."))
    if order.lines.live().filter(product__paused_since__isnull=False).exists():
        return Forecast(why=gettext("One of its products is paused."))
    held = Job.objects.held().filter(lines__order=order).first()
    if held:
        return Forecast(why=gettext("{job} is held.").format(job=held))
    history = History.now()
    pieces = [*_ahead(order), *_own(order, lines)]
    history.learn(pieces)
    work: defaultdict[str, float] = defaultdict(float)
    for piece in pieces:
        left = history.left(piece)
        if left is None:
            return Forecast(
                why=gettext("No {kind} job has finished here yet.").format(
                    kind=Job.Kind(piece.kind).label.lower()
                )
            )
        work[piece.lane] += left * piece.count
    workers = _workers(work)
    if idle := sorted(lane for lane in work if not workers[lane]):
        paused = waiting.in_queues(idle[0], pausing.paused())
        return Forecast(why=paused or gettext("No worker serves the {lane} lane now.").format(lane=idle[0]))
    return Forecast(max(work[lane] / workers[lane] for lane in work))


def _ahead(order: Order) -> Iterator[Piece]:
    """Jobs of others that go first."""
    others = (
        Job.objects.live()
        .filter(held=False, held_since=None, priority__gte=order.priority)
        .exclude(lines__order=order)
    )
    alike = others.waiting().order_by().values_list("lane", "kind", "output_type")
    for lane, kind, output_type, count in alike.annotate(count=Count("id")):
        yield Piece(lane, kind, output_type, count=count)
    for lane, kind, output_type, made, progress, started in (
        others.running()
        .order_by()
        .values_list(*("lane", "kind", "output_type", "output_type__kind", "progress", "started"))
    ):
        yield Piece(lane, kind, output_type, progress, _since(started, kind, made))


def _own(order: Order, lines: list[tuple[int, int, str, str]]) -> Iterator[Piece]:
    """The order's live jobs, and those that follow them."""
    through = OrderLine.jobs.through._default_manager
    links = through.filter(orderline__order=order, job__state__in=Job.LIVE)
    jobs: dict[int, Piece] = {}
    kinds: dict[int, set[str]] = defaultdict(set)
    for line, pk, lane, job_kind, output_type, made, progress, started in links.values_list(
        *("orderline", "job", "job__lane", "job__kind", "job__output_type", "job__output_type__kind"),
        *("job__progress", "job__started"),
    ):
        jobs[pk] = Piece(lane, job_kind, output_type, progress, _since(started, job_kind, made))
        kinds[line].add(job_kind)
    yield from jobs.values()
    for pk, output_type, source, kind in lines:
        if Job.Kind.TESSELLATE in kinds[pk] and source == OrderLine.Source.RENDERED:
            yield Piece(Lane.LIGHT if kind != "turntable" else Lane.HEAVY, Job.Kind.RENDER, output_type)
        if Job.Kind.ENCODE not in kinds[pk]:
            yield Piece(Lane.CPU, Job.Kind.ENCODE, output_type)


def _since(started: datetime | None, kind: str, made: str | None) -> float | None:
    """Seconds of a render. A film may have got frames from before, and conversions do not progress evenly."""
    if started is None or kind != Job.Kind.RENDER or made == OutputType.Kind.TURNTABLE:
        return None
    return (timezone.now() - started).total_seconds()


def _workers(lanes: Iterable[str]) -> Counter[str]:
    """Return how many living workers may take jobs of each lane."""
    now = topology.current()
    paused = pausing.paused()
    alive = Worker.objects.alive().filter(drain_until=None).exclude(queue__in=list(paused))
    queues = Counter(alive.values_list("queue", flat=True))
    return Counter({lane: sum(queues[name] for name in now.takers(Lane(lane))) for lane in set(lanes)})
