"""Jobs on the move: to queues that are there, and away from GPUs that failed them."""

from __future__ import annotations

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from gpu.models import GpuDevice, Worker
from gpu.topology import LIGHT_QUEUE, PRIMARY_QUEUE, Lane
from rendering import claims, moves
from rendering.claims import Claim
from rendering.models import Job
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def two() -> list[GpuDevice]:
    return [
        GpuDevice.objects.create(host="h", backend="OPTIX", vendor_id=f"GPU-{number}", name=f"GPU {number}")
        for number in (1, 2)
    ]


def taken(queue: str, gpu: str) -> Claim | None:
    return claims.claim(queue, "elsewhere:boot:1:1", gpu=gpu)


def test_what_waits_for_a_lost_gpu_moves_to_the_one_that_is_left(two: list[GpuDevice]) -> None:
    job = factories.job(lane=Lane.LIGHT, queue=LIGHT_QUEUE)
    gone = factories.job(lane=Lane.HEAVY, queue="a-queue-of-yesterday")
    GpuDevice.objects.filter(pk=two[1].pk).update(lost_at=timezone.now())
    OrmQ.objects.all().delete()
    assert moves.move() == 2
    assert set(Job.objects.filter(pk__in=[job.pk, gone.pk]).values_list("queue", flat=True)) == {
        PRIMARY_QUEUE
    }
    assert set(OrmQ.objects.values_list("key", flat=True)) == {PRIMARY_QUEUE}
    assert moves.move() == 0


def test_a_worker_on_a_lost_gpu_takes_nothing_though_its_queue_lives_on(two: list[GpuDevice]) -> None:
    factories.job(lane=Lane.HEAVY)
    GpuDevice.objects.filter(pk=two[0].pk).update(lost_at=timezone.now())
    assert taken(PRIMARY_QUEUE, "GPU-1") is None
    assert taken(PRIMARY_QUEUE, "GPU-2") is not None


@pytest.mark.parametrize("code", ["gpu_required", "blender_crashed", "gpu_failed"])
def test_a_job_that_one_gpu_failed_is_tried_on_the_other_at_once(two: list[GpuDevice], code: str) -> None:
    job = factories.job(lane=Lane.LIGHT)
    claim = taken(LIGHT_QUEUE, "GPU-2")
    assert claim is not None and not claims.fail(claim, code, "No.")
    assert taken(LIGHT_QUEUE, "GPU-2") is None
    again = taken(PRIMARY_QUEUE, "GPU-1")
    assert again is not None and again.job == job
    ended = claims.fail(again, code, "No.")
    assert ended == (code == "gpu_required"), "no GPU is left that has not refused it"


def test_a_job_waits_for_no_gpu_whose_worker_is_dead(two: list[GpuDevice]) -> None:
    factories.job(lane=Lane.LIGHT)
    claim = taken(LIGHT_QUEUE, "GPU-2")
    assert claim is not None
    claims.fail(claim, "blender_crashed", "No.")
    worker = Worker.objects.create(identity="h:b:1:1", host="h", pid=1, queue=PRIMARY_QUEUE, gpu="GPU-1")
    moves.move()
    assert taken(LIGHT_QUEUE, "GPU-2") is None
    worker.delete()
    moves.move()
    assert taken(LIGHT_QUEUE, "GPU-2") is not None
