"""The registry of what alerts are about: each function yields what is wrong now, thing by thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gpu.models import GpuDevice, QueuePause, SystemSettings, Worker
from gpu.queues import topology
from media_assets import storage
from media_assets.models import clock, numbers
from rendering.models import Job
from rendering.models.alert import AlertName

AN_HOUR = timedelta(hours=1)
FEWEST = 10  # jobs of an hour: of fewer, one failure is a large share


@dataclass(frozen=True)
class Wrong:
    """Something that is wrong now: what it is about, and in words."""

    subject: str
    message: str


@dataclass(frozen=True)
class AlertRule:
    """How to look, and how long it must be seen before it is an alert: a restart takes a moment."""

    look: Callable[[SystemSettings], Iterator[Wrong]]
    holds_for: timedelta = timedelta(0)


def no_worker(row: SystemSettings) -> Iterator[Wrong]:
    """Lanes whose queues have no worker that is alive."""
    plan = topology.current()
    alive = set(Worker.objects.alive().values_list("queue", flat=True))
    waiting = dict(Job.objects.waiting().order_by().values_list("lane").annotate(count=Count("id")))
    for lane in topology.Lane:
        takers = plan.takers(lane)
        if alive & set(takers):
            continue
        words = (
            _("No worker of {queues} is alive.").format(queues=", ".join(takers))
            if takers
            else _("No GPU serves this lane.")
        )
        count = waiting.get(lane.value, 0)
        waits = ngettext("{count} job waits.", "{count} jobs wait.", count).format(count=count)
        yield Wrong(lane.value, f"{words} {waits}")


def queue_old(row: SystemSettings) -> Iterator[Wrong]:
    """Lanes in which a job that could run has waited for longer than the settings say."""
    if row.alert_queue_minutes is None:
        return
    now = clock.now()
    paused = QueuePause.objects.values("queue")
    could_run = Job.objects.waiting().filter(Q(not_before=None) | Q(not_before__lte=now))
    could_run = could_run.filter(held=False, held_since=None).exclude(queue__in=paused)
    oldest = could_run.order_by("lane").values("lane").annotate(since=Min("queued"), count=Count("id"))
    for lane in oldest.filter(since__lt=now - timedelta(minutes=row.alert_queue_minutes)):
        minutes = round((now - lane["since"]).total_seconds() / 60)
        words = _(
            "The oldest of {count} waiting jobs has waited for {minutes} minutes; the limit is {limit}."
        )
        said = words.format(count=lane["count"], minutes=minutes, limit=row.alert_queue_minutes)
        yield Wrong(lane["lane"], said)


def gpu_lost(row: SystemSettings) -> Iterator[Wrong]:
    """GPUs that are enabled and that no probe finds."""
    for device in GpuDevice.objects.filter(enabled=True, lost_at__isnull=False):
        words = _("No probe has found it since {when:%Y-%m-%d %H:%M} UTC.")
        yield Wrong(
            f"{device.host}: {device.name} ({device.vendor_id})"[:200], words.format(when=device.lost_at)
        )


def disk_low(row: SystemSettings) -> Iterator[Wrong]:
    """The disk of the media, with less free than is to be kept free."""
    space = storage.media_space()
    if space.free < row.disk_floor_mb * 1_000_000:
        words = _("{free:,} MB are free; {floor:,} MB are to be kept free.")
        said = numbers.say(words, free=space.free // 1_000_000, floor=row.disk_floor_mb)
        yield Wrong(str(space.place)[:200], said)


def failures(row: SystemSettings) -> Iterator[Wrong]:
    """The jobs of the last hour, if too large a share of them failed."""
    if row.alert_failure_percent is None:
        return
    since = timezone.now() - AN_HOUR
    ended = Job.objects.filter(
        finished__gte=since, state__in=[Job.State.SUCCEEDED, Job.State.FAILED]
    ).order_by()
    counts = ended.aggregate(count=Count("id"), failed=Count("id", filter=Q(state=Job.State.FAILED)))
    count, failed = counts["count"], counts["failed"]
    if count < FEWEST or failed * 100 < count * row.alert_failure_percent:
        return
    most = ended.filter(state=Job.State.FAILED).values_list("error_code").annotate(count=Count("id"))
    codes = ", ".join(f"{code} ({times})" for code, times in most.order_by("-count", "error_code")[:5])
    words = _("{failed} of the {count} jobs of the last hour failed: {codes}.")
    yield Wrong("", words.format(failed=failed, count=count, codes=codes))


CONDITIONS: dict[AlertName, AlertRule] = {
    AlertName.NO_WORKER: AlertRule(no_worker, timedelta(minutes=3)),
    AlertName.QUEUE_OLD: AlertRule(queue_old),
    AlertName.GPU_LOST: AlertRule(gpu_lost),
    AlertName.DISK_LOW: AlertRule(disk_low),
    AlertName.FAILURES: AlertRule(failures),
}
