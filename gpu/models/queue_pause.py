"""Paused queues: one row for each, deleted when it is resumed."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class QueuePause(models.Model):
    """While this row exists, workers of the queue claim no new jobs, even after a restart."""

    queue = models.CharField(_("queue"), max_length=60, unique=True)
    by = models.CharField(_("paused by"), max_length=200, help_text=_("Name of the user or program"))
    since = models.DateTimeField(_("paused since"), default=timezone.now)

    class Meta:
        verbose_name = _("queue pause")
        verbose_name_plural = _("queue pauses")
        ordering = ["queue"]
        default_permissions = ()
        permissions = [("pause_queue", "Can pause and resume queues")]

    def __str__(self) -> str:
        return gettext("Queue %(queue)s is paused by %(by)s since %(since)s") % {
            "queue": self.queue,
            "by": self.by,
            "since": f"{timezone.localtime(self.since):%Y-%m-%d %H:%M}",
        }
