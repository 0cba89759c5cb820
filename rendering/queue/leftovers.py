"""Rows that only grow: kept for as long as the system settings say, then deleted, a bounded number at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_q.models import Failure, Success

from gpu.models import GpuProbe, SystemSettings
from gpu.probing import life
from rendering.models import Alert, ApiRequest, ApiUpload, Attempt, HistoryEntry, Job, Notification

UNFINISHED = timedelta(days=1)  # an upload in parts goes on after an interruption, not after a night
REPEATED = timedelta(days=7)  # a program that sends a request again does so within minutes
BATCH = 5_000  # rows of one DELETE: a long one would hold SQLite's only lock


def old() -> dict[str, QuerySet[Any]]:
    """Return what is older than it is kept, by a name for programs. What is still open is never old.

    Of messages that went well releases before this kept each one; the last probe of each host says what it can do.
    """
    row, now = SystemSettings.load(), timezone.now()
    found: dict[str, QuerySet[Any]] = {
        "messages": Success.objects.all(),
        "sessions": Session.objects.filter(expire_date__lt=now),
        "api_requests": ApiRequest.objects.filter(created__lt=now - REPEATED),
        "api_uploads": ApiUpload.objects.filter(created__lt=now - UNFINISHED),
    }
    last = [probe.pk for probe in life.last_probes()]
    aged: dict[str, tuple[int | None, QuerySet[Any], str]] = {
        "failed_messages": (row.message_days, Failure.objects.all(), "stopped"),
        "wrong_passwords": (row.login_days, AccessAttempt.objects.all(), "attempt_time"),
        "probes": (row.probe_days, GpuProbe.objects.exclude(pk__in=last), "finished"),
        "attempts": (row.attempt_days, Attempt.objects.exclude(job__state__in=Job.LIVE), "finished"),
        "notifications": (row.notification_days, _ended_notifications(), "created"),
        "alerts": (row.notification_days, Alert.objects.exclude(ended=None), "ended"),
        "history": (row.history_days, HistoryEntry.objects.all(), "when"),
    }
    for name, (days, rows, when) in aged.items():
        if days is not None:
            found[name] = rows.filter(**{f"{when}__lt": now - timedelta(days=days)})
    return found


def counted() -> dict[str, int]:
    """Return how many rows `drop` would delete, by their names, without those of which there is none."""
    return {name: count for name, rows in old().items() if (count := rows.count())}


def drop() -> dict[str, int]:
    """Delete what is too old; return how many rows by their names, without those of which there was none."""
    return {name: count for name, rows in old().items() if (count := _dropped(rows))}


def _ended_notifications() -> QuerySet[Notification]:
    return Notification.objects.filter(~Q(state=Notification.State.WAITING))


def _dropped(rows: QuerySet[Any]) -> int:
    count = 0
    while ids := list(rows.order_by().values_list("pk", flat=True)[:BATCH]):
        rows.model._base_manager.filter(pk__in=ids).delete()
        count += len(ids)
    return count
