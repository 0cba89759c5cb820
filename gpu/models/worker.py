"""Which workers are alive: one row for each worker process, updated by its heartbeat."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone


class WorkerQuerySet(models.QuerySet["Worker"]):
    def alive(self) -> WorkerQuerySet:
        """Workers whose heartbeat is fresh."""
        horizon = timezone.now() - timedelta(seconds=4 * settings.HEARTBEAT_SECONDS)
        return self.filter(heartbeat__gte=horizon)


class Worker(models.Model):
    """A worker process of a queue. Written only by that process, except for `drain_until`."""

    identity = models.CharField(max_length=200, unique=True, help_text="host:boot:pid:start")
    host = models.CharField(max_length=100)
    pid = models.PositiveIntegerField()
    queue = models.CharField(max_length=60)
    device = models.CharField(max_length=200, blank=True)
    gpu = models.CharField(max_length=100, blank=True, help_text="Vendor id of the GPU it is pinned to")
    started = models.DateTimeField(default=timezone.now)
    heartbeat = models.DateTimeField(default=timezone.now)
    kicked = models.DateTimeField("last answered a kick", null=True, blank=True)
    busy_with = models.CharField(max_length=60, blank=True, help_text="What it works on; empty when idle")
    drain_until = models.DateTimeField(
        null=True, blank=True, help_text="Takes nothing new; what runs then goes back to the queue"
    )

    objects = WorkerQuerySet.as_manager()

    class Meta:
        ordering = ["host", "queue", "pid"]
        indexes = [models.Index(fields=["queue", "-heartbeat"], name="worker_queue_heartbeat")]

    def __str__(self) -> str:
        return f"{self.queue} on {self.host} (pid {self.pid})"

    @property
    def is_alive(self) -> bool:
        return timezone.now() - self.heartbeat < timedelta(seconds=4 * settings.HEARTBEAT_SECONDS)
