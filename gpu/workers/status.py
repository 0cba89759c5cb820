"""The status of each GPU, and of each queue without one: alive, idle, silent, gone; with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from gpu.models import GpuDevice, QueuePause, Worker
from gpu.queues import out_of_service, pausing, topology
from gpu.queues.topology import LIGHT_QUEUE, QueueSpec, Topology


@dataclass(frozen=True)
class QueueStatus:
    """A state: the badge's style, its word, and a sentence that says why and what to do ("" when all is well).

    `tone` is good, busy, wait, warn or bad. `word` is in English; pages show its `label`.
    """

    tone: str
    badge: str
    word: str
    words: str = ""

    @property
    def label(self) -> str:
        return _(self.word)


LOST = QueueStatus("bad", "failed", gettext_noop("Lost"))
OFF = QueueStatus("wait", "canceled", gettext_noop("Disabled"))
IDLE = QueueStatus("good", "alive", gettext_noop("Idle"))
BUSY = QueueStatus("busy", "running", gettext_noop("Working"))
DRAINING = QueueStatus("warn", "draining", gettext_noop("Draining"))
SILENT = QueueStatus("warn", "stale", gettext_noop("Not responding"))
PAUSED = QueueStatus("warn", "paused", gettext_noop("Paused"))
NOBODY = QueueStatus("bad", "dead", gettext_noop("No worker"))


@dataclass(frozen=True)
class WorkSlot:
    """One GPU, or one queue that needs none: its workers and its status.

    `device` is None for a queue of the CPU, `queue` is None for a GPU that is lost or switched off.
    """

    device: GpuDevice | None
    queue: QueueSpec | None
    workers: tuple[Worker, ...]
    status: QueueStatus
    serves: str  # its lanes in words
    pause: QueuePause | None = None  # of its queue

    @property
    def last_sign(self) -> datetime | None:
        """The last sign of life of any of its workers, dead ones included."""
        return max((worker.heartbeat for worker in self.workers), default=None)


def slots() -> list[WorkSlot]:
    """Return every GPU and every queue of the CPU: what works first, then what is lost or switched off.

    Five queries, however many there are.
    """
    now = timezone.now()
    plan = topology.current()
    workers = list(Worker.objects.all())
    devices = {(one.host, one.vendor_id): one for one in GpuDevice.objects.all()}
    paused = pausing.paused()
    found = [
        _with_pause(
            _slot(devices.pop((queue.host, queue.gpu), None), queue, plan, workers, now),
            paused.get(queue.name),
        )
        for queue in plan.queues
    ]
    return [*found, *(_slot(device, None, plan, workers, now) for device in devices.values())]


def slots_of_devices() -> dict[int, WorkSlot]:
    """Return the status of each GPU by the key of its row."""
    return {slot.device.pk: slot for slot in slots() if slot.device is not None}


def judge(workers: Sequence[Worker], now: datetime) -> QueueStatus:
    """Return the joint status of the workers of one queue and GPU."""
    alive = [worker for worker in workers if worker.is_alive]
    if not alive:
        return NOBODY
    if all(worker.drain_until for worker in alive):
        return replace(
            DRAINING,
            words=_(
                "It takes no new jobs: its workers are stopping, or their queue belongs to another GPU now."
            ),
        )
    if any(worker.busy_with for worker in alive):
        return BUSY
    # Workers of a queue share its messages: one may get none by chance, but not all of them.
    patience = timedelta(seconds=settings.WEDGED_SECONDS)
    heard = max(worker.kicked or worker.started for worker in alive)
    if now - heard > patience:
        return replace(SILENT, words=_silence(now - heard))
    return IDLE


def _silence(span: timedelta) -> str:
    told = _(
        "It has not responded for %(time)s. run_workers restarts it. If that does not happen, check its log."
    )
    return told % {"time": _minutes(span)}


def _slot(
    device: GpuDevice | None,
    queue: QueueSpec | None,
    plan: Topology,
    workers: Iterable[Worker],
    now: datetime,
) -> WorkSlot:
    mine = tuple(worker for worker in workers if _works_for(worker, device, queue))
    status = _status_of(device, mine, now)
    return WorkSlot(device, queue, mine, status, lanes_in_words(queue, plan) if queue else "")


def _with_pause(slot: WorkSlot, pause: QueuePause | None) -> WorkSlot:
    """Add to a status that its queue is paused, and since when; problems of its workers stay visible."""
    if pause is None:
        return slot
    told = _("%(paused)s. It takes no new jobs.") % {"paused": pause}
    words = " ".join(filter(None, [told, slot.status.words]))
    shown = slot.status if slot.status.tone == "bad" else PAUSED
    return replace(slot, pause=pause, status=replace(shown, words=words))


def _works_for(worker: Worker, device: GpuDevice | None, queue: QueueSpec | None) -> bool:
    if device is not None:
        return (worker.host, worker.gpu) == (device.host, device.vendor_id)
    return queue is not None and worker.queue == queue.name and not worker.gpu


def _status_of(device: GpuDevice | None, workers: tuple[Worker, ...], now: datetime) -> QueueStatus:
    status = judge(workers, now)
    if device is not None and device.lost_at is not None:
        words = _(
            "The probe no longer finds it; its jobs go to another GPU. Check its driver, then probe again."
        )
        return replace(LOST, words=words)
    if device is not None and not device.enabled:
        return status if status.word in (BUSY.word, DRAINING.word) else OFF
    if status is NOBODY:
        told = _("Run 'manage.py run_workers' on a host.")
        if device is not None:
            told = _("Run 'manage.py run_workers' on %(host)s.") % {"host": device.host}
        status = replace(NOBODY, words=told)
    if device is not None and device.out_of_service:
        words = " ".join(filter(None, [*out_of_service.words(device), status.words]))
        return replace(status, tone="bad" if status.tone == "bad" else "warn", words=words)
    return status


def lanes_in_words(queue: QueueSpec, plan: Topology) -> str:
    """Say what a queue's workers take, and what they do only to help."""
    if not queue.lanes:
        return _("nothing at the moment")
    if len(queue.lanes) == 1:
        (lane,) = queue.lanes
        return _(lane.facts.alone)
    if any(other.name == LIGHT_QUEUE for other in plan.queues):
        return _("heavy renders; helps with light ones when idle")
    return _("all renders")


def _minutes(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    if seconds < 120:
        return _("%(count)s s") % {"count": seconds}
    return _("%(count)s min") % {"count": seconds // 60}
