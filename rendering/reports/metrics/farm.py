"""The farm as it is now: queues, jobs, workers, GPUs, disks, messages. Small queries, whatever the history."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Q
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from gpu.models import GpuDevice, SystemSettings, Worker
from gpu.probing import life
from media_assets import storage
from rendering.models import Attempt, Job, Notification
from rendering.queue import serving
from rendering.reports.metrics import hour

logger = logging.getLogger("renderdesk.metrics")

BUSY_SPAN = timedelta(minutes=5)
DAY = timedelta(days=1)
NEWEST = 1000  # notifications that are looked at

Values = Iterable[tuple[tuple[str, ...], float]]


class Farm(Collector):
    """Asks the database once for each scrape."""

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("renderdesk_build", "Version of Renderdesk", {"version": settings.VERSION})
        try:
            found = [*_lanes(), *_jobs(), *_workers(), *_gpus(), *_disks(), *_notifications()]
            found += hour.families()
        except DatabaseError:
            logger.exception("The database can't be asked for metrics")
            found = []
        yield _gauge("renderdesk_database_up", "Whether the database answers", (), [((), bool(found))])
        yield from found


def _lanes() -> Iterator[Metric]:
    lanes = serving.lanes()
    for name, words, values in (
        ("queue_jobs", "Jobs that could be claimed now", [one.waiting for one in lanes]),
        ("queue_oldest_seconds", "How long the first of them has waited", [one.oldest for one in lanes]),
        ("lane_workers", "Live workers that may take its jobs", [one.workers for one in lanes]),
        ("lane_running_jobs", "Jobs that run", [one.running for one in lanes]),
        ("lane_paused", "Whether all its queues are paused", [one.is_paused for one in lanes]),
    ):
        by_lane = [((one.lane.value,), value) for one, value in zip(lanes, values, strict=True)]
        yield _gauge(f"renderdesk_{name}", words, ("lane",), by_lane)
    reasons = ("held", "paused", "later")
    yield _gauge(
        "renderdesk_queue_jobs_kept_back",
        "Queued jobs that are not to be claimed now: they lack something, are paused, or are tried again later",
        ("lane", "reason"),
        (((one.lane.value, reason), getattr(one, reason)) for one in lanes for reason in reasons),
    )


def _jobs() -> Iterator[Metric]:
    """Live jobs, and those that ended in the last day: there an index has the few."""
    live = Job.objects.live().order_by()
    ended = Job.objects.filter(finished__gte=timezone.now() - DAY).exclude(state__in=Job.LIVE).order_by()
    counts: Counter[tuple[str, str]] = Counter({(state.value, ""): 0 for state in Job.State})
    for rows in (live, ended):
        for state, code, count in rows.values_list("state", "error_code").annotate(count=Count("pk")):
            counts[state, code] += count
    yield _gauge(
        "renderdesk_jobs",
        "Jobs that are queued or running, and those that ended in the last 24 hours, by error code",
        ("state", "error_code"),
        counts.items(),
    )


def _workers() -> Iterator[Metric]:
    alive = Worker.objects.alive().order_by().values_list("host", "queue")
    yield _gauge(
        "renderdesk_workers",
        "Workers with a fresh heartbeat",
        ("host", "queue"),
        ((key[:2], key[2]) for key in alive.annotate(count=Count("pk"))),
    )
    yield _gauge(
        "renderdesk_control_workers",
        "Live workers of the control cluster, which requeues lost jobs and sends notifications",
        (),
        [((), serving.workers_alive()[settings.CONTROL_QUEUE])],
    )


def _gpus() -> Iterator[Metric]:
    now = timezone.now()
    devices = list(GpuDevice.objects.filter(enabled=True))
    busy = _busy_seconds(now - BUSY_SPAN, now)
    names = {device.pk: (device.host, device.vendor_id, device.name) for device in devices}
    labels = ("host", "gpu", "name")
    yield _gauge(
        "renderdesk_gpu_up",
        "Whether the last probe found the GPU; disabled ones are left out",
        labels,
        ((names[one.pk], one.lost_at is None) for one in devices),
    )
    yield _gauge(
        "renderdesk_gpu_in_service",
        "Whether the GPU takes jobs of all its lanes: 0 after repeated failures",
        labels,
        ((names[one.pk], not one.out_of_service) for one in devices),
    )
    yield _gauge(
        "renderdesk_gpu_busy_ratio",
        "Share of the last 5 minutes in which a job had the GPU",
        labels,
        (
            (names[one.pk], min(1.0, busy[one.host, one.vendor_id] / BUSY_SPAN.total_seconds()))
            for one in devices
        ),
    )
    last = [probe for probe in life.last_probes() if probe.finished]
    yield _gauge(
        "renderdesk_probe_age_seconds",
        "Seconds since the last GPU probe of a host that succeeded",
        ("host",),
        (((one.host,), (now - one.finished).total_seconds()) for one in last if one.finished),
    )
    interval = SystemSettings.load().probe_interval_minutes * 60
    yield _gauge("renderdesk_probe_interval_seconds", "How often GPUs are to be probed", (), [((), interval)])


def _busy_seconds(since: datetime, until: datetime) -> Counter[tuple[str, str]]:
    """Return for how long jobs had each GPU (host, vendor id) in this time."""
    of_gpu = Attempt.objects.exclude(gpu="").order_by()
    ended = of_gpu.filter(finished__gte=since)
    running = of_gpu.filter(outcome=Attempt.Outcome.RUNNING, job__in=Job.objects.running())
    busy: Counter[tuple[str, str]] = Counter()
    for rows in (ended, running):
        for worker, gpu, started, finished in rows.values_list("worker", "gpu", "started", "finished"):
            span = min(finished or until, until) - max(started, since)
            busy[worker.partition(":")[0], gpu] += max(0.0, span.total_seconds())  # type: ignore[assignment]
    return busy


def _disks() -> Iterator[Metric]:
    spaces = {"media": storage.media_space(), "cache": storage.space_of(Path(settings.CACHE_DIR))}
    yield _gauge(
        "renderdesk_disk_free_bytes",
        "Free on the disks of the media and of this web server's cache",
        ("place",),
        (((place,), space.free) for place, space in spaces.items()),
    )
    yield _gauge(
        "renderdesk_disk_size_bytes",
        "Size of those disks",
        ("place",),
        (((place,), space.total) for place, space in spaces.items()),
    )
    floor = SystemSettings.load().disk_floor_mb * 1_000_000
    yield _gauge(
        "renderdesk_disk_floor_bytes",
        "With less free on the disk of the media, jobs wait and uploads are refused",
        (),
        [((), floor)],
    )


def _notifications() -> Iterator[Metric]:
    """Waiting ones by an index, given up ones among the newest: the table is kept for months."""
    waiting = Notification.objects.filter(state=Notification.State.WAITING).order_by()
    counts = waiting.aggregate(
        **{
            f"{channel}_{state}": Count("pk", filter=Q(webhook__isnull=channel == "email") & again)
            for channel in ("webhook", "email")
            for state, again in (("waiting", Q(attempts=0)), ("retrying", Q(attempts__gt=0)))
        }
    )
    newest = Notification.objects.order_by("-pk").values_list("state", "webhook", "created")[:NEWEST]
    since = timezone.now() - DAY
    given_up = Counter(
        "webhook" if webhook else "email"
        for state, webhook, created in newest
        if state == Notification.State.GIVEN_UP and created >= since
    )
    rows = [((channel, state), counts[f"{channel}_{state}"]) for channel, state in _CHANNEL_STATES]
    rows += [((channel, "given_up"), given_up[channel]) for channel in ("webhook", "email")]
    yield _gauge(
        "renderdesk_notifications",
        "Messages that wait, were refused and are tried again, and those of the last 24 hours that were given up",
        ("channel", "state"),
        rows,
    )


_CHANNEL_STATES = [(channel, state) for channel in ("webhook", "email") for state in ("waiting", "retrying")]


def _gauge(name: str, words: str, labels: tuple[str, ...], values: Values) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels)
    for key, value in values:
        family.add_metric(key, float(value))
    return family
