"""Start this host's clusters and keep them alive: dead ones and wedged ones are started again.

django-q2 cannot tell a wedged cluster (an idle worker was killed, and took the queue's lock with it) from a healthy
one. So each queue is rung at a steady pace, and each worker notes when it last answered: rung, idle and silent
means wedged. The same bell heals a lost kick.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from types import FrameType
from typing import IO

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from gpu import process, queues
from gpu.heartbeat import forget_dead_workers
from gpu.locks import held_lock, lock_file
from gpu.models import Worker
from gpu.prober import Prober
from gpu.topology import QueueSpec

log = logging.getLogger("renderdesk.workers")

STOP_SECONDS = (
    6.0  # from SIGTERM of an idle cluster to SIGKILL (measured: 0.6 s; a deadlocked one never ends)
)
OTHERS_ANSWER = 10  # times as patient while another host takes the messages of a shared queue
LONGEST_PAUSE = 30.0  # seconds between two starts of a cluster that keeps dying


class AlreadyRunning(Exception):
    """Another run_workers serves queue {queue} on this host. Stop it first: two on one device halve its speed."""

    def __init__(self, queue: str) -> None:
        super().__init__((type(self).__doc__ or "").format(queue=queue))


class GpuTaken(AlreadyRunning):
    """Another run_workers, maybe in another container, uses the GPU of queue {queue}. Stop it first: two on one device
    halve its speed."""


def gpu_of(spec: QueueSpec) -> str:
    """Name the GPU of a queue alike in every container of this machine: its UUID, else its PCI address; "" for none."""
    pinned = spec.environment.get("CUDA_VISIBLE_DEVICES") or spec.environment.get("ROCR_VISIBLE_DEVICES", "")
    name = pinned if pinned.startswith(("GPU-", "MIG-")) else spec.environment.get("RENDERDESK_GPU", "")
    return name.replace("/", "-")


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

    def claim_device(self) -> None:
        """Hold the locks of this queue and its GPU as long as this process lives; raise AlreadyRunning if another does.

        A GPU's lock lies beside the kernel caches, which the containers of a host share.
        """
        self.lock = held_lock(lock_file(settings.CACHE_DIR, self.spec.name))
        if self.lock is None:
            raise AlreadyRunning(self.spec.name)
        gpu = gpu_of(self.spec)
        if gpu:
            self.gpu_lock = held_lock(lock_file(settings.KERNEL_CACHE_DIR, gpu))
            if self.gpu_lock is None:
                raise GpuTaken(self.spec.name)

    def start(self) -> None:
        environment = os.environ | {
            "RENDERDESK_QUEUE_WORKERS": str(self.spec.workers),
            "RENDERDESK_DEVICE": self.spec.device,
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
        """End the whole group at once, the orphans of a dead main process included."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


class Supervisor:
    """The clusters of this host, and the one loop that watches them."""

    def __init__(
        self,
        specs: Sequence[QueueSpec],
        housekeeping: Callable[[], None],
        *,
        drain_seconds: float = 30.0,
    ) -> None:
        control = QueueSpec(settings.CONTROL_QUEUE, frozenset(), process.HOST)
        self.clusters = [Cluster(spec) for spec in (control, *specs)]
        self.housekeeping = housekeeping
        self.prober = Prober()
        self.drain_seconds = drain_seconds
        self.signals = 0
        self.next_ring = 0.0
        self.judges_from = 0.0

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then drain: what runs is finished or handed back, nothing is left behind."""
        for cluster in self.clusters:
            cluster.claim_device()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        try:
            for cluster in self.clusters:
                cluster.start()
            while not self.signals:
                self.step()
                time.sleep(0.5)
            self._drain()
        finally:
            for cluster in self.clusters:
                cluster.kill()
            self._guarded(self._after_stop)

    def step(self) -> None:
        """One look at everything: start what died, restart what is wedged, ring, keep house."""
        parent = os.environ.get("RENDERDESK_PARENT_PROCESS")
        if parent and process.is_known_dead(parent):
            self.signals += 1  # whoever started us was killed: leave nothing behind
            return
        for cluster in self.clusters:
            self._keep_running(cluster)
        if time.monotonic() >= self.next_ring:
            self.next_ring = time.monotonic() + settings.RING_SECONDS
            self._guarded(self._ring)
        self._guarded(self.prober.step)
        self._guarded(self.housekeeping)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.signals += 1

    def _guarded(self, action: Callable[[], None]) -> None:
        """Run *action*; a database that is away is waited for, not died of.

        Nobody can show a sign of life there meanwhile, so who is wedged is judged only a while after it is back:
        else its return would restart every cluster and end the renders that outlived it.
        """
        try:
            action()
        except DatabaseError as error:
            self.judges_from = time.monotonic() + settings.WEDGED_SECONDS
            log.warning("The database does not answer (%s); waiting for it.", str(error).strip())
            connection.close()
            time.sleep(1)

    def _keep_running(self, cluster: Cluster) -> None:
        if cluster.is_running:
            return
        now = time.monotonic()
        if cluster.ended_at is None:
            cluster.ended_at = now
            if now - cluster.started_at > LONGEST_PAUSE:
                cluster.pause = 0.0
        if now - cluster.ended_at < cluster.pause:
            return
        cluster.pause = min(LONGEST_PAUSE, max(1.0, cluster.pause * 2))
        log.warning(
            "Cluster %s ended (code %s); starting it again.",
            cluster.spec.name,
            cluster.process and cluster.process.returncode,
        )
        cluster.kill()
        cluster.start()

    def _ring(self) -> None:
        waiting = queues.waiting_kicks(cluster.spec.name for cluster in self.clusters)
        for cluster in self.clusters:
            if not waiting.get(cluster.spec.name):
                queues.wake(cluster.spec.name)
            if self._is_wedged(cluster):
                log.error("Cluster %s does not answer; restarting it.", cluster.spec.name)
                cluster.kill()
                cluster.start()
        forget_dead_workers()

    def _is_wedged(self, cluster: Cluster) -> bool:
        """Rung for long enough, and no live worker of it is busy or has answered.

        Other hosts may serve the same queue and take our bell's messages: while they answer, ours has ten times as
        long to get one.
        """
        patience = timedelta(seconds=settings.WEDGED_SECONDS)
        now = timezone.now()
        workers = Worker.objects.alive().filter(queue=cluster.spec.name)
        if workers.exclude(host=process.HOST).filter(kicked__gt=now - patience).exists():
            patience *= OTHERS_ANSWER
        if time.monotonic() < max(cluster.started_at + patience.total_seconds(), self.judges_from):
            return False
        mine = workers.filter(host=process.HOST)
        return not any(row.busy_with or (row.kicked and row.kicked > now - patience) for row in mine)

    def _drain(self) -> None:
        """Let running jobs finish for `drain_seconds`; a second signal cuts the wait short."""
        self._guarded(self._mark_draining)
        deadline = time.monotonic() + self.drain_seconds + 2 * settings.HEARTBEAT_SECONDS
        while self.signals < 2 and time.monotonic() < deadline and self._is_busy():
            time.sleep(0.2)
        for cluster in self.clusters:
            cluster.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(cluster.is_running for cluster in self.clusters):
            time.sleep(0.05)

    def _mine(self) -> list[str]:
        return [cluster.spec.name for cluster in self.clusters]

    def _mark_draining(self) -> None:
        until = timezone.now() + timedelta(seconds=self.drain_seconds)
        Worker.objects.filter(host=process.HOST, queue__in=self._mine()).update(drain_until=until)

    def _is_busy(self) -> bool:
        try:
            rows = Worker.objects.alive().filter(host=process.HOST, queue__in=self._mine())
            return rows.exclude(busy_with="").exists()
        except DatabaseError:
            connection.close()
            return False

    def _after_stop(self) -> None:
        self.prober.give_up()
        forget_dead_workers()
        self.housekeeping()
