"""Alerts: what of Renderdesk itself needs attention, from when to when."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class AlertName(models.TextChoices):
    """The same names as in the alert rules for Prometheus."""

    NO_WORKER = "RenderdeskNoWorker", _("No worker serves a lane")
    QUEUE_OLD = "RenderdeskQueueOld", _("Jobs wait too long")
    GPU_LOST = "RenderdeskGpuLost", _("A GPU is lost")
    DISK_LOW = "RenderdeskDiskLow", _("The media disk is low")
    FAILURES = "RenderdeskFailures", _("Many jobs fail")


@dataclass(frozen=True)
class AlertFacts:
    """What to do about an alert: in a sentence, and where it is explained."""

    next_step: str | Promise
    runbook: str


RUNBOOK: dict[AlertName, AlertFacts] = {
    AlertName.NO_WORKER: AlertFacts(
        _("Start the workers of the lane: 'manage.py run_workers' on its host."),
        "docs/operations.md#runbook-no-worker",
    ),
    AlertName.QUEUE_OLD: AlertFacts(
        _("See on the desk what the queue works on, and why the oldest job waits on that job's page."),
        "docs/operations.md#runbook-queue-old",
    ),
    AlertName.GPU_LOST: AlertFacts(
        _(
            "Check the GPU and its driver on that host, then probe again. Disable it under GPUs if it was removed."
        ),
        "docs/operations.md#runbook-gpu-lost",
    ),
    AlertName.DISK_LOW: AlertFacts(
        _("Free space: the page Storage shows what may be deleted. Until then jobs are held."),
        "docs/operations.md#runbook-disk-low",
    ),
    AlertName.FAILURES: AlertFacts(
        _("Open the failed jobs: their error codes name the cause, and the next step of each."),
        "docs/operations.md#runbook-failures",
    ),
}


class AlertQuerySet(models.QuerySet["Alert"]):
    def open(self) -> AlertQuerySet:
        """Seen lately, begun or not."""
        return self.filter(ended=None)

    def current(self) -> AlertQuerySet:
        """Those that hold now."""
        return self.open().exclude(began=None)


class Alert(models.Model):
    """One condition of one thing. It begins once it has been seen for a while, so that a restart is none."""

    name = models.CharField(max_length=30, choices=AlertName)
    subject = models.CharField(
        max_length=200, blank=True, help_text=_("The lane, GPU or disk that it is about")
    )
    message = models.TextField(help_text=_("What is wrong, with figures"))
    first_seen = models.DateTimeField(default=timezone.now)
    last_seen = models.DateTimeField(default=timezone.now)
    began = models.DateTimeField(
        null=True, blank=True, help_text=_("When receivers were notified; empty: it has not lasted so long")
    )
    ended = models.DateTimeField(null=True, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["-id"]
        constraints = [
            # Two looks at once see one alert, and notify of it once.
            models.UniqueConstraint(
                fields=["name", "subject"], condition=models.Q(ended=None), name="alert_open_once"
            ),
        ]

    def __str__(self) -> str:
        label = str(AlertName(self.name).label)
        return f"{label}: {self.subject}" if self.subject else label
