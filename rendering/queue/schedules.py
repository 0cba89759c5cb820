"""The schedules of the control cluster. They can be created repeatedly."""

from __future__ import annotations

from django_q.models import Schedule


def make_schedules() -> None:
    """Let the control cluster give back jobs of dead workers and notify each minute, and tidy up each day.

    All go on whether or not a supervisor runs.
    """
    Schedule.objects.update_or_create(
        name="renderdesk: reap",
        defaults={"func": "rendering.tasks.reap", "schedule_type": Schedule.MINUTES, "minutes": 1},
    )
    Schedule.objects.update_or_create(
        name="renderdesk: news",
        defaults={"func": "rendering.tasks.look_for_news", "schedule_type": Schedule.MINUTES, "minutes": 1},
    )
    Schedule.objects.update_or_create(
        name="renderdesk: tidy",
        defaults={"func": "rendering.tasks.tidy", "schedule_type": Schedule.DAILY},
    )
