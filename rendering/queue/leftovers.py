"""Rows that libraries write and nobody reads again: results of queue messages, ended sessions, old failed log-ins."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone
from django_q.models import Failure, Success

# A failed message is worth a look for a while; one that went well is not (releases before this kept each of them).
FAILURES_KEPT = timedelta(days=30)
ATTEMPTS_KEPT = timedelta(days=1)
BATCH = 5_000  # rows of one DELETE: a long one would hold SQLite's only lock


def drop() -> int:
    """Delete what is left over; return how many rows."""
    now = timezone.now()
    leftovers: list[QuerySet[Any]] = [
        Success.objects.all(),
        Failure.objects.filter(stopped__lt=now - FAILURES_KEPT),
        Session.objects.filter(expire_date__lt=now),
        AccessAttempt.objects.filter(attempt_time__lt=now - ATTEMPTS_KEPT),
    ]
    return sum(map(_dropped, leftovers))


def _dropped(rows: QuerySet[Any]) -> int:
    count = 0
    while ids := list(rows.order_by().values_list("pk", flat=True)[:BATCH]):
        count += rows.model._base_manager.filter(pk__in=ids).delete()[0]
    return count
