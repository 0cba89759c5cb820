"""The loop that keeps clusters alive, step by step, with clusters that only pretend."""

from __future__ import annotations

import signal
from collections.abc import Collection
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError

from blender_scripts.children import process
from gpu.models import GpuDevice, Worker
from gpu.queues import wake
from gpu.queues.topology import CPU_QUEUE, PRIMARY_QUEUE, QueueSpec, build
from gpu.workers import cluster, supervisor
from gpu.workers.cluster import AlreadyRunning, Cluster
from gpu.workers.supervisor import LONGEST_PAUSE, Supervisor
from gpu.workers.wire import Bidding

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Pretender:
    """A worker that lives until it is told that it died, and notes what it is told."""

    def __init__(self, spec: QueueSpec, begun: list[Pretender], clock: Clock) -> None:
        self.spec, self.clock = spec, clock
        self.pid, self.identity = 999_999_999, f"{process.HOST}:{spec.name}:{len(begun)}:1"
        self.code: int | None = None
        self.busy_with, self.is_idle = "", True
        self.given: list[tuple[str, str | None]] = []
        self.drain_until: datetime | None = None
        self.asked = self.stopped = False
        self.silent_since: float | None = None
        begun.append(self)

    @property
    def is_alive(self) -> bool:
        return self.code is None

    def listen(self) -> bool:
        return False

    def give(self, order: str, value: str | None = None) -> bool:
        self.given.append((order, value))
        self.is_idle = False
        return True

    def ask(self) -> None:
        self.asked = True

    def is_silent(self, patience: float) -> bool:
        return self.silent_since is not None and self.clock.now - self.silent_since > patience

    def drain(self, until: datetime) -> None:
        self.drain_until = until

    def stop(self) -> None:
        self.stopped, self.code = True, 0

    def kill(self) -> None:
        self.code = -9 if self.code is None else self.code

    def close(self) -> None: ...

    def row(self) -> Worker:
        return Worker(
            identity=self.identity, host=process.HOST, pid=self.pid, queue=self.spec.name, gpu=self.spec.gpu
        )


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(supervisor, "time", clock)
    monkeypatch.setattr(cluster, "time", clock)
    monkeypatch.setattr(Supervisor, "_wait", lambda self, seconds: clock.sleep(seconds))
    monkeypatch.setattr(
        supervisor, "scheduler", lambda: None
    )  # it closes connections, and we are in a transaction
    return clock


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> list[Pretender]:
    """Every worker that was started."""
    begun: list[Pretender] = []
    monkeypatch.setattr(cluster, "WorkerProcess", lambda spec: Pretender(spec, begun, clock))
    return begun


@pytest.fixture
def boss(clock: Clock, started: list[Pretender]) -> Supervisor:
    """A supervisor with its three clusters running: control, GPU queue, CPU queue with two workers."""
    boss = Supervisor(lambda: build([], cpu_workers=2).queues, lambda: None)
    for one in boss.clusters:
        one.start()
    return boss


def test_one_cluster_for_each_queue_and_one_for_the_schedules(
    boss: Supervisor, started: list[Pretender]
) -> None:
    names = [django_settings.CONTROL_QUEUE, PRIMARY_QUEUE, CPU_QUEUE, CPU_QUEUE]
    assert [one.spec.name for one in started] == names


def test_a_healthy_cluster_is_left_alone(boss: Supervisor, started: list[Pretender]) -> None:
    boss.step()
    assert len(started) == 4


def test_a_dead_worker_is_started_again_with_a_growing_pause(
    boss: Supervisor, started: list[Pretender], clock: Clock
) -> None:
    times = []
    for _ in range(12):
        begun = len(started)
        started[-1].code = 1
        while len(started) == begun:
            boss._keep_running(boss.clusters[-1])
            clock.now += 0.5
        times.append(clock.now)
    pauses = [round(after - before) for before, after in pairwise(times)]
    assert pauses[:5] == sorted(pauses[:5]) and pauses[0] <= 2
    assert all(LONGEST_PAUSE <= pause <= LONGEST_PAUSE + 2 for pause in pauses[6:])


def test_a_worker_that_had_lived_for_long_is_started_again_at_once(
    boss: Supervisor, started: list[Pretender], clock: Clock
) -> None:
    for count in range(4):
        clock.now += LONGEST_PAUSE + 1
        started[-1].code = -9
        boss._keep_running(boss.clusters[-1])
        assert len(started) == 5 + count


def test_a_dead_worker_does_not_touch_the_others_and_its_job_is_given_back_at_once(
    boss: Supervisor, started: list[Pretender]
) -> None:
    losses: list[bool] = []
    boss.at_loss = lambda: losses.append(True)
    started[2].code = -9
    boss.step()
    assert [one.spec.name for one in started[4:]] == [CPU_QUEUE] and started[3].is_alive
    assert losses == [True]


def test_a_message_goes_to_one_idle_worker_and_none_is_taken_for_a_busy_one(
    boss: Supervisor, started: list[Pretender]
) -> None:
    wake.wake(CPU_QUEUE, CPU_QUEUE, CPU_QUEUE, PRIMARY_QUEUE)
    started[1].is_idle = False
    boss._missed.update({CPU_QUEUE, PRIMARY_QUEUE})
    boss._hand_out()
    assert [len(one.given) for one in started] == [0, 0, 1, 1]
    assert wake.waiting_messages([CPU_QUEUE, PRIMARY_QUEUE]) == {CPU_QUEUE: 1, PRIMARY_QUEUE: 1}


def test_work_is_found_without_a_message_by_idle_workers_only(
    boss: Supervisor, started: list[Pretender]
) -> None:
    asked: list[Collection[str]] = []

    def look(queues: Collection[str]) -> Collection[str]:
        asked.append(queues)
        return [CPU_QUEUE, PRIMARY_QUEUE]

    boss.look, started[2].is_idle = look, False
    boss._look()
    assert asked == [[PRIMARY_QUEUE, CPU_QUEUE]]
    assert [one.given for one in started] == [[], [(Bidding.LOOK, None)], [], [(Bidding.LOOK, None)]]


def test_each_idle_worker_is_asked_at_a_steady_pace(boss: Supervisor, started: list[Pretender]) -> None:
    boss.step()
    assert all(one.asked for one in started)


def test_a_worker_that_owes_an_answer_is_not_alive_for_others_and_after_a_while_is_started_again(
    boss: Supervisor, started: list[Pretender], clock: Clock
) -> None:
    started[1].silent_since = clock.now
    clock.now += django_settings.WEDGED_SECONDS - 1
    boss.step()
    assert len(started) == 4
    assert set(Worker.objects.values_list("queue", flat=True)) == {django_settings.CONTROL_QUEUE, CPU_QUEUE}
    clock.now += django_settings.RING_SECONDS
    boss.step()
    boss.step()
    assert [one.spec.name for one in started[4:]] == [PRIMARY_QUEUE]


def test_a_database_that_is_away_does_not_end_the_supervisor(
    clock: Clock, started: list[Pretender], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(supervisor, "connection", type("Connection", (), {"close": lambda self: None})())
    boss = Supervisor(list, away)
    boss.clusters[0].start()
    clock.now += 100
    boss.step()
    assert boss.signals == 0


def test_workers_that_wait_for_a_database_are_not_taken_for_wedged(
    boss: Supervisor, started: list[Pretender], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(supervisor, "connection", type("Connection", (), {"close": lambda self: None})())
    started[1].silent_since = clock.now
    boss.housekeeping = away
    while clock.now < started[1].silent_since + 2 * django_settings.WEDGED_SECONDS:
        boss.step()
        clock.now += 1
    boss.housekeeping = lambda: None
    boss.step()
    assert len(started) == 4 and all(one.is_alive for one in started)
    clock.now += 2 * django_settings.RING_SECONDS
    boss.step()
    assert not started[1].is_alive  # one that stays silent after that is wedged


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
    started[1].busy_with = "Render 7"
    boss.step()
    assert [one.spec.gpu for one in boss.clusters] == ["", "", "GPU-1"] and boss.leaving == [leaver]
    spec = started[4].spec
    assert (spec.gpu, spec.environment["CUDA_VISIBLE_DEVICES"]) == ("GPU-1", "GPU-1")
    boss.step()
    assert boss.leaving == [leaver] and not started[1].stopped, "it finishes what it does"
    assert started[1].drain_until is not None
    started[1].busy_with = ""
    boss.step()
    assert started[1].stopped
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
    started[4].code = 0
    boss._let_leave(boss.leaving[-1])
    boss._follow()
    assert [one.spec.name for one in boss.clusters[1:]] == [CPU_QUEUE, "studio"]


def test_draining_asks_the_workers_first_and_then_stops_them(
    boss: Supervisor, started: list[Pretender]
) -> None:
    boss.signals = 1
    boss._drain()
    assert all(one.drain_until is not None and one.stopped for one in started)


@pytest.mark.parametrize(("signals", "waits"), [(1, True), (2, False)])
def test_a_busy_worker_is_waited_for_unless_a_second_signal_comes(
    signals: int, waits: bool, boss: Supervisor, clock: Clock, started: list[Pretender]
) -> None:
    started[1].busy_with = "Render 7"
    boss.signals = signals
    began = clock.now
    boss._drain()
    assert (clock.now - began >= boss.drain_seconds) == waits
    assert all(one.stopped for one in started)


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
    monkeypatch.setattr(supervisor.signal, "set_wakeup_fd", lambda *_, **__: -1)
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
    assert all(one.stopped for one in started)


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
