"""What a worker's process is: django-q2's worker, which takes its tasks from its supervisor's line.

django-q2's pusher, monitor and guard are no processes here. The supervisor takes messages for idle workers only, so
nothing is fetched ahead; a task's result is kept by the worker itself; who died or is wedged is seen by the supervisor.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.monitor import save_task
from django_q.signing import BadSignature, SignedPackage
from django_q.worker import worker

from gpu.workers.heartbeat import Heartbeat
from gpu.workers.wire import Bidding, Wire, Word

log = logging.getLogger("renderdesk.worker")

STOP = "STOP"  # django-q2's word for the end
LINGER_SECONDS = 5.0  # an idle worker keeps its connection for so long: work seldom comes alone
LOOK_UP_SECONDS = 30.0
REST_SECONDS = 5.0  # between two tries of a broker that does not answer


class Inbox:
    """The queue of tasks of one worker, as django-q2's worker wants it: `get` waits for the next task, or for STOP."""

    def __init__(self, line: Wire, beat: Heartbeat, supervisor: int) -> None:
        self._line, self._beat, self._supervisor = line, beat, supervisor
        self._orders = SimpleQueue[tuple[str, Any]]()
        self._broker = get_broker(beat.queue) if settings.REDIS_URL else None
        self._rests_until = 0.0
        beat.told = lambda job: line.say(Word.BUSY, job)
        threading.Thread(target=self._listen, name="line", daemon=True).start()

    def _listen(self) -> None:
        """Pass on what the supervisor says, while a job runs too; when it is gone, kill this whole group."""
        while (heard := self._line.hear()) is not None:
            kind, value = heard
            if kind == Bidding.DRAIN:
                self._beat.drain_until = datetime.fromisoformat(value)
            else:
                self._orders.put(heard)
        log.error("The supervisor is gone: this worker ends, its job goes back to the queue.")
        os.killpg(0, signal.SIGKILL)

    def drain(self) -> None:
        """Hand back what runs, and stop: somebody else than the supervisor ends this process."""
        self._beat.drain_until = timezone.now()
        self._orders.put((Bidding.STOP, None))

    def get(self) -> dict[str, Any] | str:
        """Return the next task, or STOP. An idle worker has no connection to the database."""
        self._idle()
        lingers_until = time.monotonic() + LINGER_SECONDS
        while True:
            kind, value = self._next(lingers_until)
            if kind == Bidding.STOP:
                return STOP
            if kind == Bidding.ANSWER:
                self._idle()
            elif kind == Bidding.LOOK:
                return self._taken(look_for_work(self._beat.queue))
            elif kind == Bidding.TASK and (task := _unpacked(value)) is not None:
                return self._taken(task)
            elif kind == Bidding.TASK:
                self._idle()

    def _idle(self) -> None:
        self._line.say(Word.IDLE)

    def _taken(self, task: dict[str, Any]) -> dict[str, Any]:
        limit = task.get("timeout", settings.Q_CLUSTER["timeout"])
        self._line.say(Word.TAKEN, None if limit == -1 else limit)
        task["cluster"] = self._beat.queue
        return task

    def _next(self, lingers_until: float) -> tuple[str, Any]:
        """Wait for an order, and for a message where the broker is one that workers fetch from themselves."""
        while True:
            fetches = self._broker is not None and time.monotonic() >= self._rests_until
            wait = max(0.0, lingers_until - time.monotonic()) or LOOK_UP_SECONDS
            if self._broker is not None:
                wait = min(wait, REST_SECONDS)
            try:
                return self._orders.get(timeout=0 if fetches else wait)
            except Empty:
                if time.monotonic() >= lingers_until:
                    connections.close_all()
            if os.getppid() != self._supervisor:
                os.killpg(0, signal.SIGKILL)
            if fetches and (message := self._fetch()) is not None:
                return Bidding.TASK, message

    def _fetch(self) -> Any:
        try:
            found = self._broker.dequeue() if self._broker is not None else None
        except Exception as error:  # of whatever client library
            self._rests_until = time.monotonic() + REST_SECONDS
            log.warning(
                "The broker does not answer (%s); work is looked for in the database meanwhile.", error
            )
            return None
        return found[0][1] if found else None


class Outbox:
    """Where django-q2's worker puts its results: failures, and what is to be saved, are written at once."""

    def put(self, task: dict[str, Any]) -> None:
        save_task(task, None)
        if not task["success"]:
            log.error("The task %s failed: %s", task["func"], task["result"])


def look_for_work(queue: str) -> dict[str, Any]:
    """Return the task of a wake-up that needed no message."""
    return {
        "id": "look",
        "name": "look",
        "func": settings.WORK_TASK,
        "args": (queue,),
        "kwargs": {},
        "started": timezone.now(),
        "timeout": -1,
        "save": False,
    }


def _unpacked(payload: Any) -> dict[str, Any] | None:
    try:
        task: dict[str, Any] = SignedPackage.loads(payload)
    except (TypeError, BadSignature) as error:
        log.error("A message that another SECRET_KEY signed was dropped: %s", error)
        return None
    return task


def serve(line: Wire, beat: Heartbeat, supervisor: int) -> None:
    """Work until the supervisor says stop, or until the worker is used up; SIGTERM hands back what runs."""
    inbox = Inbox(line, beat, supervisor)
    signal.signal(signal.SIGTERM, lambda *_: inbox.drain())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker(inbox, Outbox(), multiprocessing.Value("f", -1), settings.Q_CLUSTER["timeout"])
