"""Paused queues: one row for each, deleted when it is resumed."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class QueuePause(models.Model):
    """While this row exists, workers of the queue claim no new jobs, even after a restart."""

    queue = models.CharField(max_length=60, unique=True)
    by = models.CharField(max_length=200, help_text="Who paused it, in words")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["queue"]
        default_permissions = ()
        permissions = [("pause_queue", "Can pause and resume queues")]

    def __str__(self) -> str:
        return (
            f"Queue {self.queue} is paused by {self.by} since {timezone.localtime(self.since):%Y-%m-%d %H:%M}"
        )
