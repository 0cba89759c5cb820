"""One django-q2 cluster: its locks, its processes, and the environment that pins it to its GPU."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import IO

from django.conf import settings
from django.utils.translation import gettext, gettext_noop

from blender_scripts.children import process
from blender_scripts.children.ending import signal_group
from gpu.queues.topology import QueueSpec
from gpu.workers.locks import held_lock, lock_file


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
    """One django-q2 cluster in a process group of its own."""

    def __init__(self, spec: QueueSpec) -> None:
        self.spec = spec
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.ended_at: float | None = None
        self.pause = 0.0
        self.lock: IO[bytes] | None = None
        self.gpu_lock: IO[bytes] | None = None
        self.drained_from = self.drained_by = (
            0.0  # once it leaves: its idle workers are asked to go in between
        )
        self.killed_at: float | None = None  # once it was asked to stop

    def claim_device(self) -> None:
        """Hold the locks of this queue and its GPU as long as this process lives; raise AlreadyRunning if another does.

        A GPU's lock lies beside the kernel caches, which the containers of a host share.
        """
        self.lock = self.lock or held_lock(lock_file(settings.CACHE_DIR, self.spec.name))
        if self.lock is None:
            raise AlreadyRunning(self.spec.name)
        gpu = gpu_of(self.spec)
        if gpu:
            self.gpu_lock = held_lock(lock_file(settings.KERNEL_CACHE_DIR, gpu))
            if self.gpu_lock is None:
                raise GpuTaken(self.spec.name)

    def take_over(self, other: Cluster) -> None:
        """Take the queue's lock from a cluster of this process that leaves."""
        self.lock, other.lock = other.lock, None

    def let_go(self) -> None:
        """Give up the locks."""
        for lock in filter(None, (self.lock, self.gpu_lock)):
            lock.close()
        self.lock = self.gpu_lock = None

    def start(self) -> None:
        environment = os.environ | {
            "RENDERDESK_QUEUE_WORKERS": str(self.spec.workers),
            "RENDERDESK_DEVICE": self.spec.device,
            "RENDERDESK_GPU_ID": self.spec.gpu,
            "RENDERDESK_SUPERVISOR": process.identity(),
            **self.spec.environment,
        }
        environment.pop("Q_CLUSTER_NAME", None)
        if self.spec.name != settings.CONTROL_QUEUE:
            environment["Q_CLUSTER_NAME"] = self.spec.name
        self.process = subprocess.Popen(
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"],
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.started_at, self.ended_at = time.monotonic(), None

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """SIGTERM to the main process only: sent to the whole group it deadlocks django-q2 1.11.1."""
        if self.process is not None and self.is_running:
            self.process.terminate()

    def kill(self) -> None:
        """Kill the whole group at once, including orphans of a dead main process."""
        if self.process is None:
            return
        signal_group(self.process.pid, signal.SIGKILL)
        self.process.wait()
