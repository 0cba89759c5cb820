"""Which queues there are, who serves them, and where a job goes. Pure: devices in, queues out.

Source of the rules: two workers on one GPU made complex renders twice as slow (17 s to 36 s), so each GPU
has one queue with one worker; a light GPU never takes heavy work; an idle GPU takes what it may from others.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count

from gpu.models import GpuDevice

PRIMARY_QUEUE = "asset_pipeline"
LIGHT_QUEUE = "asset_pipeline_light"
CPU_QUEUE = "asset_pipeline_cpu"


class Lane(StrEnum):
    """What kind of work a job is, by what it needs."""

    CPU = "cpu"  # tessellation, USD, encoding
    LIGHT = "light"  # thumbnails and small stills
    HEAVY = "heavy"  # everything else that Cycles renders


@dataclass(frozen=True)
class QueueSpec:
    """One queue: its workers, the lanes they serve, and the environment that pins them to their GPU."""

    name: str
    lanes: frozenset[Lane]
    host: str = ""  # "" for a queue that any host serves
    workers: int = 1
    device: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Topology:
    """All queues of an installation."""

    queues: tuple[QueueSpec, ...]

    def home(self, lane: Lane) -> str:
        """Return the queue where a new job of *lane* waits: the light queue exists only with a second GPU.

        A lane that no GPU serves waits in the first queue until an operator gives it one.
        """
        if lane is Lane.LIGHT and any(queue.name == LIGHT_QUEUE for queue in self.queues):
            return LIGHT_QUEUE
        return next((queue.name for queue in self.queues if lane in queue.lanes), PRIMARY_QUEUE)

    def takers(self, lane: Lane) -> tuple[str, ...]:
        """Return every queue whose workers may take a job of *lane*: all of them are rung."""
        return tuple(queue.name for queue in self.queues if lane in queue.lanes)

    def lanes(self, name: str) -> frozenset[Lane]:
        """Return the lanes that the workers of queue *name* serve; none for a queue that is gone."""
        return next((queue.lanes for queue in self.queues if queue.name == name), frozenset())

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
    wanted = ((device.serves_heavy, Lane.HEAVY), (device.serves_light, Lane.LIGHT))
    return frozenset(lane for serves, lane in wanted if serves)


def build(devices: Iterable[GpuDevice], cpu_workers: int) -> Topology:
    """Return the queues for these GPUs, in their order; without one, the same queues on the CPU."""
    queues: list[QueueSpec] = []
    devices = list(devices)
    given = {device.queue for device in devices}
    free = (name for number in count(2) if (name := f"{PRIMARY_QUEUE}_{number}") not in given)
    first = {1: PRIMARY_QUEUE, 2: LIGHT_QUEUE}
    for number, device in enumerate(devices, start=1):
        name = device.queue or first.get(number, "")
        if not name or (not device.queue and name in given):
            name = next(free)
        lanes = frozenset({Lane.LIGHT}) if name == LIGHT_QUEUE else lanes_of(device)
        queues.append(QueueSpec(name, lanes, device.host, device=str(device), environment=pinning(device)))
    if not queues:
        queues.append(QueueSpec(PRIMARY_QUEUE, frozenset({Lane.LIGHT, Lane.HEAVY}), device="CPU"))
    queues.append(QueueSpec(CPU_QUEUE, frozenset({Lane.CPU}), workers=cpu_workers, device="CPU"))
    return Topology(tuple(queues))


def current() -> Topology:
    """Return the topology of the GPUs that are enabled and there. One cheap query."""
    devices = GpuDevice.objects.filter(enabled=True, lost_at=None).order_by("id")
    return build(devices, cpu_workers=max(1, min(4, (os.cpu_count() or 1) // 2)))
