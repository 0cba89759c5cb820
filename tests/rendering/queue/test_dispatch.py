"""Where jobs go: lanes by kind and size, queues by the GPUs there are."""

from __future__ import annotations

import pytest
from django_q.models import OrmQ

from gpu.models import GpuDevice, SystemSettings
from gpu.queues import topology, wake
from gpu.queues.topology import CPU_QUEUE, LIGHT_QUEUE, PRIMARY_QUEUE, Lane
from rendering.queue import dispatch
from tests import factories


@pytest.mark.parametrize("kind", ["tessellate", "encode"])
def test_conversion_and_encoding_never_wait_for_a_gpu(kind: str) -> None:
    assert dispatch.lane_for(kind, width=8000, height=8000, light_max_px=1024) == Lane.CPU


@pytest.mark.parametrize(
    ("width", "height", "frames", "lane"),
    [
        (256, 256, None, Lane.LIGHT),
        (1024, 1024, None, Lane.LIGHT),
        (1025, 16, None, Lane.HEAVY),
        (16, 1025, None, Lane.HEAVY),
        (64, 64, 2, Lane.HEAVY),
    ],
)
def test_small_pictures_are_light_and_turntables_heavy(
    width: int, height: int, frames: int | None, lane: Lane
) -> None:
    assert dispatch.lane_for("render", frames=frames, width=width, height=height, light_max_px=1024) == lane


def gpus(count: int) -> list[GpuDevice]:
    return [
        GpuDevice.objects.create(host="h", backend="OPTIX", vendor_id=f"GPU-{number}", name=f"GPU {number}")
        for number in range(count)
    ]


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.parametrize(("count", "home"), [(0, PRIMARY_QUEUE), (1, PRIMARY_QUEUE), (2, LIGHT_QUEUE)])
def test_a_small_picture_waits_for_the_light_gpu_where_there_is_one(count: int, home: str) -> None:
    gpus(count)
    assert dispatch.Routes.now().route("render", width=256, height=256) == (Lane.LIGHT, home)
    assert dispatch.Routes.now().route("render", width=4096, height=16) == (Lane.HEAVY, PRIMARY_QUEUE)
    assert dispatch.Routes.now().route("encode") == (Lane.CPU, CPU_QUEUE)


@pytest.mark.django_db
@pytest.mark.database
def test_the_limit_of_the_light_lane_is_the_operators() -> None:
    row = SystemSettings.load()
    row.light_lane_max_px = 128
    row.save()
    assert dispatch.Routes.now().route("render", width=256, height=256)[0] == Lane.HEAVY


@pytest.mark.django_db
@pytest.mark.database
def test_every_queue_that_could_take_a_job_is_rung() -> None:
    gpus(3)
    dispatch.wake_workers(Lane.LIGHT)
    assert set(OrmQ.objects.values_list("key", flat=True)) == {
        PRIMARY_QUEUE,
        LIGHT_QUEUE,
        "asset_pipeline_2",
    }
    OrmQ.objects.all().delete()
    dispatch.wake_workers(Lane.HEAVY)
    assert set(OrmQ.objects.values_list("key", flat=True)) == {PRIMARY_QUEUE, "asset_pipeline_2"}


@pytest.mark.django_db
@pytest.mark.database
def test_a_queue_with_a_message_is_not_rung_again_for_a_lost_one() -> None:
    gpus(2)
    wake.wake(PRIMARY_QUEUE)
    dispatch.wake_silent_workers(Lane.LIGHT)
    assert wake.waiting_messages([PRIMARY_QUEUE, LIGHT_QUEUE]) == {PRIMARY_QUEUE: 1, LIGHT_QUEUE: 1}


@pytest.mark.django_db
@pytest.mark.database
def test_a_gpu_that_was_taken_out_leaves_its_waiting_jobs_to_the_others() -> None:
    _, second = gpus(2)
    job = factories.job(lane=Lane.LIGHT, queue=LIGHT_QUEUE)
    GpuDevice.objects.filter(pk=second.pk).update(enabled=False)
    assert topology.current().takers(Lane.LIGHT) == (PRIMARY_QUEUE,)
    assert factories.claim(PRIMARY_QUEUE).job == job
