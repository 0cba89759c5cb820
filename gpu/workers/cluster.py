"""One django-q2 cluster: the locks of its queue and its GPU, and its workers."""

from __future__ import annotations

import time
from typing import IO

from django.conf import settings
from django.utils.translation import gettext, gettext_noop

from blender_scripts.children import process
from gpu.queues.topology import QueueSpec
from gpu.workers.locks import held_lock, lock_file
from gpu.workers.worker_process import WorkerProcess, keep


class AlreadyRunning(Exception):
    """Another run_workers serves this queue on this host."""

    words = gettext_noop(
        "Another run_workers already serves queue %(queue)s on this host. Stop it first: two of them on one device "
        "halve its speed."
    )

    def __init__(self, queue: str) -> None:
        super().__init__(gettext(self.words) % {"queue": queue})


class GpuTaken(AlreadyRunning):
    """Another run_workers, maybe in another container, uses the GPU of this queue."""

    words = gettext_noop(
        "Another run_workers, maybe in another container, already uses the GPU of queue %(queue)s. Stop it first: two "
        "of them on one device halve its speed."
    )


def gpu_of(spec: QueueSpec) -> str:
    """Name the GPU of a queue alike in every container of this machine, and as no other machine's; "" for none.

    That is its UUID, else its PCI address with the id of this boot, which all containers of a machine share: machines
    that share a cache folder have GPUs at the same address.
    """
    pinned = spec.environment.get("CUDA_VISIBLE_DEVICES") or spec.environment.get("ROCR_VISIBLE_DEVICES", "")
    if pinned.startswith(("GPU-", "MIG-")):
        return pinned.replace("/", "-")
    address = spec.environment.get("RENDERDESK_GPU", "")
    return f"{address}-{process.boot_id()}" if address else ""


class Cluster:
    """The workers of one queue on this host."""

    def __init__(self, spec: QueueSpec) -> None:
        self.spec = spec
        self.workers: list[WorkerProcess] = []
        self.started_at = 0.0
        self.ended_at: float | None = None
        self.pause = 0.0
        self.lock: IO[bytes] | None = None
        self.gpu_lock: IO[bytes] | None = None
        self.drained_by = 0.0  # once it leaves
        self.killed_at: float | None = None  # once it was asked to stop

    def claim_device(self) -> None:
        """Hold the locks of this queue and its GPU as long as this process lives; raise AlreadyRunning if another does.

        A GPU's lock lies beside the kernel caches, which the containers of a host share.
        """
        self.lock = self.lock or held_lock(lock_file(settings.CACHE_DIR, self.spec.name))
        if self.lock is None:
            raise AlreadyRunning(self.spec.name)
        keep(self.lock)
        gpu = gpu_of(self.spec)
        if gpu:
            self.gpu_lock = held_lock(lock_file(settings.KERNEL_CACHE_DIR, gpu))
            if self.gpu_lock is None:
                raise GpuTaken(self.spec.name)
            keep(self.gpu_lock)

    def take_over(self, other: Cluster) -> None:
        """Take the queue's lock from a cluster of this process that leaves."""
        self.lock, other.lock = other.lock, None

    def let_go(self) -> None:
        """Give up the locks."""
        for lock in filter(None, (self.lock, self.gpu_lock)):
            lock.close()
        self.lock = self.gpu_lock = None

    def start(self) -> None:
        """Start the workers that are missing."""
        while len(self.workers) < self.spec.workers:
            self.workers.append(WorkerProcess(self.spec))
        self.started_at, self.ended_at = time.monotonic(), None

    def bury(self) -> list[WorkerProcess]:
        """Return the workers that have ended, and end what they left behind."""
        dead = [one for one in self.workers if not one.is_alive]
        for one in dead:
            one.kill()
            one.close()
            self.workers.remove(one)
        return dead

    @property
    def is_running(self) -> bool:
        return any(one.is_alive for one in self.workers)

    @property
    def is_busy(self) -> bool:
        return any(one.is_alive and one.busy_with for one in self.workers)

    def idle(self) -> list[WorkerProcess]:
        return [one for one in self.workers if one.is_idle]

    def ask_to_stop(self) -> None:
        """Let each worker end when it is done with what it does."""
        for one in self.workers:
            one.stop()

    def kill(self) -> None:
        """Kill the workers at once, and all that they have started."""
        for one in self.workers:
            one.kill()
        self.bury()
