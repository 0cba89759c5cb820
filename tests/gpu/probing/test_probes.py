"""The life of a probe, and what its result does to the rows of the GPUs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from blender_scripts.children import process
from blender_scripts.contract import BACKENDS
from gpu.models import GpuDevice, GpuProbe, SystemSettings, Worker
from gpu.probing import life
from gpu.probing.probe import BackendState, ProbeResult
from gpu.probing.runner import Prober, probe_now
from gpu.queues import topology
from gpu.queues.topology import LIGHT_QUEUE, PRIMARY_QUEUE
from tests.fake_gpu import FakeMachine

pytestmark = pytest.mark.django_db

Probed = Callable[[str], ProbeResult]
Trigger, State = GpuProbe.Trigger, GpuProbe.State


def alive(host: str) -> None:
    Worker.objects.create(identity=f"{host}:b:1:1", host=host, pid=1, queue="renderdesk")


@pytest.mark.database
def test_new_gpus_become_devices_that_serve_queues_at_once(probed: Probed) -> None:
    row, changes = probe_now(Trigger.COMMAND, lambda: probed("two_nvidia"))
    assert row.state == State.SUCCEEDED and len(changes.new) == 2
    assert [queue.name for queue in topology.current().queues][:2] == [PRIMARY_QUEUE, LIGHT_QUEUE]
    assert all(device.enabled and device.last_seen for device in GpuDevice.objects.all())
    settings = SystemSettings.load()
    assert settings.gpu_probe_last_at == row.finished
    assert settings.gpu_probe_last_result == {"hosts": {process.HOST: row.result}}


@pytest.mark.parametrize(
    ("recording", "pinned"),
    [
        ("no_gpu", [{}]),
        ("one_nvidia", [{"CUDA_VISIBLE_DEVICES": "GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11"}]),
        ("amd", [{"ROCR_VISIBLE_DEVICES": "GPU-5a0fe2c4b3d61e77"}]),
        ("intel", [{"ONEAPI_DEVICE_SELECTOR": "level_zero:0"}]),
        ("backend_crashes", [{"CUDA_VISIBLE_DEVICES": "0", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}]),
        ("backend_garbage", [{"CUDA_VISIBLE_DEVICES": "GPU-8f6b1c2e-52b1-7d0c-9c1f-3a2f3a6f1d11"}]),
    ],
)
def test_each_machine_gets_queues_that_are_pinned_in_its_vendors_words(
    recording: str, pinned: list[dict[str, str]], probed: Probed
) -> None:
    probe_now(Trigger.COMMAND, lambda: probed(recording))
    queues = topology.current().queues[:-1]
    assert queues[0].name == PRIMARY_QUEUE
    for queue, expected in zip(queues, pinned, strict=True):
        assert expected.items() <= queue.environment.items()


def test_four_gpus_get_four_queues(probed: Probed) -> None:
    probe_now(Trigger.COMMAND, lambda: probed("four_nvidia"))
    assert [queue.name for queue in topology.current().queues] == [
        *(PRIMARY_QUEUE, "asset_pipeline_2", "asset_pipeline_3", LIGHT_QUEUE, "asset_pipeline_cpu"),
    ]


def test_a_second_probe_refreshes_and_keeps_what_the_operator_chose(probed: Probed) -> None:
    probe_now(Trigger.COMMAND, lambda: probed("one_nvidia"))
    GpuDevice.objects.update(queue="mine", serves_light=False, driver="old", last_seen="2026-01-01T00:00Z")
    _, changes = probe_now(Trigger.COMMAND, lambda: probed("one_nvidia"))
    device = GpuDevice.objects.get()
    assert (device.queue, device.serves_light, device.driver) == ("mine", False, "560.35.03")
    assert device.last_seen.year == timezone.now().year and timezone.now() - device.last_seen < timedelta(
        minutes=1
    )
    assert not changes


@pytest.mark.database
def test_a_lost_gpu_is_marked_told_and_serves_no_queue_until_it_is_back(probed: Probed) -> None:
    probe_now(Trigger.COMMAND, lambda: probed("two_nvidia"))
    _, changes = probe_now(Trigger.SCHEDULE, lambda: probed("one_nvidia"))
    lost = GpuDevice.objects.get(lost_at__isnull=False)
    assert lost.name == "NVIDIA GeForce RTX 3060"
    assert [device.pk for device in changes.lost] == [lost.pk]
    assert LIGHT_QUEUE not in [queue.name for queue in topology.current().queues]
    _, changes = probe_now(Trigger.SCHEDULE, lambda: probed("one_nvidia"))
    assert not changes, "a loss is told once"
    _, changes = probe_now(Trigger.SCHEDULE, lambda: probed("two_nvidia"))
    assert [device.pk for device in changes.back] == [lost.pk]
    assert LIGHT_QUEUE in [queue.name for queue in topology.current().queues]


def test_a_backend_that_fails_once_loses_no_gpu_and_twice_does(probed: Probed) -> None:
    healthy = probed("one_nvidia")
    hung = replace(
        healthy,
        devices=(),
        backends=tuple(
            replace(one, state=BackendState.HUNG, found=()) if one.backend in ("OPTIX", "CUDA") else one
            for one in healthy.backends
        ),
    )
    probe_now(Trigger.COMMAND, lambda: healthy)
    assert not probe_now(Trigger.SCHEDULE, lambda: hung)[1]
    _, changes = probe_now(Trigger.SCHEDULE, lambda: hung)
    assert [device.name for device in changes.lost] == ["NVIDIA GeForce RTX 4090"]


def test_a_card_is_the_same_card_while_its_tool_is_broken(probed: Probed) -> None:
    """Without nvidia-smi there is no UUID: the slot tells. OptiX crashes there: CUDA takes over."""
    probe_now(Trigger.COMMAND, lambda: probed("one_nvidia"))
    before = GpuDevice.objects.get()
    _, changes = probe_now(Trigger.SCHEDULE, lambda: probed("backend_crashes"))
    after = GpuDevice.objects.get()
    assert (after.pk, after.vendor_id, after.memory_mb) == (before.pk, before.vendor_id, 24564)
    assert (after.backend, [device.pk for device in changes.moved]) == ("CUDA", [before.pk])


def test_another_card_in_the_same_slot_is_another_gpu(probed: Probed) -> None:
    first = probed("one_nvidia")
    second = replace(first, devices=(replace(first.devices[0], vendor_id="GPU-other", name="New"),))
    probe_now(Trigger.COMMAND, lambda: first)
    _, changes = probe_now(Trigger.SCHEDULE, lambda: second)
    assert [device.name for device in changes.lost] == ["NVIDIA GeForce RTX 4090"]
    assert [device.name for device in changes.new] == ["New"]


@pytest.mark.database
def test_each_host_keeps_its_own_last_result_and_gpus(probed: Probed) -> None:
    here = probed("one_nvidia")
    there = replace(probed("amd"), host="farm-2")
    probe_now(Trigger.COMMAND, lambda: here)
    probe_now(Trigger.COMMAND, lambda: there)
    probe_now(Trigger.COMMAND, lambda: replace(there, devices=()))
    assert {name: len(result.devices) for name, result in life.last_results().items()} == {
        process.HOST: 1,
        "farm-2": 0,
    }
    assert GpuDevice.objects.get(lost_at=None).host == process.HOST


@pytest.mark.database
def test_ten_requests_at_once_are_one_probe() -> None:
    alive("h1")
    asked = [life.request_everywhere(Trigger.OPERATOR) for _ in range(10)]
    assert {tuple(row.pk for row in rows) for rows in asked} == {(asked[0][0].pk,)}
    assert asked[0][0].host == "h1"


def test_a_request_goes_to_every_host_that_is_alive_and_else_to_the_first_that_comes() -> None:
    (waiting,) = life.request_everywhere(Trigger.OPERATOR)
    assert waiting.host == ""
    alive("h1")
    alive("h2")
    assert [row.host for row in life.request_everywhere(Trigger.OPERATOR)] == ["h1", "h2"]
    taken = life.take("h2")
    assert taken is not None and (taken.pk, taken.host, taken.state) == (waiting.pk, "h2", State.RUNNING)


@pytest.mark.database
def test_a_probe_is_taken_once_and_by_its_own_host() -> None:
    row = life.request(Trigger.OPERATOR, "h1")
    assert life.take("h2") is None
    taken = life.take("h1")
    assert taken is not None and taken.pk == row.pk
    assert life.take("h1") is None


def test_the_regular_probe_is_due_by_the_interval_of_the_settings() -> None:
    SystemSettings(probe_interval_minutes=10).save()
    first = life.request_if_due("h1")
    assert first is not None and first.trigger == Trigger.SCHEDULE
    assert life.request_if_due("h1") is None
    GpuProbe.objects.update(created=timezone.now() - timedelta(minutes=11), state=State.SUCCEEDED)
    assert life.request_if_due("h1") is not None


def test_a_probe_whose_process_died_fails_and_a_living_one_does_not() -> None:
    dead, old, living = (life.start(Trigger.OPERATOR) for _ in range(3))
    GpuProbe.objects.filter(pk=dead.pk).update(runner=f"{process.HOST}:gone:1:1")
    GpuProbe.objects.filter(pk=old.pk).update(started=timezone.now() - timedelta(hours=1))
    assert life.expire() == 2
    living.refresh_from_db()
    assert living.state == State.RUNNING
    dead.refresh_from_db()
    assert dead.state == State.FAILED and "Ask for another one" in dead.error


def test_a_result_of_a_probe_that_was_given_up_changes_nothing(probed: Probed) -> None:
    row = life.start(Trigger.OPERATOR)
    life.fail(row, "stopped")
    assert not life.succeed(row, probed("one_nvidia"))
    assert not GpuDevice.objects.exists()


def test_a_missing_blender_fails_the_probe_and_keeps_what_is_known(
    machine: Callable[..., FakeMachine], probed: Probed, settings: Any
) -> None:
    probe_now(Trigger.COMMAND, lambda: probed("one_nvidia"))
    settings.BLENDER_EXECUTABLE = "/nowhere/blender"
    row, _ = probe_now(Trigger.SCHEDULE)
    assert row.state == State.FAILED and "/nowhere/blender" in row.error
    assert GpuDevice.objects.get().lost_at is None
    assert process.HOST in life.last_results()


def test_what_crashed_the_probe_is_not_asked_in_a_warm_blender(probed: Probed) -> None:
    assert life.safe_backends(process.HOST) == BACKENDS
    probe_now(Trigger.COMMAND, lambda: probed("backend_crashes"))
    assert life.safe_backends(process.HOST) == ("CUDA", "HIP", "ONEAPI")


def test_a_result_of_another_version_is_left_out() -> None:
    now = timezone.now()
    for number, unknown in enumerate(({"what": "is this"}, None, [1])):
        GpuProbe.objects.create(
            trigger=Trigger.SCHEDULE, host=f"h{number}", state=State.SUCCEEDED, result=unknown, finished=now
        )
    assert len(life.last_probes()) == 3
    assert life.last_results() == {}


@pytest.mark.database
def test_the_settings_tell_scripts_the_last_results_and_are_never_saved_over_them(probed: Probed) -> None:
    stale = SystemSettings.load()
    row, _ = probe_now(Trigger.COMMAND, lambda: replace(probed("one_nvidia"), host="one"))
    other, _ = probe_now(Trigger.COMMAND, lambda: replace(probed("no_gpu"), host="other"))
    told = {"hosts": {"one": row.result, "other": other.result}}
    stale.hang_seconds = 77
    stale.save()
    stale.gpu_probe_last_result, stale.gpu_probe_last_at = None, None
    stale.save(update_fields=["gpu_probe_last_result", "gpu_probe_last_at"])
    SystemSettings(hang_seconds=78, gpu_probe_last_result=[1]).save()
    now = SystemSettings.load()
    assert (now.hang_seconds, now.gpu_probe_last_result, now.gpu_probe_last_at) == (78, told, other.finished)
    SystemSettings.objects.update(gpu_probe_last_result=None)
    assert list(life.last_results()) == ["one", "other"], "nobody else reads the column"


def test_the_prober_runs_what_is_asked_without_holding_up_its_caller(probed: Probed) -> None:
    result, may_end = probed("one_nvidia"), threading.Event()

    def slow() -> ProbeResult:
        assert may_end.wait(20)
        return result

    prober = Prober(slow)
    row = life.request(Trigger.OPERATOR, process.HOST)
    for _ in range(3):
        prober.step()
    row.refresh_from_db()
    assert row.state == State.RUNNING
    may_end.set()
    deadline = time.monotonic() + 20
    while row.state == State.RUNNING and time.monotonic() < deadline:
        time.sleep(0.02)
        prober.step()
        row.refresh_from_db()
    assert row.state == State.SUCCEEDED and GpuDevice.objects.count() == 1


def test_a_prober_that_stops_says_so_of_its_probe() -> None:
    never = threading.Event()
    prober = Prober(lambda: never.wait(20))  # type: ignore[arg-type, return-value]
    row = life.request(Trigger.OPERATOR, process.HOST)
    prober.step()
    prober.give_up()
    row.refresh_from_db()
    assert row.state == State.FAILED and "stopped" in row.error
    never.set()


def test_a_failure_on_a_gpu_asks_for_one_probe_a_minute() -> None:
    first = life.request_after_failure("h")
    assert first is not None and (first.trigger, first.host) == (Trigger.FAILURE, "h")
    assert life.request_after_failure("h") == first, "it waits still"
    taken = life.take("h")
    assert taken is not None
    life.fail(taken, "No Blender.")
    assert life.request_after_failure("h") is None, "a moment ago somebody looked"
    assert life.request_after_failure("another") is not None
    GpuProbe.objects.filter(pk=first.pk).update(created=timezone.now() - timedelta(minutes=2))
    assert life.request_after_failure("h") is not None


def test_a_failure_while_a_probe_runs_asks_for_another_one() -> None:
    """The one that runs may have asked the driver before it broke."""
    life.start(Trigger.SCHEDULE)
    assert life.request_after_failure(process.HOST) is not None


def test_a_gpu_whose_driver_calls_it_otherwise_is_the_same_gpu(probed: Probed) -> None:
    result = probed("one_nvidia")
    probe_now(Trigger.COMMAND, lambda: result)
    GpuDevice.objects.update(queue="studio", serves_light=False)
    named = replace(result, devices=(replace(result.devices[0], name="NVIDIA RTX 4090 D"),))
    _, changes = probe_now(Trigger.COMMAND, lambda: named)
    device = GpuDevice.objects.get()
    assert (device.name, device.queue, device.serves_light) == ("NVIDIA RTX 4090 D", "studio", False)
    assert not changes
    assert str(topology.current().queues[0].device).startswith("NVIDIA RTX 4090 D")
