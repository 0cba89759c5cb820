"""The loop that keeps clusters alive, step by step, with clusters that only pretend."""

from __future__ import annotations

import signal
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError
from django.utils import timezone
from django_q.models import OrmQ

from blender_scripts.children import process
from gpu.models import GpuDevice, Worker
from gpu.queues.topology import CPU_QUEUE, PRIMARY_QUEUE, build
from gpu.workers import cluster, supervisor
from gpu.workers.cluster import AlreadyRunning, Cluster
from gpu.workers.supervisor import LONGEST_PAUSE, OTHERS_ANSWER, Supervisor

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Pretender:
    """A process that runs until it is told that it died."""

    def __init__(self, argv: list[str], env: dict[str, str], **_: Any) -> None:
        self.argv, self.env = argv, env
        self.pid, self.returncode = 999_999_999, None
        self.terminated = False

    def poll(self) -> int | None:
        return self.returncode

    def terminate(self) -> None:
        self.terminated, self.returncode = True, 0

    def wait(self) -> None:
        self.returncode = -9 if self.returncode is None else self.returncode


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(supervisor, "time", clock)
    monkeypatch.setattr(cluster, "time", clock)
    return clock


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Pretender]:
    """Every process that was started."""
    begun: list[Pretender] = []

    def popen(argv: list[str], **fields: Any) -> Pretender:
        begun.append(Pretender(argv, **fields))
        return begun[-1]

    monkeypatch.setattr(cluster.subprocess, "Popen", popen)
    monkeypatch.setattr(cluster.os, "killpg", lambda *_: None)
    return begun


@pytest.fixture
def boss(clock: Clock, started: list[Pretender]) -> Supervisor:
    """A supervisor with its three clusters running: control, GPU queue, CPU queue."""
    boss = Supervisor(lambda: build([], cpu_workers=2).queues, lambda: None)
    for one in boss.clusters:
        one.start()
    return boss


def worker(queue: str, **fields: Any) -> Worker:
    return Worker.objects.create(
        **{"identity": f"somewhere:{queue}:1:1", "host": process.HOST, "pid": 1, "queue": queue, **fields}
    )


def test_one_cluster_for_each_queue_and_one_for_the_schedules(
    boss: Supervisor, started: list[Pretender]
) -> None:
    assert [one.env.get("Q_CLUSTER_NAME") for one in started] == [None, PRIMARY_QUEUE, CPU_QUEUE]
    assert [one.env["RENDERDESK_QUEUE_WORKERS"] for one in started] == ["1", "1", "2"]
    assert {one.env["RENDERDESK_SUPERVISOR"] for one in started} == {process.identity()}
    assert all(one.argv[1:] == [str(django_settings.BASE_DIR / "manage.py"), "qcluster"] for one in started)


def test_a_healthy_cluster_is_left_alone(boss: Supervisor, started: list[Pretender]) -> None:
    boss.step()
    assert len(started) == 3


def test_a_dead_cluster_is_started_again_with_a_growing_pause(
    boss: Supervisor, started: list[Pretender], clock: Clock
) -> None:
    times = []
    for _ in range(12):
        started[-1].returncode = 1
        while started[-1].returncode is not None:
            boss._keep_running(boss.clusters[-1])
            clock.now += 0.5
        times.append(clock.now)
    pauses = [round(after - before) for before, after in pairwise(times)]
    assert pauses[:5] == sorted(pauses[:5]) and pauses[0] <= 2
    assert all(LONGEST_PAUSE <= pause <= LONGEST_PAUSE + 2 for pause in pauses[6:])


def test_a_cluster_that_had_lived_for_long_is_started_again_at_once(
    boss: Supervisor, started: list[Pretender], clock: Clock
) -> None:
    for _ in range(4):
        clock.now += LONGEST_PAUSE + 1
        started[-1].returncode = -9
        boss._keep_running(boss.clusters[-1])
        assert started[-1].returncode is None


def test_the_dead_cluster_of_one_queue_does_not_touch_the_others(
    boss: Supervisor, started: list[Pretender]
) -> None:
    started[1].returncode = -9
    boss.step()
    assert [one.env.get("Q_CLUSTER_NAME") for one in started[3:]] == [PRIMARY_QUEUE]


def test_each_queue_is_woken_at_a_steady_pace_and_never_flooded(
    boss: Supervisor, clock: Clock, settings: Any
) -> None:
    for _ in range(3):
        boss.step()
        clock.now += settings.RING_SECONDS
    assert sorted(OrmQ.objects.values_list("key", flat=True)) == sorted(
        [django_settings.CONTROL_QUEUE, PRIMARY_QUEUE, CPU_QUEUE]
    )


@pytest.mark.parametrize(
    ("fields", "is_restarted"),
    [
        ({}, True),
        ({"kicked": timedelta(seconds=1000)}, True),
        ({"kicked": timedelta(seconds=5)}, False),
        ({"busy_with": "Render 7"}, False),
        ({"busy_with": "Render 7", "heartbeat": timedelta(seconds=1000)}, True),
    ],
)
def test_a_cluster_that_was_woken_and_is_idle_and_silent_is_restarted(
    fields: dict[str, Any], is_restarted: bool, boss: Supervisor, started: list[Pretender], clock: Clock
) -> None:
    now = timezone.now()
    worker(
        PRIMARY_QUEUE,
        **{name: now - value if isinstance(value, timedelta) else value for name, value in fields.items()},
    )
    assert not boss._is_wedged(boss.clusters[1]), "it has just been started"
    clock.now += django_settings.WEDGED_SECONDS + 1
    assert boss._is_wedged(boss.clusters[1]) == is_restarted
    for queue in (django_settings.CONTROL_QUEUE, CPU_QUEUE):
        worker(queue, kicked=now)
    boss.step()
    assert len(started) == (4 if is_restarted else 3)


def test_a_shared_queue_whose_messages_another_host_takes_is_given_time(
    boss: Supervisor, started: list[Pretender], clock: Clock
) -> None:
    now = timezone.now()
    worker(CPU_QUEUE)
    worker(CPU_QUEUE, host="elsewhere", identity="far:b:1:1", kicked=now)
    clock.now += django_settings.WEDGED_SECONDS + 1
    assert not boss._is_wedged(boss.clusters[2]), "its message was answered elsewhere"
    clock.now += OTHERS_ANSWER * django_settings.WEDGED_SECONDS
    assert boss._is_wedged(boss.clusters[2]), "but not for ever"


def test_a_database_that_is_away_does_not_end_the_supervisor(
    clock: Clock, started: list[Pretender], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(supervisor, "connection", type("Connection", (), {"close": lambda self: None})())
    boss = Supervisor(list, away)
    boss.clusters[0].start()
    boss.step()
    assert boss.signals == 0


def test_a_database_that_comes_back_does_not_make_silent_clusters_look_wedged(
    boss: Supervisor, started: list[Pretender], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(supervisor, "connection", type("Connection", (), {"close": lambda self: None})())
    clock.now += django_settings.WEDGED_SECONDS + 1
    boss._guarded(away)
    boss.step()
    assert len(started) == 3, "no worker could show that it lives"
    clock.now += django_settings.WEDGED_SECONDS + 1
    boss.step()
    assert len(started) == 6, "by now each could have"


def test_a_supervisor_whose_parent_was_killed_ends(boss: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENDERDESK_PARENT_PROCESS", process.identity())
    boss.step()
    assert boss.signals == 0
    monkeypatch.setenv("RENDERDESK_PARENT_PROCESS", f"{process.HOST}:an-older-boot:1:1")
    boss.step()
    assert boss.signals == 1


def test_a_queue_that_is_gone_leaves_and_a_new_one_starts(
    boss: Supervisor, started: list[Pretender], clock: Clock
) -> None:
    gpu = GpuDevice(host=process.HOST, backend="OPTIX", vendor_id="GPU-1", name="RTX")
    leaver = boss.clusters[1]
    boss.plan = lambda: build([gpu], cpu_workers=2).queues
    boss.step()
    assert [one.spec.gpu for one in boss.clusters] == ["", "", "GPU-1"] and boss.leaving == [leaver]
    assert (started[3].env["RENDERDESK_GPU_ID"], started[3].env["CUDA_VISIBLE_DEVICES"]) == ("GPU-1", "GPU-1")
    busy = worker(PRIMARY_QUEUE, busy_with="Render 7")
    clock.now += django_settings.HEARTBEAT_SECONDS
    boss.step()
    assert boss.leaving == [leaver] and not started[1].terminated, "it finishes what it does"
    busy.delete()
    boss.step()
    assert started[1].terminated
    boss.step()
    assert boss.leaving == []


def test_no_second_worker_starts_on_a_gpu_that_another_queue_still_leaves(
    boss: Supervisor, started: list[Pretender]
) -> None:
    gpu = GpuDevice(host=process.HOST, backend="OPTIX", vendor_id="GPU-1", name="RTX")
    boss.plan = lambda: build([gpu], cpu_workers=2).queues
    boss._follow()
    gpu.queue = "studio"
    boss._follow()
    assert [one.spec.name for one in boss.clusters[1:]] == [CPU_QUEUE], "its old queue is not gone yet"
    started[3].returncode = 0
    boss._let_leave(boss.leaving[-1])
    boss._follow()
    assert [one.spec.name for one in boss.clusters[1:]] == [CPU_QUEUE, "studio"]


def test_draining_asks_the_workers_first_and_then_their_clusters(
    boss: Supervisor, started: list[Pretender]
) -> None:
    mine, far = worker(PRIMARY_QUEUE), worker(CPU_QUEUE, host="elsewhere", identity="far:b:1:1")
    boss.signals = 1
    boss._drain()
    mine.refresh_from_db()
    far.refresh_from_db()
    assert mine.drain_until is not None and far.drain_until is None
    assert all(one.terminated for one in started)


@pytest.mark.parametrize(("signals", "waits"), [(1, True), (2, False)])
def test_a_busy_worker_is_waited_for_unless_a_second_signal_comes(
    signals: int, waits: bool, boss: Supervisor, clock: Clock, started: list[Pretender]
) -> None:
    worker(PRIMARY_QUEUE, busy_with="Render 7")
    boss.signals = signals
    began = clock.now
    boss._drain()
    assert (clock.now - began >= boss.drain_seconds) == waits
    assert all(one.terminated for one in started)


def test_a_second_run_workers_on_one_host_is_refused(started: list[Pretender]) -> None:
    first, second = (Cluster(build([], cpu_workers=1).queues[0]) for _ in range(2))
    first.claim_device()
    with pytest.raises(AlreadyRunning, match=f"Another run_workers already serves queue {PRIMARY_QUEUE}"):
        second.claim_device()
    assert first.lock is not None
    first.lock.close()
    second.claim_device()


def test_a_whole_run_leaves_nothing_behind(
    clock: Clock, started: list[Pretender], monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers: dict[int, Any] = {}
    monkeypatch.setattr(supervisor.signal, "signal", handlers.__setitem__)
    kept = 0

    def housekeeping() -> None:
        nonlocal kept
        kept += 1
        if kept == 3:
            handlers[signal.SIGTERM](signal.SIGTERM, None)

    ends: list[bool] = []
    boss = Supervisor(
        lambda: build([], cpu_workers=1).queues,
        housekeeping,
        at_stop=lambda: ends.append(any(one.is_running for one in boss.clusters)),
    )
    boss.run()
    assert kept == 3
    assert ends == [False], "once, when nothing of it runs any more"
    assert all(one.terminated for one in started)


def test_two_run_workers_of_different_queues_share_a_host_and_one_keeps_the_schedules(
    started: list[Pretender], clock: Clock
) -> None:
    gpu_queue, cpu_queue = build([], cpu_workers=1).queues
    first, second = (Supervisor(lambda spec=spec: [spec], lambda: None) for spec in (gpu_queue, cpu_queue))
    first._claim_devices()
    second._claim_devices()
    assert [one.spec.name for one in second.clusters] == [CPU_QUEUE]
    second._follow()
    assert [one.spec.name for one in second.clusters] == [CPU_QUEUE], "the first still keeps them"
    for one in first.clusters:
        one.let_go()
    second._follow()
    assert [one.spec.name for one in second.clusters] == [CPU_QUEUE, django_settings.CONTROL_QUEUE]
    second._follow()
    assert len(second.clusters) == 2


def test_whoever_is_asked_for_the_schedules_alone_is_refused_when_they_are_kept(
    started: list[Pretender], clock: Clock
) -> None:
    first = Supervisor(list, lambda: None)
    first._claim_devices()
    with pytest.raises(AlreadyRunning, match="serves queue renderdesk"):
        Supervisor(list, lambda: None)._claim_devices()
    first.clusters[0].let_go()
