"""The schedules of the control cluster. They can be created repeatedly."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django_q.models import Schedule

OURS = "renderdesk: "
PRUNE = f"{OURS}prune"
PERIODS = {Schedule.MINUTES: timedelta(minutes=1), Schedule.DAILY: timedelta(days=1)}


def make_schedules() -> None:
    """Let the control cluster give back jobs of dead workers and notify each minute, tidy up and prune each day.

    All go on whether or not a supervisor runs.
    """
    Schedule.objects.update_or_create(
        name=f"{OURS}reap",
        defaults={"func": "rendering.tasks.reap", "schedule_type": Schedule.MINUTES, "minutes": 1},
    )
    Schedule.objects.update_or_create(
        name=f"{OURS}news",
        defaults={"func": "rendering.tasks.look_for_news", "schedule_type": Schedule.MINUTES, "minutes": 1},
    )
    Schedule.objects.update_or_create(
        name=f"{OURS}tidy",
        defaults={"func": "rendering.tasks.tidy", "schedule_type": Schedule.DAILY},
    )
    # Prunes only if the system settings say so.
    Schedule.objects.update_or_create(
        name=PRUNE,
        defaults={"func": "rendering.tasks.prune_daily", "schedule_type": Schedule.DAILY},
    )


def bring_back() -> int:
    """Let run now what a clock that was ahead has put off for longer than its period; return how many schedules."""
    now = timezone.now()
    ours = Schedule.objects.filter(name__startswith=OURS)
    return sum(
        ours.filter(schedule_type=kind, next_run__gt=now + 2 * period).update(next_run=now)
        for kind, period in PERIODS.items()
    )


def next_prune() -> datetime | None:
    """Return when the schedule looks next whether it is to prune; None where no worker has made it yet."""
    found: datetime | None = Schedule.objects.filter(name=PRUNE).values_list("next_run", flat=True).first()
    return found
