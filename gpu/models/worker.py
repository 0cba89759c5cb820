"""Which workers are alive: one row for each worker process, updated by its heartbeat."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

MISSED_BEATS = 4  # after so many a worker counts as gone


class WorkerQuerySet(models.QuerySet["Worker"]):
    def alive(self) -> WorkerQuerySet:
        """Workers whose heartbeat is fresh."""
        horizon = timezone.now() - timedelta(seconds=MISSED_BEATS * settings.HEARTBEAT_SECONDS)
        return self.filter(heartbeat__gte=horizon)


class Worker(models.Model):
    """A worker process of a queue. Written only by its supervisor, or by itself where it has none."""

    identity = models.CharField(_("identity"), max_length=200, unique=True, help_text="host:boot:pid:start")
    host = models.CharField(_("host"), max_length=100)
    pid = models.PositiveIntegerField(_("process ID"))
    queue = models.CharField(_("queue"), max_length=60)
    device = models.CharField(_("device"), max_length=200, blank=True)
    gpu = models.CharField(
        _("GPU"), max_length=100, blank=True, help_text=_("Vendor ID of the GPU that it is pinned to")
    )
    started = models.DateTimeField(_("started"), default=timezone.now)
    heartbeat = models.DateTimeField(_("heartbeat"), default=timezone.now)
    kicked = models.DateTimeField(_("last woken"), null=True, blank=True)
    busy_with = models.CharField(
        _("working on"), max_length=60, blank=True, help_text=_("Empty when it is idle")
    )
    drain_until = models.DateTimeField(
        _("draining until"),
        null=True,
        blank=True,
        help_text=_("It takes no new jobs. A job that is still running then goes back to the queue."),
    )

    objects = WorkerQuerySet.as_manager()

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")
        ordering = ["host", "queue", "pid"]
        indexes = [models.Index(fields=["queue", "-heartbeat"], name="worker_queue_heartbeat")]

    def __str__(self) -> str:
        return gettext("%(queue)s on %(host)s (PID %(pid)s)") % {
            "queue": self.queue,
            "host": self.host,
            "pid": self.pid,
        }

    @property
    def is_alive(self) -> bool:
        return timezone.now() - self.heartbeat < timedelta(seconds=MISSED_BEATS * settings.HEARTBEAT_SECONDS)
