"""One worker as its supervisor has it: a fork of the supervisor, the line to it, and what is known of it.

A fork shares the memory of all that the supervisor has imported, and begins work at once instead of after a second.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any, TypeVar
from weakref import WeakSet

from django.db import connections
from django.utils import timezone

from blender_scripts.children import process
from blender_scripts.children.ending import signal_group
from gpu.models import Worker
from gpu.queues.topology import QueueSpec
from gpu.workers import heartbeat, inbox
from gpu.workers.heartbeat import Heartbeat
from gpu.workers.wire import Bidding, Wire, Word

log = logging.getLogger("renderdesk.workers")

T = TypeVar("T", Wire, IO[bytes])
COMM = 15  # characters of a process's name that the kernel keeps (prctl(2))
_ours: WeakSet[Wire | IO[bytes]] = WeakSet()


def keep(thing: T) -> T:
    """Remember what is the supervisor's alone, so that each fork closes it: it lives as long as any process has it."""
    _ours.add(thing)
    return thing


def let_go_of_ours() -> None:
    """For a fork: close what belongs to the supervisor alone."""
    signal.set_wakeup_fd(-1)
    for thing in list(_ours):
        thing.close()


class WorkerProcess:
    """A worker. It is idle, or it has taken something, or it works on a job."""

    def __init__(self, spec: QueueSpec) -> None:
        self.spec = spec
        self.busy_with = ""
        self.kicked: datetime | None = None
        self.drain_until: datetime | None = None
        self.is_idle = False
        self.limit: float | None = None  # seconds that what it has taken may last
        self.asked_at: float | None = time.monotonic()  # since when it owes an answer
        connections.close_all()  # none may cross the fork
        mine, its = Wire.pair()
        self._line = keep(mine)
        self.process = multiprocessing.get_context("fork").Process(
            target=_live, args=(its, spec, os.getpid()), daemon=True
        )
        self.process.start()
        its.close()
        self.pid = self.process.pid or 0
        self.identity = process.identity(self.pid)
        self.started = timezone.now()

    def fileno(self) -> int:
        """For what waits until it says something; it says so, too, when it ends."""
        return self._line.fileno()

    @property
    def is_alive(self) -> bool:
        return self.process.is_alive()

    @property
    def code(self) -> int | None:
        return self.process.exitcode

    def listen(self) -> bool:
        """Note all that it has said; return whether it became idle by that."""
        was_idle = self.is_idle
        with suppress(BlockingIOError):
            while (heard := self._line.hear(waits=False)) is not None:
                self._note(*heard)
        return self.is_idle and not was_idle

    def _note(self, word: str, value: Any) -> None:
        if word == Word.BUSY:
            self.busy_with = value
        self.is_idle = word == Word.IDLE
        self.kicked = timezone.now()
        self.asked_at = None if self.is_idle or self.busy_with else time.monotonic()
        if word == Word.TAKEN:
            self.limit = value

    def give(self, order: Bidding, value: str | None = None) -> bool:
        """Let an idle worker begin something; return whether it can have heard of it."""
        self.is_idle, self.limit, self.asked_at = False, None, time.monotonic()
        return self._line.say(order, value)

    def ask(self) -> None:
        """Let an idle worker say that it lives."""
        if self.is_idle and self.asked_at is None:
            self.asked_at = time.monotonic()
            self._line.say(Bidding.ANSWER)

    def is_silent(self, patience: float) -> bool:
        """Whether it owes an answer for longer than *patience*, and than what it has taken may last; a job may last."""
        if self.busy_with or self.asked_at is None:
            return False
        return time.monotonic() - self.asked_at > max(patience, (self.limit or 0.0) + 2 * inbox.REST_SECONDS)

    def drain(self, until: datetime) -> None:
        """Let it take nothing more, and hand back at that time what still runs."""
        self.drain_until = until
        self._line.say(Bidding.DRAIN, until.isoformat())

    def stop(self) -> None:
        """Let it end when it is done with what it does."""
        self._line.say(Bidding.STOP)

    def kill(self) -> None:
        """Kill it, and all that it has started, at once."""
        signal_group(self.pid, signal.SIGKILL)
        self.process.kill()
        self.process.join()

    def close(self) -> None:
        """Forget it once it is dead."""
        self._line.close()

    def row(self) -> Worker:
        """Return its row, as it is to be written now."""
        return Worker(
            identity=self.identity,
            host=process.HOST,
            pid=self.pid,
            queue=self.spec.name,
            device=self.spec.device,
            gpu=self.spec.gpu,
            started=self.started,
            kicked=self.kicked,
            busy_with=self.busy_with,
            drain_until=self.drain_until,
        )


def _live(line: Wire, spec: QueueSpec, supervisor: int) -> None:
    """All that the fork does."""
    os.setsid()
    let_go_of_ours()
    os.environ |= {
        "Q_CLUSTER_NAME": spec.name,
        "RENDERDESK_DEVICE": spec.device,
        "RENDERDESK_GPU_ID": spec.gpu,
        **spec.environment,
    }
    with suppress(OSError):  # for ps and top
        Path("/proc/self/comm").write_text(spec.name[-COMM:])
    beat = Heartbeat(spec.name, spec.device, spec.gpu)
    heartbeat.become(beat)
    inbox.serve(line, beat, supervisor)
