"""Starts this host's workers, hands them what comes, and keeps them alive: starts dead and wedged ones again.

It is the only process of a host that asks whether there is work. A message of the queue goes to one idle worker; a
slow look at the jobs makes up for messages that were lost, and for a broker that is down. An idle worker that does not
answer is wedged; it is asked over its line, not through the queue.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from multiprocessing.connection import wait
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django_q.scheduler import scheduler

from blender_scripts.children import process
from gpu.models.worker import MISSED_BEATS
from gpu.probing.runner import Prober
from gpu.queues import brokers
from gpu.queues.ear import make_ear
from gpu.queues.topology import QueueSpec
from gpu.workers import heartbeat, systemd
from gpu.workers.cluster import AlreadyRunning, Cluster
from gpu.workers.locks import LockTrouble
from gpu.workers.wire import Bidding
from gpu.workers.worker_process import WorkerProcess

log = logging.getLogger("renderdesk.workers")

STOP_SECONDS = 6.0  # from the word to stop an idle worker to SIGKILL
FOLLOW_SECONDS = 6.0  # how soon a new, lost or renamed queue is noticed
LOOK_SECONDS = 4.0  # how soon work is found whose message was lost
SCHEDULE_SECONDS = 30.0  # as django-q2 does it
LONGEST_PAUSE = 30.0  # seconds between two starts of a cluster that keeps dying
AWAY_SECONDS = 1.0  # for so long a database that did not answer is left alone
TURN_SECONDS = 1.0  # between two turns of the loop in which nothing happens


class Supervisor:
    """The clusters of this host, and the one loop that watches them. *plan* says which queues it serves now.

    *look* says which of the queues that have idle workers have jobs for them. *housekeeping* is done in each turn of
    the loop, *at_loss* (by default the same) when a worker died, *at_stop* (likewise) when all clusters are gone.
    """

    def __init__(
        self,
        plan: Callable[[], Sequence[QueueSpec]],
        housekeeping: Callable[[], None],
        *,
        look: Callable[[Collection[str]], Collection[str]] = lambda _: (),
        at_loss: Callable[[], None] | None = None,
        at_stop: Callable[[], None] | None = None,
        drain_seconds: float = 30.0,
    ) -> None:
        self.control = QueueSpec(settings.CONTROL_QUEUE, frozenset(), process.HOST)
        self.plan = plan
        self.clusters = [Cluster(self.control), *(Cluster(spec) for spec in plan())]
        self.leaving: list[Cluster] = []
        self.housekeeping, self.look = housekeeping, look
        self.at_loss, self.at_stop = at_loss or housekeeping, at_stop or housekeeping
        self.prober = Prober()
        self.ear = make_ear()
        self.drain_seconds = drain_seconds
        self.signals = 0
        self._due: dict[str, float] = {}
        self._away_until = 0.0
        self._missed: set[str] = set()  # queues with a worker that was busy when messages may have come
        self._rung, self._bell = socket.socketpair()
        self.refused_at: dict[str, float] = {}

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then drain: what runs is finished or handed back, nothing is left behind."""
        self._claim_devices()
        self._bell.setblocking(False)
        signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        try:
            for cluster in self.clusters:
                self._start(cluster)
            systemd.tell("READY=1")
            while not self.signals:
                self.step()
                self._wait(self._pause())
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
        """Check everything once: start what died or is wedged, hand out what came, beat, clean up."""
        parent = os.environ.get("RENDERDESK_PARENT_PROCESS")
        if parent and process.is_known_dead(parent):
            self.signals += 1  # whoever started us was killed: leave nothing behind
            return
        for cluster in self.clusters:
            self._keep_running(cluster)
        for cluster in list(self.leaving):
            self._let_leave(cluster)
        if self._is_due("ring", settings.RING_SECONDS):
            self._ring()
        if time.monotonic() < self._away_until:
            return
        self._guarded(self._hand_out)
        if self._is_due("follow", FOLLOW_SECONDS):
            self._guarded(self._follow)
        if self._is_due("beat", settings.HEARTBEAT_SECONDS):
            self._guarded(self._beat)
        if self._is_due("look", LOOK_SECONDS):
            self._guarded(self._look)
        if self._is_due("schedule", SCHEDULE_SECONDS) and any(
            one.spec is self.control for one in self.clusters
        ):
            self._guarded(scheduler)
        self._guarded(self.prober.step)
        self._guarded(self.housekeeping)

    def _is_due(self, what: str, seconds: float) -> bool:
        """Whether *what*, which is done so often, is to be done now; it counts as done then."""
        if time.monotonic() < self._due.get(what, 0.0):
            return False
        self._due[what] = time.monotonic() + seconds
        return True

    def _start(self, cluster: Cluster) -> None:
        """Fork the workers that are missing. No connection crosses a fork."""
        self.ear.close()
        gc.collect()
        gc.freeze()  # a collection in a worker would copy all that it shares
        cluster.start()

    def _pause(self) -> float:
        return min(TURN_SECONDS, self.ear.pause())

    def _wait(self, seconds: float) -> None:
        """Wait until a worker says something or dies, a message or a signal comes, or so many seconds have passed."""
        ears = [number] if (number := self.ear.fileno()) is not None else []
        workers = [one for cluster in (*self.clusters, *self.leaving) for one in cluster.workers]
        for one in wait([self._rung, *ears, *(one.fileno() for one in workers)], seconds):
            if one is self._rung:
                self._rung.recv(4096)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.signals += 1

    def _guarded(self, action: Callable[[], object]) -> None:
        """Run *action*; a database that is away is waited for, not died of."""
        systemd.tell("WATCHDOG=1")
        if time.monotonic() < self._away_until:
            return
        try:
            action()
        except DatabaseError as error:
            self._away_until = time.monotonic() + AWAY_SECONDS
            self._due["ring"] = self._away_until + settings.RING_SECONDS  # workers wait for it too
            log.warning("The database does not answer (%s); waiting for it.", str(error).strip())
            connection.close()

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
        self._drain_workers([cluster])
        cluster.drained_by = time.monotonic() + self.drain_seconds + STOP_SECONDS
        self.clusters.remove(cluster)
        self.leaving.append(cluster)

    def _drain_workers(self, clusters: Sequence[Cluster]) -> None:
        until = timezone.now() + timedelta(seconds=self.drain_seconds)
        for cluster in clusters:
            for one in cluster.workers:
                one.drain(until)

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
        self._start(cluster)
        self.clusters.append(cluster)

    def _let_leave(self, cluster: Cluster) -> None:
        """One look at a cluster that leaves: drained, asked to stop, killed, whichever it is time for."""
        now = time.monotonic()
        self._listen(cluster)
        cluster.bury()
        if cluster.is_running and cluster.killed_at is None:
            if not cluster.is_busy or now >= cluster.drained_by:
                cluster.killed_at = now + STOP_SECONDS
                cluster.ask_to_stop()
        elif not cluster.is_running or now >= (cluster.killed_at or now):
            cluster.kill()
            cluster.let_go()
            self.leaving.remove(cluster)

    def _keep_running(self, cluster: Cluster) -> None:
        """Note what its workers say; start those again that died, after a pause if they keep doing so."""
        self._listen(cluster)
        now = time.monotonic()
        if dead := cluster.bury():
            if now - cluster.started_at > LONGEST_PAUSE:
                cluster.pause = 0.0
            cluster.ended_at = cluster.ended_at or now
            for one in dead:
                log.warning("A worker of %s ended (code %s).", cluster.spec.name, one.code)
            self._guarded(heartbeat.forget_dead_workers)
            self._guarded(self.at_loss)
        if cluster.ended_at is None or now - cluster.ended_at < cluster.pause:
            return
        cluster.pause = min(LONGEST_PAUSE, max(1.0, cluster.pause * 2))
        self._start(cluster)

    def _listen(self, cluster: Cluster) -> None:
        for one in cluster.workers:
            if one.listen():
                self._missed.add(cluster.spec.name)

    def _hand_out(self) -> None:
        """Give each message that came to an idle worker of its queue; none is taken for a busy one."""
        heard = self.ear.heard()
        idle = self._idle()
        queues = idle if heard is None else (set(heard) | self._missed) & set(idle)
        self._missed.clear()
        if settings.REDIS_URL or not queues:
            return
        for queue, payload in brokers.take({queue: len(idle[queue]) for queue in queues}):
            idle[queue].pop().give(Bidding.TASK, payload)

    def _idle(self) -> dict[str, list[WorkerProcess]]:
        found = defaultdict(list)
        for cluster in self.clusters:
            for one in cluster.idle():
                found[cluster.spec.name].append(one)
        return found

    def _look(self) -> None:
        """Let idle workers look for work where there is some, whatever became of its message."""
        idle = self._idle()
        for queue in self.look([name for name in idle if name != settings.CONTROL_QUEUE]):
            for one in idle.get(queue, ()):
                one.give(Bidding.LOOK)

    def _ring(self) -> None:
        """Ask each idle worker whether it lives; start again who has owed an answer for too long."""
        for cluster in self.clusters:
            for one in cluster.workers:
                one.ask()
                if one.is_silent(settings.WEDGED_SECONDS):
                    log.error("A worker of %s does not answer; starting it again.", cluster.spec.name)
                    one.kill()

    def _beat(self) -> None:
        """Write that the workers live, one statement for all of them; not of those that owe an answer."""
        everyone = [one for cluster in (*self.clusters, *self.leaving) for one in cluster.workers]
        patience = MISSED_BEATS * settings.HEARTBEAT_SECONDS
        heartbeat.write([one.row() for one in everyone if one.is_alive and not one.is_silent(patience)])

    def _drain(self) -> None:
        """Let running jobs finish for `drain_seconds`; a second signal cuts the wait short."""
        everyone = [*self.clusters, *self.leaving]
        self._drain_workers(self.clusters)
        self._guarded(self._beat)
        self._wait_until(
            self.drain_seconds + STOP_SECONDS, lambda: self.signals > 1 or not self._is_busy(everyone)
        )
        for cluster in everyone:
            cluster.ask_to_stop()
        self._wait_until(STOP_SECONDS, lambda: not self._is_running(everyone))

    def _wait_until(self, seconds: float, is_over: Callable[[], bool]) -> None:
        deadline = time.monotonic() + seconds
        while not is_over() and (left := deadline - time.monotonic()) > 0:
            self._wait(min(0.2, left))

    def _is_running(self, clusters: Sequence[Cluster]) -> bool:
        for cluster in clusters:
            self._listen(cluster)
            cluster.bury()
        return any(cluster.is_running for cluster in clusters)

    def _is_busy(self, clusters: Sequence[Cluster]) -> bool:
        self._is_running(clusters)
        if self._is_due("beat", settings.HEARTBEAT_SECONDS):
            self._guarded(self._beat)
        return any(cluster.is_busy for cluster in clusters)

    def _after_stop(self) -> None:
        self.ear.close()
        self.prober.give_up()
        heartbeat.forget_dead_workers()
        self.at_stop()
