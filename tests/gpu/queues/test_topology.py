"""Which queues there are for 0, 1, 2 and more GPUs, and who may take what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from gpu.models import GpuDevice, GpuProbe, SystemSettings
from gpu.probing.probe import ProbeResult
from gpu.probing.runner import probe_now
from gpu.queues import topology
from gpu.queues.topology import CPU_QUEUE, LIGHT_QUEUE, PRIMARY_QUEUE, Lane, Topology, build, pinning

BOTH = {Lane.LIGHT, Lane.HEAVY}


def gpus(count: int, **fields: dict[str, Any]) -> list[GpuDevice]:
    """GPUs gpu1, gpu2, ...; ``gpu2={"queue": "studio"}`` changes one of them."""
    return [
        GpuDevice(
            **{
                "host": "h",
                "backend": "OPTIX",
                "vendor_id": f"GPU-{number}",
                "name": f"RTX {number}",
                **fields.get(f"gpu{number}", {}),
            }
        )
        for number in range(1, count + 1)
    ]


def lanes(now: Topology) -> dict[str, set[Lane]]:
    return {queue.name: set(queue.lanes) for queue in now.queues}


@pytest.mark.parametrize(
    ("count", "queues"),
    [
        (0, {PRIMARY_QUEUE: BOTH}),
        (1, {PRIMARY_QUEUE: BOTH}),
        (2, {PRIMARY_QUEUE: BOTH, LIGHT_QUEUE: {Lane.LIGHT}}),
        (3, {PRIMARY_QUEUE: BOTH, LIGHT_QUEUE: {Lane.LIGHT}, "asset_pipeline_2": BOTH}),
        (
            4,
            {
                PRIMARY_QUEUE: BOTH,
                LIGHT_QUEUE: {Lane.LIGHT},
                "asset_pipeline_2": BOTH,
                "asset_pipeline_3": BOTH,
            },
        ),
    ],
)
def test_each_gpu_has_a_queue_of_its_own(count: int, queues: dict[str, set[Lane]]) -> None:
    now = build(gpus(count), cpu_workers=2)
    assert lanes(now) == {**queues, CPU_QUEUE: {Lane.CPU}}


@pytest.mark.parametrize("count", range(5))
def test_every_gpu_has_one_worker_and_every_lane_a_home_that_serves_it(count: int) -> None:
    now = build(gpus(count), cpu_workers=2)
    assert {queue.workers for queue in now.queues if queue.name != CPU_QUEUE} == {1}
    for lane in Lane:
        assert now.home(lane) in now.takers(lane)


@pytest.mark.parametrize("count", range(1, 5))
def test_every_worker_sees_its_own_gpu_and_no_other(count: int) -> None:
    now = build(gpus(count), cpu_workers=2)
    seen = [queue.environment["CUDA_VISIBLE_DEVICES"] for queue in now.queues if queue.name != CPU_QUEUE]
    assert seen == [f"GPU-{number}" for number in range(1, count + 1)]
    assert now.queues[-1].environment == {}


@pytest.mark.parametrize(
    ("backend", "vendor_id", "expected"),
    [
        ("OPTIX", "GPU-1a", {"CUDA_VISIBLE_DEVICES": "GPU-1a", "RENDERDESK_BACKENDS": "OPTIX CUDA"}),
        ("CUDA", "GPU-1a", {"CUDA_VISIBLE_DEVICES": "GPU-1a", "RENDERDESK_BACKENDS": "CUDA"}),
        ("CUDA", "0000:01:00", {"CUDA_VISIBLE_DEVICES": "2", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}),
        ("HIP", "GPU-1a", {"ROCR_VISIBLE_DEVICES": "GPU-1a"}),
        ("HIP", "0000:01:00", {"ROCR_VISIBLE_DEVICES": "2"}),
        ("ONEAPI", "0000:01:00", {"ONEAPI_DEVICE_SELECTOR": "level_zero:2", "RENDERDESK_GPU": "0000:01:00"}),
    ],
)
def test_each_vendor_pins_in_its_own_words(backend: str, vendor_id: str, expected: dict[str, str]) -> None:
    """NVIDIA and AMD take a UUID or a number, never a PCI address: that would hide every GPU."""
    device = GpuDevice(backend=backend, vendor_id=vendor_id, ordinal=2, pci_address="0000:01:00")
    assert expected.items() <= pinning(device).items()


def test_small_pictures_wait_for_the_light_gpu_and_large_ones_for_the_first() -> None:
    now = build(gpus(3), cpu_workers=1)
    assert (now.home(Lane.LIGHT), now.home(Lane.HEAVY), now.home(Lane.CPU)) == (
        LIGHT_QUEUE,
        PRIMARY_QUEUE,
        CPU_QUEUE,
    )


def test_a_light_gpu_never_takes_heavy_work_whatever_its_row_says() -> None:
    now = build(gpus(2, gpu2={"serves_heavy": True}), cpu_workers=1)
    assert LIGHT_QUEUE not in now.takers(Lane.HEAVY)


def test_a_renamed_queue_keeps_its_gpu_and_its_lanes() -> None:
    now = build(gpus(2, gpu1={"queue": "studio"}), cpu_workers=1)
    assert lanes(now) == {"studio": BOTH, LIGHT_QUEUE: {Lane.LIGHT}, CPU_QUEUE: {Lane.CPU}}
    assert now.home(Lane.HEAVY) == "studio"


def test_a_second_gpu_with_a_name_of_its_own_serves_what_its_row_says() -> None:
    now = build(gpus(2, gpu2={"queue": "studio", "serves_light": False}), cpu_workers=1)
    assert lanes(now)["studio"] == {Lane.HEAVY}
    assert now.home(Lane.LIGHT) == PRIMARY_QUEUE


@pytest.mark.parametrize("name", [PRIMARY_QUEUE, LIGHT_QUEUE, "asset_pipeline_2", "asset_pipeline_3"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_given_name_is_never_given_twice(name: str, number: int) -> None:
    now = build(gpus(4, **{f"gpu{number}": {"queue": name}}), cpu_workers=1)
    names = {queue.name: queue.gpu for queue in now.queues}
    assert len(names) == 5
    assert names[name] == f"GPU-{number}"


def test_a_lane_that_no_gpu_serves_has_a_place_to_wait() -> None:
    now = build(gpus(1, gpu1={"serves_heavy": False}), cpu_workers=1)
    assert (now.home(Lane.HEAVY), now.takers(Lane.HEAVY)) == (PRIMARY_QUEUE, ())


def test_a_host_runs_its_own_gpus_and_the_cpu_queue() -> None:
    now = build(gpus(2, gpu2={"host": "other"}), cpu_workers=1)
    assert [queue.name for queue in now.of_host("h")] == [PRIMARY_QUEUE, CPU_QUEUE]
    assert [queue.name for queue in now.of_host("other")] == [LIGHT_QUEUE, CPU_QUEUE]
    assert [queue.name for queue in now.of_host("third")] == [CPU_QUEUE]


def test_a_queue_that_is_gone_serves_nothing() -> None:
    assert build([], cpu_workers=1).lanes("asset_pipeline_7") == frozenset()


@pytest.mark.parametrize("name", ["", "a b", "../x", "Ä", CPU_QUEUE, "renderdesk", "x\n"])
def test_a_queue_name_that_can_not_be_served_is_refused(name: str) -> None:
    field = GpuDevice._meta.get_field("queue")
    if name:
        with pytest.raises(ValidationError):
            field.run_validators(name)
    for good in ("studio", "asset_pipeline_cpu2", "asset_pipeline"):
        field.run_validators(good)


@pytest.mark.django_db
@pytest.mark.database
class TestInstalled:
    def test_a_gpu_that_is_switched_off_has_no_queue(self) -> None:
        for device in gpus(2, gpu2={"enabled": False}):
            device.save()
        assert [queue.name for queue in topology.current().queues] == [PRIMARY_QUEUE, CPU_QUEUE]

    def test_two_gpus_can_not_share_a_queue(self) -> None:
        one, two = gpus(2, gpu1={"queue": "studio"}, gpu2={"queue": "studio"})
        one.save()
        with pytest.raises(IntegrityError), transaction.atomic():
            two.save()

    def test_one_gpu_is_one_row(self) -> None:
        one, again = gpus(1)[0], gpus(1)[0]
        one.save()
        with pytest.raises(IntegrityError), transaction.atomic():
            again.save()


DEVICES = st.lists(
    st.builds(
        dict,
        memory_mb=st.none() | st.integers(0, 98304),
        serves_heavy=st.booleans(),
        serves_light=st.booleans(),
        queue=st.sampled_from(["", "", "", PRIMARY_QUEUE, LIGHT_QUEUE, "asset_pipeline_2", "studio"]),
        host=st.sampled_from(["h", "other"]),
    ),
    max_size=8,
    unique_by=lambda fields: fields["queue"] or object(),
)


@given(DEVICES)
def test_whatever_gpus_there_are_each_has_one_worker_and_every_lane_a_home(
    rows: list[dict[str, Any]],
) -> None:
    devices = gpus(len(rows), **{f"gpu{number}": row for number, row in enumerate(rows, start=1)})
    now = build(devices, cpu_workers=2)
    renders = [queue for queue in now.queues if queue.name != CPU_QUEUE]
    names = [queue.name for queue in now.queues]
    assert len(set(names)) == len(names)
    assert sorted(queue.gpu for queue in renders if queue.gpu) == sorted(one.vendor_id for one in devices)
    assert all(queue.workers == 1 for queue in renders)
    assert LIGHT_QUEUE not in now.takers(Lane.HEAVY)
    assert (LIGHT_QUEUE in names) <= (len(rows) > 1)
    for lane in Lane:
        assert now.home(lane) in (now.takers(lane) or (PRIMARY_QUEUE,))
        assert (lane in now.unserved) == (not now.takers(lane))
    again = build(devices, cpu_workers=2)
    assert again == now, "the same GPUs, the same queues"


def test_the_largest_gpu_is_the_first_and_the_smallest_the_light_one() -> None:
    sizes = {"gpu1": {"memory_mb": 8192}, "gpu2": {"memory_mb": 24564}, "gpu3": {"memory_mb": 12288}}
    now = {queue.name: queue.gpu for queue in build(gpus(3, **sizes), cpu_workers=1).queues}
    assert (now[PRIMARY_QUEUE], now[LIGHT_QUEUE], now["asset_pipeline_2"]) == ("GPU-2", "GPU-1", "GPU-3")


def test_the_light_gpu_that_is_left_alone_takes_everything() -> None:
    for queue in ("", LIGHT_QUEUE):
        assert lanes(build(gpus(1, gpu1={"queue": queue}), cpu_workers=1))[PRIMARY_QUEUE] == BOTH


def test_a_worker_whose_queue_is_another_gpus_now_takes_nothing() -> None:
    now = build(gpus(1), cpu_workers=1)
    assert now.lanes(PRIMARY_QUEUE, "GPU-1") == BOTH
    assert now.lanes(PRIMARY_QUEUE, "GPU-2") == now.lanes(PRIMARY_QUEUE, "") == frozenset()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("recording", "names"),
    [
        ("no_gpu", [PRIMARY_QUEUE]),
        ("one_nvidia", [PRIMARY_QUEUE]),
        ("two_nvidia", [PRIMARY_QUEUE, LIGHT_QUEUE]),
        ("four_nvidia", [PRIMARY_QUEUE, "asset_pipeline_2", "asset_pipeline_3", LIGHT_QUEUE]),
        ("amd", None),
        ("intel", None),
        ("backend_crashes", None),
        ("backend_hangs", None),
        ("backend_garbage", None),
    ],
)
def test_every_recorded_machine_gets_one_queue_for_each_of_its_gpus(
    recording: str, names: list[str] | None, probed: Callable[[str], ProbeResult]
) -> None:
    found = probed(recording)
    probe_now(GpuProbe.Trigger.COMMAND, lambda: found)
    now = topology.current()
    queues = now.queues[:-1]
    assert len(queues) == max(1, len(found.devices))
    assert names in (None, [queue.name for queue in queues])
    assert len({tuple(queue.environment.items()) for queue in queues}) == len(queues)
    assert now.unserved == ()


def test_an_operator_can_give_up_the_light_gpu() -> None:
    now = build(gpus(2), cpu_workers=1, keeps_light_gpu=False)
    assert lanes(now) == {PRIMARY_QUEUE: BOTH, "asset_pipeline_2": BOTH, CPU_QUEUE: {Lane.CPU}}
    named = build(gpus(2, gpu2={"queue": LIGHT_QUEUE}), cpu_workers=1, keeps_light_gpu=False)
    assert lanes(named)[LIGHT_QUEUE] == {Lane.LIGHT}, "whoever names it wants it"


@pytest.mark.django_db
def test_the_system_settings_say_whether_a_gpu_is_kept_for_light_work() -> None:
    for device in gpus(2):
        device.save()
    assert LIGHT_QUEUE in lanes(topology.current())
    SystemSettings(keeps_light_gpu=False).save()
    assert LIGHT_QUEUE not in lanes(topology.current())
