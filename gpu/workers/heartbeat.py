"""The heartbeat of a worker process, sent by a thread from the moment the process is spawned."""

from __future__ import annotations

import logging
import os
import signal
import threading
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from blender_scripts.children import process
from gpu.models import Worker

log = logging.getLogger("renderdesk.worker")


class Heartbeat:
    """The heartbeat of this process. `busy_with` and `kicked` are set by the work, the rest by the thread."""

    def __init__(self, queue: str, device: str = "", supervisor: str = "", gpu: str | None = None) -> None:
        self.identity = process.identity()
        self.queue, self.device, self.supervisor = queue, device, supervisor
        self.gpu = gpu  # vendor id; "" for a worker of the CPU; None outside a cluster
        self.busy_with = ""
        self.kicked: datetime | None = None
        self.drain_until: datetime | None = None

    def start(self) -> None:
        threading.Thread(target=self._run, name="heartbeat", daemon=True).start()

    def beat(self) -> None:
        """Write the heartbeat and read whether to drain."""
        now = timezone.now()
        row, _ = Worker.objects.update_or_create(
            identity=self.identity,
            defaults={"heartbeat": now, "kicked": self.kicked, "busy_with": self.busy_with},
            create_defaults={
                "host": process.HOST,
                "pid": os.getpid(),
                "queue": self.queue,
                "device": self.device,
                "gpu": self.gpu or "",
                "started": now,
                "heartbeat": now,
            },
        )
        self.drain_until = row.drain_until

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            if self.supervisor and process.is_known_dead(self.supervisor):
                log.error("The supervisor is gone: this cluster ends, its jobs go back to the queue.")
                os.killpg(os.getpgid(0), signal.SIGKILL)
            try:
                self.beat()
            except DatabaseError as error:
                log.warning("No heartbeat: %s", error)
                connection.close()
            pause.wait(settings.HEARTBEAT_SECONDS)


_current: Heartbeat | None = None


def start_for_this_process(**_: object) -> None:
    """Start the heartbeat of a freshly spawned worker (django-q2's post_spawn signal)."""
    global _current
    _current = Heartbeat(
        os.environ.get("Q_CLUSTER_NAME") or settings.CONTROL_QUEUE,
        os.environ.get("RENDERDESK_DEVICE", ""),
        os.environ.get("RENDERDESK_SUPERVISOR", ""),
        os.environ.get("RENDERDESK_GPU_ID"),
    )
    _current.start()


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
    return Worker.objects.filter(pk__in=dead).delete()[0]
