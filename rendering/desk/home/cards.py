"""The desk's cards: each GPU and each queue of the CPU with its current job and its waiting jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gpu.models import SystemSettings
from gpu.models.system_settings import DevicePolicy
from gpu.probing import life
from gpu.probing.caches import COMPILES
from gpu.probing.probe import ProbeResult
from gpu.queues.topology import CPU_QUEUE, RENDERS
from gpu.workers import status
from gpu.workers.status import QueueStatus, WorkSlot
from rendering.desk.jobs import cells
from rendering.models import Job

RUNNING_LIMIT = 200
STALE_PROBES = 3  # times the probe's interval: an older probe is pointed out


@dataclass(frozen=True)
class Waiting:
    """What waits in one queue: how much, of which lanes, and for how long the oldest does."""

    queue: str
    count: int = 0
    lanes: str = ""
    oldest: str = ""


@dataclass(frozen=True)
class Card:
    """One GPU or queue as the desk shows it."""

    key: str
    name: str
    about: str
    status: QueueStatus
    url: str = ""
    serves: str = ""
    jobs: list[dict[str, Any]] = field(default_factory=list)
    waiting: Waiting | None = None
    workers: str = ""
    facts: list[str] = field(default_factory=list)
    back_url: str = ""  # where to slot to put it back in service
    pause_url: str = ""  # where to slot to pause its queue, or to resume it
    is_paused: bool = False
    hint: str = ""
    command: str = ""


def cards(row: SystemSettings, *, with_jobs: bool, with_pictures: bool = False) -> dict[str, Any]:
    """Return the cards and their sum in one line; *with_jobs* for users who may see jobs, *with_pictures* for
    those who may see pictures: what renders shows itself.

    The number of queries does not depend on how many cards there are.
    """
    jobs = [cells.describe(job) for job in _running(with_pictures)] if with_jobs else []
    waiting = _waiting() if with_jobs else {}
    results = life.last_results()
    shown = [_card(slot, jobs, waiting, results, row) for slot in status.slots()]
    seen = {item["job"].pk for card in shown for item in card.jobs}
    orphans = [item for item in jobs if item["job"].pk not in seen]
    if orphans:
        shown.append(_orphaned(orphans))
    shown += [_unserved(one) for one in waiting.values()]
    return {"cards": shown, "sum": _sum(shown)}


def _running(with_pictures: bool) -> Iterable[Job]:
    return cells.light(Job.objects.running(), pictures=with_pictures).order_by("started")[:RUNNING_LIMIT]


def _waiting() -> dict[str, Waiting]:
    rows = Job.objects.waiting().order_by("queue", "lane").values("queue", "lane")
    found: dict[str, list[Any]] = {}
    for one in rows.annotate(count=Count("id"), oldest=Min("queued")):
        found.setdefault(one["queue"], []).append(one)
    now = timezone.now()
    return {
        queue: Waiting(
            queue,
            sum(one["count"] for one in lanes),
            ", ".join(f"{one['count']} {one['lane']}" for one in lanes if one["lane"] in RENDERS),
            cells.duration(now - min(one["oldest"] for one in lanes)),
        )
        for queue, lanes in found.items()
    }


def _card(
    slot: WorkSlot,
    jobs: list[dict[str, Any]],
    waiting: dict[str, Waiting],
    results: dict[str, ProbeResult],
    row: SystemSettings,
) -> Card:
    mine = {worker.identity for worker in slot.workers}
    own = [item for item in jobs if item["job"].worker in mine]
    state = slot.status
    if own and state.label == status.IDLE.label:
        state = replace(status.BUSY, tone=state.tone if state.words else "busy", words=state.words)
    waits = waiting.pop(slot.queue.name, Waiting(slot.queue.name)) if slot.queue else None
    name = slot.queue.name if slot.queue else ""
    alive = Counter(worker.host for worker in slot.workers if worker.is_alive)
    if slot.device is None:
        return Card(
            key=f"queue-{name}",
            name=_("CPU work") if name == CPU_QUEUE else _("CPU renders"),
            about=name,
            status=state,
            serves=slot.serves,
            jobs=own,
            waiting=waits,
            workers=", ".join(
                _("%(count)d on %(host)s") % {"count": count, "host": host}
                for host, count in sorted(alive.items())
            ),
            facts=_last_sign(slot),
            **_pausing(slot),
        )
    device = slot.device
    result = results.get(device.host)
    hint, command = _kernels(slot, result)
    if row.device_policy == DevicePolicy.CPU and slot.queue:
        hint, command = _("The device policy is cpu, so this queue renders on the CPU."), ""
    memory = f"{round(device.memory_mb / 1024)} GB" if device.memory_mb else ""
    return Card(
        key=f"gpu-{device.pk}",
        name=device.name,
        about=" · ".join(filter(None, (name, device.host, device.get_backend_display(), memory))),
        status=state,
        url=reverse("admin:gpu_gpudevice_change", args=[device.pk]),
        back_url=reverse("admin:gpu_gpudevice_back", args=[device.pk]) if device.out_of_service else "",
        serves=slot.serves,
        jobs=own,
        waiting=waits,
        facts=[*_last_sign(slot), *_probed(device.lost_at, device.last_seen, result, row)],
        hint=hint,
        command=command,
        **_pausing(slot),
    )


def _pausing(slot: WorkSlot) -> dict[str, Any]:
    """What the card's button does: pause the queue, or resume it."""
    if slot.queue is None:
        return {}
    verb = "resume" if slot.pause else "pause"
    url = reverse(f"admin:queue_{verb}", args=[slot.queue.name])
    return {"pause_url": url, "is_paused": slot.pause is not None}


def _last_sign(slot: WorkSlot) -> list[str]:
    """The last heartbeat of a missing worker."""
    if slot.last_sign is None or any(worker.is_alive for worker in slot.workers):
        return []
    return [_("worker last seen %(time)s ago") % {"time": _since(slot.last_sign)}]


def _probed(
    lost_at: datetime | None, last_seen: datetime, result: ProbeResult | None, row: SystemSettings
) -> list[str]:
    """How old the knowledge of this GPU is."""
    if lost_at is not None:
        return [
            _("lost %(time)s ago") % {"time": _since(lost_at)},
            _("last found %(time)s ago") % {"time": _since(last_seen)},
        ]
    if result is None:
        return [_("never probed")]
    at = datetime.fromisoformat(result.at)
    is_old = timezone.now() - at > STALE_PROBES * timedelta(minutes=row.probe_interval_minutes)
    words = _("last probed %(time)s ago: overdue") if is_old else _("probed %(time)s ago")
    return [words % {"time": _since(at)}]


def _kernels(slot: WorkSlot, result: ProbeResult | None) -> tuple[str, str]:
    """A hint and a command where the first render will compile for minutes."""
    device = slot.device
    if device is None or result is None or slot.queue is None or device.backend not in COMPILES:
        return "", ""
    state = next((one.state for one in result.kernels if one.vendor_id == device.vendor_id), "")
    if state != "cold":
        return "", ""
    return (
        _("Kernels are not compiled yet, so the first render takes minutes longer. To compile them now:"),
        "manage.py probe_gpu --warm",
    )


def _orphaned(jobs: list[dict[str, Any]]) -> Card:
    words = _(
        "Their worker is gone or runs on an unknown GPU. The jobs return to the queue when their lease expires."
    )
    return Card(
        "orphans", _("No worker alive"), "", QueueStatus("warn", "lost", _("Lost jobs"), words), jobs=jobs
    )


def _unserved(waiting: Waiting) -> Card:
    words = _(
        "No worker serves this queue. While other workers run, its jobs move to their queues within a minute."
    )
    state = QueueStatus("bad", "dead", _("No worker"), words)
    return Card(f"queue-{waiting.queue}", waiting.queue, "", state, waiting=waiting)


def _sum(shown: list[Card]) -> str:
    """All cards in one line: how many work, are idle, need somebody, and how much waits."""
    labels = Counter(card.status.label for card in shown)
    paused = sum(card.is_paused for card in shown)
    troubled = sum(
        card.status.tone in ("warn", "bad") and card.status.label != status.PAUSED.label for card in shown
    )
    waits = sum(card.waiting.count for card in shown if card.waiting)
    words = [
        _("%(count)d working") % {"count": labels[status.BUSY.label]},
        _("%(count)d idle") % {"count": labels[status.IDLE.label]},
        _("%(count)d paused") % {"count": paused} if paused else "",
        ngettext("%(count)d needs attention", "%(count)d need attention", troubled) % {"count": troubled}
        if troubled
        else "",
        _("%(count)d waiting") % {"count": waits} if waits else _("nothing waiting"),
    ]
    return " · ".join(filter(None, words))


def _since(moment: datetime) -> str:
    return cells.duration(timezone.now() - moment)
