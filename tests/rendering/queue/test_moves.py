"""Jobs on the move: to queues that are there, and away from GPUs that failed them."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from blender_scripts.contract import DeviceUsed, RenderOutcome, RenderSpec
from gpu.models import GpuDevice, Worker
from gpu.queues.topology import LIGHT_QUEUE, PRIMARY_QUEUE, Lane
from gpu.workers.heartbeat import Heartbeat
from media_assets.cad.problem import Failure
from rendering.farm import driving
from rendering.farm.expectation import Expectation
from rendering.models import Job
from rendering.models.errors import JobError
from rendering.queue import claims, moves
from rendering.queue.claims import Claim
from rendering.queue.lease import Lease
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
    assert claim is not None and not claims.fail(claim, Failure.of(code, said="No."))
    assert taken(LIGHT_QUEUE, "GPU-2") is None
    again = taken(PRIMARY_QUEUE, "GPU-1")
    assert again is not None and again.job == job
    ended = claims.fail(again, Failure.of(code, said="No."))
    assert ended == (code == "gpu_required"), "no GPU is left that has not refused it"


def test_a_job_that_a_host_without_blender_took_goes_to_another_host_at_once(two: list[GpuDevice]) -> None:
    GpuDevice.objects.create(host="i", backend="OPTIX", vendor_id="GPU-3", name="GPU 3", queue="of_i")
    job = factories.job(lane=Lane.LIGHT)
    claim = taken(LIGHT_QUEUE, "GPU-2")
    assert claim is not None and not claims.fail(claim, Failure.of("blender_missing", said="No."))
    assert taken(LIGHT_QUEUE, "GPU-2") is None
    assert taken(PRIMARY_QUEUE, "GPU-1") is None, "a GPU of the same host"
    again = taken("of_i", "GPU-3")
    assert again is not None and again.job == job
    assert claims.fail(again, Failure.of("blender_missing", said="No.")), "no host is left"


def test_a_job_waits_for_no_gpu_whose_worker_is_dead(two: list[GpuDevice]) -> None:
    factories.job(lane=Lane.LIGHT)
    claim = taken(LIGHT_QUEUE, "GPU-2")
    assert claim is not None
    claims.fail(claim, Failure.of("blender_crashed", said="No."))
    worker = Worker.objects.create(identity="h:b:1:1", host="h", pid=1, queue=PRIMARY_QUEUE, gpu="GPU-1")
    moves.move()
    assert taken(LIGHT_QUEUE, "GPU-2") is None
    worker.delete()
    moves.move()
    assert taken(LIGHT_QUEUE, "GPU-2") is not None


class Told:
    """A warm Blender that says which device it has, and is done."""

    def __init__(self, *events: DeviceUsed) -> None:
        self.events = [*events, RenderOutcome(ok=True)]

    def submit(self, spec: RenderSpec) -> None:
        pass

    def poll(self, timeout: float) -> list[Any]:
        return [self.events.pop(0)]

    def cpu_seconds(self) -> float:
        return 0.0

    def over_memory(self) -> bool:
        return False


def drive(gpu: str, device: DeviceUsed, policy: str = "auto") -> Lease:
    claim = taken(PRIMARY_QUEUE, gpu)
    assert claim is not None
    lease = Lease(claim, Heartbeat(PRIMARY_QUEUE, gpu=gpu))
    lease.next_tick = float("inf")
    spec = RenderSpec(kind="still", glb_path="a", geometry_key="k", output_path="b", device_policy=policy)
    outcome = driving.drive(Told(device), spec, lease, driving.LiveProgress(Expectation()))  # type: ignore[arg-type]
    assert outcome.ok
    return lease


CPU = DeviceUsed(device="CPU", compute_type="NONE", name="EPYC")


def test_a_worker_whose_gpu_fell_back_leaves_the_job_to_a_gpu_that_works(two: list[GpuDevice]) -> None:
    job = factories.job(lane=Lane.HEAVY)
    GpuDevice.objects.update(queue="")
    GpuDevice.objects.filter(pk=two[1].pk).update(queue="studio")
    with pytest.raises(JobError, match="another GPU serves the same lane") as refused:
        drive("GPU-1", CPU)
    assert refused.value.code == "gpu_failed"
    job.refresh_from_db()
    claims.fail(Claim(job, job.lease_token, job.attempts.get()), Failure.of("gpu_failed", said="No."))  # type: ignore[arg-type]
    assert taken(PRIMARY_QUEUE, "GPU-1") is None, "not twice on the same"
    assert taken("studio", "GPU-2") is not None


def test_where_no_other_gpu_may_take_it_the_cpu_renders_it_and_is_named(two: list[GpuDevice]) -> None:
    factories.job(lane=Lane.HEAVY)  # the second GPU is the light one: it never takes heavy work
    noted = drive("GPU-1", CPU).pending
    assert (noted["device_used"], noted["device_name"]) == ("CPU", "EPYC")


def test_a_policy_of_cpu_moves_no_job(two: list[GpuDevice]) -> None:
    GpuDevice.objects.filter(pk=two[1].pk).update(queue="studio")
    factories.job(lane=Lane.HEAVY)
    assert drive("GPU-1", CPU, policy="cpu").pending["device_used"] == "CPU"


def test_a_job_names_its_gpu_while_it_runs(two: list[GpuDevice]) -> None:
    factories.job(lane=Lane.HEAVY)
    gpu = DeviceUsed(device="GPU", compute_type="OPTIX", name="RTX 4090", id="CUDA_x_0000:01:00_OptiX")
    noted = drive("GPU-1", gpu).pending
    assert (noted["device_name"], noted["device_id"]) == (gpu.name, gpu.id)
