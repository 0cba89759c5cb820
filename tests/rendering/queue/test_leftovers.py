"""Rows that only grow have an age: older ones are deleted each day, what is still open never is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from gpu.models import GpuProbe, SystemSettings
from rendering import tasks
from rendering.models import Attempt, HistoryEntry, Job, Notification, Order, Webhook
from rendering.queue import claims, leftovers
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOW = timezone.now()


def ago(days: float) -> Any:
    return timezone.now() - timedelta(days=days)


def kept(**days: int | None) -> None:
    SystemSettings.load()
    SystemSettings.objects.update(**days)


def notification(days: float, **fields: Any) -> Notification:
    hook, _ = Webhook.objects.get_or_create(name="shop", url="https://shop.example.com/hook")
    return Notification.objects.create(
        order=Order.objects.create(),
        event="order.finished",
        occurred=ago(days),
        webhook=hook,
        body={},
        created=ago(days),
        **fields,
    )


def test_notifications_that_ended_go_and_those_that_wait_stay() -> None:
    old, young = (notification(days, state="sent") for days in (200, 20))
    waiting = notification(200, state="waiting")
    given_up = notification(200, state="given_up")
    assert leftovers.counted() == {"notifications": 2}
    assert leftovers.drop() == {"notifications": 2}
    assert set(Notification.objects.all()) == {young, waiting}
    assert old.pk and given_up.pk


def test_the_activity_goes_with_its_objects_when_it_is_old() -> None:
    entries = [HistoryEntry.objects.create(person="olga", verb="change", when=ago(days)) for days in (800, 1)]
    assert leftovers.drop() == {"history": 1}
    assert list(HistoryEntry.objects.all()) == entries[1:]


def test_attempts_of_ended_jobs_go_and_those_of_live_ones_stay() -> None:
    ended, live = factories.job(priority=60), factories.job()
    claim = factories.claim()
    assert claim.job == ended
    claims.succeed(claim)
    again = factories.claim()
    assert again.job == live
    Attempt.objects.update(finished=ago(800))
    assert leftovers.drop() == {"attempts": 1}
    assert Attempt.objects.get().job == live and Job.objects.count() == 2


def test_the_last_probe_of_each_host_outlives_the_others() -> None:
    for host in ("away", "away", "here"):
        GpuProbe.objects.create(
            trigger="schedule", host=host, state="succeeded", result={}, finished=ago(100)
        )
    here = GpuProbe.objects.create(
        trigger="schedule", host="here", state="succeeded", result={}, finished=NOW
    )
    failed = GpuProbe.objects.create(trigger="schedule", host="gone", state="failed", finished=ago(100))
    assert leftovers.drop() == {"probes": 3}
    assert sorted(GpuProbe.objects.values_list("host", flat=True)) == ["away", "here"]
    assert here.pk and failed.pk


def test_what_has_no_age_is_kept_forever() -> None:
    kept(history_days=None)
    HistoryEntry.objects.create(person="olga", verb="change", when=ago(9999))
    assert leftovers.drop() == {}
    kept(history_days=1)
    assert tasks.tidy() == 1


def test_many_rows_go_a_bounded_number_at_a_time(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(leftovers, "BATCH", 10)
    old = [HistoryEntry(person="olga", verb="change", when=ago(800)) for _ in range(35)]
    HistoryEntry.objects.bulk_create(old)
    assert leftovers.drop() == {"history": 35} and not HistoryEntry.objects.exists()
