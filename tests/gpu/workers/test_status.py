"""How each GPU stands, in the words that an operator reads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from gpu.models import GpuDevice, Worker
from gpu.queues.topology import CPU_QUEUE, LIGHT_QUEUE, PRIMARY_QUEUE
from gpu.workers import status
from gpu.workers.status import WorkSlot

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MINUTE = timedelta(minutes=1)


def gpu(number: int = 1, **fields: Any) -> GpuDevice:
    return GpuDevice.objects.create(
        host="h", backend="OPTIX", vendor_id=f"GPU-{number}", name=f"Card {number}", **fields
    )


def worker(queue: str = PRIMARY_QUEUE, gpu: str = "GPU-1", **fields: Any) -> Worker:
    now = timezone.now()
    number = Worker.objects.count() + 1
    values = {"host": "h", "heartbeat": now, "kicked": now, "started": now, **fields}
    return Worker.objects.create(identity=f"h:b:{number}:1", pid=number, queue=queue, gpu=gpu, **values)


def only() -> WorkSlot:
    return next(iter(status.slots()))


def test_an_idle_gpu_says_so_and_a_busy_one_too() -> None:
    gpu()
    one = worker()
    assert (only().status.label, only().status.words) == ("Idle", "")
    Worker.objects.filter(pk=one.pk).update(busy_with="Render 7")
    assert only().status.label == "Working"


def test_a_gpu_without_a_living_worker_says_what_to_run_and_where() -> None:
    gpu()
    worker(heartbeat=timezone.now() - 5 * MINUTE)
    assert only().status.label == "No worker"
    assert "run_workers' on h" in only().status.words
    assert only().last_sign is not None


def test_a_worker_that_did_not_respond_for_a_minute_is_told_of_long_before_it_is_restarted() -> None:
    gpu()
    one = worker(started=timezone.now() - 9 * MINUTE, kicked=timezone.now() - 2 * MINUTE)
    assert only().status.label == "Not responding"
    assert "not responded for 2 min" in only().status.words
    Worker.objects.filter(pk=one.pk).update(busy_with="Render 7")
    assert only().status.label == "Working", "who renders has no time to answer"


def test_of_a_shared_queue_one_answer_is_enough() -> None:
    for heard in (timezone.now(), timezone.now() - 5 * MINUTE):
        worker(CPU_QUEUE, "", kicked=heard)
    slot = next(slot for slot in status.slots() if slot.queue and slot.queue.name == CPU_QUEUE)
    assert slot.status.label == "Idle"
    Worker.objects.update(kicked=timezone.now() - 3 * MINUTE)
    slot = next(slot for slot in status.slots() if slot.queue and slot.queue.name == CPU_QUEUE)
    assert "run_workers restarts it" in slot.status.words


def test_a_worker_that_just_started_is_idle_before_its_first_message() -> None:
    gpu()
    worker(kicked=None)
    assert only().status.label == "Idle"


@pytest.mark.parametrize(
    ("fields", "label"),
    [({"lost_at": timezone.now()}, "Lost"), ({"enabled": False}, "Disabled")],
)
def test_a_gpu_that_is_no_use_comes_last_and_says_why(fields: dict[str, Any], label: str) -> None:
    gpu(1, **fields)
    gpu(2)
    worker(gpu="GPU-2")
    found = [slot.status.label for slot in status.slots()]
    assert (found[0], found[-1]) == ("Idle", label)


def test_a_switched_off_gpu_that_still_renders_is_not_called_off_yet() -> None:
    gpu(1, enabled=False)
    worker(busy_with="Render 7")
    slot = status.slots()[-1]
    assert (slot.device is not None, slot.status.label) == (True, "Working")


def test_a_worker_that_drains_says_so() -> None:
    gpu()
    worker(drain_until=timezone.now() + MINUTE, busy_with="Render 7")
    assert only().status.label == "Draining"


def test_lanes_are_told_as_what_a_gpu_really_does() -> None:
    gpu(1, memory_mb=24_000)
    assert only().serves == "all renders"
    gpu(2, memory_mb=8_000)
    serves = {slot.queue.name: slot.serves for slot in status.slots() if slot.queue}
    assert serves[PRIMARY_QUEUE] == "heavy renders; helps with light ones when idle"
    assert serves[LIGHT_QUEUE] == "light renders only"
    assert serves[CPU_QUEUE] == "CAD files, USD and encoding"


def test_the_number_of_queries_does_not_grow_with_the_gpus(django_assert_num_queries: Any) -> None:
    for number in range(1, 5):
        gpu(number)
        worker(gpu=f"GPU-{number}")
    with django_assert_num_queries(5):
        assert len(status.slots()) == 5
