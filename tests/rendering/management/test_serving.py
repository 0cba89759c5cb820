"""doctor --serving: whether anybody works, for whoever is woken at night."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from gpu.models import GpuDevice, QueuePause, Worker
from gpu.queues.topology import CPU_QUEUE, PRIMARY_QUEUE
from rendering.models import Job
from tests import factories
from tests.rendering.shell import Shell

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def alive(*queues: str) -> None:
    for number, queue in enumerate(queues, 1):
        Worker.objects.create(identity=f"{queue}:b:{number}:1", host="h", pid=number, queue=queue)


def findings(manage: Shell, code: int, *words: str) -> dict[str, Any]:
    said = manage("doctor", "--serving", *words, "--json")
    assert said.code == code, said.out
    return {one["name"]: one for one in said.document}


def test_a_farm_without_workers_fails_and_says_what_to_start(manage: Shell) -> None:
    found = findings(manage, 1)
    assert {name: one["state"] for name, one in found.items()} == {
        **dict.fromkeys(("lane cpu", "lane light", "lane heavy", "control"), "fail"),
        **dict.fromkeys(("jobs of lane cpu", "jobs of lane light", "jobs of lane heavy"), "ok"),
    }
    assert "run_workers" in found["lane heavy"]["hint"] and PRIMARY_QUEUE in found["lane heavy"]["detail"]


def test_a_farm_that_works_is_well_until_a_job_waits_too_long(manage: Shell) -> None:
    alive(PRIMARY_QUEUE, CPU_QUEUE, "renderdesk")
    assert {one["state"] for one in findings(manage, 0).values()} == {"ok"}
    factories.job()
    Job.objects.update(queued=timezone.now() - timedelta(minutes=90))
    found = findings(manage, 1)
    assert found["jobs of lane light"]["detail"] == "1 waiting, the oldest for 90 min; 0 running"
    assert "restart" in found["jobs of lane light"]["hint"]
    assert findings(manage, 0, "--oldest", "100")
    Worker.objects.filter(queue=PRIMARY_QUEUE).update(heartbeat=timezone.now() - timedelta(minutes=5))
    assert findings(manage, 1, "--oldest", "100")["lane light"]["state"] == "fail"


def test_what_people_stopped_is_no_failure_and_a_lane_of_nobody_is_one(manage: Shell) -> None:
    alive(PRIMARY_QUEUE, CPU_QUEUE, "renderdesk")
    factories.job()
    Job.objects.update(queued=timezone.now() - timedelta(minutes=90))
    pause = QueuePause.objects.create(queue=PRIMARY_QUEUE, by="boss")
    assert findings(manage, 0)["lane light"]["state"] == "warn"
    pause.delete()
    Job.objects.update(held=True)
    assert findings(manage, 0)["jobs of lane light"]["detail"] == "none waiting; 0 running"
    GpuDevice.objects.create(host="h", backend="CUDA", vendor_id="1", name="A", serves_heavy=False)
    found = findings(manage, 1)["lane heavy"]
    assert (found["state"], "in the admin, GPUs" in found["hint"]) == ("fail", True)


def test_the_bound_belongs_to_serving(manage: Shell) -> None:
    assert manage("doctor", "--oldest", "5").code == 2
    assert manage("doctor", "--serving", "--oldest", "0").code == 2
