"""A worker's sign of life."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from blender_scripts.children import process
from gpu.models import Worker
from gpu.workers import heartbeat
from gpu.workers.heartbeat import Heartbeat, forget_dead_workers

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_the_first_beat_introduces_the_worker() -> None:
    Heartbeat("asset_pipeline", "RTX on h").beat()
    row = Worker.objects.get()
    assert (row.identity, row.pid, row.host) == (process.identity(), os.getpid(), process.HOST)
    assert (row.queue, row.device, row.busy_with, row.kicked) == ("asset_pipeline", "RTX on h", "", None)
    assert row.is_alive and Worker.objects.alive().count() == 1


def test_later_beats_tell_what_it_works_on() -> None:
    beat = Heartbeat("asset_pipeline")
    beat.beat()
    beat.busy_with, beat.kicked = "Render 7", timezone.now()
    beat.beat()
    row = Worker.objects.get()
    assert (row.busy_with, row.kicked) == ("Render 7", beat.kicked)


def test_one_statement_writes_that_all_live_and_until_when_they_drain(
    django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    beats = [Heartbeat("asset_pipeline"), Heartbeat("asset_pipeline_cpu")]
    beats[1].identity = "somewhere:b:2:2"
    until = timezone.now() + timedelta(seconds=30)
    heartbeat.write([one.row() for one in beats])
    beats[1].drain_until = until
    with transaction.atomic(), django_assert_num_queries(1):
        heartbeat.write([one.row() for one in beats])
    assert list(Worker.objects.order_by("queue").values_list("drain_until", flat=True)) == [None, until]


def test_a_silent_worker_is_not_alive() -> None:
    Heartbeat("asset_pipeline").beat()
    Worker.objects.update(heartbeat=timezone.now() - timedelta(seconds=5 * settings.HEARTBEAT_SECONDS))
    assert not Worker.objects.alive().exists()
    assert not Worker.objects.get().is_alive


def worker(identity: str, host: str, age: timedelta) -> Worker:
    return Worker.objects.create(
        identity=identity, host=host, pid=1, queue="q", heartbeat=timezone.now() - age
    )


def test_dead_workers_of_this_host_and_those_silent_for_a_day_are_forgotten() -> None:
    me = worker(process.identity(), process.HOST, timedelta(0))
    far = worker("elsewhere:b:1:1", "elsewhere", timedelta(hours=2))
    worker(f"{process.HOST}:{process.boot_id()}:999999999:1", process.HOST, timedelta(0))
    worker("elsewhere:b:2:1", "elsewhere", timedelta(days=2))
    assert forget_dead_workers() == 2
    assert set(Worker.objects.all()) == {me, far}


def test_outside_a_cluster_nothing_beats() -> None:
    beat = heartbeat.current("asset_pipeline_cpu")
    assert heartbeat.current() is beat and beat.queue == "asset_pipeline_cpu"
    assert not Worker.objects.exists()


def test_a_spawned_worker_takes_its_queue_and_device_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Heartbeat, "start", lambda self: None)
    monkeypatch.setenv("Q_CLUSTER_NAME", "asset_pipeline_2")
    monkeypatch.setenv("RENDERDESK_DEVICE", "RTX on h")
    heartbeat.start_for_this_process()
    assert (heartbeat.current().queue, heartbeat.current().device) == ("asset_pipeline_2", "RTX on h")
