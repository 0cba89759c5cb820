"""A worker's heartbeat: its row says that it lives, when it last answered, and what it works on.

A supervisor writes the rows of all its workers in one statement. A worker without one, in a cluster that was started by
hand, has a thread for its own.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from blender_scripts.children import process
from gpu.models import Worker

log = logging.getLogger("renderdesk.worker")


class Heartbeat:
    """The heartbeat of this process. `busy_with` and `kicked` are set by the work."""

    def __init__(self, queue: str, device: str = "", gpu: str | None = None) -> None:
        self.identity = process.identity()
        self.queue, self.device = queue, device
        self.gpu = gpu  # vendor id; "" for a worker of the CPU; None outside a cluster
        self.kicked: datetime | None = None
        self.drain_until: datetime | None = None
        self.told: Callable[[str], object] = str  # is called with what it works on
        self._busy_with = ""

    @property
    def busy_with(self) -> str:
        return self._busy_with

    @busy_with.setter
    def busy_with(self, job: str) -> None:
        self._busy_with = job
        self.told(job)

    def start(self) -> None:
        threading.Thread(target=self._run, name="heartbeat", daemon=True).start()

    def beat(self) -> None:
        """Write the heartbeat."""
        write([self.row()])

    def row(self) -> Worker:
        return Worker(
            identity=self.identity,
            host=process.HOST,
            pid=os.getpid(),
            queue=self.queue,
            device=self.device,
            gpu=self.gpu or "",
            kicked=self.kicked,
            busy_with=self.busy_with,
            drain_until=self.drain_until,
        )

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            try:
                self.beat()
            except DatabaseError as error:
                log.warning("No heartbeat: %s", error)
                connection.close()
            pause.wait(settings.HEARTBEAT_SECONDS)


def write(rows: Sequence[Worker]) -> None:
    """Write that these workers live now, those that are new as well: one statement for all of them."""
    now = timezone.now()
    for row in rows:
        row.heartbeat = now
    Worker.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["identity"],
        update_fields=["heartbeat", "kicked", "busy_with", "drain_until"],
    )


_current: Heartbeat | None = None


def become(beat: Heartbeat) -> None:
    """Let *beat* be this process's heartbeat."""
    global _current
    _current = beat


def start_for_this_process(**_: object) -> None:
    """Start the heartbeat of a freshly spawned worker (django-q2's post_spawn signal) that has no supervisor."""
    if _current is None:
        become(
            Heartbeat(
                os.environ.get("Q_CLUSTER_NAME") or settings.CONTROL_QUEUE,
                os.environ.get("RENDERDESK_DEVICE", ""),
                os.environ.get("RENDERDESK_GPU_ID"),
            )
        )
        current().start()


def current(queue: str = "") -> Heartbeat:
    """Return this process's heartbeat; outside a cluster (a command, a test) one that is not beaten."""
    global _current
    if _current is None:
        _current = Heartbeat(queue)
    return _current


def forget_dead_workers() -> int:
    """Delete the rows of this host's dead workers and of others silent for a day; return how many."""
    dead = [row.pk for row in Worker.objects.filter(host=process.HOST) if process.is_known_dead(row.identity)]
    dead += Worker.objects.filter(heartbeat__lt=timezone.now() - timedelta(days=1)).values_list(
        "pk", flat=True
    )
    return Worker.objects.filter(pk__in=dead).delete()[0] if dead else 0
