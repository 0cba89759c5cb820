"""Starts this host's clusters and keeps them alive: restarts dead and wedged ones.

django-q2 cannot tell a wedged cluster (an idle worker was killed, and took the queue's lock with it) from a healthy
one. So each queue is woken at a steady pace, and each worker records when it last answered: woken, idle and silent
means wedged. The same message makes up for lost ones.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.utils import timezone

from blender_scripts.children import process
from gpu.models import Worker
from gpu.probing.runner import Prober
from gpu.queues import wake
from gpu.queues.topology import QueueSpec
from gpu.workers import systemd
from gpu.workers.cluster import AlreadyRunning, Cluster
from gpu.workers.heartbeat import forget_dead_workers
from gpu.workers.locks import LockTrouble

log = logging.getLogger("renderdesk.workers")

STOP_SECONDS = (
    6.0  # from SIGTERM of an idle cluster to SIGKILL (measured: 0.6 s; a deadlocked one never ends)
)
OTHERS_ANSWER = 10  # times as patient while another host takes the messages of a shared queue
FOLLOW_SECONDS = 2.0  # how soon a new, lost or renamed queue is noticed
LONGEST_PAUSE = 30.0  # seconds between two starts of a cluster that keeps dying


class Supervisor:
    """The clusters of this host, and the one loop that watches them. *plan* says which queues it serves now.

    *housekeeping* is done in each turn of the loop, *at_stop* (by default the same) when all clusters are gone.
    """

    def __init__(
        self,
        plan: Callable[[], Sequence[QueueSpec]],
        housekeeping: Callable[[], None],
        *,
        at_stop: Callable[[], None] | None = None,
        drain_seconds: float = 30.0,
    ) -> None:
        self.control = QueueSpec(settings.CONTROL_QUEUE, frozenset(), process.HOST)
        self.plan = plan
        self.clusters = [Cluster(self.control), *(Cluster(spec) for spec in plan())]
        self.leaving: list[Cluster] = []
        self.housekeeping = housekeeping
        self.at_stop = at_stop or housekeeping
        self.prober = Prober()
        self.drain_seconds = drain_seconds
        self.signals = 0
        self.next_wake = self.next_follow = 0.0
        self.refused_at: dict[str, float] = {}
        self.judges_from = 0.0

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then drain: what runs is finished or handed back, nothing is left behind."""
        self._claim_devices()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        try:
            for cluster in self.clusters:
                cluster.start()
            systemd.tell("READY=1")
            while not self.signals:
                self.step()
                time.sleep(0.5)
            systemd.tell("STOPPING=1")
            self._drain()
        finally:
            for cluster in (*self.clusters, *self.leaving):
                cluster.kill()
            self._guarded(self._after_stop)

    def _claim_devices(self) -> None:
        """Hold the locks of all clusters; raise AlreadyRunning when another run_workers has one.

        The schedules are kept once on a host: who serves other queues than the one that keeps them leaves them to it,
        and takes over when it is gone.
        """
        for cluster in list(self.clusters):
            try:
                cluster.claim_device()
            except AlreadyRunning:
                if cluster.spec is not self.control or len(self.clusters) == 1:
                    raise
                log.info("Another run_workers of this host keeps the schedules.")
                self.clusters.remove(cluster)

    def step(self) -> None:
        """Check everything once: start what died, restart what is wedged, wake the queues, clean up."""
        parent = os.environ.get("RENDERDESK_PARENT_PROCESS")
        if parent and process.is_known_dead(parent):
            self.signals += 1  # whoever started us was killed: leave nothing behind
            return
        for cluster in self.clusters:
            self._keep_running(cluster)
        for cluster in list(self.leaving):
            self._let_leave(cluster)
        if time.monotonic() >= self.next_follow:
            self.next_follow = time.monotonic() + FOLLOW_SECONDS
            self._guarded(self._follow)
        if time.monotonic() >= self.next_wake:
            self.next_wake = time.monotonic() + settings.RING_SECONDS
            self._guarded(self._wake)
        self._guarded(self.prober.step)
        self._guarded(self.housekeeping)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.signals += 1

    def _guarded(self, action: Callable[[], None]) -> None:
        """Run *action*; a database that is away is waited for, not died of.

        Nobody can show a sign of life there meanwhile, so who is wedged is judged only a while after it is back:
        else its return would restart every cluster and end the renders that outlived it.
        """
        systemd.tell("WATCHDOG=1")
        try:
            action()
        except DatabaseError as error:
            self.judges_from = time.monotonic() + settings.WEDGED_SECONDS
            log.warning("The database does not answer (%s); waiting for it.", str(error).strip())
            connection.close()
            time.sleep(1)

    def _follow(self) -> None:
        """Bring the clusters to what the plan says now: those of lost GPUs leave, those of new ones start."""
        wanted = {spec.cluster_key: spec for spec in self.plan()}
        if all(cluster.spec is not self.control for cluster in self.clusters):
            wanted[self.control.cluster_key] = self.control
        for cluster in [one for one in self.clusters if one.spec is not self.control]:
            if wanted.pop(cluster.spec.cluster_key, None) is None:
                self._dismiss(cluster)
        for spec in wanted.values():
            if not spec.gpu or all(cluster.spec.gpu != spec.gpu for cluster in self.leaving):
                self._hire(spec)

    def _dismiss(self, cluster: Cluster) -> None:
        """Let a cluster whose queue or GPU is gone finish what it does, for `drain_seconds` at most."""
        log.info("Queue %s on %s is served no longer.", cluster.spec.name, cluster.spec.device)
        until = timezone.now() + timedelta(seconds=self.drain_seconds)
        self._workers_of(cluster).update(drain_until=until)
        now = time.monotonic()
        cluster.drained_from = now + settings.HEARTBEAT_SECONDS  # by then each worker has heard of it
        cluster.drained_by = now + self.drain_seconds + 2 * settings.HEARTBEAT_SECONDS
        self.clusters.remove(cluster)
        self.leaving.append(cluster)

    def _hire(self, spec: QueueSpec) -> None:
        cluster = Cluster(spec)
        for other in self.leaving:
            if other.spec.name == spec.name and other.lock:
                cluster.take_over(other)
        try:
            cluster.claim_device()
        except (AlreadyRunning, LockTrouble) as error:
            cluster.let_go()
            if spec is self.control:
                return  # as it should be: another run_workers of this host keeps the schedules
            if time.monotonic() - self.refused_at.get(spec.name, -LONGEST_PAUSE) >= LONGEST_PAUSE:
                self.refused_at[spec.name] = time.monotonic()
                log.error("Queue %s is not served here. %s", spec.name, error)
            return
        log.info("Queue %s is served by %s now.", spec.name, spec.device or "this run_workers")
        cluster.start()
        self.clusters.append(cluster)

    def _let_leave(self, cluster: Cluster) -> None:
        """One look at a cluster that leaves: drained, asked to stop, killed, whichever it is time for."""
        now = time.monotonic()
        if cluster.is_running and cluster.killed_at is None:
            is_idle = now >= cluster.drained_from and not self._is_busy([cluster])
            if is_idle or now >= cluster.drained_by:
                cluster.killed_at = now + STOP_SECONDS
                cluster.ask_to_stop()
        elif not cluster.is_running or now >= (cluster.killed_at or now):
            cluster.kill()
            cluster.let_go()
            self.leaving.remove(cluster)

    def _workers_of(self, cluster: Cluster) -> QuerySet[Worker]:
        return Worker.objects.filter(host=process.HOST, queue=cluster.spec.name, gpu=cluster.spec.gpu)

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

    def _wake(self) -> None:
        waiting = wake.waiting_messages(cluster.spec.name for cluster in self.clusters)
        for cluster in self.clusters:
            if not waiting.get(cluster.spec.name):
                wake.wake(cluster.spec.name)
            if self._is_wedged(cluster):
                log.error("Cluster %s does not answer; restarting it.", cluster.spec.name)
                cluster.kill()
                cluster.start()
        forget_dead_workers()

    def _is_wedged(self, cluster: Cluster) -> bool:
        """Whether it was woken long ago, and no live worker of it is busy or has answered.

        Other hosts may serve the same queue and take our messages: while they answer, ours has ten times as long to
        get one.
        """
        patience = timedelta(seconds=settings.WEDGED_SECONDS)
        now = timezone.now()
        workers = Worker.objects.alive().filter(queue=cluster.spec.name)
        if workers.exclude(host=process.HOST).filter(kicked__gt=now - patience).exists():
            patience *= OTHERS_ANSWER
        if time.monotonic() < max(cluster.started_at + patience.total_seconds(), self.judges_from):
            return False
        mine = workers.filter(host=process.HOST, gpu=cluster.spec.gpu)
        return not any(row.busy_with or (row.kicked and row.kicked > now - patience) for row in mine)

    def _drain(self) -> None:
        """Let running jobs finish for `drain_seconds`; a second signal cuts the wait short."""
        everyone = [*self.clusters, *self.leaving]
        self._guarded(self._mark_draining)
        deadline = time.monotonic() + self.drain_seconds + 2 * settings.HEARTBEAT_SECONDS
        while self.signals < 2 and time.monotonic() < deadline and self._is_busy(everyone):
            time.sleep(0.2)
        for cluster in everyone:
            cluster.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(cluster.is_running for cluster in everyone):
            time.sleep(0.05)

    def _mark_draining(self) -> None:
        until = timezone.now() + timedelta(seconds=self.drain_seconds)
        for cluster in self.clusters:
            self._workers_of(cluster).update(drain_until=until)

    def _is_busy(self, clusters: Iterable[Cluster]) -> bool:
        try:
            busy = Worker.objects.alive().exclude(busy_with="")
            return any((self._workers_of(cluster) & busy).exists() for cluster in clusters)
        except DatabaseError:
            connection.close()
            return False

    def _after_stop(self) -> None:
        self.prober.give_up()
        forget_dead_workers()
        self.at_stop()
