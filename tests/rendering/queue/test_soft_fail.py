"""A GPU that fails one job after the other is taken out of service, and somebody has to look."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from gpu.models import GpuDevice
from gpu.queues import out_of_service, topology
from gpu.queues.topology import Lane
from media_assets.cad.problem import Failure
from rendering.management import doctor
from rendering.models import Job
from rendering.queue import claims, moves
from rendering.queue.claims import Claim
from rendering.queue.soft_fail import LIMIT
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def two() -> list[GpuDevice]:
    """Two GPUs that serve both lanes, each with a queue of its own."""
    return [
        GpuDevice.objects.create(
            host="h",
            backend="OPTIX",
            vendor_id=f"GPU-{number}",
            name=f"Card {number}",
            queue=f"studio_{number}",
        )
        for number in (1, 2)
    ]


def taken(number: int = 1) -> Claim | None:
    return claims.claim(f"studio_{number}", "h:boot:1:1", gpu=f"GPU-{number}")


def fail(code: str = "gpu_failed", *, lane: Lane = Lane.HEAVY, job: Job | None = None) -> None:
    """A job that the first GPU takes and fails; then it is out of the way."""
    job = job or factories.job(lane=lane, queue="studio_1")
    claim = taken()
    assert claim is not None and claim.job == job
    claims.fail(claim, Failure.of(code, said="It said no."))
    Job.objects.filter(pk=job.pk).update(state=Job.State.CANCELED, finished=job.created, avoid="")


def lanes(number: int = 1) -> set[Lane]:
    return set(topology.current().lanes(f"studio_{number}"))


def test_a_gpu_that_failed_three_attempts_in_a_row_takes_no_more_of_that_lane(two: list[GpuDevice]) -> None:
    for _ in range(LIMIT - 1):
        fail()
    assert lanes() == {Lane.LIGHT, Lane.HEAVY}
    fail("blender_crashed")
    assert lanes() == {Lane.LIGHT}, "only what it failed at"
    assert lanes(2) == {Lane.LIGHT, Lane.HEAVY}
    two[0].refresh_from_db()
    (words,) = out_of_service.words(two[0])
    assert "heavy renders since" in words and "(blender_crashed, gpu_failed)" in words
    heavy = factories.job(lane=Lane.HEAVY, queue="studio_1")
    moves.move()
    assert taken() is None
    claim = taken(2)
    assert claim is not None and claim.job == heavy


def test_a_success_in_between_or_a_failure_of_the_job_itself_forgives(two: list[GpuDevice]) -> None:
    fail(), fail()
    factories.job(lane=Lane.HEAVY, queue="studio_1")
    claim = taken()
    assert claim is not None
    claims.succeed(claim)
    fail(), fail()
    fail("out_of_memory")
    fail(), fail()
    assert lanes() == {Lane.LIGHT, Lane.HEAVY}


def test_one_job_that_fails_everywhere_condemns_no_gpu(two: list[GpuDevice]) -> None:
    job = factories.job(lane=Lane.HEAVY, queue="studio_1", max_attempts=9)
    for _ in range(LIMIT):
        fail(job=job)
        Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, finished=None, not_before=None)
    assert lanes() == {Lane.LIGHT, Lane.HEAVY}


def test_the_only_gpu_of_a_lane_stays_in_service(two: list[GpuDevice]) -> None:
    GpuDevice.objects.filter(pk=two[1].pk).update(enabled=False)
    for _ in range(LIMIT + 1):
        fail()
    assert lanes() == {Lane.LIGHT, Lane.HEAVY}


def test_a_gpu_comes_back_by_itself_when_the_other_one_is_lost(two: list[GpuDevice]) -> None:
    out_of_service.take_out(two[0], Lane.HEAVY, "it failed.")
    assert lanes() == {Lane.LIGHT}
    GpuDevice.objects.filter(pk=two[1].pk).update(enabled=False)
    assert lanes() == {Lane.LIGHT, Lane.HEAVY}, "better a bad one than none"


def test_both_gpus_out_of_service_are_both_better_than_none(two: list[GpuDevice]) -> None:
    for device in two:
        out_of_service.take_out(device, Lane.HEAVY, "it failed.")
    assert lanes() == lanes(2) == {Lane.LIGHT, Lane.HEAVY}


def test_who_looked_puts_it_back_and_its_failures_count_no_more(
    two: list[GpuDevice], admin_client: Client
) -> None:
    for _ in range(LIMIT):
        fail()
    desk = admin_client.get(reverse("admin:index")).content.decode()
    address = reverse("admin:gpu_gpudevice_back", args=[two[0].pk])
    assert "Out of service for heavy renders" in desk and f'formaction="{address}"' in desk
    answer = admin_client.post(address, follow=True).content.decode()
    assert "Card 1 on h takes heavy renders again." in answer and "Out of service" not in answer
    assert LogEntry.objects.get().change_message == "Back in service for heavy renders."
    assert lanes() == {Lane.LIGHT, Lane.HEAVY}
    fail()
    assert lanes() == {Lane.LIGHT, Lane.HEAVY}


def test_what_waited_for_a_gpu_that_is_taken_out_is_rung_for_elsewhere(two: list[GpuDevice]) -> None:
    waiting = factories.job(lane=Lane.HEAVY, queue="studio_1")
    OrmQ.objects.all().delete()
    out_of_service.take_out(two[0], Lane.HEAVY, "it failed.")
    moves.move()
    waiting.refresh_from_db()
    assert waiting.queue == "studio_2"
    assert "studio_2" in set(OrmQ.objects.values_list("key", flat=True))


def test_doctor_names_a_gpu_that_is_out_of_service(two: list[GpuDevice]) -> None:
    out_of_service.take_out(two[0], Lane.HEAVY, "it failed.")
    finding = doctor.work_queues()
    assert finding.state == doctor.WARN and "Card 1 on h: Out of service for heavy renders" in finding.detail
