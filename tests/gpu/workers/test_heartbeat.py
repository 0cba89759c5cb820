"""A worker's sign of life, and what it learns from its row."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.conf import settings
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


def test_a_worker_learns_that_it_is_to_drain() -> None:
    beat = Heartbeat("asset_pipeline")
    beat.beat()
    assert beat.drain_until is None
    until = timezone.now() + timedelta(seconds=30)
    Worker.objects.update(drain_until=until)
    beat.beat()
    assert beat.drain_until == until
    assert Worker.objects.get().drain_until == until


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


def test_a_cluster_whose_supervisor_is_gone_ends_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[tuple[int, int]] = []

    class Ended(BaseException):
        pass

    def killpg(group: int, number: int) -> None:
        killed.append((group, number))
        raise Ended

    monkeypatch.setattr(os, "killpg", killpg)
    gone = f"{process.HOST}:an-older-boot:1:1"
    with pytest.raises(Ended):
        Heartbeat("asset_pipeline", supervisor=gone)._run()
    assert killed == [(os.getpgid(0), 9)]
