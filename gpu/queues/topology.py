"""Which queues there are, who serves them, and where a job goes. Pure: devices in, queues out.

Source of the rules: two workers on one GPU made complex renders twice as slow (17 s to 36 s), so each GPU
has one queue with one worker; a light GPU never takes heavy work; an idle GPU takes what it may from others.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any

from django.db import connection
from django.utils.translation import gettext_noop as _

from gpu.models import GpuDevice, SystemSettings

PRIMARY_QUEUE = "asset_pipeline"
LIGHT_QUEUE = "asset_pipeline_light"
CPU_QUEUE = "asset_pipeline_cpu"


class Lane(StrEnum):
    """What kind of work a job is, by what it needs. `LANES` says what each is."""

    CPU = "cpu"
    LIGHT = "light"
    HEAVY = "heavy"

    @property
    def facts(self) -> LaneFacts:
        return LANES[self]


@dataclass(frozen=True, kw_only=True)
class LaneFacts:
    """One lane: `label` is what pages call it, `takes` what jobs are in it, `alone` what a queue of it alone takes.

    `is_render`: Cycles works, so a GPU may serve it, and `field` of GpuDevice says whether one does. `is_small`: only
    pictures up to the limit of the system settings. `on_light_gpu`: the GPU that is kept for light work takes it.
    """

    label: str
    takes: str
    alone: str
    is_render: bool = True
    is_small: bool = False
    on_light_gpu: bool = False
    field: str = ""


LANES = {
    Lane.CPU: LaneFacts(
        label=_("CPU"),
        takes=_("conversions, USD and encoding"),
        alone=_("CAD files, USD and encoding"),
        is_render=False,
    ),
    Lane.LIGHT: LaneFacts(
        label=_("light"),
        takes=_("thumbnails and small stills"),
        alone=_("light renders only"),
        is_small=True,
        on_light_gpu=True,
        field="serves_light",
    ),
    Lane.HEAVY: LaneFacts(
        label=_("heavy"),
        takes=_("large stills and turntables"),
        alone=_("heavy renders only"),
        field="serves_heavy",
    ),
}
"""Every lane, the choosiest of those that render first: a job goes into the first that takes it."""

RENDERS = frozenset(lane for lane in Lane if lane.facts.is_render)
ON_LIGHT_GPU = frozenset(lane for lane in Lane if lane.facts.on_light_gpu)


def lane_of(*, is_render: bool, is_small: bool) -> Lane:
    """Return the lane of a job: whether Cycles works, and whether its pictures are within the limit of light work."""
    return next(
        lane
        for lane, facts in LANES.items()
        if facts.is_render == is_render and (is_small or not facts.is_small)
    )


@dataclass(frozen=True)
class QueueSpec:
    """One queue: its workers, the lanes they serve, and the environment that pins them to their GPU."""

    name: str
    lanes: frozenset[Lane]
    host: str = ""  # "" for a queue that any host serves
    workers: int = 1
    device: str = ""
    gpu: str = ""  # its GPU's vendor id; "" without one
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def cluster_key(self) -> tuple[object, ...]:
        """What a running cluster can't change: another one is needed. Its lanes are looked up at each claim."""
        return self.name, self.gpu, self.workers, tuple(sorted(self.environment.items()))


@dataclass(frozen=True)
class Topology:
    """All queues of an installation."""

    queues: tuple[QueueSpec, ...]

    def home(self, lane: Lane) -> str:
        """Return the queue where a job of *lane* waits: one that serves little else, or the first.

        A lane that no GPU serves waits in the first queue until an operator gives it one.
        """
        serving = [queue for queue in self.queues if lane in queue.lanes]
        return min(serving, key=lambda queue: len(queue.lanes)).name if serving else PRIMARY_QUEUE

    def takers(self, lane: Lane) -> tuple[str, ...]:
        """Return every queue whose workers may take a job of *lane*: a new job wakes all of them."""
        return tuple(queue.name for queue in self.queues if lane in queue.lanes)

    def lanes(self, name: str, gpu: str | None = None) -> frozenset[Lane]:
        """Return the lanes that the workers of queue *name* serve; none for a queue that is gone.

        A worker says which *gpu* (vendor id, "" for the CPU) it is pinned to: the queue may be another one's now.
        """
        named = (queue for queue in self.queues if queue.name == name and gpu in (None, queue.gpu))
        return next((queue.lanes for queue in named), frozenset())

    def gpus(self, lane: Lane) -> frozenset[str]:
        """Return the vendor ids of the GPUs that serve *lane*."""
        return frozenset(queue.gpu for queue in self.queues if queue.gpu and lane in queue.lanes)

    @property
    def unserved(self) -> tuple[Lane, ...]:
        """The lanes whose jobs nobody may take: the operator left them to no GPU."""
        return tuple(lane for lane in Lane if not self.takers(lane))

    def of_host(self, host: str) -> tuple[QueueSpec, ...]:
        """Return the queues that *host* serves."""
        return tuple(queue for queue in self.queues if queue.host in ("", host))


def pinning(device: GpuDevice) -> dict[str, str]:
    """Return the variables that show a child process this GPU and no other (vendors' own documentation).

    The RENDERDESK_ ones tell the worker through which backends, and at which PCI address, it has to see it.
    """
    by_id = device.vendor_id.startswith(("GPU-", "MIG-"))
    match device.backend:
        case "OPTIX" | "CUDA":
            # Without a UUID a number: then CUDA must count as the probe did.
            order = {} if by_id else {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
            chosen = {"CUDA_VISIBLE_DEVICES": device.vendor_id if by_id else str(device.ordinal), **order}
        case "HIP":
            chosen = {"ROCR_VISIBLE_DEVICES": device.vendor_id if by_id else str(device.ordinal)}
        case _:
            chosen = {
                "ONEAPI_DEVICE_SELECTOR": f"level_zero:{device.ordinal}",
                "ZE_ENABLE_PCI_ID_DEVICE_ORDER": "1",
            }
    backends = "OPTIX CUDA" if device.backend == "OPTIX" else device.backend
    return {**chosen, "RENDERDESK_BACKENDS": backends, "RENDERDESK_GPU": device.pci_address}


def lanes_of(device: GpuDevice) -> frozenset[Lane]:
    """Return the lanes that the operator leaves to *device*."""
    return frozenset(lane for lane in RENDERS if getattr(device, lane.facts.field))


def build(devices: Iterable[GpuDevice], cpu_workers: int, *, keeps_light_gpu: bool = True) -> Topology:
    """Return the queues for these GPUs, the largest first; without one, the same queues on the CPU.

    *keeps_light_gpu*: one of several GPUs takes no heavy work, chosen here unless the operator named it.
    """
    ranked = sorted(devices, key=_gigabytes, reverse=True)  # stable: GPUs of one size stay in their order
    first = _first(ranked)
    light = _light(ranked, first, chooses=keeps_light_gpu)
    ranked.sort(key=lambda device: device is not first)
    given_lanes = [ON_LIGHT_GPU if device is light else lanes_of(device) for device in ranked]
    given = {device.queue for device in ranked}
    free = (name for number in count(2) if (name := f"{PRIMARY_QUEUE}_{number}") not in given)
    queues: list[QueueSpec] = []
    for device, lanes in zip(ranked, _in_service(ranked, given_lanes), strict=True):
        if device is light:
            name = LIGHT_QUEUE
        else:
            # The light queue is one with a second GPU only: the name waits until there is one again.
            own = "" if device.queue == LIGHT_QUEUE else device.queue
            is_first = device is first and PRIMARY_QUEUE not in given
            name = own or (PRIMARY_QUEUE if is_first else next(free))
        spec = QueueSpec(
            name,
            lanes,
            device.host,
            device=str(device),
            gpu=device.vendor_id,
            environment=pinning(device),
        )
        queues.append(spec)
    if not queues:
        # A GPU that is switched off, or lost and back, is not to be used until its own queue is there again.
        hidden = {"RENDERDESK_BACKENDS": "NONE"}
        queues.append(QueueSpec(PRIMARY_QUEUE, RENDERS, device="CPU", environment=hidden))
    queues.append(QueueSpec(CPU_QUEUE, frozenset(Lane) - RENDERS, workers=cpu_workers, device="CPU"))
    return Topology(tuple(queues))


def _in_service(devices: Sequence[GpuDevice], lanes: Sequence[frozenset[Lane]]) -> Iterator[frozenset[Lane]]:
    """The lanes of each device without those that it is out of service for, as long as another one serves them.

    Its queue keeps its name: what runs there is not disturbed.
    """
    served = {
        lane
        for device, own in zip(devices, lanes, strict=True)
        for lane in own
        if lane not in device.out_of_service
    }
    for device, own in zip(devices, lanes, strict=True):
        yield frozenset(lane for lane in own if lane not in device.out_of_service or lane not in served)


def _gigabytes(device: GpuDevice) -> int:
    """Whole gigabytes: a driver update that reports some megabytes more changes no GPU's place."""
    return round((device.memory_mb or 0) / 1024)


def _first(ranked: Sequence[GpuDevice]) -> GpuDevice | None:
    """The GPU of the first queue: the operator's choice, else the largest that takes heavy work."""
    named = [device for device in ranked if device.queue == PRIMARY_QUEUE]
    open_to_all = [device for device in ranked if device.queue != LIGHT_QUEUE]
    heavy = [device for device in open_to_all if device.serves_heavy]
    return next(iter([*named, *heavy, *open_to_all, *ranked]), None)


def _light(ranked: Sequence[GpuDevice], first: GpuDevice | None, *, chooses: bool) -> GpuDevice | None:
    """The GPU of the light queue: the operator's choice, else the smallest of the others.

    None with one GPU, where it would leave heavy work to nobody, and where none is to be chosen.
    """
    others = [device for device in ranked if device is not first]
    named = [device for device in others if device.queue == LIGHT_QUEUE]
    if named or not chooses:
        return next(iter(named), None)
    rest = [device for device in others if not device.queue and device.serves_light]
    rest = [
        device
        for device in rest
        if not device.serves_heavy or any(one.serves_heavy for one in ranked if one is not device)
    ]
    return min(rest, key=lambda device: (device.serves_heavy, _gigabytes(device)), default=None)


# Each claim asks. The ORM would write it anew each time, and a hundred GPUs take some milliseconds to build.
_THERE = f"""
    SELECT g.*, EXISTS (SELECT 1 FROM {SystemSettings._meta.db_table} WHERE NOT keeps_light_gpu) AS none_is_kept
    FROM {GpuDevice._meta.db_table} g WHERE g.enabled AND g.lost_at IS NULL ORDER BY g.id
"""  # noqa: S608
_known: tuple[Any, Topology] | None = None


def current() -> Topology:
    """Return the topology of the GPUs that are enabled and there: one cheap query, built anew when they change."""
    global _known
    cpu_workers = max(1, min(4, (os.cpu_count() or 1) // 2))
    with connection.cursor() as cursor:
        cursor.execute(_THERE)
        found = cursor.fetchall(), cpu_workers
    if _known is None or _known[0] != found:
        devices = list(GpuDevice.objects.raw(_THERE))
        keeps = not any(one.none_is_kept for one in devices)  # type: ignore[attr-defined]
        _known = found, build(devices, cpu_workers, keeps_light_gpu=keeps)
    return _known[1]
