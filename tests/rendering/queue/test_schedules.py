"""The schedules of the control cluster."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import Schedule

from rendering.queue import schedules
from rendering.queue.schedules import PERIODS

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_schedules_that_a_clock_set_ahead_has_put_off_run_again() -> None:
    schedules.make_schedules()
    now = timezone.now()
    Schedule.objects.filter(schedule_type=Schedule.MINUTES).update(next_run=now + timedelta(hours=25))
    assert schedules.bring_back() == 2
    assert all(
        row.next_run <= timezone.now() for row in Schedule.objects.filter(schedule_type=Schedule.MINUTES)
    )
    assert schedules.bring_back() == 0


def test_schedules_that_wait_for_their_time_are_left_alone() -> None:
    schedules.make_schedules()
    for row in Schedule.objects.all():
        Schedule.objects.filter(pk=row.pk).update(next_run=timezone.now() + PERIODS[row.schedule_type])
    assert schedules.bring_back() == 0


def test_each_schedule_of_ours_has_a_period() -> None:
    schedules.make_schedules()
    assert {row.schedule_type for row in Schedule.objects.all()} <= PERIODS.keys()
