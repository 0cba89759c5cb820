"""Claims and sends due notifications, and retries with growing pauses. Runs in the control cluster."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from gpu.queues import wake
from rendering.delivery.notifications.channels import CHANNELS, channel_of
from rendering.delivery.notifications.reach import NotTaken
from rendering.models import DeliveryAttempt, Event, Notification

log = logging.getLogger("renderdesk.news")

# After each failed attempt; after the last one it is given up, about 17 hours after the first.
PAUSES = [timedelta(minutes=one) for one in (1, 5, 15, 60, 180, 360, 360)]
CLAIMED_FOR = timedelta(minutes=3)  # longer than a sender may take: then it died, and another one sends
BUDGET_SECONDS = 30.0  # of one round: the control cluster also gives back the jobs of dead workers
SENT_AT_ONCE = 20

Receiver = tuple[str, object]  # the column of a channel, and what it holds


def deliver_due(budget: float = BUDGET_SECONDS) -> int:
    """Send due notifications for about *budget* seconds, ask for another round if more are due; return how many.

    A receiver that failed once is left alone for the rest of the round, so that it does not hold up the others.
    """
    ends, failed, sent = time.monotonic() + budget, set[Receiver](), 0
    while rows := _due(failed)[:SENT_AT_ONCE]:
        for row in rows:
            if _receiver(row) in failed:
                continue
            if time.monotonic() > ends:
                wake.call("rendering.tasks.tell")
                return sent
            if _claim(row):
                if _deliver(row):
                    sent += 1
                else:
                    failed.add(_receiver(row))
    return sent


def again(notifications: QuerySet[Notification]) -> int:
    """Let these be sent once more, now, whatever the result was before; return how many."""
    count = notifications.update(
        state=Notification.State.WAITING, attempts=0, next_attempt=timezone.now(), error="", sent=None
    )
    if count:
        wake.call("rendering.tasks.tell")
    return count


def _due(failed: Collection[Receiver]) -> QuerySet[Notification]:
    rows = Notification.objects.filter(state=Notification.State.WAITING, next_attempt__lte=timezone.now())
    for channel in CHANNELS:
        if channel.is_off is not None:
            rows = rows.exclude(channel.is_off)
        rows = rows.exclude(
            **{f"{channel.column}__in": [one for column, one in failed if column == channel.column]}
        )
    return rows.select_related("webhook").order_by("next_attempt", "id")


def _receiver(row: Notification) -> Receiver:
    channel = channel_of(row)
    return channel.column, channel.receiver(row)


def _claim(row: Notification) -> bool:
    """Take the next attempt of *row*; return whether nobody else did."""
    waiting = Notification.objects.filter(
        pk=row.pk, state=Notification.State.WAITING, attempts=row.attempts, next_attempt=row.next_attempt
    )
    row.attempts, row.next_attempt = row.attempts + 1, timezone.now() + CLAIMED_FOR
    return bool(waiting.update(attempts=row.attempts, next_attempt=row.next_attempt))


def _deliver(row: Notification) -> bool:
    """Send *row* and write the result; return whether it was taken."""
    row.refresh_from_db(fields=["body"])  # pictures joined it until it was claimed
    began, started = time.monotonic(), timezone.now()
    answer, problem = None, ""
    try:
        answer = channel_of(row).send(row)
    except NotTaken as error:
        answer, problem = error.answer, str(error)
    except OSError as error:
        problem = str(error) or type(error).__name__
    except Exception as error:
        log.exception("Notification %s can't be sent.", row.pk)
        problem = f"{type(error).__name__}: {error}"
    problem = problem.replace("\x00", "")[:1000]
    attempt = DeliveryAttempt(
        notification=row,
        started=started,
        seconds=round(time.monotonic() - began, 3),
        status=answer.status if answer else None,
        answer=answer.beginning if answer else "",
        error=problem,
    )
    if not problem:
        _write(row, attempt, state=Notification.State.SENT, sent=timezone.now(), error="")
    elif row.attempts > len(PAUSES) or row.event == Event.TEST:
        log.warning("%s was given up after %d attempts: %s", row, row.attempts, problem)
        _write(row, attempt, state=Notification.State.GIVEN_UP, error=problem)
    else:
        attempt.next_attempt = timezone.now() + PAUSES[row.attempts - 1]
        _write(row, attempt, next_attempt=attempt.next_attempt, error=problem)
    return not problem


def _write(row: Notification, attempt: DeliveryAttempt, **fields: object) -> None:
    """Write the result of this attempt, unless an operator asked for it anew meanwhile; the log has it in any case."""
    mine = Notification.objects.filter(pk=row.pk, attempts=row.attempts, next_attempt=row.next_attempt)
    with transaction.atomic():
        mine.update(**fields)
        if Notification.objects.filter(pk=row.pk).exists():  # its webhook may have been deleted
            attempt.save()
